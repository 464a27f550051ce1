package wire_test

import (
	"go/build"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// The envelope is linked into every guest: standard library only, and of that
// only what is small.
func TestImports(t *testing.T) {
	allowed := map[string]bool{
		"math": true, "reflect": true, "slices": true, "strconv": true, "sync": true, "unicode/utf8": true, "unsafe": true,
	}
	p, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	files := append(p.GoFiles, p.IgnoredGoFiles...)
	if len(files) < 10 {
		t.Fatalf("looked at %d files only", len(files))
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if !allowed[path] {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
