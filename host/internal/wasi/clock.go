package wasi

import "time"

// The clocks.
const (
	clockRealtime  = 0
	clockMonotonic = 1
)

// started is where the monotonic clock begins. It is the same for all calls of
// a process, so it never goes back behind the moment an instance was frozen.
var started = time.Now()

// now reads a clock, in nanoseconds. The monotonic one is never 0 and never
// negative: a Go guest hangs with such a one.
func now(clock uint64, resolution time.Duration) (int64, errno) {
	switch clock {
	case clockRealtime:
		t := time.Now().UnixNano()
		return t - t%int64(resolution), ok
	case clockMonotonic:
		return int64(time.Since(started).Truncate(resolution) + resolution), ok
	}
	return 0, eINVAL
}

func clockTimeGet(c call, s []uint64) errno {
	out, e := c.slot(s[2], 8)
	if e != ok {
		return e
	}
	t, e := now(s[0], c.resolution())
	if e != ok {
		return e
	}
	return u64(out, uint64(t))
}

// resolution is how exact the clocks of the call are.
func (c call) resolution() time.Duration {
	if c.state == nil || c.state.Resolution <= 0 {
		return DefaultResolution
	}
	return c.state.Resolution
}

func clockResGet(c call, s []uint64) errno {
	out, e := c.slot(s[1], 8)
	if e != ok {
		return e
	}
	if _, e := now(s[0], c.resolution()); e != ok {
		return e
	}
	return u64(out, uint64(c.resolution()))
}
