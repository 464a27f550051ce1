package authority_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

// TestImports holds the arrows: the authority imports nothing of ours but its
// own packages below, nothing of others, and of the standard library nothing
// that reaches outside or makes it impure. Only acl may import parsers. The
// rules bind what is shipped, not tests.
func TestImports(t *testing.T) {
	const module = "github.com/ambit-wasm/ambit/"
	banned := map[string]string{
		"os": "it reads no file", "os/exec": "it runs nothing", "net": "it opens no connection", "net/http": "it opens no connection",
		"syscall": "it makes no system call", "unsafe": "it needs no tricks", "time": "it has no clock: requests carry the time",
		"context": "nothing in it blocks", "log": "it logs nothing", "log/slog": "it logs nothing", "math/rand": "it is deterministic", "math/rand/v2": "it is deterministic",
		"crypto/rand": "it is deterministic", "runtime": "it looks at no system", "plugin": "it loads nothing",
	}
	files := map[string]int{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && (e.Name() == "testdata" || name == "authoritytest") {
			return cmpSkip(err)
		}
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		files[dir]++
		acl := dir == "acl" || strings.HasPrefix(dir, "acl/")
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			own, isOwn := strings.CutPrefix(imported, module)
			first, _, _ := strings.Cut(imported, "/")
			switch {
			case isOwn && !strings.HasPrefix(own+"/", "authority/"):
				t.Errorf("%s imports %s: authority imports nothing of ours but itself", name, imported)
			case isOwn && !acl && strings.HasPrefix(own+"/", "authority/acl/"):
				t.Errorf("%s imports %s: only its users know acl", name, imported)
			case !isOwn && strings.Contains(first, ".") && !acl:
				t.Errorf("%s imports %s: authority has no dependencies; parsers belong into acl", name, imported)
			case banned[imported] != "" && (!acl || imported != "time"):
				t.Errorf("%s imports %s: %s", name, imported, banned[imported])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{".", "pattern", "schema", "acl"} {
		if files[dir] == 0 {
			t.Errorf("looked at no file in %s", dir)
		}
	}
}

func cmpSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// TestNoGoroutines: nothing in this package starts one.
func TestNoGoroutines(t *testing.T) {
	looked := 0
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		looked++
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(strings.TrimSpace(line), "go ") {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
	if looked == 0 {
		t.Error("looked at no file")
	}
}
