package codecache_test

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/host/internal/codecache"
)

// The layout of an entry, as entry.go has it.
const (
	sumAt  = 8 + 32 + 8
	header = sumAt + 32
)

// answer is a module whose function f returns n, which is below 64. With a pad
// it has that many more functions.
func answer(n byte, pad ...int) []byte {
	funcs, bodies := []byte{1, 0}, []byte{1, 4, 0, 0x41, n, 0x0b}
	if len(pad) > 0 {
		for range pad[0] { // fewer than 100
			funcs, bodies = append(funcs, 0), append(bodies, 4, 0, 0x41, n, 0x0b)
			funcs[0]++
			bodies[0]++
		}
	}
	bin := []byte("\x00asm\x01\x00\x00\x00\x01\x05\x01\x60\x00\x01\x7f")
	for _, s := range []struct {
		id   byte
		body []byte
	}{{3, funcs}, {7, []byte("\x01\x01f\x00\x00")}, {10, bodies}} {
		bin = append(bin, s.id, byte(len(s.body))|0x80, byte(len(s.body)>>7))
		bin = append(bin, s.body...)
	}
	return bin
}

func options() codecache.Options {
	return codecache.Options{MaxBytes: 1 << 20, Build: "test", Settings: "test", Logger: hclog.NewNullLogger()}
}

// folder is a folder that caches accept, whatever the umask.
func folder(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run compiles a binary in a process of its own, as far as the cache sees. It
// returns what f returned, and whether the code was found.
func run(t testing.TB, dir string, bin []byte, o codecache.Options) (result uint64, found bool) {
	t.Helper()
	c, err := codecache.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.Background()) }()
	return runIn(t, c, bin)
}

func runIn(t testing.TB, c *codecache.Cache, bin []byte) (result uint64, found bool) {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCompilationCache(c.Code()))
	defer func() { _ = r.Close(ctx) }()
	var compiled wazero.CompiledModule
	found, err := c.Compile(bin, func() (err error) {
		compiled, err = r.CompileModule(ctx, bin)
		return err
	})
	if err != nil {
		t.Error(err)
		return 0, false
	}
	in, err := r.InstantiateModule(ctx, compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Error(err)
		return 0, false
	}
	out, err := in.ExportedFunction("f").Call(ctx)
	if err != nil {
		t.Error(err)
		return 0, false
	}
	return out[0], found
}

// want compiles and runs answer(n), and says whether its code must be found.
func want(t testing.TB, dir string, n byte, found bool) {
	t.Helper()
	got, ok := run(t, dir, answer(n), options())
	if got != uint64(n) || ok != found {
		t.Errorf("the module returned %d, want %d; found %v, want %v", got, n, ok, found)
	}
}

// entries are the files in a folder; nothing else may be there.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range list {
		if filepath.Ext(e.Name()) != ".code" {
			t.Errorf("%s is in the folder", e.Name())
			continue
		}
		out = append(out, filepath.Join(dir, e.Name()))
	}
	return out
}

// entry is the only one in a folder.
func entry(t testing.TB, dir string) string {
	t.Helper()
	list := entries(t, dir)
	if len(list) != 1 {
		t.Fatalf("there are %d entries, want 1", len(list))
	}
	return list[0]
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t testing.TB, file string, data []byte) {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// seal makes the checksum of an entry right.
func seal(key [32]byte, data []byte) []byte {
	h := sha256.New()
	h.Write(key[:])
	h.Write(data[:sumAt])
	h.Write(data[header:])
	copy(data[sumAt:header], h.Sum(nil))
	return data
}
