package wasi

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// Sizes and bounds of poll_oneoff.
const (
	subscriptionSize = 48
	eventSize        = 32
	maxSubscriptions = 256
	slice            = 50 * time.Millisecond // between looks at the budget
)

// Kinds of events.
const (
	eventClock = 0
	eventRead  = 1
	eventWrite = 2

	clockAbsolute = 1
	hangup        = 1
)

// subscription is what a guest waits for.
type subscription struct {
	user  uint64
	kind  byte
	fd    uint64
	wait  time.Duration // of a clock, from now
	errno errno
}

// pollOneoff waits for the first of some clocks. Descriptors are always ready:
// they are files, the end of stdin, or output that never blocks. It ends with
// the call's context.
func pollOneoff(c call, s []uint64) errno {
	if s[2] == 0 || s[2] > maxSubscriptions {
		return eINVAL
	}
	result, e := c.slot(s[3], 4)
	if e != ok {
		return e
	}
	out, e := c.slot(s[1], eventSize*s[2])
	if e != ok {
		return e
	}
	in, e := c.view(s[0], subscriptionSize*s[2])
	if e != ok {
		return e
	}
	// The buffers may overlap, so all is read before anything is written.
	subs := make([]subscription, s[2])
	least := time.Duration(math.MaxInt64)
	for i := range subs {
		subs[i] = c.subscription(in[subscriptionSize*i:])
		least = min(least, subs[i].wait)
	}
	if least > 0 {
		c.sleep(least)
	}
	n := 0
	for _, sub := range subs {
		if sub.wait <= least {
			sub.event(out[eventSize*n:])
			n++
		}
	}
	return u32(result, uint32(n))
}

// subscription reads one; what cannot be waited for is an event at once.
func (c call) subscription(b []byte) subscription {
	le := binary.LittleEndian
	sub := subscription{user: le.Uint64(b), kind: b[8], fd: uint64(le.Uint32(b[16:]))}
	switch sub.kind {
	case eventClock:
		sub.wait, sub.errno = c.timeout(sub.fd, le.Uint64(b[24:]), le.Uint16(b[40:]))
	case eventRead, eventWrite:
		if _, e := c.file(sub.fd); e != ok && sub.fd > stderr {
			sub.errno = eBADF
		}
	default:
		sub.errno = eINVAL
	}
	return sub
}

// timeout is how long to wait for a clock.
func (c call) timeout(clock, nanos uint64, flags uint16) (time.Duration, errno) {
	t, e := now(clock, c.resolution())
	if e != ok {
		return 0, e
	}
	d := int64(min(nanos, math.MaxInt64))
	if flags&clockAbsolute != 0 {
		d -= t // both positive: no overflow
	}
	return time.Duration(max(0, d)), ok
}

// event writes what happened.
func (s subscription) event(b []byte) {
	b = b[:eventSize]
	clear(b)
	le := binary.LittleEndian
	le.PutUint64(b, s.user)
	le.PutUint16(b[8:], uint16(s.errno))
	b[10] = s.kind
	if s.kind == eventRead && s.fd == stdin && s.errno == ok {
		le.PutUint16(b[24:], hangup)
	}
}

// sleep waits in slices, so that the host can end the call meanwhile.
func (c call) sleep(d time.Duration) {
	end := time.Now().Add(d)
	if d > math.MaxInt64/2 {
		end = time.Now().Add(math.MaxInt64 / 2)
	}
	timer := time.NewTimer(min(d, slice))
	defer timer.Stop()
	for {
		select {
		case <-c.ctx.Done():
			panic(ended(c.ctx))
		case <-timer.C:
		}
		c.charge(0)
		left := time.Until(end)
		if left <= 0 {
			return
		}
		timer.Reset(min(left, slice))
	}
}

// ended is the end of a call whose context is done.
func ended(ctx context.Context) *Abort {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Abort{Code: authority.CodeDeadline, Text: "the deadline passed while the module slept"}
	}
	return &Abort{Code: authority.CodeCanceled, Text: "the call was canceled while the module slept"}
}
