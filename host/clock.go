package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// A call is a context without timers or goroutines, since those cost more than
// a short call: who wants to know whether it has ended asks. The guest does, by
// its ticks and its calls of the host. Done is for those who wait, and makes what
// it needs when it is asked for.

// startClock begins the time that the call has. Go functions are trusted and
// have as much as they like, unless their command says otherwise; they get a
// context of the usual kind.
func (c *call) startClock() error {
	limit := time.Duration(c.spec.Timeout) * time.Millisecond
	if !c.module.native() && (limit <= 0 || limit > c.module.limits.Deadline) {
		limit = c.module.limits.Deadline
	}
	c.openBudget()
	c.slice, c.fuel, c.turn, c.ticked = firstSlice, firstSlice, c.started, c.started
	if c.allowed = limit; c.module.native() {
		c.Context = c.wait()
		c.allowed = 0
	}
	c.openOutput()
	return asError(c.interrupted(c.started))
}

// wait returns a context that ends with the call's time, the caller's context,
// or the module. It is released at the end of the call.
func (c *call) wait() context.Context {
	if c.waiting != nil {
		return c.waiting
	}
	from := c.Context
	if c.above != nil { // which is no context that one can wait for cheaply
		from = c.above.Blocking()
	}
	ctx, cancel := context.WithCancelCause(from)
	release := context.AfterFunc(c.module.stopped, func() { cancel(context.Cause(c.module.stopped)) })
	c.cancel = func() { release(); cancel(nil) }
	if c.allowed > 0 {
		timed, stop := context.WithDeadline(ctx, c.started.Add(c.allowed))
		ctx = timed
		c.cancel = func() { stop(); release(); cancel(nil) }
	}
	c.waiting = ctx
	return ctx
}

// Done returns a channel that is closed when the call must end.
func (c *call) Done() <-chan struct{} {
	if c.module == nil {
		return c.Context.Done()
	}
	return c.wait().Done()
}

// Err returns why the call must end, or nil.
func (c *call) Err() error {
	if err := c.Context.Err(); err != nil {
		return err
	}
	if c.module != nil && c.module.stopped.Err() != nil {
		return context.Canceled
	}
	if c.allowed > 0 && time.Since(c.started) >= c.allowed {
		return context.DeadlineExceeded
	}
	return nil
}

// Deadline returns when the call must end.
func (c *call) Deadline() (time.Time, bool) {
	end, ok := c.Context.Deadline()
	if c.allowed > 0 {
		if own := c.started.Add(c.allowed); !ok || own.Before(end) {
			return own, true
		}
	}
	return end, ok
}

// unloaded is the cause with which a module ends its running calls.
type unloaded struct{ module string }

func (e *unloaded) Error() string { return fmt.Sprintf("module %q was unloaded", e.module) }

// interrupted says why the call must end now, if it must. It looks at the
// clock and not only at contexts, since timers run late while guests keep all
// processors busy.
func (c *call) interrupted(now time.Time) *Error {
	if end, ok := c.Deadline(); ok && !now.Before(end) {
		return failure(authority.CodeDeadline, context.DeadlineExceeded)
	}
	if err := c.Context.Err(); err != nil {
		return ended(err, context.Cause(c.Context))
	}
	if c.module != nil && c.module.stopped.Err() != nil {
		return ended(context.Canceled, context.Cause(c.module.stopped))
	}
	return nil
}

// ended is the outcome of a call whose context has ended. A cause that the app
// gave is foreign: it may be anything, even the outcome of another invoke, so
// only its text is kept.
func ended(err, cause error) *Error {
	if errors.Is(err, context.DeadlineExceeded) {
		return failure(authority.CodeDeadline, context.DeadlineExceeded)
	}
	if cause == context.Canceled { //nolint:errorlint // the plain one
		return failure(authority.CodeCanceled, cause)
	}
	return failure(authority.CodeCanceled, errors.Join(context.Canceled, opaque(cause)))
}
