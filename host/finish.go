package host

import (
	"errors"
	"fmt"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// finish ends a call whatever became of it: the sandbox is thrown away, what
// was counted is given back, the record is written. It returns the error that
// the invoke returns.
func (c *call) finish(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Command = c.name
	}
	now := time.Now()
	c.discard(now)
	c.giveBack()
	c.account(err)
	c.report(err, now.Sub(c.started))
	return err
}

// discard throws away all that the module had.
func (c *call) discard(now time.Time) {
	if err := errors.Join(c.wasi.Files.Close(), c.session.Close()); err != nil {
		c.module.log.Error("not all was closed", "call", c.id(), "error", err)
	}
	if c.unblock != nil {
		c.unblock()
	}
	c.leaveInstance(now)
	if c.log.log != nil {
		c.log.close(c.output.Dropped())
	}
	if c.cancel != nil {
		c.cancel()
	}
}

func (c *call) giveBack() {
	if c.counted {
		c.host.running.Add(-1)
	}
	if len(c.limited) > 0 {
		c.host.usage.give(c.limited)
	}
	if c.module != nil {
		c.module.leave(c.admitted)
	}
}

// account counts how the call ended.
func (c *call) account(err error) {
	h := c.host
	switch {
	case err == nil:
	case errors.Is(err, authority.ErrDenied):
		h.denied.Add(1)
	default:
		h.failed.Add(1)
	}
}

// report writes the log and hands the event to the sink.
func (c *call) report(err error, took time.Duration) {
	c.stats = CallStats{
		Duration: took, CPU: c.used.cpu, Memory: c.memory, BytesIn: len(c.args), BytesOut: len(c.result),
		HostCalls: c.used.hostCalls, Logged: c.output.Taken(), Instance: c.state,
	}
	c.writeLog(err)
	c.logRefusals()
	if c.host.audit == nil {
		return
	}
	if err := c.audit(err); err != nil {
		c.host.log.Error("audit record not written", "call", c.id(), "error", err)
	}
}

// writeLog tells the log how the call ended.
func (c *call) writeLog(err error) {
	log := c.host.log
	if err == nil {
		if log.IsDebug() {
			log.Debug("invoke", "call", c.id(), "command", c.name, "duration", c.stats.Duration, "cpu", c.stats.CPU)
		}
		return
	}
	if !log.IsError() { // nobody reads it
		return
	}
	code, name, detail := verdict(err), printable.Cut(c.name, maxNameText), printable.Cut(explain(err), maxErrorText)
	switch {
	case code == authority.CodeHostError:
		log.Error("invoke failed", "call", c.id(), "command", name, "code", code, "detail", detail)
	case errors.Is(err, authority.ErrDenied):
		log.Warn("invoke denied", "call", c.id(), "command", name, "caller", callerText(c.caller), "code", code, "detail", detail)
	default:
		log.Info("invoke failed", "call", c.id(), "command", name, "code", code, "detail", detail)
	}
}

// logRefusals tells the log what powers were refused for lack of scope, and what
// entry would lend them.
func (c *call) logRefusals() {
	refused, all := c.session.Refusals()
	if all == 0 || !c.host.log.IsWarn() {
		return
	}
	for _, r := range refused {
		c.host.log.Warn("power refused", "call", c.id(), "command", printable.Cut(c.name, maxNameText), "power", string(r.Power),
			"asked", r.Asked, "code", r.Code, "missing", r.Missing)
	}
	if more := all - int64(len(refused)); more > 0 {
		c.host.log.Warn("more powers refused", "call", c.id(), "count", more)
	}
}

// audit hands the event to the sink, whose panic is not the caller's.
func (c *call) audit(outcome error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the sink panicked: %v", p)
		}
	}()
	refused, refusals := c.session.Refusals()
	return c.host.audit.Audit(Event{
		refused: refused, refusals: refusals,
		Code: verdict(outcome), Stats: c.stats, began: c.started, prefix: c.host.prefix, seq: c.seq,
		caller: c.caller, command: c.name, decision: c.decision, err: outcome,
	})
}

// verdict is the code of an outcome.
func verdict(err error) authority.Code {
	if err == nil {
		return authority.CodeAllowed
	}
	if d, ok := errors.AsType[*authority.Denial](err); ok {
		return d.Code()
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return authority.CodeHostError
}

// explain is what the operator reads of an outcome.
func explain(err error) string {
	if err == nil {
		return ""
	}
	if d, ok := errors.AsType[*authority.Denial](err); ok {
		return d.Decision.Explain()
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.detail()
	}
	return err.Error()
}

// callerText names a caller in a few words.
func callerText(c authority.Caller) string {
	s := c.Origin.String()
	if c.Window != "" {
		s += " in window " + c.Window
	}
	return printable.Cut(s, maxNameText)
}
