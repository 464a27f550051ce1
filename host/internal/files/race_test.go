//go:build linux

package files_test

import (
	"errors"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// races is how often a path is opened while it changes, at least.
const races = 8_000

// swapper exchanges two names until it is stopped.
func swapper(t *testing.T, a, b string) (stop func()) {
	t.Helper()
	done, stopped := make(chan struct{}), sync.WaitGroup{}
	stopped.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE); err != nil {
				t.Error(err)
				return
			}
		}
	})
	return func() { close(done); stopped.Wait() }
}

// Another process swaps a folder or file for a link to something denied while
// it is opened, written, looked at or made in.
func TestRace(t *testing.T) {
	for _, c := range []struct{ name, path, swap, link, out string }{
		{"folder", "A/in/d/f", "in/d", "in/link -> ../out", "out"},
		{"file", "A/in/d/f", "in/d/f", "in/link -> ../out/f", "out"},
		{"deep folder", "A/in/d/e/f", "in/d/e", "in/link -> ../../out", "out"},
		{"denied below allowed", "A/in/d/f", "in/d", "in/link -> private", "in/private"},
		{"by another variable", "B/d/f", "in/d", "in/link -> private", "in/private"},
	} {
		everyWay(t, func(t *testing.T, way files.Resolver) {
			t.Run(c.name, func(t *testing.T) { race(t, way, c.path, c.swap, c.link, c.out) })
		})
	}
}

func race(t *testing.T, way files.Resolver, path, swap, link, out string) {
	dir := t.TempDir()
	plant(t, dir, "in/d/f = public", "in/d/e/f = public", out+"/f = SECRET", link)
	// The deny is by one variable, and holds for both.
	g := newBox(t, way, map[string]string{"A": dir, "B": dir + "/in"}, files.Options{}).call("+rw $A/in/**", "+rw $B/**", "-rw $A/in/private/**")
	stop := swapper(t, dir+"/"+swap, dir+"/in/link")
	defer stop()
	good, refused := 0, 0
	for i := range 20 * races {
		if i >= races && good > 0 && refused > 0 {
			break
		}
		text, err := g.read(path)
		switch {
		case err == nil && text != "public" && text != "written":
			t.Fatalf("read %q", text)
		case err == nil:
			good++
		case errors.Is(err, files.ErrLink), errors.Is(err, files.ErrNotExist), errors.Is(err, files.ErrNotDir):
			refused++
		default:
			t.Fatalf("unexpected: %v", err)
		}
		if i%8 == 0 { // in between, all that writes
			_ = g.put(path, "written", files.OpenFlags{Write: true})
			_ = g.Chtimes(files.RootFD, path, files.Times{Modified: files.Time{Set: true, Nano: 1}})
			_ = g.Mkdir(files.RootFD, path+"x")
			_ = g.write(path+"y", "new")
			_ = g.Remove(files.RootFD, path+"y")
		}
	}
	t.Logf("%d opened, %d refused", good, refused)
	if good == 0 || refused == 0 {
		t.Error("the race was never tried")
	}
	b, err := os.ReadFile(dir + "/" + out + "/f")
	fi, err2 := os.Stat(dir + "/" + out + "/f")
	names, err3 := os.ReadDir(dir + "/" + out)
	must(t, errors.Join(err, err2, err3))
	if string(b) != "SECRET" || fi.ModTime().UnixNano() == 1 || len(names) != 1 {
		t.Errorf("wrote outside: %q, %v, %v", b, fi.ModTime(), names)
	}
}

// Control: to look first and then open does leak.
func TestRaceLeaksWithoutGuard(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "in/d/f = public", "out/f = SECRET", "in/link -> ../out")
	stop := swapper(t, dir+"/in/d", dir+"/in/link")
	defer stop()
	for range 200 * races {
		if fi, err := os.Lstat(dir + "/in/d"); err != nil || fi.Mode()&os.ModeSymlink != 0 {
			continue
		}
		if b, err := os.ReadFile(dir + "/in/d/f"); err == nil && string(b) == "SECRET" {
			return
		}
	}
	t.Skip("the race was never won on this machine")
}

// Links made while a call runs: before, the same paths work.
func TestLinkDuringCall(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "in/d/f = public", "in/d/keep/", "out/f = SECRET")
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/in/**")
		if text, err := g.read("A/in/d/f"); err != nil || text != "public" {
			t.Fatal(text, err)
		}
		fd, err := g.Open(files.RootFD, "A/in/d", files.OpenFlags{Read: true})
		must(t, err)
		must(t, os.Rename(dir+"/in/d", dir+"/in/was"))
		must(t, os.Symlink("../out", dir+"/in/d"))
		if _, err := g.read("A/in/d/f"); !errors.Is(err, files.ErrLink) {
			t.Errorf("through a new link: %v", err)
		}
		// An open folder means its path, not what the folder has become.
		if _, err := g.Open(fd, "f", files.OpenFlags{Read: true}); !errors.Is(err, files.ErrLink) {
			t.Errorf("through an open folder: %v", err)
		}
		if err := g.write("A/in/d/g", "x"); !errors.Is(err, files.ErrLink) {
			t.Errorf("made through a link: %v", err)
		}
		if _, err := g.read("A/in/was/f"); err != nil {
			t.Errorf("control: %v", err)
		}
	})
}

// Where openat2 fails, names are walked.
func TestFallback(t *testing.T) {
	if way := files.BestOf(-1); way != files.ResolverWalk {
		t.Errorf("%s without openat2", way)
	}
}
