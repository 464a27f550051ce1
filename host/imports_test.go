package host_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/ambit-wasm/ambit"

// TestImports holds the arrows that end or begin at this package.
func TestImports(t *testing.T) {
	only := []struct{ prefix, where, why string }{
		{"github.com/tetratelabs/wazero", "host", "nobody else runs guest code"},
		{"github.com/hashicorp/go-hclog", "host", "whoever else logs would choose a logger for everybody"},
		{"github.com/santhosh-tekuri/jsonschema", "tests", "it follows references and has no bounds: authority/schema checks what strangers write"},
	}
	never := []struct{ prefix, where, why string }{
		{modulePath + "/modules", "host", "the app decides which modules it loads"},
		{modulePath + "/examples", "host", "examples show the host and are no part of it"},
		{modulePath + "/sdk", "host", "the guest's half must not be the host's, but for the envelope"},
		{modulePath + "/host", "authority", "the model must not know who enforces it"},
		{modulePath + "/host", "sdk", "guests must not link the host"},
		{modulePath + "/host", "modules", "a module is a guest"},
		{modulePath + "/authority", "modules", "a guest is decided about, and decides nothing"},
		{modulePath + "/examples", "modules", "modules are used by others than the examples"},
	}
	allowed := []string{modulePath + "/sdk/wire", modulePath + "/sdk/js"} // the envelope, and files
	looked := map[string]int{}
	forEachImport(t, func(dir, file, path string) {
		looked[dir]++
		if slices.Contains(allowed, path) || strings.HasPrefix(file, "sdk/sdktest/") { // which only tests import
			return
		}
		if path == modulePath+"/sdk/sdktest" {
			t.Errorf("%s imports %s, which holds the host and is for tests", file, path)
		}
		for _, rule := range only {
			if under(path, rule.prefix) && dir != rule.where {
				t.Errorf("%s imports %s, which only %s may: %s", file, path, rule.where, rule.why)
			}
		}
		for _, rule := range never {
			if under(path, rule.prefix) && dir == rule.where {
				t.Errorf("%s imports %s: %s", file, path, rule.why)
			}
		}
	})
	for _, dir := range []string{"host", "authority", "sdk", "modules"} {
		if looked[dir] == 0 {
			t.Errorf("looked at no import of %s", dir)
		}
	}
}

func under(path, prefix string) bool {
	return path == prefix || strings.HasPrefix(path, prefix+"/")
}

// forEachImport visits the imports of all files that are no tests, with the
// top-level folder of each.
func forEachImport(t *testing.T, visit func(dir, file, path string)) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && file != "."):
			return fs.SkipDir
		case d.IsDir() && file != "." && isFile(root, file+"/go.mod"): // a module of its own
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", filepath.FromSlash(file)), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			dir, _, _ := strings.Cut(file, "/")
			visit(dir, file, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func isFile(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && info.Mode().IsRegular()
}
