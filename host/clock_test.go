package host_test

import (
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestClockResolution: the clock of a guest shows multiples of what the host says.
func TestClockResolution(t *testing.T) {
	g := &wasmtest.Guest{}
	reply := g.Import("ambit", "reply", wasmtest.I32+wasmtest.I32, "")
	clock := g.Import("wasi_snapshot_preview1", "clock_time_get", wasmtest.I32+wasmtest.I64+wasmtest.I32, wasmtest.I32)
	g.Memory(1)
	g.Export("memory", 2, 0)
	g.Data(1024, []byte("\x81\xa2ok\xc4\x08")) // {ok: 8 bytes}
	bin := g.Invoke(wasmtest.Code{}.I32(0).I64(0).I32(1024 + 6).Call(clock).Drop().I32(1024).I32(14).Call(reply).I32(0)).Manifest(manifest("m", "run")).Bytes()
	for _, resolution := range []time.Duration{0, time.Microsecond, time.Second, time.Hour} {
		h := single(t, bin, host.Config{Limits: host.Limits{Clock: resolution}})
		res, err := h.Invoke(t.Context(), main, "m.run", nil)
		if err != nil {
			t.Fatal(err)
		}
		now := int64(0)
		for i, b := range res.Value.([]byte) {
			now |= int64(b) << (8 * i)
		}
		if resolution == 0 {
			resolution = time.Millisecond
		}
		if off := time.Since(time.Unix(0, now)); now%int64(resolution) != 0 || off < 0 || off > resolution+time.Minute {
			t.Errorf("with %v it is %v, %v ago", resolution, time.Unix(0, now), off)
		}
	}
}

// TestRandomLimit: a call takes as much randomness as it may, and no more.
func TestRandomLimit(t *testing.T) {
	random := func(n int32) []byte {
		g := &wasmtest.Guest{}
		reply := g.Import("ambit", "reply", wasmtest.I32+wasmtest.I32, "")
		get := g.Import("wasi_snapshot_preview1", "random_get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
		g.Memory(1)
		g.Export("memory", 2, 0)
		g.Data(60000, []byte("\x81\xa2ok\xc0"))
		return g.Invoke(wasmtest.Code{}.I32(0).I32(n).Call(get).Drop().I32(60000).I32(5).Call(reply).I32(0)).Manifest(manifest("m", "run")).Bytes()
	}
	limits := host.Limits{Random: 1000}
	if _, err := single(t, random(1000), host.Config{Limits: limits}).Invoke(t.Context(), main, "m.run", nil); err != nil {
		t.Error(err)
	}
	_, err := single(t, random(1001), host.Config{Limits: limits}).Invoke(t.Context(), main, "m.run", nil)
	wantCode(t, err, authority.CodeCallLimit)
}
