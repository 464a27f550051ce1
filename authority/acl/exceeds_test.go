package acl_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// asks is a manifest that asks for something of every kind.
const asks = `
[module]
name = "m"
abi = 1
[[command]]
name = "read"
powers = ["fs.read"]
[[command]]
name = "save"
powers = ["fs.read", "fs.write"]
[[command]]
name = "none"
[[permission]]
identifier = "notes"
commands.allow = ["read"]
scope.allow = [{ path = "$A/notes/**" }]
scope.deny = [{ path = "$A/notes/*.key" }]
[[permission]]
identifier = "all"
scope.allow = [{ path = "$A/all/**", powers = ["fs.read"] }, { path = "$MODULE/**" }]
[[permission]]
identifier = "no-keys"
scope.deny = ["**/*.key"]
[[permission]]
identifier = "quiet"
commands.allow = ["none"]
[[permission]]
identifier = "no-save"
commands.deny = ["save"]
[[permission]]
identifier = "no-read"
commands.deny = ["read"]
[[set]]
identifier = "net"
permissions = ["notes", "http:default"]
[[set]]
identifier = "careful"
permissions = ["quiet", "no-save"]
[[set]]
identifier = "more"
permissions = ["careful"]
[[set]]
identifier = "less"
permissions = ["deny-none"]
[[set]]
identifier = "wide"
permissions = ["net"]
[default]
permissions = ["notes"]
`

// TestBeyond changes a manifest in one point: what asks for more is named,
// what asks for the same or less is not.
func TestBeyond(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		want           string // lines
	}{
		{"control", "", "", ""},
		{"a version", `abi = 1`, "abi = 1\nversion = \"2\"", ""},
		{"a power of a command", `"read"` + "\n" + `powers = ["fs.read"]`, `"read"` + "\n" + `powers = ["fs.read", "fs.write"]`,
			`command "read" may use fs.write; permission "notes" lends fs.write on "$A/notes/**"`},
		{"a power less", `["fs.read", "fs.write"]`, `["fs.read"]`, ""},
		{"a power of a command that had none", `"none"`, `"none"` + "\npowers = [\"fs.read\"]", `command "none" may use fs.read`},
		{"a new command", `[[set]]`, "[[command]]\nname = \"new\"\npowers = [\"fs.write\"]\n[[set]]", `command "new" may use fs.write`},
		{"a new command without power", `[[set]]`, "[[command]]\nname = \"new\"\n[[set]]", ""},
		{"a scope entry", `[{ path = "$A/notes/**" }]`, `[{ path = "$A/notes/**" }, "$A/x"]`, `permission "notes" lends fs.read on "$A/x"`},
		{"another scope entry, with dotfiles", `[{ path = "$A/notes/**" }]`, `[{ path = "$A/notes/**", dotfiles = true }]`, `permission "notes" lends fs.read on "$A/notes/**" (dotfiles = true)`},
		{"a scope entry less", `{ path = "$A/all/**", powers = ["fs.read"] }, `, ``, ""},
		{"an entry below $MODULE", `{ path = "$MODULE/**" }`, `{ path = "$MODULE/**" }, "$MODULE"`, ""},
		{"an entry for more powers", `{ path = "$A/all/**", powers = ["fs.read"] }`, `{ path = "$A/all/**" }`, `permission "all" lends fs.read, fs.write on "$A/all/**"`},
		{"a scope for another command", `commands.allow = ["read"]`, `commands.allow = ["read", "none"]`, `permission "notes" lends to "none", too`},
		{"a scope for all commands", `commands.allow = ["read"]`, ``, `permission "notes" lends fs.write on "$A/notes/**"; permission "notes" lends to all commands, too`},
		{"a scope for one command instead of all", `identifier = "all"`, "identifier = \"all\"\ncommands.allow = [\"read\"]", `permission "all" allows "read", too`},
		{"a scope with a deny for one command instead of all", `identifier = "no-keys"`, "identifier = \"no-keys\"\ncommands.allow = [\"read\"]", `permission "no-keys" allows "read", too; permission "no-keys" no longer denies "**/*.key"`},
		{"a new permission", `[[set]]`, "[[permission]]\nidentifier = \"new\"\nscope.allow = [\"$B/**\"]\n[[set]]", `permission "new" lends fs.read, fs.write on "$B/**"`},
		{"a new permission without scope", `[[set]]`, "[[permission]]\nidentifier = \"new\"\ncommands.allow = [\"save\"]\n[[set]]", ""},
		{"a new permission that denies", `[[set]]`, "[[permission]]\nidentifier = \"new\"\nscope.deny = [\"$B/**\"]\n[[set]]", ""},
		{"a deny less", `scope.deny = [{ path = "$A/notes/*.key" }]`, ``, `permission "notes" no longer denies "$A/notes/*.key"`},
		{"a deny more", `[{ path = "$A/notes/*.key" }]`, `[{ path = "$A/notes/*.key" }, "$A/notes/x"]`, ""},
		{"a permission with a deny less", "[[permission]]\nidentifier = \"no-keys\"\nscope.deny = [\"**/*.key\"]\n", "", `permission "no-keys" no longer denies "**/*.key"`},
		{"a permission less", "[[permission]]\nidentifier = \"all\"\nscope.allow = [{ path = \"$A/all/**\", powers = [\"fs.read\"] }, { path = \"$MODULE/**\" }]\n", "", ""},
		{"a member of another module", `"http:default"]`, `"http:default", "kv:all"]`, `set "net" pulls in "kv:all" of another module`},
		{"a member of another module, in the default", "[default]\npermissions = [\"notes\"]", "[default]\npermissions = [\"notes\", \"http:default\"]", `set "default" pulls in "http:default" of another module`},
		{"a member less", `, "http:default"]`, `]`, ""},
		{"a command of a permission without scope", `commands.allow = ["none"]`, `commands.allow = ["none", "save"]`, `permission "quiet" allows "save", too`},
		{"a command less of it", `commands.allow = ["none"]`, `commands.allow = []`, ""},
		{"a denied command less", `commands.deny = ["save"]`, `commands.deny = []`, `permission "no-save" no longer denies the command "save"`},
		{"a denied command more", `commands.deny = ["save"]`, `commands.deny = ["save", "read"]`, ""},
		{"a denying permission less", "[[permission]]\nidentifier = \"no-read\"\ncommands.deny = [\"read\"]\n", "", `permission "no-read" no longer denies the command "read"`},
		{"a member more", `permissions = ["notes"]`, `permissions = ["notes", "m:allow-save"]`, `set "default" contains "allow-save", too`},
		{"a member more that only denies", `permissions = ["notes"]`, `permissions = ["notes", "no-save", "m:deny-read"]`, ""},
		{"a member more that is a set", `permissions = ["notes"]`, `permissions = ["notes", "careful"]`, `set "default" contains "careful", too`},
		{"a member less that allows", `permissions = ["quiet", "no-save"]`, `permissions = ["no-save"]`, ""},
		{"a member less that denies", `permissions = ["quiet", "no-save"]`, `permissions = ["quiet"]`, `set "careful" no longer contains "no-save", which may deny`},
		{"a member less that is a set which denies", `permissions = ["careful"]`, `permissions = []`, `set "more" no longer contains "careful", which may deny`},
		{"a member less that denies without being written", `permissions = ["deny-none"]`, `permissions = []`, `set "less" no longer contains "deny-none", which may deny`},
		{"a member less that borrows, which may deny", `permissions = ["net"]`, `permissions = []`, `set "wide" no longer contains "net", which may deny`},
		{"a new set", `[default]`, "[[set]]\nidentifier = \"new\"\npermissions = [\"allow-save\"]\n[default]", ""},
		{"a set in the place of a generated permission", `[default]`, "[[set]]\nidentifier = \"allow-none\"\npermissions = [\"allow-save\"]\n[default]", `set "allow-none" contains "allow-save", too`},
		{"a permission in the place of a generated one", `[[set]]`, "[[permission]]\nidentifier = \"allow-none\"\ncommands.allow = [\"none\", \"save\"]\n[[set]]", `permission "allow-none" allows "save", too`},
		{"a permission like the generated one", `[[set]]`, "[[permission]]\nidentifier = \"allow-none\"\ncommands.allow = [\"none\"]\n[[set]]", ""},
		{"a permission in the place of a generated deny", `[[set]]`, "[[permission]]\nidentifier = \"deny-none\"\n[[set]]", `permission "deny-none" no longer denies the command "none"`},
		{"a permission like the generated deny", `[[set]]`, "[[permission]]\nidentifier = \"deny-none\"\ncommands.deny = [\"none\"]\n[[set]]", ""},
	} {
		if strings.Count(asks, c.old) == 0 {
			t.Errorf("%s: there is no %q", c.name, c.old)
		}
		old, now := parseManifest(t, asks), parseManifest(t, strings.Replace(asks, c.old, c.new, 1))
		got := strings.Join(acl.NewLockEntry(now, digest).Beyond(acl.NewLockEntry(old, digest)), "; ")
		if got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

// TestExceeds asks which modules must not be loaded before they are accepted
// again.
func TestExceeds(t *testing.T) {
	other := strings.Repeat("ab", 32)
	more := strings.Replace(asks, `"none"`, `"none"`+"\npowers = [\"fs.write\"]", 1)
	less := strings.Replace(asks, `["fs.read", "fs.write"]`, `["fs.read"]`, 1)
	lock := func(text string) string {
		l := &acl.Lock{}
		l.Set(acl.NewLockEntry(parseManifest(t, text), digest))
		return "-- ambit.lock --\n" + string(l.Encode())
	}
	const named = "-- ambit.toml --\n[[module]]\nname = \"m\"\n"
	const why = `it asks for more than ambit.lock accepted: command "none" may use fs.write; look at it with "ambit lock --dry-run", then accept it with "ambit lock"`
	const stale = "warning lock ambit.lock:7:8"
	for _, c := range []struct {
		name, files, manifest, sha256, want string
		accepted                            bool
		problems                            string
	}{
		{"more", named + lock(asks), more, other, why, false, "warning module-invalid ambit.toml:2:8"},
		{"more, without a digest", named + lock(asks), more, "", why, false, "warning module-invalid ambit.toml:2:8"},
		{"more, accepted again", named + lock(more), more, digest, "", true, ""},
		{"more, trusted", named + "trusted = true\n" + lock(asks), more, other, "", true, ""},
		{"more, never accepted", named, more, other, "", false, ""},
		{"the same", named + lock(asks), asks, other, "", false, stale},
		{"less", named + lock(asks), less, other, "", false, stale},
		{"loaded at run time", "-- ambit.toml --\n" + lock(asks), more, other, why, false, ""},
		{"the same, loaded at run time", "-- ambit.toml --\n" + lock(asks), asks, other, "", false, stale},
	} {
		app := load(t, c.files)
		mod := acl.Module{Manifest: parseManifest(t, c.manifest), SHA256: c.sha256}
		if got := app.Exceeds(mod); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		p, problems := app.Policy(map[string]acl.Module{"m": mod})
		if m := manifestNamed(t, p, "m"); m.Invalid != c.want || m.Accepted != c.accepted {
			t.Errorf("%s: invalid %q, accepted %v", c.name, m.Invalid, m.Accepted)
		}
		var got []string
		for _, p := range problems {
			got = append(got, p.Severity.String()+" "+p.Code+" "+p.String())
		}
		if strings.Join(got, " ") != c.problems {
			t.Errorf("%s: problems %v, want %s", c.name, problems, c.problems)
		}
		mod.Native = true
		if got := app.Exceeds(mod); got != "" {
			t.Errorf("%s, native: %q", c.name, got)
		}
	}
}

// TestExceedsIsShort: a module that asks for much is refused in few words.
func TestExceedsIsShort(t *testing.T) {
	const modest = "[module]\nname = \"m\"\nabi = 1\n[[command]]\nname = \"get\"\npowers = [\"http\"]\n"
	l := &acl.Lock{}
	l.Set(acl.NewLockEntry(parseManifest(t, modest), digest))
	app := load(t, "-- ambit.toml --\n-- ambit.lock --\n"+string(l.Encode()))
	entry := `{ url = "https://example.org/` + strings.Repeat("ü", 60) + `", methods = ["GET"` + strings.Repeat(`, "GET"`, 100) + `] },`
	greedy := modest + "[[permission]]\nidentifier = \"x\"\nscope.allow = [" + strings.Repeat(entry, 100) + "]\n"
	got := app.Exceeds(acl.Module{Manifest: parseManifest(t, greedy)})
	if len(got) > 900 || !strings.Contains(got, `"GET","…; and 97 more; look at it with`) {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
