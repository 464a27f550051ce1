//go:build unix

package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// A world with something to protect: a folder in scope, one denied, one out of
// scope, and a file outside of the base dir.
func world(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "base")
	plant(t, dir,
		"in/mine = mine", "in/sub/deep = deep", "in/.env = SECRET", "in/private/f = SECRET", "in/privatf = near",
		"out/f = SECRET", "../outside = SECRET",
	)
	return dir
}

var worldScope = []string{"+rw $A/in/**", "-rw $A/in/private/**"}

// tricks are paths that must not reach what they mean to; each with what it
// answers, and links to plant for it.
var tricks = []struct {
	path  string
	want  files.Error
	plant string // "" or a link
	aim   string // what the path means to reach, below the world
}{
	{path: "A/out/f", want: files.ErrAccess, aim: "out/f"},
	{path: "A/in/private/f", want: files.ErrAccess, aim: "in/private/f"},
	{path: "A/in/.env", want: files.ErrAccess, aim: "in/.env"},
	{path: "A/in/../out/f", want: files.ErrAccess, aim: "out/f"},
	{path: "A/in/sub/../../out/f", want: files.ErrAccess, aim: "out/f"},
	{path: "A/in/sub/../private/f", want: files.ErrAccess, aim: "in/private/f"},
	{path: "A/in/./private/f", want: files.ErrAccess, aim: "in/private/f"},
	{path: "A/in//private//f", want: files.ErrAccess, aim: "in/private/f"},
	{path: "A/../outside", want: files.ErrAccess, aim: "../outside"},
	{path: "../outside", want: files.ErrAccess, aim: "../outside"},
	{path: "../../../../../../etc/passwd", want: files.ErrAccess, aim: "/etc/passwd"},
	{path: "/etc/passwd", want: files.ErrAccess, aim: "/etc/passwd"},
	{path: "//etc/passwd", want: files.ErrAccess, aim: "/etc/passwd"},
	{path: "B/out/f", want: files.ErrAccess, aim: "out/f"},
	{path: "a/in/mine", want: files.ErrAccess, aim: "in/mine"},
	{path: "A/IN/mine", want: files.ErrAccess},
	{path: "A/in\x00/../out/f", want: files.ErrInvalid},
	{path: "A/in/mine\x00", want: files.ErrInvalid},
	{path: "A/in/\xff\xfe", want: files.ErrName},
	{path: "A/in/\xc0\xae\xc0\xae/out/f", want: files.ErrName},
	{path: "A/in/..%2fout/f", want: files.ErrAccess}, // a name with a leading dot
	{path: `A/in/..\out\f`, want: files.ErrAccess},
	{path: `A\out\f`, want: files.ErrAccess},
	{path: "A/in/" + strings.Repeat("x", 256), want: files.ErrNameTooLong},
	{path: "A/in/" + strings.Repeat("x/", 2048) + "x", want: files.ErrNameTooLong},
	{path: "A/in/mine/", want: files.ErrNotDir, aim: "in/mine"},
	{path: "A/in/mine/.", want: files.ErrNotDir, aim: "in/mine"},
	{path: "A/in/mine/x", want: files.ErrNotDir},

	{path: "A/in/l", want: files.ErrLink, plant: "in/l -> private/f", aim: "in/private/f"},
	{path: "A/in/l", want: files.ErrLink, plant: "in/l -> ../out/f", aim: "out/f"},
	{path: "A/in/l", want: files.ErrLink, plant: "in/l -> ../../outside", aim: "../outside"},
	{path: "A/in/l", want: files.ErrLink, plant: "in/l -> ABS/out/f", aim: "out/f"},
	{path: "A/in/l", want: files.ErrLink, plant: "in/l -> /etc/passwd", aim: "/etc/passwd"},
	{path: "A/in/l", want: files.ErrLink, plant: "in/l -> mine", aim: "in/mine"}, // even a harmless one
	{path: "A/in/l", want: files.ErrLink, plant: "in/l -> l2;in/l2 -> l3;in/l3 -> private/f", aim: "in/private/f"},
	{path: "A/in/l/f", want: files.ErrLink, plant: "in/l -> private", aim: "in/private/f"},
	{path: "A/in/l/f", want: files.ErrLink, plant: "in/l -> ABS/out", aim: "out/f"},
	{path: "A/in/l/private/f", want: files.ErrLink, plant: "in/l -> .", aim: "in/private/f"},
	{path: "A/in/l/f", want: files.ErrLink, plant: "in/l -> l2;in/l2 -> ../out", aim: "out/f"},
	{path: "A/in/sub/l/f", want: files.ErrLink, plant: "in/sub/l -> ../private", aim: "in/private/f"},
	{path: "A/in/l/", want: files.ErrLink, plant: "in/l -> private/f"},
	{path: "A/in/l/../private/f", want: files.ErrAccess, plant: "in/l -> sub"},
	{path: "A/in/l/passwd", want: files.ErrLink, plant: "in/l -> /proc/self/root/etc"},
	{path: "A/in/l/environ", want: files.ErrLink, plant: "in/l -> /proc/self"},
}

// Every operation on every trick, by every way: all answer alike, and nothing
// but a link itself changes.
func TestTricks(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		for _, trick := range tricks {
			dir, before := tricky(t, trick.plant)
			for _, o := range ops {
				g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call(worldScope...)
				err := o.do(g, trick.path)
				if !tricked(o.name, trick.want, strings.HasSuffix(strings.TrimSuffix(trick.path, "."), "/"), err) {
					t.Errorf("%s %.80q with %q: got %v, want %v", o.name, trick.path, trick.plant, err, trick.want)
				}
				now := snapshot(t, filepath.Dir(dir))
				for path, was := range before {
					if now[path] != was && (err != nil || !strings.HasPrefix(was, "L") && filepath.Base(path) != "mine") {
						t.Errorf("%s %q with %q changed %q", o.name, trick.path, trick.plant, path)
					}
				}
				if err == nil {
					dir, before = tricky(t, trick.plant)
				}
			}
		}
	})
}

// tricky is a world with links.
func tricky(t *testing.T, links string) (dir string, all map[string]string) {
	t.Helper()
	dir = world(t)
	for l := range strings.SplitSeq(links, ";") {
		if l != "" {
			plant(t, dir, strings.ReplaceAll(l, "ABS", dir))
		}
	}
	return dir, snapshot(t, filepath.Dir(dir))
}

// tricked is what an operation may answer to a trick: the trick's error; but a
// link itself may be looked at, removed and replaced.
func tricked(op string, want files.Error, slash bool, err error) bool {
	switch {
	case slash && op == "create":
		return errors.Is(err, files.ErrIsDir) // as Linux says: no file can have this name
	case want != files.ErrLink:
		return errors.Is(err, want)
	}
	switch op {
	case "lstat", "remove", "rename onto":
		return err == nil || errors.Is(err, files.ErrLink) || slash && errors.Is(err, files.ErrNotDir)
	case "rename from":
		return errors.Is(err, files.ErrAccess) || errors.Is(err, files.ErrLink)
	}
	return errors.Is(err, files.ErrLink)
}

// Control: each trick that aims at something does reach it for whoever just
// joins the path to the base dir.
func TestTricksWork(t *testing.T) {
	n := 0
	for _, trick := range tricks {
		if trick.aim == "" {
			continue
		}
		dir, _ := tricky(t, trick.plant)
		under := func(p string) string {
			if filepath.IsAbs(p) {
				return p
			}
			return filepath.Join(dir, p)
		}
		if strings.HasPrefix(trick.path, "a/") || strings.HasPrefix(trick.path, "B/") {
			continue // these aim at the name of the base dir
		}
		if trick.path == "../outside" {
			trick.path = "A/../outside"
		}
		naive := under(strings.TrimPrefix(strings.TrimSuffix(trick.path, "/"), "A/"))
		a, err1 := os.Stat(naive)
		b, err2 := os.Stat(under(trick.aim))
		if trick.path == "../../../../../../etc/passwd" {
			continue // depends on the depth of the base dir
		}
		if err := errors.Join(err1, err2); err != nil || !os.SameFile(a, b) {
			t.Errorf("%q with %q does not reach %q without a guard: %v", trick.path, trick.plant, trick.aim, err)
		}
		n++
	}
	if n < 20 {
		t.Fatalf("only %d tricks were tried", n)
	}
}

// Control: each operation succeeds on what is in scope, and on what the tricks
// aim at once the scope is wide.
func TestOperationsWork(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		for _, path := range []string{"A/in/sub/deep", "A/in/privatf", "A/in/sub/../sub/./deep", "A//in/sub//deep"} {
			for _, o := range ops {
				g := newBox(t, way, map[string]string{"A": world(t)}, files.Options{}).call(worldScope...)
				if err := o.do(g, path); err != nil {
					t.Errorf("%s %q: %v", o.name, path, err)
				}
			}
		}
		for _, path := range []string{"A/out/f", "A/in/private/f", "A/in/.env", "A/in/../out/f", "A/in//private//f"} {
			for _, o := range ops {
				g := newBox(t, way, map[string]string{"A": world(t)}, files.Options{}).call("+.rw $A/**")
				if err := o.do(g, path); err != nil {
					t.Errorf("%s %q with a wide scope: %v", o.name, path, err)
				}
			}
		}
	})
}

// Each power has its own right.
func TestPowers(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		for _, o := range ops {
			g := newBox(t, way, map[string]string{"A": world(t)}, files.Options{}).call("+r $A/in/**")
			if err := o.do(g, "A/in/sub/deep"); o.writes != errors.Is(err, files.ErrAccess) {
				t.Errorf("%s with read only: %v", o.name, err)
			}
			g = newBox(t, way, map[string]string{"A": world(t)}, files.Options{}).call("+w $A/in/**")
			err := o.do(g, "A/in/sub/deep")
			if (o.name == "read" || o.name == "truncate") != errors.Is(err, files.ErrAccess) {
				t.Errorf("%s with write only: %v", o.name, err) // "truncate" also asks to read
			}
			g = newBox(t, way, map[string]string{"A": world(t)}, files.Options{}).call()
			if err := o.do(g, "A/in/sub/deep"); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s without scope: %v", o.name, err)
			}
		}
	})
}
