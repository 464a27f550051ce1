package codecache_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEvict: what was used longest ago goes first, and use counts.
func TestEvict(t *testing.T) {
	dir := folder(t)
	age := func(d time.Duration) { // of all entries so far
		for _, file := range entries(t, dir) {
			fi, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			at := fi.ModTime().Add(-d)
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	want(t, dir, 1, false)
	age(time.Minute)
	want(t, dir, 2, false)
	age(time.Minute)
	want(t, dir, 1, true) // and so 2 is the oldest
	age(time.Minute)
	o := options()
	o.MaxBytes = 2 * int64(len(read(t, entries(t, dir)[0])))
	for _, step := range []struct {
		n     byte
		found bool
	}{{3, false}, {1, true}, {3, true}, {2, false}} {
		if _, found := run(t, dir, answer(step.n), o); found != step.found {
			t.Errorf("module %d: found %v, want %v", step.n, found, step.found)
		}
		age(time.Minute)
	}
	if n := len(entries(t, dir)); n != 2 {
		t.Errorf("there are %d entries, want 2", n)
	}
}

// TestTooLarge: an entry that is larger than all may be is not kept, and does
// not push out the others.
func TestTooLarge(t *testing.T) {
	dir := folder(t)
	want(t, dir, 1, false)
	o := options()
	o.MaxBytes = int64(len(read(t, entry(t, dir))))
	large := answer(2, 90)
	for range 2 {
		if _, found := run(t, dir, large, o); found {
			t.Error("found")
		}
	}
	if _, found := run(t, dir, answer(1), o); !found {
		t.Error("the other one is gone")
	}
	if _, found := run(t, dir, large, options()); found {
		t.Error("found")
	}
	if _, found := run(t, dir, large, options()); !found {
		t.Error("control: not found with more room")
	}
}

// TestLeft: what dead processes left goes, and nothing that is not ours.
func TestLeft(t *testing.T) {
	dir := folder(t)
	hash := strings.Repeat("0a", 32)
	old := time.Now().Add(-2 * time.Hour)
	for _, c := range []struct {
		name string
		dir  bool
		time time.Time
		kept bool
	}{
		{hash + ".1.part", false, old, false},
		{hash + ".2.part", false, time.Now(), true},
		{"ambit-staging-1", true, old, false},
		{"ambit-staging-2", true, time.Now(), true},
		{"ambit-staging-3", false, old, true},
		{"notes.part", false, old, true},
		{"notes.code", false, old, true},
		{hash, false, old, true},
	} {
		path := filepath.Join(dir, c.name)
		if c.dir {
			if err := os.MkdirAll(filepath.Join(path, "x", "y"), 0o700); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, path, make([]byte, 4096))
		}
		if err := os.Chtimes(path, c.time, c.time); err != nil {
			t.Fatal(err)
		}
		o := options()
		o.MaxBytes = 4096 // what is not ours does not count
		if _, found := run(t, dir, answer(1), o); found {
			t.Error("found")
		}
		if _, found := run(t, dir, answer(1), o); !found {
			t.Errorf("%s: the entry went", c.name)
		}
		if _, err := os.Stat(path); (err == nil) != c.kept {
			t.Errorf("%s: kept %v, want %v", c.name, err == nil, c.kept)
		}
		for _, p := range append([]string{path}, globs(t, dir)...) {
			if err := os.RemoveAll(p); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func globs(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*.code"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}
