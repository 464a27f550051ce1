package meter_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// goGuest builds the guest in testdata.
func goGuest(tb testing.TB) []byte {
	tb.Helper()
	out := filepath.Join(tb.TempDir(), "guest.wasm")
	c := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, "./testdata/guest")
	c.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := c.CombinedOutput(); err != nil {
		tb.Skipf("the guest does not build: %v\n%s", err, text)
	}
	bin, err := os.ReadFile(out)
	if err != nil {
		tb.Fatal(err)
	}
	return bin
}

// kernels are small loops, as a C compiler makes them.
func kernels() []byte {
	m := &wasmtest.Module{}
	m.Memory(16)
	// spin: do { n-- } while (n)
	m.Export("spin", 0, m.Func(wasmtest.I32, wasmtest.I32, "", wasmtest.Code{}.
		Op(0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b).Get(0)))
	// fib
	fib := wasmtest.Code{}.Get(0).I32(2).Op(0x48, 0x04, 0x7f).Get(0).Op(0x05).
		Get(0).I32(1).Op(0x6b).Call(1).Get(0).I32(2).Op(0x6b).Call(1).Add().Op(0x0b)
	m.Export("fib", 0, m.Func(wasmtest.I32, wasmtest.I32, "", fib))
	// sieve of n bytes: locals 1: i, 2: j
	body := wasmtest.Code{}.I32(0).I32(0).Get(0).Op(0xfc, 11, 0).I32(2).Set(1).
		Op(0x03, 0x40). // outer
		Op(0x02, 0x40).Get(1).Load8().Op(0x0d, 0).
		Get(1).Get(1).Add().Op(0x22, 2).Get(0).Op(0x4e, 0x0d, 0). // j = 2*i >= n
		Op(0x03, 0x40).
		Get(2).I32(1).Store8().
		Get(2).Get(1).Add().Op(0x22, 2).Get(0).Op(0x48, 0x0d, 0).
		Op(0x0b).
		Op(0x0b).
		Get(1).I32(1).Add().Op(0x22, 1).Get(0).Op(0x48, 0x0d, 0).
		Op(0x0b).Get(1)
	m.Export("sieve", 0, m.Func(wasmtest.I32, wasmtest.I32, wasmtest.I32+wasmtest.I32, body))
	return m.Bytes()
}

// workload is a function, as it is, metered, and with wazero's own check of the
// context.
type workload struct {
	name                    string
	args                    []uint64
	goCode                  bool
	plain, metered, checked api.Function
}

func workloads(tb testing.TB) ([]workload, *ticker) {
	k := &ticker{slice: 500_000}
	k.given = options.Slice
	var out []workload
	r := k.runtime(tb, wazero.NewRuntimeConfigCompiler())
	checking := k.runtime(tb, wazero.NewRuntimeConfigCompiler().WithCloseOnContextDone(true))
	wasi_snapshot_preview1.MustInstantiate(bg, r)
	wasi_snapshot_preview1.MustInstantiate(bg, checking)
	add := func(bin []byte, goCode bool, names []string, args ...uint64) {
		metered, err := meter.Rewrite(bin, options)
		if err != nil {
			tb.Fatal(err)
		}
		var mods [3]api.Module
		for i, b := range [][]byte{bin, metered, bin} {
			in := r
			if i == 2 {
				in = checking
			}
			if mods[i], err = in.InstantiateWithConfig(bg, b, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")); err != nil {
				tb.Fatal(err)
			}
		}
		for _, n := range names {
			out = append(out, workload{n, args, goCode, mods[0].ExportedFunction(n), mods[1].ExportedFunction(n), mods[2].ExportedFunction(n)})
		}
	}
	add(kernels(), false, []string{"spin", "sieve"}, 1_000_000)
	add(kernels(), false, []string{"fib"}, 25)
	add(goGuest(tb), true, []string{"hash", "roundtrip", "order", "words", "sieve"})
	return out, k
}

// TestRatios reports what metering costs, the two forms taking turns.
func TestRatios(t *testing.T) {
	if os.Getenv("AMBIT_METER_RATIOS") == "" {
		t.Skip("set AMBIT_METER_RATIOS to measure")
	}
	const rounds = 300
	all, k := workloads(t)
	sum, n := 0.0, 0.0
	for _, w := range all {
		call := func(f api.Function) time.Duration {
			start := time.Now()
			if _, err := f.Call(bg, w.args...); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		once := max(call(w.plain), call(w.plain))
		repeat := max(1, int(time.Millisecond/once))
		best := [2]time.Duration{time.Hour, time.Hour}
		ticks, used := k.ticks, k.used
		for range rounds {
			for i, f := range []api.Function{w.plain, w.metered} {
				total := time.Duration(0)
				for range repeat {
					total += call(f)
				}
				best[i] = min(best[i], total/time.Duration(repeat))
			}
		}
		runs := rounds * repeat
		ratio := float64(best[1]) / float64(best[0])
		t.Logf("%-10s %10v %10v  ratio %.2f  %d ticks, %d units (%.2f ns each)", w.name, best[0], best[1], ratio,
			(k.ticks-ticks)/runs, (k.used-used)/int64(runs), float64(best[0].Nanoseconds())/float64((k.used-used)/int64(runs)+1))
		if w.goCode {
			sum, n = sum+math.Log(ratio), n+1
		}
	}
	t.Logf("geometric mean of the Go workloads: %.3f", math.Exp(sum/n))
}

// BenchmarkMeter runs the workloads as they are, metered, and with wazero's
// WithCloseOnContextDone; make bench prints the ratios.
func BenchmarkMeter(b *testing.B) {
	all, _ := workloads(b)
	for _, w := range all {
		name := w.name
		if w.goCode {
			name = "go-" + name
		}
		for _, form := range []struct {
			name string
			f    api.Function
		}{{"bare-plain", w.plain}, {"metered", w.metered}, {"close-on-context-done", w.checked}} {
			b.Run(name+"/"+form.name, func(b *testing.B) {
				for b.Loop() {
					if _, err := form.f.Call(bg, w.args...); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRewrite meters a Go guest of about 3 MB.
func BenchmarkRewrite(b *testing.B) {
	bin := goGuest(b)
	b.SetBytes(int64(len(bin)))
	for b.Loop() {
		if _, err := meter.Rewrite(bin, options); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSize holds how much larger a Go guest becomes.
func TestSize(t *testing.T) {
	bin := goGuest(t)
	out, err := meter.Rewrite(bin, options)
	if err != nil {
		t.Fatal(err)
	}
	growth := float64(len(out)-len(bin)) / float64(len(bin))
	t.Logf("%d bytes, metered %d (%+.1f %%)", len(bin), len(out), 100*growth)
	if growth > 0.25 {
		t.Errorf("it grew by %.1f %%", 100*growth)
	}
}
