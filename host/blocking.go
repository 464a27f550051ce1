package host

import (
	"context"
	"time"
)

// Blocking returns a context that ends when the call must, also when what allowed
// it does not hold any more. It is made when a power first has to wait.
func (c *call) Blocking() context.Context {
	c.waited = true
	if c.blocking == nil {
		ctx, cancel := context.WithCancel(c.wait())
		release := c.host.live.Subscribe(func(uint64) {
			if !c.holds() {
				cancel()
			}
		})
		timers := c.expiry(cancel)
		if !c.holds() { // it changed before the subscription
			cancel()
		}
		c.blocking, c.unblock = ctx, func() { timers(); release(); cancel() }
	}
	return c.blocking
}

// expiry calls end when the first grant of the call and of those above it runs
// out, until it is stopped.
func (c *call) expiry(end func()) (stop func()) {
	first := int64(0)
	for ; c != nil; c = c.above {
		if e := c.grant.Expires(); e != 0 && (first == 0 || e < first) {
			first = e
		}
	}
	if first == 0 {
		return func() {}
	}
	t := time.AfterFunc(time.Until(time.Unix(0, first)), end)
	return func() { t.Stop() }
}

// blocked ends the call if it had to end while a power waited.
func (c *call) blocked() *Error {
	if !c.waited {
		return nil
	}
	now := time.Now()
	c.waited, c.turn, c.ticked = false, now, now
	if e := c.interrupted(now); e != nil {
		return e
	}
	return c.recheck()
}
