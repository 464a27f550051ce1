package host

import (
	"errors"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Invoke calls a command for the module of this call. It is a request of its own,
// decided for the module as its caller, with the chain of those before, and gets
// the scope that capabilities grant the module. It has the time and the budgets
// that this call has left, at most, and ends when what allowed any of the callers
// does not hold any more.
func (c *call) Invoke(out []byte, command string, args wire.Raw) ([]byte, *power.Error) {
	if c.depth <= 1 {
		return nil, &power.Error{Code: authority.CodeReentrancyLimit, Text: "too many modules call each other"}
	}
	if c.used.invokes >= c.most.invokes {
		return nil, &power.Error{Code: authority.CodeQuota, Text: "the call makes too many calls of others"}
	}
	c.used.invokes++
	n := c.host.newCall(below{c}, c.asCaller(), command)
	n.above, n.args, n.raw = c, args, true
	err := n.do()
	c.waited = true
	c.used.add(n.used)
	if c.output.Limit -= n.output.Taken(); c.output.Limit == 0 {
		c.output.Limit = -1 // zero would be the default
	}
	out, refused := appendOutcome(out, n.caller, n.result, err)
	n.reuseEnvelopes()
	return out, refused
}

var deniedInvoke = &power.Error{Code: authority.CodeDenied, Text: "the module may not call this command"}

// appendOutcome appends how an invoke ended as a reply, as far as its caller may
// know. A denial is a refusal of the power.
func appendOutcome(out []byte, caller authority.Caller, result []byte, err error) ([]byte, *power.Error) {
	switch {
	case errors.Is(err, authority.ErrDenied):
		return nil, deniedInvoke
	case err == nil:
		return wire.AppendOK(out, result), nil
	}
	e := Visible(caller, err)
	body := wire.ErrorBody{Code: string(e.Code), Message: e.Message}
	if e.Data != nil {
		if b, err := marshal(e.Data); err == nil { // it was decoded before
			body.Data = b
		}
	}
	return wire.AppendErr(out, &body), nil
}

// asCaller is the module of the call as the caller of another one.
func (c *call) asCaller() authority.Caller {
	before := c.caller
	before.Chain = nil
	chain := append(c.caller.Chain[:len(c.caller.Chain):len(c.caller.Chain)], before)
	return authority.Caller{Origin: authority.ModuleOrigin(c.module.name), Chain: chain}
}

// below is the context of a call that another call makes. It ends with that, and
// its events are heard by nobody: the channel is that of the root's caller.
type below struct{ *call }

func (b below) Value(key any) any {
	if key == (channelKey{}) {
		return nil
	}
	return b.Context.Value(key)
}
