package wasi_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

func TestClock(t *testing.T) {
	g := quick(t, &wasi.State{})
	for id := range uint64(2) {
		last := uint64(0)
		for range 1000 {
			g.want(ok, "clock_time_get", id, 0, 100)
			now := g.u64(100)
			if now == 0 || int64(now) < 0 || now < last || now%uint64(time.Millisecond) != 0 {
				t.Fatalf("clock %d: %d after %d", id, now, last)
			}
			last = now
		}
	}
	if d := time.Since(time.Unix(0, int64(g.u64(100)))); d < 0 && d > -time.Hour {
		t.Error(d)
	}
	g.want(eINVAL, "clock_time_get", 2, 0, 100)
	g.want(eINVAL, "clock_time_get", math.MaxUint32, 0, 100)
}

func TestRandom(t *testing.T) {
	g := quick(t, &wasi.State{RandomBytes: 100})
	g.want(ok, "random_get", 0, 60)
	first := bytes.Clone(g.bytes(0, 60))
	if bytes.Count(first, []byte{0}) > 20 {
		t.Errorf("%x", first)
	}
	g.want(ok, "random_get", 0, 40)
	if bytes.Equal(first[:40], g.bytes(0, 40)) {
		t.Error("the same again")
	}
	g.want(ok, "random_get", 0, 0)
	_, err := g.try("random_get", 0, 1)
	var a *wasi.Abort
	if !errors.As(err, &a) || a.Code != authority.CodeCallLimit {
		t.Error(err)
	}
	g = quick(t, nil)
	for range 20 {
		g.want(ok, "random_get", 0, memorySize)
	}
}

// subscription writes one at 48*i: of a clock, or of a descriptor.
func (g *guest) subscription(i int, user uint64, kind byte, id uint32, wait uint64, flags uint16) {
	b := make([]byte, 48)
	le := binary.LittleEndian
	le.PutUint64(b, user)
	b[8] = kind
	le.PutUint32(b[16:], id)
	le.PutUint64(b[24:], wait)
	le.PutUint16(b[40:], flags)
	g.put(uint64(48*i), b...)
}

func (g *guest) events(n int) (users []uint64, errnos []uint16) {
	for i := range n {
		b := g.bytes(uint64(20000+32*i), 32)
		users = append(users, binary.LittleEndian.Uint64(b))
		errnos = append(errnos, binary.LittleEndian.Uint16(b[8:]))
	}
	return users, errnos
}

func TestPoll(t *testing.T) {
	g := quick(t, &wasi.State{})
	const second = uint64(time.Second)
	poll := func(n int) ([]uint64, []uint16) {
		t.Helper()
		g.want(ok, "poll_oneoff", 0, 20000, uint64(n), 30000)
		return g.events(int(g.u32(30000)))
	}
	start := time.Now()
	g.subscription(0, 7, 0, 1, 20e6, 0)
	g.subscription(1, 8, 0, 1, 3600*second, 0)
	if users, _ := poll(2); !slices.Equal(users, []uint64{7}) || time.Since(start) < 20*time.Millisecond {
		t.Error(users, time.Since(start))
	}
	// In the past, at once, on what does not exist, on descriptors: no waiting.
	g.subscription(0, 1, 0, 0, 1, 1)
	g.subscription(1, 2, 0, 1, 0, 0)
	g.subscription(2, 3, 0, 9, second, 0)
	g.subscription(3, 4, 9, 0, second, 0)
	g.subscription(4, 5, 1, 0, 0, 0)
	g.subscription(5, 6, 2, 2, 0, 0)
	g.subscription(6, 7, 1, 77, 0, 0)
	g.subscription(7, 8, 0, 0, math.MaxUint64, 1)
	users, errnos := poll(8)
	if !slices.Equal(users, []uint64{1, 2, 3, 4, 5, 6, 7}) || !slices.Equal(errnos, []uint16{0, 0, eINVAL, eINVAL, 0, 0, eBADF}) {
		t.Error(users, errnos)
	}
	for _, n := range []uint64{0, 257, 1 << 31, math.MaxUint32} {
		g.want(eINVAL, "poll_oneoff", 0, 20000, n, 30000)
	}
	// Events over their own subscriptions.
	g.subscription(0, 1, 1, 0, 0, 0)
	g.subscription(1, 2, 1, 0, 0, 0)
	g.want(ok, "poll_oneoff", 0, 0, 2, 30000)
	if g.u32(30000) != 2 || g.u64(0) != 1 || g.u64(32) != 2 {
		t.Error(g.u32(30000), g.u64(0), g.u64(32))
	}
}

// A sleep ends with the context of the call, and the budget is asked meanwhile.
func TestSleepEnds(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		asked, stop := 0, 1<<30
		revoked := errors.New("revoked")
		st := &wasi.State{Payer: charge(func(int) error {
			if asked++; asked > stop {
				return revoked
			}
			return nil
		})}
		g := newGuest(t, c, st)
		g.subscription(0, 1, 0, 1, math.MaxUint64, 0)
		g.subscription(1, 1, 0, 0, math.MaxUint64, 1)
		for want, ctx := range map[authority.Code]func() (context.Context, context.CancelFunc){
			authority.CodeDeadline: func() (context.Context, context.CancelFunc) {
				return context.WithTimeout(context.Background(), 120*time.Millisecond)
			},
			authority.CodeCanceled: func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(20*time.Millisecond, cancel)
				return ctx, cancel
			},
		} {
			ctx, cancel := ctx()
			g.ctx = with(ctx, st)
			_, err := g.try("poll_oneoff", 0, 20000, 2, 30000)
			cancel()
			var a *wasi.Abort
			if !errors.As(err, &a) || a.Code != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if asked < 3 {
			t.Errorf("asked %d times", asked)
		}
		g.ctx, asked, stop = with(context.Background(), st), 0, 2
		if _, err := g.try("poll_oneoff", 0, 20000, 2, 30000); !errors.Is(err, revoked) {
			t.Error(err)
		}
	})
}
