//go:build !wasip1

package os_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/modules/os/command"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// load makes the authority of an app that grants the window main one permission.
func load(t *testing.T, module, permission string) (*authority.Authority, authority.Problems) {
	t.Helper()
	app, problems := acl.Load(fstest.MapFS{
		"ambit.toml":             {Data: []byte("[[window]]\nlabel = \"main\"\n[[module]]\nname = \"os\"\n" + module)},
		"capabilities/main.toml": {Data: []byte("identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\"os:" + permission + "\"]\n")},
	}, acl.Options{Platform: authority.Linux})
	m := sdktest.CheckManifest(t, "manifest.toml", registered)
	p, more := app.Policy(map[string]acl.Module{"os": {Manifest: m, SHA256: strings.Repeat("0", 64)}})
	a, rest := authority.New(p)
	return a, slices.Concat(problems, more, rest)
}

// TestPermissions: each lends its command the one variable that it reads, if the
// app trusts the module.
func TestPermissions(t *testing.T) {
	for name, variable := range command.Variables {
		permission := "allow-" + strings.ReplaceAll(name, "_", "-")
		if _, problems := load(t, "", permission); problems.Err() == nil {
			t.Errorf("%s of a module that is not trusted: no error", permission)
		}
		a, problems := load(t, "trusted = true\n", permission)
		if len(problems) > 0 {
			t.Error(problems)
		}
		for _, other := range registered {
			d := a.Decide(authority.Request{
				Caller: authority.Caller{Window: "main", Webview: "main", Origin: authority.LocalOrigin()}, Module: "os", Command: other,
			})
			g, ok := d.Grant()
			if ok != (other == name) {
				t.Errorf("%s: %s is granted: %v", permission, other, ok)
			}
			if !ok {
				continue
			}
			allow, deny := g.Lend(authority.PowerEnv)
			if len(allow) != 1 || len(deny) != 0 {
				t.Fatalf("%s lends %v, denies %v", permission, allow, deny)
			}
			if v, _ := allow[0].Field("var"); v != variable {
				t.Errorf("%s lends %v, want %s", permission, v, variable)
			}
		}
	}
}
