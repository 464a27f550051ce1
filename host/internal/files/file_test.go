//go:build unix

package files_test

import (
	"errors"
	"io"
	"math"
	"os"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

func TestFile(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/**")
		fd, err := g.Open(files.RootFD, "A/f", files.OpenFlags{Read: true, Write: true, Create: true, Exclusive: true, Sync: true})
		must(t, err)
		f := g.File(fd)
		write := func(s string) {
			t.Helper()
			if n, err := f.Write([]byte(s)); n != len(s) || err != nil {
				t.Fatal(n, err)
			}
		}
		write("0123456789")
		if n, err := f.WriteAt([]byte("AB"), 4); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		write("x") // WriteAt did not move the position
		for _, s := range []struct {
			off    int64
			whence int
			want   int64
			err    error
		}{
			{0, io.SeekCurrent, 11, nil}, {-3, io.SeekEnd, 8, nil}, {2, io.SeekCurrent, 10, nil}, {4, io.SeekStart, 4, nil},
			{-1, io.SeekStart, 0, files.ErrInvalid}, {math.MaxInt64, io.SeekCurrent, 0, files.ErrInvalid}, {math.MinInt64, io.SeekEnd, 0, files.ErrInvalid},
			{0, 3, 0, files.ErrInvalid}, {0, -1, 0, files.ErrInvalid},
		} {
			if got, err := f.Seek(s.off, s.whence); got != s.want || !errors.Is(err, s.err) {
				t.Errorf("seek %+v: %d, %v", s, got, err)
			}
		}
		b := make([]byte, 4)
		if n, err := f.Read(b); n != 4 || err != nil || string(b) != "AB67" {
			t.Errorf("read %q, %v", b[:n], err)
		}
		if n, err := f.ReadAt(b, 9); n != 2 || err != nil || string(b[:n]) != "9x" {
			t.Errorf("read %q, %v", b[:n], err)
		}
		if _, err := f.ReadAt(b, 11); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		if _, err := f.ReadAt(b, -1); !errors.Is(err, files.ErrInvalid) {
			t.Error(err)
		}
		if _, err := f.WriteAt(b, math.MaxInt64); !errors.Is(err, files.ErrTooBig) {
			t.Error(err)
		}
		must(t, errors.Join(f.Truncate(3), f.Sync()))
		if err := f.Truncate(-1); !errors.Is(err, files.ErrInvalid) {
			t.Error(err)
		}
		in, err := f.Stat()
		if err != nil || in.Size != 3 || in.Type != files.TypeFile || in.Links != 1 {
			t.Error(in, err)
		}
		must(t, g.CloseFile(fd))
		if err := g.CloseFile(fd); !errors.Is(err, files.ErrBadFile) {
			t.Errorf("closed twice: %v", err)
		}
		if g.File(fd) != nil || g.File(-1) != nil || g.File(math.MaxInt32) != nil {
			t.Error("a closed file is open")
		}
		if err := g.CloseFile(files.RootFD); !errors.Is(err, files.ErrBadFile) {
			t.Errorf("the root was closed: %v", err)
		}
		if fi, err := os.Stat(dir + "/f"); err != nil || fi.Mode() != 0o600 {
			t.Errorf("made with %v, %v", fi.Mode(), err)
		}
	})
}

func TestAppend(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "log = start.")
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/**")
		fd, err := g.Open(files.RootFD, "A/log", files.OpenFlags{Read: true, Write: true, Append: true})
		must(t, err)
		f := g.File(fd)
		for _, s := range []string{"one.", "two."} {
			_, err := f.Seek(0, io.SeekStart)
			must(t, err)
			if _, err := f.Write([]byte(s)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.WriteAt([]byte("three."), 2); err != nil {
			t.Fatal(err)
		}
		if text, err := g.read("A/log"); text != "start.one.two.three." || err != nil {
			t.Errorf("%q, %v", text, err)
		}
	})
}

// A descriptor can do what it was opened for, whatever the scope allows.
func TestDescriptorRights(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "f = text", "d/x = x")
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/**")
		open := func(path string, o files.OpenFlags) *files.File {
			fd, err := g.Open(files.RootFD, path, o)
			must(t, err)
			return g.File(fd)
		}
		b := make([]byte, 1)
		for name, c := range map[string]struct {
			f           *files.File
			read, write error
		}{
			"read":      {open("A/f", files.OpenFlags{Read: true}), nil, files.ErrBadFile},
			"write":     {open("A/f", files.OpenFlags{Write: true}), files.ErrBadFile, nil},
			"neither":   {open("A/f", files.OpenFlags{}), files.ErrBadFile, files.ErrBadFile},
			"truncated": {open("A/new", files.OpenFlags{Create: true, Truncate: true}), files.ErrBadFile, files.ErrBadFile},
			"folder":    {open("A/d", files.OpenFlags{Read: true}), files.ErrIsDir, files.ErrIsDir},
			"root":      {g.File(files.RootFD), files.ErrIsDir, files.ErrIsDir},
		} {
			if _, err := c.f.ReadAt(b, 0); !errors.Is(err, c.read) {
				t.Errorf("%s: read: %v", name, err)
			}
			for what, err := range map[string]error{"write": second(c.f.WriteAt([]byte("y"), 0)), "truncate": c.f.Truncate(1), "append": second(c.f.Write([]byte("y")))} {
				if !errors.Is(err, c.write) {
					t.Errorf("%s: %s: %v", name, what, err)
				}
			}
			if _, err := c.f.List(0, 1); errors.Is(err, files.ErrNotDir) == c.f.Folder() {
				t.Errorf("%s: list: %v", name, err)
			}
		}
	})
}

func second(_ int, err error) error { return err }

func TestOpenFlags(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		for _, c := range []struct {
			path string
			o    files.OpenFlags
			want error
		}{
			{"A/f", files.OpenFlags{Read: true}, nil},
			{"A/f", files.OpenFlags{Read: true, Folder: true}, files.ErrNotDir},
			{"A/f", files.OpenFlags{Write: true, Create: true}, nil},
			{"A/f", files.OpenFlags{Write: true, Create: true, Exclusive: true}, files.ErrExist},
			{"A/l", files.OpenFlags{Write: true, Create: true, Exclusive: true}, files.ErrExist},
			{"A/l", files.OpenFlags{Write: true, Create: true}, files.ErrLink},
			{"A/dangling", files.OpenFlags{Write: true, Create: true}, files.ErrLink},
			{"A/dangling", files.OpenFlags{Write: true, Create: true, Exclusive: true}, files.ErrExist},
			{"A/none", files.OpenFlags{Read: true}, files.ErrNotExist},
			{"A/none", files.OpenFlags{Write: true}, files.ErrNotExist},
			{"A/none/x", files.OpenFlags{Write: true, Create: true}, files.ErrNotExist},
			{"A/f/x", files.OpenFlags{Write: true, Create: true}, files.ErrNotDir},
			{"A/new", files.OpenFlags{Write: true, Create: true, Exclusive: true}, nil},
			{"A/new2", files.OpenFlags{Read: true, Create: true}, nil},
			{"A/new3/", files.OpenFlags{Write: true, Create: true}, files.ErrIsDir},
			{"A/new4", files.OpenFlags{Write: true, Create: true, Folder: true}, files.ErrInvalid},
			{"A/f", files.OpenFlags{Read: true, Create: true, Folder: true}, files.ErrInvalid},
			{"A/d", files.OpenFlags{Read: true}, nil},
			{"A/d/", files.OpenFlags{Read: true}, nil},
			{"A/d", files.OpenFlags{Read: true, Folder: true}, nil},
			{"A/d", files.OpenFlags{Write: true}, files.ErrIsDir},
			{"A/d", files.OpenFlags{Read: true, Write: true}, files.ErrIsDir},
			{"A/d", files.OpenFlags{Read: true, Create: true}, files.ErrIsDir},
			{"A/d", files.OpenFlags{Read: true, Truncate: true}, files.ErrIsDir},
			{"A", files.OpenFlags{Read: true}, nil},
			{"A", files.OpenFlags{Write: true}, files.ErrAccess},
			{".", files.OpenFlags{Read: true}, nil},
			{".", files.OpenFlags{Write: true}, files.ErrIsDir},
			{"", files.OpenFlags{Read: true}, files.ErrInvalid},
		} {
			dir := t.TempDir()
			plant(t, dir, "f = text", "d/", "l -> f", "dangling -> nowhere")
			g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/**")
			if fd, err := g.Open(files.RootFD, c.path, c.o); !errors.Is(err, c.want) || err == nil && fd <= files.RootFD {
				t.Errorf("%q %+v: %v, want %v", c.path, c.o, err, c.want)
			}
			if open, _, _ := g.Usage(); (open == 1) != (c.want == nil) {
				t.Errorf("%q %+v: %d files open", c.path, c.o, open)
			}
			if _, err := os.Lstat(dir + "/new4"); err == nil {
				t.Errorf("%q %+v: a file was made", c.path, c.o)
			}
		}
	})
}

func TestFolders(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "f = text", "full/x = x", "l -> full")
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/**")
		for _, c := range []struct {
			what string
			err  error
			want error
		}{
			{"mkdir", g.Mkdir(files.RootFD, "A/d"), nil},
			{"mkdir again", g.Mkdir(files.RootFD, "A/d"), files.ErrExist},
			{"mkdir on a file", g.Mkdir(files.RootFD, "A/f"), files.ErrExist},
			{"mkdir on a link", g.Mkdir(files.RootFD, "A/l"), files.ErrExist},
			{"mkdir behind a link", g.Mkdir(files.RootFD, "A/l/d"), files.ErrLink},
			{"mkdir with a slash", g.Mkdir(files.RootFD, "A/e/"), nil},
			{"mkdir of a base dir", g.Mkdir(files.RootFD, "A"), files.ErrAccess},
			{"mkdir of another base dir", g.Mkdir(files.RootFD, "B"), files.ErrAccess},
			{"rmdir", g.Rmdir(files.RootFD, "A/d"), nil},
			{"rmdir with a slash", g.Rmdir(files.RootFD, "A/e/"), nil},
			{"rmdir again", g.Rmdir(files.RootFD, "A/d"), files.ErrNotExist},
			{"rmdir of a file", g.Rmdir(files.RootFD, "A/f"), files.ErrNotDir},
			{"rmdir of a link", g.Rmdir(files.RootFD, "A/l"), files.ErrNotDir},
			{"rmdir of a full one", g.Rmdir(files.RootFD, "A/full"), files.ErrNotEmpty},
			{"rmdir of a base dir", g.Rmdir(files.RootFD, "A"), files.ErrAccess},
			{"remove a folder", g.Remove(files.RootFD, "A/full"), files.ErrIsDir},
			{"remove a file with a slash", g.Remove(files.RootFD, "A/f/"), files.ErrNotDir},
			{"remove the root", g.Remove(files.RootFD, "."), files.ErrAccess},
			{"remove a link", g.Remove(files.RootFD, "A/l"), nil},
			{"chtimes of a folder", g.Chtimes(files.RootFD, "A/full", files.Times{Accessed: files.Time{Now: true}}), nil},
			{"at a file", func() error {
				fd, err := g.Open(files.RootFD, "A/f", files.OpenFlags{Read: true})
				must(t, err)
				return g.Mkdir(fd, "x")
			}(), files.ErrNotDir},
			{"at nothing", g.Mkdir(99, "x"), files.ErrBadFile},
		} {
			if !errors.Is(c.err, c.want) {
				t.Errorf("%s: %v, want %v", c.what, c.err, c.want)
			}
		}
		if b, err := os.ReadFile(dir + "/full/x"); err != nil || string(b) != "x" {
			t.Errorf("removing a link removed what it points to: %v", err)
		}
	})
}

func TestChtimes(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "f = text")
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/**")
		const then = 1e18 + 5
		must(t, g.Chtimes(files.RootFD, "A/f", files.Times{Modified: files.Time{Set: true, Nano: then}}))
		in, err := g.Stat(files.RootFD, "A/f", true)
		if err != nil || in.Modified != then || way != files.ResolverRoot && in.Accessed == then {
			t.Errorf("%+v, %v", in, err)
		}
		must(t, g.Chtimes(files.RootFD, "A/f", files.Times{Modified: files.Time{Now: true}}))
		if in, err := g.Stat(files.RootFD, "A/f", true); err != nil || in.Modified <= then {
			t.Errorf("%+v, %v", in, err)
		}
	})
}
