//go:build unix

package files_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// A rename must not be a way around a rule. Each case has a control that
// differs by the rule alone.
func TestRename(t *testing.T) {
	tree := []string{
		"a/f = f", "a/d/x = x", "a/d/e/y = y", "a/hidden/.git/c = c", "a/hidden/z = z", "a/empty/",
		"a/d2/private/s = SECRET", "a/d2/o = o", "b/", "secret/s = SECRET", "a/l -> f", "a/dl -> d",
	}
	all := "+.rw $A/**"
	for _, c := range []struct {
		name     string
		scope    []string
		from, to string
		want     error
	}{
		{"file", []string{"+rw $A/**"}, "A/a/f", "A/b/f", nil},
		{"file onto file", []string{"+rw $A/**"}, "A/a/f", "A/a/d/x", nil},
		{"file, read only", []string{"+r $A/**"}, "A/a/f", "A/b/f", files.ErrAccess},
		{"file, target out of scope", []string{"+rw $A/a/**"}, "A/a/f", "A/b/f", files.ErrAccess},
		{"file, source out of scope", []string{"+rw $A/b/**"}, "A/a/f", "A/b/f", files.ErrAccess},
		{"file, target denied", []string{"+rw $A/**", "-rw $A/b/**"}, "A/a/f", "A/b/f", files.ErrAccess},
		{"file, source denied", []string{"+rw $A/**", "-rw $A/secret/**"}, "A/secret/s", "A/b/s", files.ErrAccess},
		{"file to be read", []string{"+w $A/**", "+r $A/b/**"}, "A/secret/s", "A/b/s", files.ErrAccess},
		{"file to be read: control", []string{"+w $A/**", "+r $A/b/**", "+r $A/secret/**"}, "A/secret/s", "A/b/s", nil},
		{"file not to be read", []string{"+w $A/**", "+r $A/secret/**"}, "A/secret/s", "A/b/s", nil},
		{"file out of a denied name", []string{"+rw $A/**", "-r **/*.key"}, "A/a/f.key", "A/a/f.txt", files.ErrAccess},

		{"folder", []string{"+rw $A/**"}, "A/a/d", "A/b/d", nil},
		{"folder, covered", []string{all}, "A/a/hidden", "A/b/hidden", nil},
		{"folder with dotfiles", []string{"+rw $A/**"}, "A/a/hidden", "A/b/hidden", files.ErrCrossDevice},
		{"folder with something denied", []string{all, "-rw $A/a/d2/private/**"}, "A/a/d2", "A/b/d2", files.ErrCrossDevice},
		{"folder with something denied to read", []string{all, "-r $A/a/d2/private/**"}, "A/a/d2", "A/b/d2", files.ErrCrossDevice},
		{"folder with a denied name", []string{all, "-rw **/*.key"}, "A/a/d2", "A/b/d2", files.ErrCrossDevice},
		{"folder with something denied: control", []string{all}, "A/a/d2", "A/b/d2", nil},
		{"folder to where something is denied", []string{all, "-rw $A/b/*/x"}, "A/a/d", "A/b/d", files.ErrCrossDevice},
		{"folder denied", []string{all, "-rw $A/secret/**"}, "A/secret", "A/b/open", files.ErrAccess},
		{"folder denied: control", []string{all}, "A/secret", "A/b/open", nil},
		{"folder to be read", []string{"+.w $A/**", "+.r $A/b/**"}, "A/secret", "A/b/open", files.ErrCrossDevice},
		{"folder to be read: control", []string{"+.w $A/**", "+.r $A/b/**", "+.r $A/secret", "+.r $A/secret/**"}, "A/secret", "A/b/open", nil},
		{"folder partly in scope", []string{"+rw $A/a/d", "+rw $A/a/d/x", "+rw $A/b/**"}, "A/a/d", "A/b/d", files.ErrCrossDevice},
		{"folder partly in scope: control", []string{"+rw $A/a/d", "+rw $A/a/d/**", "+rw $A/b/**"}, "A/a/d", "A/b/d", nil},
		{"folder by single files", []string{"+rw $A/a/d", "+rw $A/a/d/x", "+rw $A/a/d/e", "+rw $A/a/d/e/y", "+rw $A/b/**"}, "A/a/d", "A/b/d", nil},
		{"empty folder", []string{"+rw $A/**"}, "A/a/empty", "A/b/e", nil},
		{"folder into itself", []string{all}, "A/a/d", "A/a/d/e/d", files.ErrInvalid},
		{"folder onto a full one", []string{all}, "A/a/d", "A/a/d2", files.ErrNotEmpty},
		{"folder onto an empty one", []string{all}, "A/a/d", "A/a/empty", nil},
		{"folder onto a file", []string{all}, "A/a/d", "A/a/f", files.ErrNotDir},
		{"file onto a folder", []string{all}, "A/a/f", "A/a/d", files.ErrIsDir},

		{"link", []string{all}, "A/a/l", "A/b/l", files.ErrAccess},
		{"link to a folder", []string{all}, "A/a/dl", "A/b/l", files.ErrAccess},
		{"through a link", []string{all}, "A/a/dl/x", "A/b/x", files.ErrLink},
		{"to behind a link", []string{all}, "A/a/f", "A/a/dl/f", files.ErrLink},
		{"missing", []string{all}, "A/a/none", "A/b/x", files.ErrNotExist},
		{"target folder missing", []string{all}, "A/a/f", "A/none/x", files.ErrNotExist},
		{"file with a slash", []string{all}, "A/a/f/", "A/b/f", files.ErrNotDir},
		{"file to a slash", []string{all}, "A/a/f", "A/b/f/", files.ErrNotDir},
		{"base dir", []string{all, "+rw $A"}, "A", "A/b/x", files.ErrAccess},
		{"root", []string{all}, ".", "A/b/x", files.ErrAccess},
		{"to root", []string{all}, "A/a/f", "B", files.ErrAccess},
	} {
		everyWay(t, func(t *testing.T, way files.Resolver) {
			dir := t.TempDir()
			plant(t, dir, tree...)
			plant(t, dir, "a/f.key = SECRET")
			g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call(c.scope...)
			before := snapshot(t, dir)
			err := g.Rename(files.RootFD, c.from, files.RootFD, c.to)
			if way == files.ResolverRoot && err != nil && strings.Contains(c.name, " onto ") {
				return // os.Root answers in its own way, and replaces no folder
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%s: got %v, want %v", c.name, err, c.want)
			}
			if after := snapshot(t, dir); (c.want == nil) == (fmt.Sprint(before) == fmt.Sprint(after)) {
				t.Errorf("%s: changed something: %v", c.name, c.want == nil)
			}
		})
	}
}

// A folder is moved between base dirs by the same rules, a base dir below
// another one stays where it is, and is not removed.
func TestRenameBetweenBases(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "home/doc/f = f", "home/app/data/x = x", "home/app/data/deep/y = y")
		b := newBox(t, way, map[string]string{"HOME": dir + "/home", "DATA": dir + "/home/app/data"}, files.Options{})
		g := b.call("+.rw $HOME/**")
		for _, from := range []string{"HOME/app/data", "HOME/app", "DATA"} {
			if err := g.Rename(files.RootFD, from, files.RootFD, "HOME/other"); !errors.Is(err, files.ErrAccess) {
				t.Errorf("rename %s: %v", from, err)
			}
		}
		if err := g.Rename(files.RootFD, "HOME/doc", files.RootFD, "HOME/other"); err != nil {
			t.Errorf("control: %v", err)
		}
		err := g.Rename(files.RootFD, "HOME/other/f", files.RootFD, "DATA/f")
		if way == files.ResolverRoot { // os.Root cannot, so programs copy
			if !errors.Is(err, files.ErrCrossDevice) {
				t.Errorf("between base dirs: %v", err)
			}
		} else if err != nil {
			t.Errorf("between base dirs: %v", err)
		}
		must(t, os.RemoveAll(dir+"/home/app/data"))
		must(t, os.Mkdir(dir+"/home/app/data", 0o755))
		if err := b.call("+.rw $HOME/**").Rmdir(files.RootFD, "HOME/app/data"); !errors.Is(err, files.ErrAccess) {
			t.Errorf("remove a base dir: %v", err)
		}
		must(t, os.Mkdir(dir+"/home/app/data2", 0o755))
		if err := b.call("+.rw $HOME/**").Rmdir(files.RootFD, "HOME/app/data2"); err != nil {
			t.Errorf("control: %v", err)
		}
	})
}

// A folder with too many names to look at is not moved when looking is needed.
// A deep folder costs neither time nor descriptors of the host.
func TestRenameDeep(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		must(t, os.MkdirAll(dir+strings.Repeat("/d", files.MaxScanDepth+1), 0o755))
		b := newBox(t, way, map[string]string{"A": dir}, files.Options{})
		folders, last := 0, 0
		g := b.callWith(files.Config{Charge: func(int) error { folders++; last = lowestFree(t); return nil }}, "+rw $A/**")
		before := lowestFree(t)
		if err := g.Rename(files.RootFD, "A/d", files.RootFD, "A/e"); !errors.Is(err, files.ErrCrossDevice) {
			t.Error(err)
		}
		if folders != files.MaxScanDepth || last > before+32 {
			t.Errorf("looked at %d folders, with descriptors up to %d from %d", folders, last, before)
		}
		if err := g.Rename(files.RootFD, "A/d/d", files.RootFD, "A/e"); err != nil {
			t.Errorf("control: %v", err)
		}
	})
}

// lowestFree is the lowest descriptor that is not in use.
func lowestFree(t testing.TB) int {
	t.Helper()
	fd, err := unix.Dup(1)
	must(t, err)
	must(t, unix.Close(fd))
	return fd
}

func TestRenameBounded(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Mkdir(dir+"/d", 0o755))
	for i := range files.MaxScan + 1 {
		f, err := os.Create(fmt.Sprintf("%s/d/%d", dir, i))
		must(t, err)
		must(t, f.Close())
	}
	b := newBox(t, "", map[string]string{"A": dir}, files.Options{})
	units := 0
	g := b.callWith(files.Config{Charge: func(n int) error { units += n; return nil }}, "+rw $A/**")
	if err := g.Rename(files.RootFD, "A/d", files.RootFD, "A/e"); !errors.Is(err, files.ErrCrossDevice) {
		t.Error(err)
	}
	if units < files.MaxScan/32 {
		t.Errorf("charged %d units", units)
	}
	stop := errors.New("stop")
	g = b.callWith(files.Config{Charge: func(int) error { return stop }}, "+rw $A/**")
	if err := g.Rename(files.RootFD, "A/d", files.RootFD, "A/e"); !errors.Is(err, stop) {
		t.Error(err)
	}
	if err := b.call("+.rw $A/**").Rename(files.RootFD, "A/d", files.RootFD, "A/e"); err != nil {
		t.Errorf("control: %v", err)
	}
}
