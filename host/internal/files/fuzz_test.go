//go:build unix

package files_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// Whatever the path, and whatever was opened before, no secret is read,
// changed, moved or removed.
func FuzzPath(f *testing.F) {
	for _, trick := range tricks {
		if len(trick.path) < 100 {
			f.Add(trick.path, trick.path, uint8(3))
		}
	}
	f.Add("A/in/sub", "deep", uint8(0))
	f.Add("A/in/sub", "../private/f", uint8(1))
	f.Add("A/in/", "A/in/sub/deep/../../private", uint8(2))
	f.Fuzz(func(t *testing.T, dir, path string, way uint8) {
		root := filepath.Join(t.TempDir(), "base")
		plant(t, root, "in/mine = mine", "in/sub/deep = deep", "in/private/f = SECRET", "in/.env = SECRET", "out/f = SECRET", "../outside = SECRET",
			"in/l -> private", "in/sub/l -> ../../out/f", "in/abs -> /etc/passwd")
		ways := []files.Resolver{"", files.ResolverWalk, files.ResolverRoot}
		g := newBox(t, ways[int(way)%len(ways)], map[string]string{"A": root}, files.Options{}).call("+rw $A/in/**", "-rw $A/in/private/**")
		at := files.RootFD
		if fd, err := g.Open(at, dir, files.OpenFlags{Read: true}); err == nil {
			at = fd
		}
		if fd, err := g.Open(at, path, files.OpenFlags{Read: true}); err == nil {
			b := make([]byte, 100)
			if n, _ := g.File(fd).Read(b); strings.Contains(string(b[:n]), "SECRET") || strings.Contains(string(b[:n]), "root:") {
				t.Fatalf("%q %q was read", dir, path)
			}
		}
		_ = g.Mkdir(at, path)
		_ = g.Chtimes(at, path, files.Times{Modified: files.Time{Set: true}})
		if fd, err := g.Open(at, path, files.OpenFlags{Write: true, Create: true, Truncate: true}); err == nil {
			_, _ = g.File(fd).Write([]byte("x"))
		}
		_ = g.Rename(at, path, files.RootFD, "A/in/moved")
		_ = g.Rename(files.RootFD, "A/in/mine", at, path)
		_ = g.Rmdir(at, path)
		_ = g.Remove(at, path)
		for _, p := range []string{"in/private/f", "in/.env", "out/f", "../outside"} {
			if b, err := os.ReadFile(filepath.Join(root, p)); err != nil || string(b) != "SECRET" {
				t.Fatalf("%q %q changed %s: %q, %v", dir, path, p, b, err)
			}
		}
		for _, p := range []string{"A/in/moved", "A/in/moved/f"} {
			if text, _ := g.read(p); strings.Contains(text, "SECRET") {
				t.Fatalf("%q %q was moved out", dir, path)
			}
		}
	})
}
