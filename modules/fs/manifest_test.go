//go:build !wasip1

package fs_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/modules/fs/command"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// registered are the commands that the guest registers.
var registered []string

func TestMain(m *testing.M) {
	registered = new(command.Files).Register()
	os.Exit(m.Run())
}

func manifest(t *testing.T) authority.Manifest {
	t.Helper()
	data, err := os.ReadFile("manifest.toml")
	if err != nil {
		t.Fatal(err)
	}
	m, problems := acl.ParseManifest("manifest.toml", data)
	for _, p := range problems {
		t.Error(p)
	}
	if t.Failed() {
		t.FailNow()
	}
	return m
}

func TestManifest(t *testing.T) {
	m := manifest(t)
	if m.Name != "fs" || m.ABI != 1 || m.Version == "" || m.Default == nil {
		t.Errorf("module %q, ABI %d, version %q, default %v", m.Name, m.ABI, m.Version, m.Default)
	}
	if got := m.Scope.PrimaryKey(); got != "path" {
		t.Errorf("primary key %q: a bare string in a scope would not be a path", got)
	}
	for _, platform := range []authority.Platform{authority.Linux, authority.MacOS, authority.Windows} {
		_, problems := authority.New(authority.Policy{Manifests: []authority.Manifest{m}, Platform: platform})
		for _, p := range problems {
			t.Errorf("%s: %v", platform, p)
		}
	}
}

// TestBinaryManifest reads what `ambit build` puts into the module.
func TestBinaryManifest(t *testing.T) {
	m := manifest(t)
	text := acl.EncodeManifest(m)
	again, problems := acl.ParseManifestJSON("fs.wasm#ambit", text)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if got := acl.EncodeManifest(again); string(got) != string(text) {
		t.Error("the manifest changes on its way through the binary")
	}
	t.Logf("%d bytes of JSON, %d commands, %d permissions, %d sets", len(text), len(m.Commands), len(m.Permissions), len(m.Sets))
}

// TestCommandsAreRegistered compares manifest and guest in both directions.
func TestCommandsAreRegistered(t *testing.T) {
	var declared []string
	for _, c := range manifest(t).Commands {
		declared = append(declared, c.Name)
		if c.Args == nil {
			t.Errorf("command %q takes anything: it has no args", c.Name)
		}
		if c.Description == "" || len(c.Powers) == 0 {
			t.Errorf("command %q: description %q, powers %q", c.Name, c.Description, c.Powers)
		}
		if strings.Contains(answer(t, c.Name, nil), "no command") {
			t.Errorf("command %q is not registered", c.Name)
		}
	}
	slices.Sort(declared)
	if got := slices.Sorted(slices.Values(registered)); !slices.Equal(got, declared) {
		t.Errorf("registered %q, declared %q", got, declared)
	}
	if got := answer(t, "no_such_command", nil); !strings.Contains(got, "no command") { // control
		t.Errorf("an unknown command answers %q", got)
	}
}

// TestArguments sends every property that the schemas know: none may be
// unknown to the command.
func TestArguments(t *testing.T) {
	n := 0
	for _, c := range manifest(t).Commands {
		properties := c.Args.Keys()
		if !slices.Contains(properties, "options") {
			t.Errorf("command %q has no options", c.Name)
		}
		for _, property := range properties {
			n++
			if got := answer(t, c.Name, map[string]any{property: true}); strings.Contains(got, "unknown field") {
				t.Errorf("command %q, property %q: %s", c.Name, property, got)
			}
		}
		if got := answer(t, c.Name, map[string]any{"colour": true}); !strings.Contains(got, "unknown field") { // control
			t.Errorf("command %q takes a colour: %s", c.Name, got)
		}
	}
	if n == 0 {
		t.Error("no property found")
	}
}

// answer runs a command natively and returns the message of its error.
func answer(t *testing.T, command string, args any) string {
	t.Helper()
	if err := sdktest.New(t, sdktest.Options{}).Invoke(command, args, nil); err != nil {
		return err.Error()
	}
	return ""
}

// TestPermissions checks the manifest by itself, without the authority.
func TestPermissions(t *testing.T) {
	m := manifest(t)
	ids := map[string]bool{"default": true}
	for _, c := range m.Commands {
		kebab := strings.ReplaceAll(c.Name, "_", "-")
		ids["allow-"+kebab], ids["deny-"+kebab] = true, true
	}
	allowed := map[string]int{}
	for _, p := range m.Permissions {
		if ids[p.Identifier] {
			t.Errorf("permission %q has a name that is taken", p.Identifier)
		}
		ids[p.Identifier] = true
		if p.Description == "" {
			t.Errorf("permission %q has no description", p.Identifier)
		}
		for _, c := range append(slices.Clone(p.Allow), p.Deny...) {
			if !slices.Contains(registered, c.Name) {
				t.Errorf("permission %q names the command %q, which does not exist", p.Identifier, c.Name)
			}
			allowed[c.Name]++
		}
	}
	for _, name := range registered {
		if allowed[name] == 0 {
			t.Errorf("no permission allows the command %q", name)
		}
	}
	sets := map[string][]authority.Reference{"default": m.Default.Members}
	for _, s := range m.Sets {
		ids[s.Identifier], sets[s.Identifier] = true, s.Members
	}
	for id, members := range sets {
		for _, member := range members {
			if !ids[member.Identifier] {
				t.Errorf("set %q names %q, which does not exist", id, member.Identifier)
			}
			if reaches(sets, member.Identifier, id, len(sets)) {
				t.Errorf("set %q contains itself through %q", id, member.Identifier)
			}
		}
	}
}

// reaches reports whether a set leads to another, or in circles.
func reaches(sets map[string][]authority.Reference, from, to string, depth int) bool {
	if from == to || depth == 0 {
		return true
	}
	for _, member := range sets[from] {
		if reaches(sets, member.Identifier, to, depth-1) {
			return true
		}
	}
	return false
}

// TestTauriNames wants the identifiers that policies for Tauri use.
func TestTauriNames(t *testing.T) {
	m := manifest(t)
	var ids []string
	for _, p := range m.Permissions {
		ids = append(ids, p.Identifier)
	}
	for _, s := range m.Sets {
		ids = append(ids, s.Identifier)
	}
	want := []string{
		"read-all", "read-files", "read-dirs", "read-meta", "write-all", "write-files", "scope", "deny-default",
		"deny-webview-data-linux", "deny-webview-data-windows", "create-app-specific-dirs", "read-app-specific-dirs-recursive",
	}
	for _, dir := range []string{
		"app", "appconfig", "appdata", "applocaldata", "appcache", "applog", "audio", "cache", "config", "data", "desktop",
		"document", "download", "home", "localdata", "picture", "public", "resource", "temp", "video",
	} {
		want = append(want, "scope-"+dir, "scope-"+dir+"-recursive", "scope-"+dir+"-index")
		for _, kind := range []string{"read", "write", "meta"} {
			want = append(want, "allow-"+dir+"-"+kind, "allow-"+dir+"-"+kind+"-recursive")
		}
	}
	for _, id := range want {
		if !slices.Contains(ids, id) {
			t.Errorf("no permission or set %q", id)
		}
	}
}
