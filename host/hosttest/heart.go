package hosttest

import (
	"runtime"
	"sync/atomic"
	"time"
)

const (
	// beat is how often the heart beats, and longestGap the longest time between two
	// beats of a host that is alive.
	beat       = 5 * time.Millisecond
	longestGap = 50 * time.Millisecond

	// collectEvery is how often the garbage collector stops all goroutines while a
	// case runs: code that cannot be stopped stops everybody then.
	collectEvery = 20 * time.Millisecond
)

// heart beats while a host is attacked.
type heart struct {
	worst      atomic.Int64 // nanoseconds between two beats, at most
	collecting atomic.Bool
	done       chan struct{}
}

func newHeart() *heart {
	h := &heart{done: make(chan struct{})}
	go func() {
		for last := time.Now(); ; {
			select {
			case <-h.done:
				return
			case <-time.After(beat):
			}
			now := time.Now()
			h.worst.Store(max(h.worst.Load(), int64(now.Sub(last))))
			last = now
		}
	}()
	go func() {
		for {
			select {
			case <-h.done:
				return
			case <-time.After(collectEvery):
			}
			if h.collecting.Load() {
				runtime.GC()
			}
		}
	}()
	return h
}

// start begins to listen.
func (h *heart) start() {
	h.worst.Store(0)
	h.collecting.Store(true)
}

// stop returns the longest gap since start.
func (h *heart) stop() time.Duration {
	h.collecting.Store(false)
	return time.Duration(h.worst.Load())
}

func (h *heart) close() { close(h.done) }
