package wasi_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

// numbers are arguments that mean something.
var numbers = [...]uint64{
	0, 1, 2, 3, 4, 5, 6, 7, 8, 24, 64, 100, 1000, 1024, 1025, 4096, memorySize - 8, memorySize - 1, memorySize, 1 << 31, math.MaxInt32,
	math.MaxUint32 - 8, math.MaxUint32, 1 << 40, math.MaxInt64, 1 << 63, math.MaxUint64,
}

// Any calls with any arguments and any memory: no panic but an Abort, no hang,
// nothing outside of the scope touched.
func FuzzFunctions(f *testing.F) {
	fs := wasi.Functions()
	shared := quick(f, nil) // one instance for all: only its memory changes
	for i := range fs {
		f.Add([]byte{byte(i), 3, 11, 8, 11, 11, 3, 3, 0, 12}, []byte("A/f"))
		f.Add([]byte{byte(i), 4, 11, 3, 12, 11, 3, 3, 0, 12, byte(i), 22, 22, 22, 22, 22, 22, 22, 22, 22}, []byte{100, 0, 0, 0, 8, 0, 0, 0})
	}
	f.Fuzz(func(t *testing.T, calls, memory []byte) {
		dir := filepath.Join(t.TempDir(), "base")
		must(t, os.MkdirAll(dir+"/d", 0o755))
		must(t, os.WriteFile(dir+"/f", []byte("text"), 0o600))
		must(t, os.WriteFile(dir+"/.secret", []byte("SECRET"), 0o600))
		st := scoped(t, dir, files.Limits{OpenFiles: 4, WriteBytes: 1 << 16, FilesCreated: 8})
		st.Output = &wasi.Output{Sink: sink(func(int, []byte) {})}
		g := &guest{TB: t, module: shared.module}
		clear(g.bytes(0, memorySize))
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer cancel()
		g.ctx = with(ctx, st)
		g.put(0, memory[:min(len(memory), 1000)]...)
		g.put(1000, memory[:min(len(memory), 10000)]...)
		g.open("A/f", 0, rightRead|rightWrite, 0)
		g.open("A", 2, rightRead, 0)
		for n := 0; n < 8 && len(calls) >= 10; n++ {
			fn := fs[int(calls[0])%len(fs)]
			args := make([]uint64, len(fn.Params))
			for i := range args {
				if b := calls[1+i]; int(b) < len(numbers) {
					args[i] = numbers[b]
				} else {
					args[i] = binary.LittleEndian.Uint64(append(calls[1:9:9], b)[i%2:])
				}
			}
			var a *wasi.Abort
			if e, err := g.try(fn.Name, args...); err != nil && !errors.As(err, &a) || e > 76 {
				t.Fatalf("%s%v: errno %d, %v", fn.Name, args, e, err)
			}
			calls = calls[10:]
		}
		if b, err := os.ReadFile(dir + "/.secret"); err != nil || string(b) != "SECRET" {
			t.Fatalf("the secret is %q, %v", b, err)
		}
		if names, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(names) != 1 {
			t.Fatalf("made %v, %v", names, err)
		}
	})
}
