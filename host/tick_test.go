package host_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// man is the manifest of most guests.
var man = manifest("m", "run")

// forever loops and calls nothing.
var forever = wasmtest.Code{}.Loop(wasmtest.Code{}).I32(0)

// collecting runs the garbage collector again and again, which waits for all
// guests, until the test ends.
func collecting(t *testing.T) {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.GC()
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-stopped })
}

// TestStopsByItself runs code that calls nothing of the host, while the garbage
// collector wants its turn.
func TestStopsByItself(t *testing.T) {
	collecting(t)
	engines(t, func(t *testing.T, c host.Config) {
		c.Limits.Deadline = 50 * time.Millisecond
		if res, err := single(t, hostile.Doubling(man, nil, 3), c).Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != nil {
			t.Errorf("control: %v, %v", res.Value, err)
		}
		for name, bin := range map[string][]byte{
			"calls": hostile.Doubling(man, nil, 60), "a loop": guest(forever), "fills in a loop": hostile.Fills(man, nil, true), "fills": hostile.Fills(man, nil, false),
		} {
			h := single(t, bin, c)
			start := time.Now()
			_, err := h.Invoke(t.Context(), main, "m.run", nil)
			wantCode(t, err, authority.CodeDeadline)
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: stopped after %v", name, took)
			}
		}
	})
}

// TestRecursionIsSmall holds that a call which recurses for ever takes little
// memory of the host.
func TestRecursionIsSmall(t *testing.T) {
	g := wasmtest.NewGuest()
	g.Func("", "", "", wasmtest.Code{}.Call(wasmtest.ProcExit+1)) // itself
	g.Invoke(wasmtest.Code{}.Call(wasmtest.ProcExit + 1).I32(0)).Manifest(manifest("m", "run"))
	h := single(t, g.Bytes(), host.Config{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantCode(t, err, authority.CodeStackLimit)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 16<<20 {
		t.Errorf("the call took %d bytes of the host's memory", took)
	}
}

func TestCPULimit(t *testing.T) {
	engines(t, func(t *testing.T, c host.Config) {
		c.Limits = host.Limits{CPU: 1_000_000, Deadline: time.Minute}
		outcome{"calls", hostile.Doubling(man, nil, 60), authority.CodeCPULimit}.run(t, c)
		outcome{"a loop", guest(forever), authority.CodeCPULimit}.run(t, c)
		outcome{"a loop in _initialize", loopAtStart(exportInitialize, ""), authority.CodeCPULimit}.refused(t, c)
		if _, err := single(t, hostile.Doubling(man, nil, 10), c).Invoke(t.Context(), main, "m.run", nil); err != nil {
			t.Errorf("control: %v", err)
		}
	})
}

// TestRevokeWithoutHostCalls holds that a loop alone is no way to outlast a
// revocation, and so for a module that is unloaded.
func TestRevokeWithoutHostCalls(t *testing.T) {
	h := open(t, app(t, map[string]string{"capabilities/main.toml": nobody}, map[string][]byte{"m": guest(forever)}),
		host.Config{Limits: host.Limits{Deadline: time.Hour}})
	id, err := h.Live().Grant(grantRun("now"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	ended := running(t, h)
	select {
	case err := <-ended:
		t.Fatalf("ended before the revocation: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if !h.Live().Revoke(id) {
		t.Error("not revoked")
	}
	wantCode(t, ends(t, ended), authority.CodeRevoked)
}
