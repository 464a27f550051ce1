package codecache_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/host/internal/codecache"
)

// TestFound: the second process finds what the first one compiled.
func TestFound(t *testing.T) {
	dir := folder(t)
	want(t, dir, 1, false)
	want(t, dir, 1, true)
	want(t, dir, 2, false) // another module
	want(t, dir, 1, true)
	want(t, dir, 2, true)
	if n := len(entries(t, dir)); n != 2 {
		t.Errorf("there are %d entries, want 2", n)
	}
}

// TestUsed shows that code really comes from the folder: an entry that its owner
// made with care runs other code than the module's.
func TestUsed(t *testing.T) {
	dir := folder(t)
	want(t, dir, 1, false)
	file := entry(t, dir)
	one := read(t, file)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	want(t, dir, 2, false)
	two := read(t, entry(t, dir))
	name := strings.TrimSuffix(filepath.Base(file), ".code")
	key, err := hex.DecodeString(name)
	if err != nil {
		t.Fatal(err)
	}
	mixed := slices.Concat(one[:header], two[header:])
	binary.LittleEndian.PutUint64(mixed[8+32:], uint64(len(mixed)-header))
	write(t, file, seal([32]byte(key), mixed))
	if got, found := run(t, dir, answer(1), options()); got != 2 || !found {
		t.Errorf("the module returned %d, found %v", got, found)
	}
}

// TestKey: whatever code depends on is in its name.
func TestKey(t *testing.T) {
	dir := folder(t)
	want(t, dir, 1, false)
	for name, change := range map[string]func(*codecache.Options){
		"build":    func(o *codecache.Options) { o.Build = "other" },
		"settings": func(o *codecache.Options) { o.Settings = "other" },
		"both":     func(o *codecache.Options) { o.Build, o.Settings = "tes", "ttest" },
	} {
		o := options()
		change(&o)
		if _, found := run(t, dir, answer(1), o); found {
			t.Errorf("%s: found", name)
		}
		if _, found := run(t, dir, answer(1), o); !found {
			t.Errorf("control: %s: not found", name)
		}
	}
	want(t, dir, 1, true)
}

// TestCorrupt changes each byte of an entry: none is ever used, and each is
// replaced.
func TestCorrupt(t *testing.T) {
	dir := folder(t)
	want(t, dir, 1, false)
	file := entry(t, dir)
	good := read(t, file)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		write(t, file, bad)
		want(t, dir, 1, false)
		if !bytes.Equal(read(t, file), good) {
			t.Fatalf("byte %d: the entry was not replaced", i)
		}
	}
	want(t, dir, 1, true)
}

// TestForeign puts what is no entry in the place of one.
func TestForeign(t *testing.T) {
	other := folder(t)
	want(t, other, 2, false)
	foreign := read(t, entry(t, other))
	for name, put := range map[string]func(t *testing.T, file string, good []byte){
		"empty":       func(t *testing.T, file string, _ []byte) { write(t, file, nil) },
		"header only": func(t *testing.T, file string, good []byte) { write(t, file, good[:header]) },
		"half a header": func(t *testing.T, file string, good []byte) {
			write(t, file, good[:header/2])
		},
		"truncated": func(t *testing.T, file string, good []byte) { write(t, file, good[:len(good)-1]) },
		"longer":    func(t *testing.T, file string, good []byte) { write(t, file, append(bytes.Clone(good), 0)) },
		"huge": func(t *testing.T, file string, _ []byte) {
			if err := os.Truncate(file, 1<<40); err != nil {
				t.Skip(err)
			}
		},
		"of another module": func(t *testing.T, file string, _ []byte) { write(t, file, foreign) },
		"wazero's own":      func(t *testing.T, file string, good []byte) { write(t, file, good[header:]) },
		"folder": func(t *testing.T, file string, _ []byte) {
			if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
				t.Fatal(err)
			}
		},
		"link": func(t *testing.T, file string, good []byte) {
			target := filepath.Join(t.TempDir(), "x")
			write(t, target, good)
			if err := errors.Join(os.Remove(file), os.Symlink(target, file)); err != nil {
				t.Skip(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t)
			want(t, dir, 1, false)
			file := entry(t, dir)
			put(t, file, read(t, file))
			want(t, dir, 1, false)
			want(t, dir, 1, true) // replaced
			entry(t, dir)
		})
	}
}

// TestStale is an entry for which wazero has another name, as on another CPU.
func TestStale(t *testing.T) {
	dir := folder(t)
	want(t, dir, 1, false)
	file := entry(t, dir)
	good := read(t, file)
	key, err := hex.DecodeString(strings.TrimSuffix(filepath.Base(file), ".code"))
	if err != nil {
		t.Fatal(err)
	}
	stale := bytes.Clone(good)
	stale[8]++
	write(t, file, seal([32]byte(key), stale))
	want(t, dir, 1, false)
	if !bytes.Equal(read(t, file), good) {
		t.Error("the entry was not replaced")
	}
}

// TestUnusable is an entry that is right as far as we see, and not for wazero.
func TestUnusable(t *testing.T) {
	dir := folder(t)
	want(t, dir, 1, false)
	file := entry(t, dir)
	good := read(t, file)
	key, err := hex.DecodeString(strings.TrimSuffix(filepath.Base(file), ".code"))
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(good)
	bad[header]++ // wazero's magic
	write(t, file, seal([32]byte(key), bad))
	want(t, dir, 1, false)
	if !bytes.Equal(read(t, file), good) {
		t.Error("the entry was not replaced")
	}
}

// TestError: the error of a module that does not compile is its own, and it
// leaves nothing behind.
func TestError(t *testing.T) {
	dir := folder(t)
	c, err := codecache.Open(dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	boom, calls := errors.New("boom"), 0
	found, err := c.Compile(answer(1), func() error { calls++; return boom })
	if found || !errors.Is(err, boom) || calls != 1 {
		t.Errorf("found %v, error %v after %d calls", found, err, calls)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = c.Compile(answer(1), func() error { panic(boom) })
	}()
	if n := len(entries(t, dir)); n != 0 {
		t.Errorf("%d entries", n)
	}
	if _, found := runIn(t, c, answer(1)); found {
		t.Error("found")
	}
}

// TestGone: a folder that goes while it is used, even while wazero compiles,
// fails nothing.
func TestGone(t *testing.T) {
	dir := folder(t)
	c, err := codecache.Open(dir, options())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(t.Context()) }()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got, found := runIn(t, c, answer(1)); got != 1 || found {
		t.Errorf("the module returned %d, found %v", got, found)
	}
	for _, again := range []bool{false, true} { // the second time it is in memory
		r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigCompiler().WithCompilationCache(c.Code()))
		calls := 0
		got, err := c.Compile(answer(2), func() error {
			if calls++; calls == 1 && !again {
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
			compiled, err := r.CompileModule(t.Context(), answer(2))
			if err == nil {
				err = compiled.Close(t.Context())
			}
			return err
		})
		if err != nil || got || again != (calls == 1) {
			t.Errorf("found %v, error %v after %d calls", got, err, calls)
		}
		_ = r.Close(t.Context())
	}
}

// TestShared lets many caches use one folder at once, with room for half of the
// modules, while somebody cuts entries.
func TestShared(t *testing.T) {
	dir := folder(t)
	o := options()
	want(t, dir, 63, false)
	o.MaxBytes = 4 * int64(len(read(t, entry(t, dir))))
	stop := make(chan struct{})
	var vandal, users sync.WaitGroup
	vandal.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			list, _ := filepath.Glob(filepath.Join(dir, "*.code"))
			for _, file := range list {
				_ = os.Truncate(file, 100)
			}
		}
	})
	for w := range 4 {
		users.Go(func() {
			for i := range 25 {
				n := byte((i*7 + w) % 8)
				if got, _ := run(t, dir, answer(n), o); got != uint64(n) {
					t.Errorf("the module returned %d, want %d", got, n)
				}
			}
		})
	}
	users.Wait()
	close(stop)
	vandal.Wait()
	for _, want := range []bool{false, true} {
		if got, found := run(t, dir, answer(62), o); got != 62 || found != want {
			t.Errorf("control: the module returned %d, found %v, want %v", got, found, want)
		}
	}
	total := 0
	for _, file := range entries(t, dir) {
		total += len(read(t, file))
	}
	if int64(total) > o.MaxBytes {
		t.Errorf("there are %d bytes, more than %d", total, o.MaxBytes)
	}
}
