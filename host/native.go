package host

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Func implements a command in Go. It is trusted code: it runs without a
// sandbox, and its context has no deadline unless the command's manifest asks
// for one. It may run many times at once.
//
// An error of type [*Error] reaches the caller as the code "<module>.<code>",
// with its message and data; its code is 1 to 64 characters of [a-z0-9-]. The
// text of any other error, and of a panic, goes to the operator only; the
// caller reads host-error.
type Func func(ctx context.Context, c *NativeCall) (any, error)

// NativeCall is what a [Func] is called with.
type NativeCall struct {
	Caller  authority.Caller
	Command string // without the module's name
	Args    any    // decoded, as [Result.Value]; already checked against the command's schema
	Grant   *authority.Grant

	raw  []byte
	mu   sync.Mutex // events are one at a time
	call *call      // nil once it has ended
}

// Emit sends an event to the caller's channel, and waits until that has taken it; heard
// says whether there is one. After the command has returned nobody hears.
func (c *NativeCall) Emit(topic string, payload any) (heard bool, err error) {
	raw, err := marshal(payload)
	if err == nil {
		err = wire.Scan(raw, wire.Limits{})
	}
	if err != nil {
		return false, fmt.Errorf("the payload of an event: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.call != nil && c.call.Emit(topic, raw), nil
}

// end waits for an event that is being sent.
func (c *NativeCall) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.call = nil
}

// Decode decodes the arguments into a Go value, usually a pointer to a struct,
// whose fields are named by their json tags.
func (c *NativeCall) Decode(into any) error { return unmarshal(c.raw, into) }

// Native is a module in Go.
type Native struct {
	Manifest authority.Manifest
	Funcs    map[string]Func // one for each command, by name
}

// checkNative refuses a native module whose functions and commands differ.
func checkNative(n Native) *LoadError {
	commands := make(map[string]bool)
	for _, c := range n.Manifest.Commands {
		commands[c.Name] = true
		if n.Funcs[c.Name] == nil {
			return refusef(authority.CodeModuleInvalid, "its manifest has a command %q, but there is no function for it", c.Name)
		}
		if len(c.Powers) > 0 {
			return refusef(authority.CodeModuleInvalid, "command %q declares powers, which Go functions need none of", c.Name)
		}
	}
	for name := range n.Funcs {
		if !commands[name] {
			return refusef(authority.CodeModuleInvalid, "there is a function %q, but no command of that name in its manifest", name)
		}
	}
	return nil
}

// runNative calls the command's function and encodes what it returns.
func (c *call) runNative() error {
	value, err := c.callNative()
	if err != nil {
		if cut := c.interrupted(time.Now()); cut != nil {
			return cut
		}
		return c.nativeError(err)
	}
	b, err := marshal(value)
	if err != nil {
		return failuref(authority.CodeHostError, "the result of a native command: %w", err)
	}
	if limit := c.module.limits.Reply; int64(len(b)) > limit {
		return failuref(authority.CodeOutputLimit, "the result has %d bytes, more than the %d allowed", len(b), limit)
	}
	if err := wire.Scan(b, wire.Limits{Bytes: int(c.module.limits.Reply)}); err != nil {
		return failuref(authority.CodeHostError, "the result of a native command: %w", err)
	}
	c.result = b
	return nil
}

func (c *call) callNative() (value any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	n := &NativeCall{Caller: c.caller, Command: c.spec.Name, Grant: c.grant, raw: c.args, call: c}
	defer n.end()
	if n.Args, err = decodeAny(c.args); err != nil {
		return nil, err
	}
	return c.module.funcs[c.spec.Name](c, n)
}

// nativeError is an error of a native command as its caller gets it.
func (c *call) nativeError(err error) *Error {
	if e, ok := err.(*Error); ok && wire.ValidCode(string(e.Code)) { //nolint:errorlint // an error that it wraps is not meant for the caller
		return &Error{Code: c.guestCode(string(e.Code)), Message: e.Message, Data: e.Data, Err: opaque(e.Err)}
	}
	return failure(authority.CodeHostError, opaque(err))
}

// opaque keeps the text of an error and nothing else: what a native command
// got from another call must not pass for the outcome of this one.
func opaque(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(err.Error())
}
