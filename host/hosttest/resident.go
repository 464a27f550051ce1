package hosttest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// resident is the neighbour: an honest module that is called again and again by a
// caller of its own while the host is attacked.
type resident struct {
	arena  *arena
	secret string // its caller's
	caller authority.Caller
	solo   time.Duration // the 99th percentile of its calls, undisturbed

	mu     sync.Mutex
	took   []time.Duration
	failed error
	done   chan struct{}
	ended  sync.WaitGroup
}

// soloCalls is of how many calls solo is taken.
const soloCalls = 300

func (a *arena) moveIn(ctx context.Context) (*resident, error) {
	r := &resident{arena: a, secret: newCanary(), caller: host.Window(neighbour), done: make(chan struct{})}
	if err := a.host.Load(ctx, neighbour, wasmtest.Echo(wasmtest.Manifest(neighbour, "run"))); err != nil {
		return nil, err
	}
	if _, err := a.grant("identifier = \"" + neighbour + "\"\nwindows = [\"" + neighbour + "\"]\npermissions = [\"" + neighbour + ":allow-run\"]\n"); err != nil {
		return nil, err
	}
	for range soloCalls {
		r.call()
	}
	if r.failed != nil {
		return nil, r.failed
	}
	r.solo = p99(r.took)
	r.ended.Go(func() {
		for {
			select {
			case <-r.done:
				return
			case <-time.After(time.Millisecond):
				r.call()
			}
		}
	})
	return r, nil
}

// call makes one call, which must be answered with what was asked.
func (r *resident) call() {
	r.arena.alone.RLock()
	begun := time.Now()
	res, err := r.arena.host.Invoke(context.Background(), r.caller, neighbour+".run", map[string]string{"secret": r.secret})
	took := time.Since(begun)
	r.arena.alone.RUnlock()
	if err == nil {
		if m, _ := res.Value.(map[string]any); m == nil || fmt.Sprint(m["args"]) != fmt.Sprint(map[string]any{"secret": r.secret}) {
			err = fmt.Errorf("its call returned %v", res.Value)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took = append(r.took, took)
	if err != nil && r.failed == nil {
		r.failed = err
	}
}

// start begins to count.
func (r *resident) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took, r.failed = r.took[:0], nil
}

// report returns the 99th percentile of the calls since start, and the first
// failure.
func (r *resident) report() (time.Duration, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return p99(r.took), r.failed
}

func (r *resident) stop() {
	close(r.done)
	r.ended.Wait()
}

// p99 is the 99th percentile.
func p99(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[(len(sorted)-1)*99/100]
}
