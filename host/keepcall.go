package host

import (
	"context"
	"errors"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/image"
)

// instanceCaller is the [authority.Grant.Instance] of calls whose instance is
// kept for their caller.
const instanceCaller = "caller"

// maxQueued is how many calls of one caller may wait while another one runs in
// the instance that is kept for it.
const maxQueued = 16

// takeTurn waits until no other call of the caller runs in the instance that is
// kept for it. Calls whose instance is not kept wait for nobody.
func (c *call) takeTurn() error {
	if c.grant.Instance() != instanceCaller {
		return nil
	}
	k := c.module.joinKept(c.caller)
	if k.turn.try() {
		c.kept = k
		return nil
	}
	if err := k.turn.take(c.wait()); err != nil {
		c.module.leaveKept(k)
		return c.notTaken(err)
	}
	c.kept = k
	now := time.Now()
	c.turn, c.ticked = now, now
	if e := c.interrupted(now); e != nil {
		return e
	}
	return asError(c.recheck())
}

// notTaken says why the call did not get its turn.
func (c *call) notTaken(err error) *Error {
	if errors.Is(err, errBusy) {
		return failuref(authority.CodeQuota, "more than %d calls of the caller wait for the instance that module %q keeps for it", maxQueued, c.module.name)
	}
	if e := c.interrupted(time.Now()); e != nil {
		return e
	}
	return ended(context.Canceled, err)
}

// claim gives the call, whose turn it is, the instance of its caller if there is
// one. It ends the state if what that was made under does not hold any more.
func (c *call) claim() error {
	a, now := c.host.live.Authority(), time.Now().UnixNano()
	if !a.Holds(c.decision, now) {
		return failuref(authority.CodeRevoked, "what allowed the call does not hold any more")
	}
	k, s := c.kept, &c.module.keep
	s.mu.Lock()
	var old *image.Instance
	if !k.renew(a, now) {
		old = k.end()
	}
	if c.keeping = k.add(a, c.decision.Request(), now); c.keeping {
		c.instance, k.instance = k.instance, nil
	}
	s.mu.Unlock()
	if old != nil {
		c.module.closeKept("what it was made under does not hold any more", endedKept{k.caller, old})
	}
	return nil
}

// giveTurn leaves the instance for the next call of the caller, if the call has
// ended as it should and what the state was made under still holds, or closes
// it. Then it is the next one's turn.
func (c *call) giveTurn(in *image.Instance, now time.Time) {
	m, k := c.module, c.kept
	c.kept = nil
	s := &m.keep
	s.mu.Lock()
	if k.used = now; c.keeping {
		if c.sound && k.renew(c.host.live.Authority(), now.UnixNano()) {
			k.instance, in = in, nil
			k.nextFD, k.nextHandle = max(k.nextFD, c.wasi.Files.Next()), c.session.Next()
			m.wakeKept(k.ends(m.limits.KeptIdle))
		} else {
			k.standing = standing{}
		}
	}
	s.leave(k)
	over := s.trim(m.limits.Kept)
	s.mu.Unlock()
	if in != nil && !c.keeping {
		c.putBack(in, now)
	} else if in != nil {
		m.closeKept("its call failed, or what it was made under does not hold any more", endedKept{k.caller, in})
	}
	k.turn.give()
	m.closeKept(tooMany, over...)
}
