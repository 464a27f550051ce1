//go:build unix

package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// Each link on the way and the end, existing or not, by canonical path.
func TestTrail(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	plant(t, dir, "real/sub/f = x", "real/up -> ..", "one -> two", "two -> real/sub", "abs -> "+dir+"/one", "loop -> loop", "gone -> nowhere/x")
	for path, want := range map[string]string{
		"/real/sub/f":       "/real/sub/f",
		"/one/f":            "/one /two /real/sub/f",
		"/abs/f":            "/abs /one /two /real/sub/f",
		"/one/../up/real/f": "/one /two /real/up /real/f", // what is above a link is above its target
		"/gone":             "/gone /nowhere/x",
		"/none/f":           "/none/f",
	} {
		got := strings.ReplaceAll(strings.Join(files.Trail(dir+path), " "), dir, "")
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if n := len(files.Trail(dir + "/loop/x")); n == 0 || n > 300 {
		t.Errorf("a loop has %d places", n)
	}
}

// A policy file that is a link cannot be replaced by moving or removing what
// the link leads through: every link on the way, and the folder at its end.
func TestForbiddenLinked(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		attack := func(forbid bool) (read string) {
			dir := t.TempDir()
			plant(t, dir, "a/d/main.toml = POLICY", "a/dir -> d", "a/hop -> dir/main.toml", "a/mine = mine",
				"app/capabilities/main.toml -> ../../a/hop", "app/capabilities/later.toml -> ../../a/x/later.toml")
			o := files.Options{}
			if forbid {
				o.Forbidden = []string{dir + "/app/capabilities"}
			}
			g := newBox(t, way, map[string]string{"A": dir + "/a"}, o).call("+.rw $A/**")
			_ = g.Rename(files.RootFD, "A/d", files.RootFD, "A/e") // whatever works
			_ = g.Mkdir(files.RootFD, "A/d")
			_ = g.write("A/d/main.toml", "evil")
			_ = g.Remove(files.RootFD, "A/dir")
			_ = g.Mkdir(files.RootFD, "A/dir")
			_ = g.write("A/dir/main.toml", "evil")
			_ = g.Remove(files.RootFD, "A/hop")
			_ = g.write("A/hop", "evil")
			_ = g.Mkdir(files.RootFD, "A/x")
			_ = g.write("A/x/later.toml", "evil")
			if text, err := g.read("A/mine"); err != nil || text != "mine" {
				t.Errorf("control: %q, %v", text, err)
			}
			for _, name := range []string{"main.toml", "later.toml"} {
				b, _ := os.ReadFile(dir + "/app/capabilities/" + name)
				read += string(b)
			}
			return read
		}
		if text := attack(true); text != "POLICY" {
			t.Errorf("the policy is %q", text)
		}
		if text := attack(false); text != "evilevil" {
			t.Errorf("control: the attack made %q", text)
		}
	})
}

// An app's folder behind a link that a guest could replace keeps its meaning.
func TestForbiddenBehindLink(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		for _, forbid := range []bool{true, false} {
			dir := t.TempDir()
			plant(t, dir, "v1/ambit.toml = POLICY", "current -> v1")
			o := files.Options{}
			if forbid {
				o.Forbidden = []string{dir + "/current/ambit.toml"}
			}
			g := newBox(t, way, map[string]string{"A": dir}, o).call("+.rw $A/**")
			err := g.Remove(files.RootFD, "A/current")
			if forbid != errors.Is(err, files.ErrAccess) {
				t.Errorf("forbidden %v: removing the link: %v", forbid, err)
			}
		}
	})
}

// A file that is no policy any more, and whose number may be another file's
// now, is not taken for policy for ever.
func TestForbiddenNoMore(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "app/modules/m.wasm = x", "app/modules/n.wasm = x", "a/")
		must(t, os.Link(dir+"/app/modules/n.wasm", dir+"/a/n"))
		b := newBox(t, way, map[string]string{"A": dir + "/a"}, files.Options{Forbidden: []string{dir + "/app/modules"}})
		g := b.call("+rw $A/**")
		must(t, os.Rename(dir+"/app/modules/m.wasm", dir+"/a/m"))
		if _, err := g.read("A/m"); err != nil {
			t.Error(err)
		}
		if _, err := g.read("A/n"); !errors.Is(err, files.ErrAccess) {
			t.Errorf("control: %v", err)
		}
	})
}
