package sdk_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The SDK is linked into other people's modules, which must not need the host,
// the authority or any dependency: it imports the standard library and itself.
func TestImports(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if strings.HasPrefix(path, "sdktest") && (strings.HasPrefix(imported, "github.com/ambit-wasm/ambit/authority") || imported == "github.com/ambit-wasm/ambit/host" || imported == "github.com/hashicorp/go-hclog") {
				continue // for tests: it lends as a host does
			}
			standard := !strings.Contains(imported, ".")
			own := imported == "github.com/ambit-wasm/ambit/sdk" || strings.HasPrefix(imported, "github.com/ambit-wasm/ambit/sdk/")
			if !standard && !own {
				t.Errorf("%s imports %s", path, imported)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("looked at %d files only", files)
	}
}
