package host_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// The benchmarks compare an invoke with the bare wazero call of the same guest
// in the same run:
//
//	go test -run '^$' -bench . -benchmem ./host
//
// BenchmarkInvoke/bare-warm is an instance that is kept and never cleaned,
// bare-fresh one that is instantiated for each call, bare-fresh-limited the
// same with wazero's own time limit, which an invoke has too; decide and codec
// are parts of an invoke; invoke is all of DESIGN §6.3: decided, limited, fresh state, strict codec, audited in memory.
func BenchmarkInvoke(b *testing.B) {
	for _, size := range []int{64, 4096} {
		name := map[int]string{64: "64B", 4096: "4KiB"}[size]
		args := wire.AppendStr(nil, strings.Repeat("x", size))
		bin := wasmtest.Echo(manifest("m", "run"))
		request := wire.AppendRequest(nil, &wire.Request{V: 1, ID: 1, Command: "run", Args: args})

		b.Run(name+"/bare-warm", func(b *testing.B) {
			r := wazero.NewRuntime(b.Context())
			defer r.Close(b.Context())
			x := instantiateRaw(b, r, bin)
			b.ReportAllocs()
			for b.Loop() {
				x.call(b, request)
			}
		})
		for _, variant := range []string{"bare-fresh", "bare-fresh-limited"} {
			b.Run(name+"/"+variant, func(b *testing.B) {
				limited := variant == "bare-fresh-limited"
				r := wazero.NewRuntimeWithConfig(b.Context(), wazero.NewRuntimeConfig().WithCloseOnContextDone(limited))
				defer r.Close(b.Context())
				x := instantiateRaw(b, r, bin)
				b.ReportAllocs()
				for b.Loop() {
					x.fresh(b, r)
					x.call(b, request)
					_ = x.module.Close(b.Context())
				}
			})
		}
		b.Run(name+"/codec", func(b *testing.B) { // what of an invoke is envelope: request out, reply in
			reply := wire.AppendOK(nil, args)
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = wire.AppendRequest(buf[:0], &wire.Request{V: 1, ID: 1, Command: "run", Args: args})
				if _, err := wire.ParseReply(reply, wire.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/decide", benchmarkDecide)
		b.Run(name+"/invoke", func(b *testing.B) {
			h := single(b, bin, host.Config{Audit: discard{}})
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if dst, err = h.InvokeRaw(b.Context(), main, "m.run", args, dst[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
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

// benchmarkDecide is the decision alone, as an invoke asks for it.
func benchmarkDecide(b *testing.B) {
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
