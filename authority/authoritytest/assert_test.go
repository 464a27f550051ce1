package authoritytest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/authoritytest"
)

// recorder keeps what an assertion says.
type recorder struct {
	testing.TB
	text string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) + "\n" }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(r)
}

// said runs assertions and returns what they say.
func said(run func(testing.TB)) string {
	r := &recorder{}
	func() {
		defer func() {
			if v := recover(); v != nil && v != any(r) {
				panic(v)
			}
		}()
		run(r)
	}()
	return r.text
}

// wantSaid checks that assertions fail with words, or, without words, hold.
func wantSaid(t *testing.T, words string, run func(testing.TB)) {
	t.Helper()
	got := said(run)
	if (got == "") != (words == "") || !strings.Contains(got, words) {
		t.Errorf("said %q, want %q", got, words)
	}
}

func loaded(t *testing.T) *authority.Authority {
	t.Helper()
	return authoritytest.Load(t, app, acl.Options{}, modules...)
}

func TestAssertions(t *testing.T) {
	a := loaded(t)
	var none *authority.Authority
	main, preview, foreign := authoritytest.Window("main"), authoritytest.Window("preview"), authoritytest.Page("main", "https://elsewhere.example/")
	end := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		words string
		run   func(testing.TB)
	}{
		{"", func(t testing.TB) { authoritytest.Allow(t, a, main, "fs.write_file") }},
		{"not allowed:\n    fs.write_file for window \"preview\"", func(t testing.TB) { authoritytest.Allow(t, a, preview, "fs.write_file") }},
		{"half of module.command is missing", func(t testing.TB) { authoritytest.Allow(t, a, main, "fs.") }},

		{"", func(t testing.TB) { authoritytest.Deny(t, a, preview, "fs.write_file", authority.CodeWindowMismatch) }},
		{"", func(t testing.TB) { authoritytest.Deny(t, a, main, "fs.none", authority.CodeUnknownCommand) }},
		{"not denied as not-granted:\n    fs.write_file", func(t testing.TB) { authoritytest.Deny(t, a, preview, "fs.write_file", authority.CodeNotGranted) }},
		{"not denied as not-granted:\n    fs.write_file", func(t testing.TB) { authoritytest.Deny(t, a, main, "fs.write_file", authority.CodeNotGranted) }},
		{"no control", func(t testing.TB) {
			authoritytest.Deny(t, a, authoritytest.Window("previous"), "fs.write_file", authority.CodeWindowMismatch)
		}},

		{"", func(t testing.TB) { authoritytest.DenyAll(t, a, foreign) }},
		{"not denied:\n    fs.read_file", func(t testing.TB) { authoritytest.DenyAll(t, a, preview) }},
		{"no control", func(t testing.TB) { authoritytest.DenyAll(t, none, foreign) }},

		{"", func(t testing.TB) { authoritytest.Scope(t, a, main, "fs.read_file", "fs.read $APPDATA/**") }},
		{"", func(t testing.TB) { authoritytest.Scope(t, a, main, "fs.write_file") }},
		{"lent, but not expected: fs.read $APPDATA/**", func(t testing.TB) { authoritytest.Scope(t, a, main, "fs.read_file") }},
		{"expected, but not lent: fs.read $HOME/**", func(t testing.TB) {
			authoritytest.Scope(t, a, main, "fs.read_file", "fs.read $APPDATA/**", "fs.read $HOME/**")
		}},
		{"not allowed:", func(t testing.TB) { authoritytest.Scope(t, a, preview, "fs.write_file") }},

		{"", func(t testing.TB) { authoritytest.Until(t, a, preview, "fs.size", end) }},
		{"not expired at 2030-01-01T00:00:00Z", func(t testing.TB) { authoritytest.Until(t, a, preview, "fs.read_file", end) }},
		{"not expired at 2029-12-31", func(t testing.TB) { authoritytest.Until(t, a, preview, "fs.size", end.Add(-1)) }},
		{"not allowed before 2030-01-01", func(t testing.TB) { authoritytest.Until(t, a, preview, "fs.size", end.Add(1)) }},
	} {
		wantSaid(t, c.words, c.run)
	}
}

// TestDenyByName: a rule that denies by name is its own control.
func TestDenyByName(t *testing.T) {
	policy := fstest.MapFS{
		"permissions/fs/all.toml": {Data: []byte("[[permission]]\nidentifier = \"all\"\ncommands.allow = [\"go\"]\n")},
		"capabilities/a.toml":     {Data: []byte("identifier = \"a\"\nmodules = [\"*\"]\nvia = [\"main\"]\npermissions = [\"fs:allow-go\"]\n")},
		"capabilities/b.toml":     {Data: []byte("identifier = \"b\"\nmodules = [\"bad\"]\npermissions = [\"fs:deny-go\"]\n")},
	}
	a := authoritytest.Load(t, policy, acl.Options{PolicyOnly: true})
	main := authoritytest.Window("main")
	authoritytest.Allow(t, a, authoritytest.Module("good", main), "fs.go")
	authoritytest.Deny(t, a, authoritytest.Module("bad", main), "fs.go", authority.CodeDeniedByRule)
	wantSaid(t, "no control", func(t testing.TB) {
		authoritytest.Deny(t, a, authoritytest.Module("good"), "fs.go", authority.CodeWindowMismatch)
	})
}

// TestScopeEntries: all forms that an entry can have.
func TestScopeEntries(t *testing.T) {
	policy := fstest.MapFS{
		"ambit.toml": {Data: []byte("[[module]]\nname = \"m\"\n")},
		"capabilities/a.toml": {Data: []byte(`
identifier = "a"
windows = ["main"]
permissions = [{ identifier = "m:allow-go", allow = [
  { key = "a<b" }, { key = "a<b" }, { key = "c", powers = ["kv.read"] }, { url = "https://x.example", methods = ["GET"] }, { own = 5 },
], deny = [{ own = 6 }] }]
`)},
	}
	manifest, problems := acl.ParseManifest("m.toml", []byte(`
module = { name = "m", abi = 1 }
command = [{ name = "go", powers = ["kv.read", "kv.write", "http"] }]
scope.properties.own.type = "integer"
`))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	a := authoritytest.Load(t, policy, acl.Options{}, acl.Module{Manifest: manifest})
	authoritytest.Scope(t, a, authoritytest.Window("main"), "m.go",
		"kv.read a<b", "kv.write a<b", "kv.read c", `http {"methods":["GET"],"url":"https://x.example"}`, `scope {"own":5}`, `scope except {"own":6}`)
}

func TestLoadFails(t *testing.T) {
	broken := fstest.MapFS{"capabilities/a.toml": {Data: []byte("identifier = \"a\"\n")}}
	wantSaid(t, "capabilities/a.toml:1:1: ", func(t testing.TB) { authoritytest.Load(t, broken, acl.Options{PolicyOnly: true}) })
	wantSaid(t, "", func(t testing.TB) { authoritytest.Load(t, app, acl.Options{Platform: authority.MacOS}, modules...) })
}

func TestMatrix(t *testing.T) {
	a := loaded(t)
	callers := []authority.Caller{authoritytest.Window("main"), authoritytest.Window("preview")}
	file := filepath.Join(t.TempDir(), "new", "policy.txt")
	matrix := func(t testing.TB) { authoritytest.Matrix(t, a, file, callers...) }
	wantSaid(t, "there is no golden file", matrix)
	t.Setenv("AMBIT_UPDATE", "1")
	wantSaid(t, "", matrix)
	t.Setenv("AMBIT_UPDATE", "")
	wantSaid(t, "", matrix)

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer("yes   -", "yes   yes", "fs.size", "fs.sise", "\n", "\r\n").Replace(string(text))
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	wantSaid(t, "- fs.sise - yes\n- fs.write_file yes yes\n+ fs.size - yes\n+ fs.write_file yes -\n", matrix)

	file = t.TempDir()
	wantSaid(t, "is a directory", matrix)
	t.Setenv("AMBIT_UPDATE", "1")
	wantSaid(t, "is a directory", matrix)
	file = filepath.Join(os.Args[0], "policy.txt")
	wantSaid(t, "not a directory", matrix)
}
