//go:build unix

package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "file = f", "loop -> loop")
	for name, dirs := range map[string]map[string]string{
		"missing":          {"A": dir + "/none"},
		"no folder":        {"A": dir + "/file"},
		"relative":         {"A": "data"},
		"empty":            {"A": ""},
		"loop":             {"A": dir + "/loop"},
		"root":             {"A": "/"},
		"root by dots":     {"A": "/tmp/.."},
		"lower case":       {"a": dir},
		"slash in a name":  {"A/B": dir},
		"dots for a name":  {"..": dir},
		"no name":          {"": dir},
		"pattern in name":  {"A*": dir},
		"one good one bad": {"A": dir, "B": dir + "/none"},
	} {
		if b, err := files.Open(dirs, files.Options{}); err == nil {
			t.Errorf("%s: opened %v", name, b.Names())
		}
	}
	b, err := files.Open(map[string]string{"NEW": dir + "/new/deep"}, files.Options{Create: []string{"NEW"}})
	must(t, err)
	must(t, b.Close())
	if fi, err := os.Stat(dir + "/new/deep"); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("made with %v, %v", fi.Mode(), err)
	}
}

// A base dir may be a link. It is resolved when it is declared, and not again.
func TestBaseIsLink(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "v1/f = one", "v2/f = two", "current -> v1")
		b := newBox(t, way, map[string]string{"A": dir + "/current"}, files.Options{})
		if text, err := b.call("+r $A/**").read("A/f"); err != nil || text != "one" {
			t.Fatal(text, err)
		}
		must(t, os.Remove(dir+"/current"))
		must(t, os.Symlink("v2", dir+"/current"))
		if text, err := b.call("+r $A/**").read("A/f"); err != nil || text != "one" {
			t.Errorf("after the link changed: %q, %v", text, err)
		}
	})
}

// A folder that is made for a module is no link to another one.
func TestWithLink(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(dir+"/outside", 0o700))
	must(t, os.Mkdir(dir+"/m", 0o700))
	if err := os.Symlink(dir+"/outside", dir+"/m/one"); err != nil {
		t.Skip(err)
	}
	shared, err := files.Open(nil, files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer shared.Close()
	if b, err := shared.With("MODULE", dir+"/m/one", true); err == nil {
		t.Error("a link was taken", b.Close())
	}
	b, err := shared.With("MODULE", dir+"/m/two", true) // control
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestWith(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "app/f = app", "m/")
	shared, err := files.Open(map[string]string{"APP": dir + "/app"}, files.Options{})
	must(t, err)
	one, err := shared.With("MODULE", dir+"/m/one", true)
	must(t, err)
	two, err := shared.With("MODULE", dir+"/m/two", true)
	must(t, err)
	if _, err := shared.With("MODULE", dir+"/m/three", false); err == nil {
		t.Error("a missing dir was opened")
	}
	g1, g2 := (&box{t, one}).call("+rw $MODULE/**", "+r $APP/**"), (&box{t, two}).call("+rw $MODULE/**", "+r $APP/**")
	must(t, g1.write("MODULE/x", "one"))
	if _, err := g2.read("MODULE/x"); !errors.Is(err, files.ErrNotExist) {
		t.Errorf("the other module's: %v", err)
	}
	if _, err := shared.Scope(rules(t, "+r $MODULE/**")); err == nil {
		t.Error("the shared bases have a MODULE")
	}
	// Closing in any order: what is in use goes on.
	must(t, shared.Close())
	must(t, one.Close())
	if text, err := g1.read("APP/f"); err != nil || text != "app" {
		t.Errorf("a running call lost its files: %q, %v", text, err)
	}
	must(t, g1.Close())
	if _, err := g2.read("APP/f"); err != nil {
		t.Errorf("the other module lost its files: %v", err)
	}
	must(t, g2.Close())
	must(t, two.Close())
	if _, err := shared.With("X", dir, false); err == nil {
		t.Error("With on closed bases")
	}
}

// A table of closed bases reaches nothing, as the nil one and one without a
// scope.
func TestPowerless(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "f = f")
	b, err := files.Open(map[string]string{"A": dir}, files.Options{})
	must(t, err)
	s, err := b.Scope(rules(t, "+.rw $A/**"))
	must(t, err)
	must(t, b.Close())
	must(t, b.Close())
	for name, table := range map[string]*files.Table{
		"closed": files.NewTable(s, files.Config{}), "no scope": files.NewTable(nil, files.Config{}), "nil": nil,
	} {
		g := guest{table}
		want := files.ErrAccess
		if table == nil {
			want = files.ErrBadFile
		}
		for _, o := range ops {
			if err := o.do(g, "A/f"); !errors.Is(err, want) {
				t.Errorf("%s: %s: %v", name, o.name, err)
			}
			if err := o.do(g, "."); !errors.Is(err, want) {
				t.Errorf("%s: %s of the root: %v", name, o.name, err)
			}
		}
		if table != nil {
			if _, err := g.File(files.RootFD).List(0, 1); !errors.Is(err, files.ErrAccess) {
				t.Errorf("%s: list: %v", name, err)
			}
			if _, err := g.File(files.RootFD).List(7, 1); err != nil && !errors.Is(err, files.ErrAccess) {
				t.Errorf("%s: list: %v", name, err)
			}
		}
		must(t, g.Close())
		must(t, g.Close())
		if g.Next() != files.RootFD+1 {
			t.Errorf("%s: next is %d", name, g.Next())
		}
	}
}

// Opening, deriving and closing at once is sound.
func TestBasesConcurrent(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "f = f")
	for range 20 {
		b, err := files.Open(map[string]string{"A": dir}, files.Options{})
		must(t, err)
		s, err := b.Scope(rules(t, "+r $A/**"))
		must(t, err)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				g := guest{files.NewTable(s, files.Config{})}
				if text, err := g.read("A/f"); err == nil && text != "f" || err != nil && !errors.Is(err, files.ErrAccess) {
					t.Error(text, err)
				}
				if d, err := b.With("M", dir, false); err == nil {
					if err := d.Close(); err != nil {
						t.Error(err)
					}
				}
				if err := g.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	}
}

func TestFoldsName(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("temporary folders may fold here")
	}
	dir := t.TempDir()
	plant(t, dir, "a = x", "B = x", "b = y", "1 = x", "same = x")
	must(t, os.Link(dir+"/same", dir+"/SAME"))
	for name, want := range map[string][2]bool{
		"a": {false, true}, "B": {false, true}, "1": {false, false}, "same": {false, false}, "none": {false, false},
	} {
		if folds, sure := files.FoldsName(dir, name); folds != want[0] || sure != want[1] {
			t.Errorf("%s: %v %v", name, folds, sure)
		}
	}
}

func TestWindowsReads(t *testing.T) {
	for _, name := range []string{
		"CON", "con", "NUL.txt", "nul .txt", "COM1", "com1.log", "COM¹", "LPT³.x", "AUX", "CONIN$", "a.", "a ", "a..", ". ",
		"a::$DATA", "C:x", `a\b`, `\\?\x`, "a*", "a?", "a|b", "a\x01", "PROGRA~1", "X~2.TXT", `a"b`, "a<b",
	} {
		if !files.WindowsReads(name) {
			t.Errorf("%q passes", name)
		}
	}
	for _, name := range []string{"a", "a.b", ".a", "CONSOLE", "COM", "COM10", "COMX", "LPT", "nul-x", "a~b", "~", "backup~", "a b", "ä"} {
		if files.WindowsReads(name) {
			t.Errorf("%q is refused", name)
		}
	}
}

// No text of an error tells a path of the host.
func TestErrorsTellNoPath(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := world(t)
		for _, trick := range tricks {
			for _, o := range ops {
				err := o.do(newBox(t, way, map[string]string{"A": dir}, files.Options{}).call(worldScope...), trick.path)
				if err != nil && (strings.Contains(err.Error(), filepath.Base(dir)) || strings.Contains(err.Error(), "/")) && !errors.Is(err, files.ErrIO) {
					t.Errorf("%s %.40q: %v", o.name, trick.path, err)
				}
			}
		}
	})
}
