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
	c.discard()
	c.giveBack()
	c.account(err)
	c.report(err)
	return err
}

// discard throws away all that the module had.
func (c *call) discard() {
	if err := c.wasi.Files.Close(); err != nil {
		c.module.log.Error("files not closed", "call", c.id(), "error", err)
	}
	c.leaveInstance()
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

// report writes the audit record and the log.
func (c *call) report(err error) {
	took, log := time.Since(c.started), c.host.log
	if c.host.audit == nil && !log.IsWarn() { // nobody reads it
		return
	}
	code, detail := verdict(err)
	switch {
	case err == nil:
		log.Debug("invoke", "call", c.id(), "command", c.name, "duration", took)
	case code == authority.CodeHostError:
		log.Error("invoke failed", "call", c.id(), "command", printable.Cut(c.name, maxNameText),
			"code", code, "detail", printable.Cut(detail, maxErrorText))
	case errors.Is(err, authority.ErrDenied):
		log.Warn("invoke denied", "call", c.id(), "command", printable.Cut(c.name, maxNameText),
			"caller", callerText(c.caller), "code", code, "detail", printable.Cut(detail, maxErrorText))
	default:
		log.Info("invoke failed", "call", c.id(), "command", printable.Cut(c.name, maxNameText),
			"code", code, "detail", printable.Cut(detail, maxErrorText))
	}
	if c.host.audit == nil {
		return
	}
	if err := c.audit(c.record(took, code, detail)); err != nil {
		c.host.log.Error("audit record not written", "call", c.id(), "error", err)
	}
}

// audit hands a record to the sink, whose panic is not the caller's.
func (c *call) audit(r Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the sink panicked: %v", p)
		}
	}()
	return c.host.audit.Audit(r)
}

// verdict is the code of an outcome and what the operator reads.
func verdict(err error) (authority.Code, string) {
	if err == nil {
		return authority.CodeAllowed, ""
	}
	if d, ok := errors.AsType[*authority.Denial](err); ok {
		return d.Code(), d.Decision.Explain()
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code, e.detail()
	}
	return authority.CodeHostError, err.Error()
}

// record is the call's audit record.
func (c *call) record(took time.Duration, code authority.Code, detail string) Record {
	r := Record{
		Time: c.started, ID: c.id(), Command: printable.Cut(c.name, maxNameText), Decision: "deny", Code: code,
		Rules: []RecordRule{}, Policy: c.decision.Revision(), Duration: took,
		BytesIn: len(c.args), BytesOut: len(c.result), HostCalls: c.hostCalls, Detail: printable.Cut(detail, maxErrorText),
		Caller: RecordCaller{
			Window: printable.Cut(c.caller.Window, maxNameText), Webview: printable.Cut(c.caller.Webview, maxNameText),
			Origin: printable.Cut(c.caller.Origin.String(), maxNameText),
		},
	}
	if c.decision.Allowed() {
		r.Decision = "allow"
	}
	for _, before := range c.caller.Chain {
		r.Caller.Chain = append(r.Caller.Chain, callerText(before))
	}
	r.Rules = appendRules(r.Rules, c.decision.Matched())
	if e, changes := c.decision.Observed(); changes {
		r.Observed = &RecordEffect{
			Code: e.Code, Rules: appendRules([]RecordRule{}, e.Rules), Allow: len(e.Allow), Deny: len(e.Deny),
			Powers: append([]authority.Power{}, e.Powers...),
		}
	}
	return r
}

func appendRules(rules []RecordRule, matched []authority.Match) []RecordRule {
	for _, m := range matched {
		rules = append(rules, RecordRule{Capability: m.Capability, Permission: m.Permission, Source: m.Source.String()})
	}
	return rules
}

// callerText names a caller in a few words.
func callerText(c authority.Caller) string {
	s := c.Origin.String()
	if c.Window != "" {
		s += " in window " + c.Window
	}
	return printable.Cut(s, maxNameText)
}
