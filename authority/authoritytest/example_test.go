package authoritytest_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/authoritytest"
)

// app is the folder of an app; a real one is os.DirFS("app").
var app = fstest.MapFS{
	"ambit.toml": {Data: []byte(`
[dirs]
APPDATA = "data"
[[window]]
label = "main"
[[window]]
label = "preview"
[[module]]
name = "fs"
`)},
	"capabilities/main.toml": {Data: []byte(`
identifier = "main"
windows = ["main"]
permissions = ["fs:allow-write-file", { identifier = "fs:allow-read-file", allow = [{ path = "$APPDATA/**" }] }]
`)},
	"capabilities/preview.toml": {Data: []byte(`
identifier = "preview"
windows = ["preview"]
permissions = [{ identifier = "fs:allow-read-file", allow = [{ path = "$APPDATA/notes/*.md" }], deny = [{ path = "$APPDATA/notes/x.md" }] }]
`)},
	"capabilities/trial.toml": {Data: []byte(`
identifier = "trial"
windows = ["preview"]
permissions = ["fs:allow-size"]
expires = "2030-01-01T00:00:00Z"
`)},
}

// modules are those that the app loads; a real manifest is read from the
// module's source tree by acl.ParseManifest.
var modules = []acl.Module{{Manifest: authority.Manifest{Name: "fs", ABI: 1, Commands: []authority.Command{
	{Name: "read_file", Powers: []authority.Power{authority.PowerFSRead}},
	{Name: "write_file", Powers: []authority.Power{authority.PowerFSWrite}},
	{Name: "remove", Powers: []authority.Power{authority.PowerFSWrite}},
	{Name: "size"},
}}}}

// printer stands for a test's own *testing.T, which an example has not.
type printer struct{ testing.TB }

func (printer) Helper()                           {}
func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (printer) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

var t printer

func Example() {
	a := authoritytest.Load(t, app, acl.Options{}, modules...)
	main, preview := authoritytest.Window("main"), authoritytest.Window("preview")
	foreign := authoritytest.Page("main", "https://elsewhere.example/")

	authoritytest.Allow(t, a, main, "fs.write_file")
	authoritytest.Allow(t, a, preview, "fs.read_file")
	authoritytest.Deny(t, a, preview, "fs.write_file", authority.CodeWindowMismatch)
	authoritytest.Deny(t, a, main, "fs.remove", authority.CodeNotGranted)
	authoritytest.DenyAll(t, a, foreign)
	authoritytest.Matrix(t, a, "testdata/example.txt", main, preview, foreign)
	// Output:
}

func ExampleAllow() {
	a := authoritytest.Load(t, app, acl.Options{}, modules...)
	authoritytest.Allow(t, a, authoritytest.Window("preview"), "fs.write_file")
	// Output:
	// not allowed:
	//     fs.write_file for window "preview" (local) is denied: window-mismatch
	//       nearest: capability "main", permission fs:allow-write-file (capabilities/main.toml:4)
	//       it is for window "main", not for window "preview"
	//     to allow it: in capability "preview" (capabilities/preview.toml:2), add to permissions:
	//       "fs:allow-write-file",
	//     for fs.write the call needs a scope, too: an allow entry with "path"
}

func ExampleDeny() {
	a := authoritytest.Load(t, app, acl.Options{}, modules...)
	authoritytest.Deny(t, a, authoritytest.Window("preview"), "fs.write_file", authority.CodeWindowMismatch)
	authoritytest.Deny(t, a, authoritytest.Window("preview"), "fs.wriet_file", authority.CodeWindowMismatch)
	// Output:
	// not denied as window-mismatch:
	//     fs.wriet_file for window "preview" (local) is denied: unknown-command
	//       module "fs" has no such command (did you mean "write_file"?)
	//     to allow it: call fs.write_file instead
}

func ExampleScope() {
	a := authoritytest.Load(t, app, acl.Options{}, modules...)
	preview := authoritytest.Window("preview")
	authoritytest.Scope(t, a, preview, "fs.read_file", "fs.read $APPDATA/notes/*.md", "fs.read except $APPDATA/notes/x.md")
	authoritytest.Scope(t, a, preview, "fs.read_file", "fs.read $APPDATA/notes/*.md")
	// Output:
	// another scope:
	//   lent, but not expected: fs.read except $APPDATA/notes/x.md
	//     fs.read_file for window "preview" (local) is allowed
	//       by capability "preview", permission fs:allow-read-file (capabilities/preview.toml:4)
	//       lends fs.read on "$APPDATA/notes/*.md", but not on "$APPDATA/notes/x.md"
}

func ExampleReference() {
	g := authoritytest.NewGenerator(1)
	policy := g.Policy()
	a, problems := authority.New(policy)
	if problems.Err() != nil {
		return
	}
	for range 100 {
		req := g.Request()
		got, want := authoritytest.AnswerOf(a.Decide(req)), authoritytest.Reference(policy, req)
		if got.String() != want.String() {
			fmt.Printf("%+v: %s, want %s\n%s", req, got, want, authoritytest.Archive(policy))
		}
	}
	// Output:
}
