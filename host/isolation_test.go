package host_test

import (
	"bytes"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// counting replies how often it was called: by a global, by memory that was
// there from the start, and by memory that it grew.
func counting() *wasmtest.Guest {
	g := wasmtest.NewGuest()
	global := g.Global(0)
	body := wasmtest.Code{}.
		GlobalGet(global).I32(1).Add().GlobalSet(global).
		I32(0).I32(0).Load8().I32(1).Add().Store8().
		I32(1).Grow().Drop().
		I32(65536).I32(65536).Load8().I32(1).Add().Store8().
		GlobalGet(global).I32(0).Load8().Add().I32(65536).Load8().Add().Set(1)
	return g.Invoke(body.Op(count()...)).Manifest(manifest("m", "run"))
}

// resettable is counting without growing: its instances are used again.
func resettable() *wasmtest.Guest {
	g := wasmtest.NewGuest()
	global := g.Global(0)
	body := wasmtest.Code{}.
		GlobalGet(global).I32(1).Add().GlobalSet(global).
		I32(0).I32(0).Load8().I32(1).Add().Store8().
		I32(60_000).I32(60_000).Load8().I32(1).Add().Store8().
		GlobalGet(global).I32(0).Load8().Add().I32(60_000).Load8().Add().Set(1)
	return g.Invoke(body.Op(count()...)).Manifest(manifest("m", "run"))
}

// TestNothingSurvives is the third promise: each call starts from the module's
// initial state.
func TestNothingSurvives(t *testing.T) {
	engines(t, func(t *testing.T, c host.Config) {
		for _, c.Reset = range append([]string{""}, host.ResetStrategies()...) {
			for name, bin := range map[string][]byte{"grows": counting().Bytes(), "stays": resettable().Bytes()} {
				t.Run(name+" "+c.Reset, func(t *testing.T) { countThree(t, single(t, bin, c)) })
			}
		}
	})
	t.Run("control", func(t *testing.T) { // the same module in an instance that is kept
		for _, bin := range [][]byte{counting().Bytes(), resettable().Bytes()} {
			r := wazero.NewRuntime(t.Context())
			defer r.Close(t.Context())
			raw := instantiateRaw(t, r, bin)
			var replies []byte
			for range 3 {
				replies = append(replies, raw.call(t, nil)[4])
			}
			if !bytes.Equal(replies, []byte{3, 6, 9}) {
				t.Errorf("counted %v", replies)
			}
		}
	})
}

// countThree invokes what counts, many times at once.
func countThree(t *testing.T, h *host.Host) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				res, err := h.Invoke(t.Context(), main, "m.run", nil)
				if err != nil || res.Value != int64(3) {
					t.Errorf("counted %v, %v", res.Value, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestNothingLeft ends calls in all ways and looks for what they left.
func TestNothingLeft(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for goroutines")
	}
	before := runtime.NumGoroutine()
	func() {
		dir := app(t, map[string]string{"capabilities/main.toml": `
identifier = "main"
windows = ["main"]
permissions = ["good:allow-run", "trap:allow-run", "loop:allow-run", "exit:allow-run"]
`}, map[string][]byte{
			"good": wasmtest.Echo(manifest("good", "run")),
			"trap": wasmtest.NewGuest().Invoke(wasmtest.Code{}.Unreachable()).Manifest(manifest("trap", "run")).Bytes(),
			"loop": wasmtest.NewGuest().Invoke(wasmtest.Code{}.Loop(wasmtest.Code{}).I32(0)).Manifest(manifest("loop", "run")).Bytes(),
			"exit": wasmtest.NewGuest().Invoke(wasmtest.Code{}.I32(3).Call(wasmtest.ProcExit).I32(0)).Manifest(manifest("exit", "run")).Bytes(),
		})
		h, err := host.Open(t.Context(), dir, host.Config{Limits: host.Limits{Deadline: 5 * time.Millisecond}})
		if err != nil {
			t.Fatal(err)
		}
		defer closeHost(t, h)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for range 20 {
					name := []string{"good", "trap", "loop", "exit", "none"}[i%5]
					_, _ = h.Invoke(t.Context(), main, name+".run", nil)
				}
			})
		}
		wg.Wait()
	}()
	waitFor(t, func() bool { return runtime.NumGoroutine() <= before+1 })
}

// TestNoLeaks plants a canary in the paths of the host and looks for it in what
// callers see.
func TestNoLeaks(t *testing.T) {
	const canary = "canary-f3b9"
	dir := app(t, map[string]string{
		canary + "/x": "", "capabilities/main.toml": `
identifier = "main"
windows = ["main"]
[[permissions]]
identifier = "m:allow-run"
allow = [{ path = "$MODULE/**" }]
`}, map[string][]byte{"m": wasmtest.Echo(strings.Replace(manifest("m", "run"), `"run"`, `"run","powers":["fs.read"]`, 1))})
	var sink host.MemorySink
	h := open(t, dir, host.Config{DataDir: dir + "/" + canary + "/x", Audit: &sink}) // a file
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	e := wantCode(t, err, authority.CodeHostError)
	if v := host.Visible(main, err); strings.Contains(v.Error(), canary) || strings.Contains(err.Error(), canary) || v.Err != nil {
		t.Errorf("the caller reads %v", v)
	}
	if !strings.Contains(e.Err.Error(), canary) || !strings.Contains(sink.Records()[0].Detail, canary) { // control
		t.Errorf("the operator does not read it: %v", e.Err)
	}
	if h.Stats().Entered != 0 {
		t.Error("entered without what it should have been lent")
	}
}
