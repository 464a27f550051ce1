package acl_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

const fsManifest = `
[module]
name = "fs"
abi = 1
[[command]]
name = "read"
powers = ["fs.read"]
[default]
permissions = ["allow-read"]
[[set]]
identifier = "all"
permissions = ["allow-read"]
[[permission]]
identifier = "scope-home"
scope.allow = [{ path = "$HOME/**" }]
`

// load reads an app whose files must be right.
func load(t *testing.T, files string) *acl.App {
	t.Helper()
	s := scenarioOf(files)
	app, problems := acl.Load(s.fs(), acl.Options{})
	if problems.Err() != nil {
		t.Fatalf("problems:\n%s", printed(problems))
	}
	return app
}

func manifestNamed(t *testing.T, p authority.Policy, name string) authority.Manifest {
	t.Helper()
	for _, m := range p.Manifests {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("no manifest of module %q", name)
	return authority.Manifest{}
}

// TestPolicyMerges adds an app's own permissions to a module's.
func TestPolicyMerges(t *testing.T) {
	app := load(t, `
-- ambit.toml --
[dirs]
HOME = "/home/x"
APPDATA = "data"
[[window]]
label = "main"
[[module]]
name = "fs"
-- permissions/fs/own.toml --
commands = ["read"]
[[permission]]
identifier = "scope-notes"
scope.allow = [{ path = "$APPDATA/**" }]
[[set]]
identifier = "notes"
permissions = ["all", "scope-notes"]
`)
	m := parseManifest(t, fsManifest)
	p, problems := app.Policy(map[string]acl.Module{"fs": {Manifest: m, SHA256: digest}})
	if problems != nil {
		t.Fatalf("problems:\n%s", printed(problems))
	}
	if got := strings.Join(p.Dirs, " ") + "|" + strings.Join(p.Windows, " "); got != "APPDATA HOME|main" || p.Lenient {
		t.Errorf("policy has dirs|windows %s, lenient %v", got, p.Lenient)
	}
	fs := manifestNamed(t, p, "fs")
	var got []string
	for _, s := range fs.Sets {
		got = append(got, s.Identifier+app2(s.App))
	}
	for _, p := range fs.Permissions {
		got = append(got, p.Identifier+app2(p.App))
	}
	if got := strings.Join(got, " "); got != "all notes(app) scope-home scope-notes(app)" {
		t.Errorf("merged: %s", got)
	}
	if fs.Accepted || fs.Default == nil || fs.Default.App || len(fs.Commands) != 1 {
		t.Errorf("merged: %+v", fs)
	}
	if len(m.Sets) != 1 || len(m.Permissions) != 1 {
		t.Error("the module's manifest was changed")
	}
}

func app2(app bool) string {
	if app {
		return "(app)"
	}
	return ""
}

// TestPolicyAccepts asks who is accepted: only modules that the app trusts by
// name, or by the digest of their file, or that are part of the program.
func TestPolicyAccepts(t *testing.T) {
	m := parseManifest(t, fsManifest)
	good := acl.NewLockEntry(m, digest)
	other := strings.Repeat("ab", 32)
	edited := good
	edited.Powers = nil
	lock := func(e acl.LockEntry) string {
		l := &acl.Lock{}
		l.Set(e)
		return "-- ambit.lock --\n" + string(l.Encode())
	}
	const named = "-- ambit.toml --\n[[module]]\nname = \"fs\"\n"
	for _, c := range []struct {
		name, files string
		module      acl.Module
		want        bool
		warning     string
	}{
		{"nobody", named, acl.Module{SHA256: digest}, false, ""},
		{"trusted", named + "trusted = true\n", acl.Module{SHA256: digest}, true, ""},
		{"trusted, and an old lock", named + "trusted = true\n" + lock(acl.NewLockEntry(m, other)), acl.Module{SHA256: digest}, true, ""},
		{"locked", named + lock(good), acl.Module{SHA256: digest}, true, ""},
		{"locked, another file", named + lock(good), acl.Module{SHA256: other}, false,
			`ambit.lock:7:8: module "fs" has changed since its entry was written, which accepts it no more (run "ambit lock")`},
		{"locked, no digest", named + lock(good), acl.Module{}, false,
			`ambit.lock:7:8: module "fs" has changed since its entry was written, which accepts it no more (run "ambit lock")`},
		{"locked, edited", named + lock(edited), acl.Module{SHA256: digest}, false,
			`ambit.lock:7:8: the entry of module "fs" does not say what the module asks for, so it accepts nothing (run "ambit lock")`},
		{"another module is locked", named + strings.Replace(lock(good), `name = "fs"`, `name = "http"`, 1), acl.Module{SHA256: digest}, false,
			`ambit.lock:7:8: the entry of module "http" is of no module of this app (run "ambit lock")`},
		{"native", "-- ambit.toml --\n", acl.Module{Native: true}, true, ""},
		{"loaded at run time", "-- ambit.toml --\n", acl.Module{SHA256: digest}, false, ""},
		{"loaded at run time, locked", "-- ambit.toml --\n" + lock(good), acl.Module{SHA256: digest}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.module.Manifest = m
			p, problems := load(t, c.files).Policy(map[string]acl.Module{"fs": c.module})
			if got := manifestNamed(t, p, "fs").Accepted; got != c.want {
				t.Errorf("accepted is %v, want %v", got, c.want)
			}
			got := strings.TrimPrefix(problems.Error(), "warning: ")
			if got != c.warning {
				t.Errorf("problems: %s", got)
			}
		})
	}
}

// TestPolicyInvalid gives modules that cannot be used: they stay, with the
// reason, and are no error of the policy.
func TestPolicyInvalid(t *testing.T) {
	app := load(t, `
-- ambit.toml --
[[module]]
name = "gone"
[[module]]
name = "bad"
[[module]]
name = "liar"
-- permissions/bad/x.toml --
[[permission]]
identifier = "x"
`)
	m := parseManifest(t, fsManifest)
	p, problems := app.Policy(map[string]acl.Module{
		"bad":  {Invalid: "not a Wasm module"},
		"liar": {Manifest: m},
		"late": {Invalid: "too large"},
		"fake": {Manifest: m},
	})
	if problems.Err() != nil {
		t.Errorf("problems:\n%s", printed(problems))
	}
	for name, want := range map[string]string{
		"gone": "it was not loaded",
		"bad":  "not a Wasm module",
		"liar": `its manifest is of a module "fs"`,
		"late": "too large",
		"fake": `its manifest is of a module "fs"`,
	} {
		if got := manifestNamed(t, p, name); got.Invalid != want || got.Accepted || len(got.Permissions) > 0 {
			t.Errorf("module %s: %+v, want invalid %q", name, got, want)
		}
	}
	want := `warning module-invalid
  ambit.toml:2:8: module "gone" cannot be used: it was not loaded (its commands answer "module-invalid")
warning module-invalid
  ambit.toml:4:8: module "bad" cannot be used: not a Wasm module (its commands answer "module-invalid")
warning module-invalid
  ambit.toml:6:8: module "liar" cannot be used: its manifest is of a module "fs" (its commands answer "module-invalid")
`
	if got := printed(problems); got != want {
		t.Errorf("problems:\n%s", got)
	}
}

// TestPolicyConflicts gives one name twice, by the module and by the app.
func TestPolicyConflicts(t *testing.T) {
	app := load(t, `
-- ambit.toml --
[[module]]
name = "fs"
-- permissions/fs/own.toml --
commands = ["raed", "read", "nothing"]
[default]
permissions = []
[[permission]]
identifier = "all"
[[set]]
identifier = "scope-home"
permissions = []
[[permission]]
identifier = "mine"
-- permissions/sf/x.toml --
[[permission]]
identifier = "x"
`)
	m := parseManifest(t, fsManifest)
	p, problems := app.Policy(map[string]acl.Module{"fs": {Manifest: m}})
	want := `error unknown-command
  permissions/fs/own.toml:1:13: module "fs" has no command "raed" (did you mean "read"?)
error unknown-command
  permissions/fs/own.toml:1:29: module "fs" has no command "nothing"
error duplicate
  permissions/fs/own.toml:2:1: duplicate [default] (first at modules/m.wasm#ambit:8:1)
error duplicate
  permissions/fs/own.toml:5:14: duplicate identifier "all" of a set or permission (first at modules/m.wasm#ambit:11:14)
error duplicate
  permissions/fs/own.toml:7:14: duplicate identifier "scope-home" of a set or permission (first at modules/m.wasm#ambit:14:14)
error unknown-module
  permissions/sf: "sf" is no module of this app (did you mean "fs"?)
`
	if got := printed(problems); got != want {
		t.Errorf("problems:\n%s", got)
	}
	fs := manifestNamed(t, p, "fs")
	if fs.Default.App || len(fs.Sets) != 1 || len(fs.Permissions) != 2 {
		t.Errorf("merged: %+v", fs)
	}
}

// TestPolicyDefault lets an app give a default to a module that has none.
func TestPolicyDefault(t *testing.T) {
	app := load(t, `
-- ambit.toml --
[[module]]
name = "a"
-- permissions/a/default.toml --
[default]
permissions = ["allow-x"]
`)
	m := parseManifest(t, "[module]\nname = \"a\"\nabi = 1\n[[command]]\nname = \"x\"\n")
	p, problems := app.Policy(map[string]acl.Module{"a": {Manifest: m}})
	if problems != nil {
		t.Fatalf("problems:\n%s", printed(problems))
	}
	if d := manifestNamed(t, p, "a").Default; d == nil || !d.App || d.Members[0].Identifier != "allow-x" {
		t.Errorf("default is %+v", d)
	}
}

// TestPolicyDirs holds "no [dirs]" and "an empty [dirs]" apart.
func TestPolicyDirs(t *testing.T) {
	for files, want := range map[string]bool{"-- ambit.toml --\n": false, "-- ambit.toml --\n[dirs]\n": true} {
		app := load(t, files)
		p, _ := app.Policy(nil)
		if got := p.Dirs != nil; got != want {
			t.Errorf("%q: dirs are declared: %v, want %v", files, got, want)
		}
	}
}
