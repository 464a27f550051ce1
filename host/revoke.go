package host

import (
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// recheck ends a call whose permission was withdrawn while it ran: when the
// live policy has changed, or a rule that gave the grant has run out, what was
// decided must still hold. It runs at every host call, so it is cheap when
// nothing has happened.
func (c *call) recheck() *Error {
	for up := c.above; up != nil; up = up.above {
		if e := up.recheckOwn(); e != nil {
			return e
		}
	}
	return c.recheckOwn()
}

func (c *call) recheckOwn() *Error {
	if !c.decision.Allowed() { // a module that is being tried at load
		return nil
	}
	live := c.host.live
	revision := live.Revision()
	now, expires := int64(0), c.grant.Expires()
	if expires != 0 {
		now = time.Now().UnixNano()
	}
	if revision == c.revision && (expires == 0 || now < expires) {
		return nil
	}
	if now == 0 {
		now = time.Now().UnixNano()
	}
	if !live.Authority().Holds(c.decision, now) {
		return failuref(authority.CodeRevoked, "what allowed the call does not hold any more")
	}
	c.revision = revision
	return nil
}

// holds reports whether what allowed the call, and each of those above it, still
// holds. It may be asked by any goroutine.
func (c *call) holds() bool {
	a, now := c.host.live.Authority(), time.Now().UnixNano()
	for ; c != nil; c = c.above {
		if !a.Holds(c.decision, now) {
			return false
		}
	}
	return true
}
