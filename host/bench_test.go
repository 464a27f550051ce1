package host_test

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// The benchmarks compare an invoke with the bare wazero call of the same guest
// in the same run; make bench prints a table of them.
//
//	go test -run '^$' -bench . -benchmem ./host
//
// BenchmarkInvoke/<guest>/<size>/bare-warm is an instance that is kept and never
// cleaned, without limits; its metric pages is how many pages of 4 KiB a call
// writes. Bare-fresh is instantiated and initialised for each call. Invoke is all
// of DESIGN §6.3: decided, metered, fresh state, strict codec, audited in memory;
// invoke-kept is in an instance that is kept for the caller, and the others are the same with a strategy of package image that is not the fastest.
func BenchmarkInvoke(b *testing.B) {
	b.Run("small", func(b *testing.B) {
		g := wasmtest.NewGuest().Invoke(wasmtest.EchoCode()).Manifest(manifest("m", "run"))
		echo := func(size int) []byte { return wire.AppendStr(nil, strings.Repeat("x", size)) }
		benchmarkGuest(b, g.Bytes(), "run", echo, 64, 4096)
		g.Resize(2)
		benchmarkGuest(b, g.Bytes(), "run", echo, 65536)
	})
	b.Run("go", func(b *testing.B) {
		bin, err := echoGuest()
		if err != nil {
			b.Fatal(err)
		}
		benchmarkGuest(b, bin, "echo", func(size int) []byte {
			args, err := wire.AppendAny(nil, map[string]any{"text": strings.Repeat("x", size)})
			if err != nil {
				b.Fatal(err)
			}
			return args
		}, 64, 4096, 65536)
	})
}

// BenchmarkChurn is a call of a Go guest that allocates 1 MiB.
func BenchmarkChurn(b *testing.B) {
	bin, err := probeGuest()
	if err != nil {
		b.Fatal(err)
	}
	benchmarkGuest(b, bin, "churn", func(size int) []byte { return wire.AppendUint(nil, uint64(size>>15)) }, 1<<20)
}

func benchmarkGuest(b *testing.B, bin []byte, command string, args func(size int) []byte, sizes ...int) {
	capability := strings.Replace(grantTest, "run", command, 1)
	for _, size := range sizes {
		name, args := fmt.Sprint(size), args(size)
		request := wire.AppendRequest(nil, &wire.Request{V: 1, ID: 1, Command: command, Args: args, Seed: [16]byte{1}})
		b.Run(name+"/bare-warm", func(b *testing.B) {
			r := wazero.NewRuntime(b.Context())
			defer r.Close(b.Context())
			x := instantiateRaw(b, r, bin)
			x.run(b, "ambit_warm")
			x.call(b, request)
			pages := x.pages(b, request)
			b.ReportAllocs()
			for b.Loop() {
				x.call(b, request)
			}
			b.ReportMetric(float64(pages), "pages")
		})
		b.Run(name+"/bare-fresh", func(b *testing.B) {
			r := wazero.NewRuntime(b.Context())
			defer r.Close(b.Context())
			x := instantiateRaw(b, r, bin)
			b.ReportAllocs()
			for b.Loop() {
				x.fresh(b, r)
				x.call(b, request)
				_ = x.module.Close(b.Context())
			}
		})
		b.Run(name+"/invoke-kept", func(b *testing.B) {
			kept, err := wasm.SetCustomSection(bin, "ambit", []byte(keeping("m", command)))
			if err != nil {
				b.Fatal(err)
			}
			dir := app(b, map[string]string{"capabilities/main.toml": "instance = \"caller\"\n" + capability}, map[string][]byte{"m": kept})
			benchmarkInvoke(b, open(b, dir, host.Config{Audit: discard{}}), command, args)
		})
		for _, reset := range append([]string{""}, host.ResetStrategies()...) {
			b.Run(strings.TrimSuffix(name+"/invoke-"+reset, "-"), func(b *testing.B) {
				dir := app(b, map[string]string{"capabilities/main.toml": capability}, map[string][]byte{"m": bin})
				benchmarkInvoke(b, open(b, dir, host.Config{Audit: discard{}, Reset: reset}), command, args)
			})
		}
	}
}

func benchmarkInvoke(b *testing.B, h *host.Host, command string, args []byte) {
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = h.InvokeRaw(b.Context(), main, "m."+command, args, dst[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

// echoGuest builds the SDK's echo guest once.
var echoGuest = sync.OnceValues(func() ([]byte, error) {
	return buildGo("../sdk/testdata/echo", strings.Replace(manifest("m", "run"), `"run"`, `"echo"`, 1))
})

// BenchmarkCodec is what of an invoke is envelope: request out, reply in.
func BenchmarkCodec(b *testing.B) {
	args := wire.AppendStr(nil, strings.Repeat("x", 4096))
	reply := wire.AppendOK(nil, args)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = wire.AppendRequest(buf[:0], &wire.Request{V: 1, ID: 1, Command: "run", Args: args})
		if _, err := wire.ParseReply(reply, wire.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is an audit sink that costs nothing.
type discard struct{}

func (discard) Audit(host.Event) error { return nil }

// BenchmarkDenied is an invoke that the authority refuses.
func BenchmarkDenied(b *testing.B) {
	h := single(b, wasmtest.Echo(manifest("m", "run", "other")), host.Config{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.InvokeRaw(b.Context(), main, "m.other", nil, nil); err == nil {
			b.Fatal("allowed")
		}
	}
}

// probeGuest builds the SDK's guest for tests once.
var probeGuest = sync.OnceValues(func() ([]byte, error) {
	return buildGo("../sdk/testdata/probe", manifest("m", "churn", "large", "sleep"))
})

// BenchmarkLive has some instances of a Go guest at a time, which sleep. Its
// metrics are what one has of linear memory, and what it has of the machine's.
func BenchmarkLive(b *testing.B) {
	bin, err := probeGuest()
	if err != nil {
		b.Fatal(err)
	}
	dir := app(b, map[string]string{"capabilities/main.toml": strings.Replace(grantTest, "run", "sleep", 1)}, map[string][]byte{"m": bin})
	for _, n := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := open(b, dir, host.Config{Limits: host.Limits{Concurrent: 100}})
			debug.FreeOSMemory()
			base := resident(b)
			for b.Loop() {
				var wg sync.WaitGroup
				for range n {
					wg.Go(func() {
						if _, err := h.Invoke(b.Context(), main, "m.sleep", 300); err != nil {
							b.Error(err)
						}
					})
				}
				wg.Wait()
			}
			used := resident(b) - base // the instances wait for calls
			b.ReportMetric(float64(h.Stats().Memory)/float64(n+1)/1024, "KiB-linear")
			b.ReportMetric(float64(used)/float64(n)/1024, "KiB-resident")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// resident is how much memory of the machine the process has, in bytes; what
// several mappings share counts once. It is known on Linux only.
func resident(b *testing.B) int64 {
	text, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		b.Skip(err)
	}
	for line := range strings.Lines(string(text)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "Pss: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	b.Skip("no Pss")
	return 0
}

// BenchmarkDecide is the decision alone, as an invoke asks for it.
func BenchmarkDecide(b *testing.B) {
	h := single(b, wasmtest.Echo(manifest("m", "run")), host.Config{})
	a := h.Live().Authority()
	req := authority.Request{Caller: main, Module: "m", Command: "run", Now: 1}
	b.ReportAllocs()
	for b.Loop() {
		if !a.Decide(req).Allowed() {
			b.Fatal("denied")
		}
	}
}

// BenchmarkNative is an invoke of a command in Go: all that is not the sandbox.
func BenchmarkNative(b *testing.B) {
	n := native("m", func(context.Context, *host.NativeCall) (any, error) { return 1, nil })
	h := open(b, app(b, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.InvokeRaw(b.Context(), main, "m.run", nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInspect is what it takes to read a Go guest, before it is compiled.
func BenchmarkInspect(b *testing.B) {
	bin, err := goGuest()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(bin)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := host.Inspect("g.wasm", bin, host.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is the start of a host with one Go guest: all of gate, meter,
// code and a first instance. Cold has an empty folder for compiled code, cached
// one that another host has filled, off none.
func BenchmarkOpen(b *testing.B) {
	bin, err := goGuest()
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("a guest of %d bytes", len(bin))
	dir := app(b, nil, map[string][]byte{"g": bin})
	start := func(b *testing.B, o host.CacheOptions) {
		cache := host.NewCache(host.KnowBuild(o))
		h, err := host.Open(b.Context(), dir, host.Config{Cache: cache})
		if err != nil {
			b.Fatal(err)
		}
		if r := h.Modules()[0].Refused; r != nil {
			b.Fatal(r)
		}
		b.StopTimer()
		defer b.StartTimer()
		closeHost(b, h)
		if err := cache.Close(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("off", func(b *testing.B) {
		for b.Loop() {
			start(b, host.CacheOptions{Off: true})
		}
	})
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			o := host.CacheOptions{Dir: b.TempDir()}
			b.StartTimer()
			start(b, o)
		}
	})
	b.Run("cached", func(b *testing.B) {
		o := host.CacheOptions{Dir: b.TempDir()}
		start(b, o)
		for b.Loop() {
			start(b, o)
		}
	})
}
