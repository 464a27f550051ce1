//go:build unix

package codecache_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/codecache"
)

// stranger is a user that is neither root nor, most likely, the current one.
const stranger = 54321

// TestPrivate: a folder in which others could put code is not used.
func TestPrivate(t *testing.T) {
	chmod := func(mode os.FileMode) func(string) error {
		return func(path string) error { return os.Chmod(path, mode) }
	}
	chown := func(path string) error {
		if os.Geteuid() != 0 {
			return errors.ErrUnsupported
		}
		return os.Lchown(path, stranger, -1)
	}
	for _, c := range []struct {
		name   string
		path   string // what is changed, of top/up/cache
		change func(path string) error
		want   string // of the error; empty: it is used
	}{
		{"as it is", ".", chmod(0o755), ""},
		{"0700", "up/cache", chmod(0o700), ""},
		{"others may read", "up/cache", chmod(0o755), ""},
		{"group may write", "up/cache", chmod(0o720), "others may write"},
		{"others may write", "up/cache", chmod(0o702), "others may write"},
		{"sticky", "up/cache", chmod(0o777 | os.ModeSticky), "others may write"},
		{"of another", "up/cache", chown, "belongs to another user"},
		{"above: others may read", "up", chmod(0o755), ""},
		{"above: group may write", "up", chmod(0o775), "others may write"},
		{"above: others may write", "up", chmod(0o757), "others may write"},
		{"above: sticky", "up", chmod(0o777 | os.ModeSticky), ""},
		{"above: of another", "up", chown, "belongs to another user"},
		{"top: others may write", ".", chmod(0o777), "others may write"},
		{"a file", "up/cache", func(path string) error { return errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)) }, "not a directory"},
		{"missing", "up/cache", os.Remove, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			top := opened(t)
			dir := filepath.Join(top, "up", "cache")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Chmod(top, 0o755), os.Chmod(filepath.Join(top, "up"), 0o755)); err != nil {
				t.Fatal(err)
			}
			err := c.change(filepath.Join(top, c.path))
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip("only root can give files away")
			}
			if err != nil {
				t.Fatal(err)
			}
			check(t, dir, c.want)
			if c.want == "" {
				return
			}
			// The same through a link: the real folder counts.
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(dir, link); err != nil {
				t.Fatal(err)
			}
			check(t, link, c.want)
		})
	}
}

// opened is a folder whose ways all users could go.
func opened(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func check(t *testing.T, dir, want string) {
	t.Helper()
	c, err := codecache.Open(dir, options())
	switch {
	case err == nil && want != "":
		t.Errorf("%s is used", dir)
	case err != nil && want == "":
		t.Errorf("%s is not used: %v", dir, err)
	case err != nil && !strings.Contains(err.Error(), want):
		t.Errorf("error %q, want %q", err, want)
	}
	if err == nil {
		_ = c.Close(t.Context())
		if fi, err := os.Stat(dir); err != nil || fi.Mode()&0o022 != 0 {
			t.Errorf("the folder: %v, %v", fi, err)
		}
	}
}

// TestClosed: below a folder that nobody else can enter, modes do not matter.
func TestClosed(t *testing.T) {
	top := opened(t)
	dir := filepath.Join(top, "up", "cache")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(top, "up"), 0o777); err != nil {
		t.Fatal(err)
	}
	check(t, dir, "others may write")
	if err := os.Chmod(top, 0o700); err != nil {
		t.Fatal(err)
	}
	check(t, dir, "")
}

// TestLinked: entries go to the folder behind a link, even if it leads elsewhere
// later.
func TestLinked(t *testing.T) {
	dir := folder(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	c, err := codecache.Open(link, options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	if err := errors.Join(os.Remove(link), os.Symlink("/nowhere", link)); err != nil {
		t.Fatal(err)
	}
	runIn(t, c, answer(1))
	entry(t, dir)
}

// TestEntryMode: an entry that somebody else may have written is not used.
func TestEntryMode(t *testing.T) {
	for name, change := range map[string]func(string) error{
		"group may write":  func(file string) error { return os.Chmod(file, 0o660) },
		"others may write": func(file string) error { return os.Chmod(file, 0o606) },
		"of another": func(file string) error {
			if os.Geteuid() != 0 {
				return errors.ErrUnsupported
			}
			return os.Chown(file, stranger, -1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t)
			want(t, dir, 1, false)
			file := entry(t, dir)
			if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
				t.Errorf("the entry: %v, %v", fi, err)
			}
			err := change(file)
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip("only root can give files away")
			}
			if err != nil {
				t.Fatal(err)
			}
			want(t, dir, 1, false)
			want(t, dir, 1, true)
		})
	}
}

// TestReadOnly: what cannot be written is not opened, or not replaced. Root can
// write everywhere.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write in every folder")
	}
	dir := folder(t)
	want(t, dir, 1, false)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if c, err := codecache.Open(dir, options()); err == nil {
		_ = c.Close(t.Context())
		t.Error("a folder is used that cannot be written")
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := codecache.Open(dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if got, found := runIn(t, c, answer(1)); got != 1 || found {
		t.Errorf("the module returned %d, found %v", got, found)
	}
}
