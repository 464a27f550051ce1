package host

import (
	"sync"

	"github.com/ambit-wasm/ambit/authority"
)

// usage counts what capabilities with limits have been used for: calls at a
// time, and calls per second. The authority knows no clock and keeps no
// counts; it is told which capabilities are used up and decides without them.
type usage struct {
	mu     sync.Mutex
	counts map[string]*count // by capability
}

// count is the use of one capability.
type count struct {
	running int
	tokens  float64 // calls that may begin now
	filled  int64   // when tokens was right, Unix nanoseconds
}

// maxIdle is how many unused counts are kept.
const maxIdle = 1024

// take counts a call that begins at now (Unix nanoseconds) for all the
// capabilities, or for none, and then returns the one that is used up.
func (u *usage) take(caps []authority.LimitedCapability, now int64) (spent string, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, k := range caps {
		if !u.of(k, now).room(k.Limits) {
			return k.Capability, false
		}
	}
	for _, k := range caps {
		n := u.of(k, now) // again: making room for a later one may have dropped it
		n.running++
		if k.Limits.CallsPerSecond > 0 {
			n.tokens--
		}
	}
	return "", true
}

// give ends a call that was counted.
func (u *usage) give(caps []authority.LimitedCapability) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, k := range caps {
		u.counts[k.Capability].running--
	}
}

// of returns the count of a capability, with the tokens of now: as many as
// calls per second, filled up evenly.
func (u *usage) of(k authority.LimitedCapability, now int64) *count {
	n := u.counts[k.Capability]
	if n == nil {
		if u.counts == nil || len(u.counts) >= maxIdle {
			u.forgetIdle()
		}
		n = &count{tokens: float64(k.Limits.CallsPerSecond), filled: now}
		u.counts[k.Capability] = n
	}
	most := float64(k.Limits.CallsPerSecond)
	if now > n.filled {
		n.tokens += most * float64(now-n.filled) / 1e9
		n.filled = now
	}
	n.tokens = min(n.tokens, most)
	return n
}

// forgetIdle drops the counts of capabilities that no call uses. Those that are
// in use again later start with a full second.
func (u *usage) forgetIdle() {
	kept := make(map[string]*count)
	for name, n := range u.counts {
		if n.running > 0 {
			kept[name] = n
		}
	}
	u.counts = kept
}

// room reports whether one more call may begin.
func (n *count) room(l authority.Limits) bool {
	return (l.Concurrent <= 0 || n.running < l.Concurrent) && (l.CallsPerSecond <= 0 || n.tokens >= 1)
}
