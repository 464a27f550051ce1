//go:build !wasip1

package fs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// app loads an app that has the fs module, the declared dirs, and one
// capability that grants the window main these entries, as TOML.
func app(t *testing.T, module, dirs string, entries ...string) (*authority.Authority, authority.Problems) {
	t.Helper()
	list := ""
	for _, dir := range strings.Fields(dirs) {
		list += fmt.Sprintf("%s = %q\n", dir, strings.ToLower(dir))
	}
	files := fstest.MapFS{
		"ambit.toml": {Data: []byte("[app]\nname = \"test\"\n[dirs]\n" + list +
			"[[window]]\nlabel = \"main\"\n[[module]]\nname = \"fs\"\n" + module + "\n")},
		"capabilities/main.toml": {Data: []byte("identifier = \"main\"\nwindows = [\"main\"]\npermissions = [" +
			strings.Join(entries, ", ") + "]\n")},
	}
	a, problems := acl.Load(files, acl.Options{Platform: authority.Linux})
	p, more := a.Policy(map[string]acl.Module{"fs": {Manifest: manifest(t), SHA256: strings.Repeat("0", 64)}})
	auth, rest := authority.New(p)
	return auth, slices.Concat(problems, more, rest)
}

const trusted = "trusted = true"

// granted returns the paths that a command of the window main is lent for a
// power, nil if it is denied.
func granted(t *testing.T, a *authority.Authority, command string, power authority.Power) (allow, deny []string) {
	t.Helper()
	d := a.Decide(authority.Request{
		Caller: authority.Caller{Window: "main", Webview: "main", Origin: authority.LocalOrigin()}, Module: "fs", Command: command,
	})
	g, ok := d.Grant()
	if !ok {
		return nil, nil
	}
	yes, no := g.Lend(power)
	return paths(t, yes), paths(t, no)
}

func paths(t *testing.T, entries []authority.ScopeEntry) []string {
	t.Helper()
	out := []string{}
	for _, e := range entries {
		path, ok := e.Field("path")
		if !ok {
			t.Errorf("scope entry %v has no path", e.Value())
		}
		out = append(out, path.(string))
	}
	return out
}

func wantPaths(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestDefault grants fs:default in an app that declares APPDATA and no more.
func TestDefault(t *testing.T) {
	a, problems := app(t, trusted, "APPDATA", `"fs:default"`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range manifest(t).Commands {
		read, denied := granted(t, a, c.Name, authority.PowerFSRead)
		write, _ := granted(t, a, c.Name, authority.PowerFSWrite)
		if slices.Contains(c.Powers, authority.PowerFSWrite) {
			if read != nil || write != nil {
				t.Errorf("default grants %q, with %q and %q", c.Name, read, write)
			}
			continue
		}
		wantPaths(t, c.Name+" reads", read, "$APPDATA", "$APPDATA/**")
		wantPaths(t, c.Name+" writes", write)
		wantPaths(t, c.Name+" is denied", denied, "$APPDATA/EBWebView/**", "$APPDATA/WebKit/**", "$APPDATA/WebKitCache/**")
	}
}

// TestDefaultNeedsTrust refuses the manifest's own scopes in an app that does
// not trust the module, and an undeclared dir in one that does.
func TestDefaultNeedsTrust(t *testing.T) {
	if _, problems := app(t, "", "APPDATA", `"fs:default"`); problems.Err() == nil {
		t.Error("the default of a module that is not trusted: no error")
	}
	if a, problems := app(t, "", "APPDATA", `{ identifier = "fs:read-all", allow = [{ path = "$APPDATA/x" }] }`); problems.Err() != nil {
		t.Error("commands of a module that is not trusted, with a scope of the app:", problems)
	} else {
		read, _ := granted(t, a, "read_file", authority.PowerFSRead)
		wantPaths(t, "read_file", read, "$APPDATA/x")
	}
	if _, problems := app(t, trusted, "CONFIG", `"fs:default"`); problems.Err() == nil {
		t.Error("the default of an app without APPDATA: no error")
	}
}

// TestEveryPermissionLoads grants each permission and set by itself.
func TestEveryPermissionLoads(t *testing.T) {
	const all = "APPCONFIG APPDATA APPLOCALDATA APPCACHE APPLOG AUDIO CACHE CONFIG DATA DESKTOP DOCUMENT DOWNLOAD HOME LOCALDATA PICTURE PUBLIC RESOURCE TEMP VIDEO"
	m := manifest(t)
	var entries []string
	for _, p := range m.Permissions {
		entries = append(entries, fmt.Sprintf("%q", "fs:"+p.Identifier))
	}
	for _, s := range m.Sets {
		entries = append(entries, fmt.Sprintf("%q", "fs:"+s.Identifier))
	}
	a, problems := app(t, trusted, all, entries...)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for _, c := range m.Commands {
		for _, power := range c.Powers {
			if allow, _ := granted(t, a, c.Name, power); len(allow) == 0 {
				t.Errorf("%s gets nothing by %s", c.Name, power)
			}
		}
	}
}

// TestGrantsDoNotMix is where the module differs from Tauri's: reading one dir
// and writing another stay what they are.
func TestGrantsDoNotMix(t *testing.T) {
	a, problems := app(t, trusted, "DOCUMENT APPDATA", `"fs:allow-document-read"`, `"fs:allow-appdata-write-recursive"`)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	read, _ := granted(t, a, "read_text_file", authority.PowerFSRead)
	wantPaths(t, "read_text_file", read, "$DOCUMENT", "$DOCUMENT/*")
	write, _ := granted(t, a, "write_text_file", authority.PowerFSWrite)
	wantPaths(t, "write_text_file", write, "$APPDATA", "$APPDATA/**")
	from, _ := granted(t, a, "copy_file", authority.PowerFSRead)
	wantPaths(t, "copy_file", from, "$APPDATA", "$APPDATA/**")

	// Control: a scope without commands goes to all of them, as in Tauri.
	a, problems = app(t, trusted, "DOCUMENT APPDATA", `"fs:read-all"`, `"fs:write-all"`, `"fs:scope-document"`, `"fs:scope-appdata-recursive"`)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	write, _ = granted(t, a, "write_text_file", authority.PowerFSWrite)
	wantPaths(t, "write_text_file, global scope", write, "$DOCUMENT", "$DOCUMENT/*", "$APPDATA", "$APPDATA/**")
}

// TestSecrets wants the recursive grants of a home to leave out its secrets.
func TestSecrets(t *testing.T) {
	for entry, want := range map[string]bool{
		`"fs:allow-home-read-recursive"`: true, `"fs:allow-home-write-recursive"`: true, `"fs:allow-home-meta-recursive"`: true,
		`"fs:allow-home-read-recursive-with-secrets"`:                      false,
		`"fs:read-all", "fs:scope-home-recursive", "fs:deny-home-secrets"`: true,
	} {
		a, problems := app(t, trusted, "HOME", entry)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		allow, deny := granted(t, a, "read_dir", authority.PowerFSRead)
		if allow == nil {
			allow, deny = granted(t, a, "write_file", authority.PowerFSWrite)
		}
		wantPaths(t, entry, allow, "$HOME", "$HOME/**")
		if got := slices.Contains(deny, "$HOME/.ssh/**") && slices.Contains(deny, "$HOME/Library/Keychains/**"); got != want {
			t.Errorf("%s denies secrets: %v, want %v", entry, got, want)
		}
	}
}
