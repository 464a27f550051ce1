package host

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Interceptor is a function of the app around every call that the authority
// allowed, also those that modules make: Tauri's isolation pattern, on the side
// that can be trusted. It may refuse the call, and alter its arguments and its
// result; never the command, the caller or the scope. It is called by many
// goroutines at once, and holds the call up while it runs. Both functions may be
// nil.
type Interceptor struct {
	// Before is called before the arguments are held against the command's schema:
	// what it sets is checked as the caller's own. Those of [Config.Interceptors] are
	// called in order. An error refuses the call with the code refused: the caller
	// reads the message and the data of an [*Error], the operator any other text.
	Before func(ctx context.Context, c *Intercepted) error
	// After is called when the call has ended, in reverse order, for those whose
	// Before let it pass; [Intercepted.Failed] says whether it failed. An error is
	// the outcome of the call, as that of Before.
	After func(ctx context.Context, c *Intercepted) error
}

// Intercepted is a call as an [Interceptor] sees it. It is valid until the
// function returns.
type Intercepted struct {
	call *call
	err  error
}

// Caller is who calls.
func (i *Intercepted) Caller() authority.Caller { return i.call.caller }

// Command is what is called, "module.command".
func (i *Intercepted) Command() string { return i.call.module.name + "." + i.call.spec.Name }

// Grant is what the call is lent.
func (i *Intercepted) Grant() *authority.Grant { return i.call.grant }

// Failed is how the call failed, for After; nil if it has not.
func (i *Intercepted) Failed() error { return i.err }

// Args returns the arguments, as [Result].Value.
func (i *Intercepted) Args() any {
	v, _ := decodeAny(i.call.args) // they were scanned
	return v
}

// DecodeArgs decodes the arguments as [Result.Decode].
func (i *Intercepted) DecodeArgs(into any) error { return unmarshal(i.call.args, into) }

// SetArgs replaces the arguments, in Before. They are checked as the caller's.
func (i *Intercepted) SetArgs(v any) error {
	b, err := i.encode(v, i.call.module.limits.Request)
	if err == nil {
		i.call.args = b
	}
	return err
}

// Result returns the result, for After, as [Result].Value; nil if the call failed.
func (i *Intercepted) Result() any {
	v, _ := decodeAny(i.call.result)
	return v
}

// DecodeResult decodes the result as [Result.Decode].
func (i *Intercepted) DecodeResult(into any) error {
	if i.err != nil {
		return errors.New("host: there is no result")
	}
	return unmarshal(i.call.result, into)
}

// SetResult replaces the result, in After, if the call has not failed.
func (i *Intercepted) SetResult(v any) error {
	if i.err != nil {
		return errors.New("host: there is no result")
	}
	b, err := i.encode(v, i.call.module.limits.Reply)
	if err == nil {
		i.call.result = b
	}
	return err
}

func (i *Intercepted) encode(v any, limit int64) ([]byte, error) {
	b, err := marshal(v)
	if err == nil {
		err = wire.Scan(b, wire.Limits{Bytes: int(limit)})
	}
	return b, err
}

// before asks the interceptors, in order.
func (c *call) before() error {
	for n, in := range c.host.interceptors {
		if err := c.intercept(in.Before, nil); err != nil {
			return err
		}
		c.passed = n + 1
	}
	return nil
}

// after tells those that let the call pass, in reverse order, and returns the
// outcome.
func (c *call) after(err error) error {
	for ; c.passed > 0; c.passed-- {
		if refused := c.intercept(c.host.interceptors[c.passed-1].After, err); refused != nil {
			err = refused
		}
	}
	return err
}

// intercept calls one function. What goes wrong in it fails the call.
func (c *call) intercept(f func(context.Context, *Intercepted) error, outcome error) (err error) {
	if f == nil {
		return nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = failuref(authority.CodeHostError, "an interceptor panicked: %v\n%s", r, debug.Stack())
		}
	}()
	if err = f(c.Context, &Intercepted{call: c, err: outcome}); err == nil {
		return nil
	}
	refused := &Error{Code: authority.CodeRefused, Message: messages[authority.CodeRefused], Err: fmt.Errorf("an interceptor: %w", opaque(err))}
	if e, ok := err.(*Error); ok { //nolint:errorlint // an error that it wraps is not meant for the caller
		refused.Message, refused.Data = e.Message, e.Data
	}
	return refused
}
