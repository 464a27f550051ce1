//go:build unix

package files_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/host/internal/files"
)

// everyWay runs a test for each way to reach a file that this system has.
func everyWay(t *testing.T, f func(t *testing.T, way files.Resolver)) {
	t.Helper()
	ran := 0
	for _, way := range []files.Resolver{files.ResolverOpenat2, files.ResolverWalk, files.ResolverRoot} {
		b, err := files.OpenWith(way, map[string]string{"A": t.TempDir()}, files.Options{})
		if err != nil {
			t.Fatal(err)
		}
		has := b.Resolver("A") == way
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if !has {
			continue // an old kernel, or another system
		}
		ran++
		t.Run(string(way), func(t *testing.T) { f(t, way) })
	}
	if ran < 2 {
		t.Fatalf("only %d ways were tested", ran)
	}
}

// plant makes files: "a/b = text", "a/b/" (a folder), "a/b -> target" (a link).
func plant(t testing.TB, dir string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		name, text, isFile := strings.Cut(line, " = ")
		link, target, isLink := strings.Cut(line, " -> ")
		var err error
		switch {
		case isLink:
			at := filepath.Join(dir, link)
			must(t, os.MkdirAll(filepath.Dir(at), 0o755))
			err = os.Symlink(target, at)
		case isFile:
			at := filepath.Join(dir, name)
			must(t, os.MkdirAll(filepath.Dir(at), 0o755))
			err = os.WriteFile(at, []byte(text), 0o644)
		default:
			err = os.MkdirAll(filepath.Join(dir, line), 0o755)
		}
		must(t, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// box is base dirs of a test.
type box struct {
	t     testing.TB
	bases *files.Bases
}

func newBox(t testing.TB, way files.Resolver, dirs map[string]string, o files.Options) *box {
	t.Helper()
	b, err := files.OpenWith(way, dirs, o)
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	return &box{t, b}
}

// scope reads rules: "+r $A/**" allows reading, "-rw $A/x" denies both; "." in
// the flags is dotfiles = true.
func (b *box) scope(lines ...string) *files.Scope {
	b.t.Helper()
	s, err := b.bases.Scope(rules(b.t, lines...))
	must(b.t, err)
	return s
}

func rules(t testing.TB, lines ...string) files.Rules {
	t.Helper()
	var r files.Rules
	for _, line := range lines {
		flags, text, _ := strings.Cut(line, " ")
		p, err := pattern.ParsePath(text)
		must(t, err)
		rule := files.Rule{Pattern: p, Dotfiles: strings.Contains(flags, ".")}
		for _, f := range flags[1:] {
			switch string(flags[0]) + string(f) {
			case "+r":
				r.ReadAllow = append(r.ReadAllow, rule)
			case "+w":
				r.WriteAllow = append(r.WriteAllow, rule)
			case "-r":
				r.ReadDeny = append(r.ReadDeny, rule)
			case "-w":
				r.WriteDeny = append(r.WriteDeny, rule)
			}
		}
	}
	return r
}

// call starts a call with such a scope.
func (b *box) call(lines ...string) guest {
	b.t.Helper()
	return b.callWith(files.Config{}, lines...)
}

func (b *box) callWith(c files.Config, lines ...string) guest {
	b.t.Helper()
	t := files.NewTable(b.scope(lines...), c)
	b.t.Cleanup(func() { must(b.t, t.Close()) })
	return guest{t}
}

// guest does what guests do, by paths from the root.
type guest struct{ *files.Table }

func (g guest) read(path string) (string, error) {
	fd, err := g.Open(files.RootFD, path, files.OpenFlags{Read: true})
	if err != nil {
		return "", err
	}
	defer g.CloseFile(fd)
	b, err := io.ReadAll(g.File(fd))
	return string(b), err
}

func (g guest) write(path, text string) error {
	return g.put(path, text, files.OpenFlags{Write: true, Create: true, Truncate: true})
}

func (g guest) put(path, text string, o files.OpenFlags) error {
	fd, err := g.Open(files.RootFD, path, o)
	if err != nil {
		return err
	}
	_, err = g.File(fd).Write([]byte(text))
	return errors.Join(err, g.CloseFile(fd))
}

func (g guest) open(path string) error {
	fd, err := g.Open(files.RootFD, path, files.OpenFlags{Read: true})
	if err == nil {
		err = g.CloseFile(fd)
	}
	return err
}

func (g guest) list(path string) ([]string, error) {
	fd, err := g.Open(files.RootFD, path, files.OpenFlags{Read: true, Folder: true})
	if err != nil {
		return nil, err
	}
	defer g.CloseFile(fd)
	var names []string
	for {
		l, err := g.File(fd).List(uint64(len(names)), 3)
		if err != nil || len(l) == 0 {
			return names, err
		}
		for _, e := range l {
			names = append(names, e.Name)
		}
	}
}

// walk lists all paths below a folder.
func (g guest) walk(path string) (all []string) {
	names, err := g.list(path)
	if err != nil {
		return []string{path + ": " + err.Error()}
	}
	for _, n := range names {
		n = strings.TrimPrefix(path+"/"+n, "./")
		in, err := g.Stat(files.RootFD, n, false)
		switch {
		case err != nil:
			all = append(all, n+": "+err.Error())
		case in.Type == files.TypeDir:
			all = append(append(all, n+"/"), g.walk(n)...)
		case in.Type == files.TypeLink:
			all = append(all, n+"@")
		default:
			all = append(all, n)
		}
	}
	return all
}

// op is one way to touch a path, and whether it writes.
type op struct {
	name   string
	writes bool
	do     func(g guest, path string) error
}

// ops are all ways to touch a path that exists.
var ops = []op{
	{"read", false, func(g guest, p string) error { _, err := g.read(p); return err }},
	{"open", false, func(g guest, p string) error {
		fd, err := g.Open(files.RootFD, p, files.OpenFlags{})
		return errors.Join(err, closed(g, fd, err))
	}},
	{"stat", false, func(g guest, p string) error { _, err := g.Stat(files.RootFD, p, true); return err }},
	{"lstat", false, func(g guest, p string) error { _, err := g.Stat(files.RootFD, p, false); return err }},
	{"overwrite", true, func(g guest, p string) error { return g.put(p, "hacked", files.OpenFlags{Write: true}) }},
	{"create", true, func(g guest, p string) error { return g.write(p, "hacked") }},
	{"append", true, func(g guest, p string) error { return g.put(p, "hacked", files.OpenFlags{Write: true, Append: true}) }},
	{"truncate", true, func(g guest, p string) error {
		fd, err := g.Open(files.RootFD, p, files.OpenFlags{Read: true, Truncate: true})
		return errors.Join(err, closed(g, fd, err))
	}},
	{"chtimes", true, func(g guest, p string) error {
		return g.Chtimes(files.RootFD, p, files.Times{Modified: files.Time{Set: true, Nano: 1e9}})
	}},
	{"rename from", true, func(g guest, p string) error { return g.Rename(files.RootFD, p, files.RootFD, "A/in/moved") }},
	{"rename onto", true, func(g guest, p string) error { return g.Rename(files.RootFD, "A/in/mine", files.RootFD, p) }},
	{"remove", true, func(g guest, p string) error { return g.Remove(files.RootFD, p) }},
}

func closed(g guest, fd int32, err error) error {
	if err != nil {
		return nil
	}
	return g.CloseFile(fd)
}

// snapshot is all that is below dir: types, contents and times.
func snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		text := d.Type().String()
		if d.Type().IsRegular() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fi, err := d.Info()
			if err != nil {
				return err
			}
			text += " " + string(b) + fi.ModTime().String()
		}
		out[path] = text
		return nil
	}))
	return out
}

func mkfifo(t testing.TB, path string) {
	t.Helper()
	must(t, unix.Mkfifo(path, 0o600))
}

func isRoot() bool { return os.Geteuid() == 0 }
