package host

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// abiFunc is the body of a function of the module "ambit"; s holds its
// parameters, each an i32 with the upper half clear. A returned error ends the
// guest's call.
type abiFunc func(c *call, m api.Memory, s []uint64) *Error

// registerABI makes the module "ambit" importable.
func registerABI(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(importABI)
	for name, f := range map[string]abiFunc{
		"request": abiRequest, "reply": abiReply, "result": abiResult, "log": abiLog,
	} {
		t := abiImports[name]
		b.NewFunctionBuilder().WithName(name).WithGoModuleFunction(wrapABI(f), valueTypes(t.Params), valueTypes(t.Results)).Export(name)
	}
	_, err := b.Instantiate(ctx)
	return err
}

func valueTypes(codes string) []api.ValueType { return []api.ValueType(codes) }

// errAbort is what host functions panic with to end a guest's call; why is in
// call.failed.
var errAbort = errors.New("the host ended the call")

// wrapABI is the one place where parameters are masked (wazero leaves garbage
// in the upper half of an i32), the call is found and paid for, and a panic of
// ours is kept from passing for the guest's fault.
func wrapABI(f abiFunc) api.GoModuleFunc {
	return func(ctx context.Context, m api.Module, s []uint64) {
		c, ok := ctx.Value(callKey{}).(*call)
		if !ok {
			panic(errAbort) // nobody but the pipeline runs guests
		}
		for i := range s {
			s[i] = uint64(uint32(s[i]))
		}
		if err := c.guarded(f, m.Memory(), s); err != nil {
			panic(errAbort)
		}
	}
}

// guarded runs a host function for the call.
func (c *call) guarded(f abiFunc, m api.Memory, s []uint64) (err *Error) {
	defer func() {
		if r := recover(); r != nil {
			err = failure(authority.CodeHostError, fmt.Errorf("a host function panicked: %v\n%s", r, debug.Stack()))
		}
		if err != nil {
			c.fail(err)
		}
	}()
	if err := c.pay(1); err != nil {
		return err
	}
	return f(c, m, s)
}

// fail notes why the call ends, the first time.
func (c *call) fail(err *Error) {
	if c.failed == nil {
		c.failed = err
	}
}

// payBlock is how many bytes that are copied cost as much as a call.
const payBlock = 4096

// pay is for each call of a host function, and for what it does beyond: it ends
// calls that are over their budget, and those whose permission was withdrawn.
func (c *call) pay(units int) *Error {
	if c.used.hostCalls += int64(units); c.used.hostCalls > c.most.hostCalls {
		return failuref(authority.CodeCallLimit, "more than %d calls of the host", c.most.hostCalls)
	}
	return c.recheck()
}

// Charge is pay for powers and the functions of WASI. They may take long, so it
// ends calls that are over their time, too; those of this file are as short as the
// way to the next tick.
func (c *call) Charge(units int) error {
	err := c.pay(units)
	if err == nil {
		err = c.interrupted(time.Now())
	}
	if err != nil {
		c.fail(err)
		return errAbort
	}
	return nil
}

// abiRequest(ptr) writes the request. A guest may ask again and gets the same.
func abiRequest(c *call, m api.Memory, s []uint64) *Error {
	if !c.active {
		return failuref(authority.CodeBadResult, "it asked for a request while there was none")
	}
	return c.write(m, s[0], c.request, "request")
}

// write copies a message to the guest and is paid for it.
func (c *call) write(m api.Memory, at uint64, message []byte, what string) *Error {
	if n := len(message) / payBlock; n > 0 && c.Charge(n) != nil {
		return c.failed
	}
	if !m.Write(uint32(at), message) {
		return failuref(authority.CodeBadResult, "ambit.%s: %d bytes at %d are outside the memory", what, len(message), at)
	}
	return nil
}

// abiReply(ptr, len) takes the reply, once. It is copied before anything looks
// at it, since the guest could change it afterwards.
func abiReply(c *call, m api.Memory, s []uint64) *Error {
	if !c.active {
		return failuref(authority.CodeBadResult, "it replied while there was no request")
	}
	if c.replied {
		return failuref(authority.CodeBadResult, "it replied twice")
	}
	if limit := c.module.limits.Reply; int64(s[1]) > limit {
		return failuref(authority.CodeOutputLimit, "the reply has %d bytes, more than the %d allowed", s[1], limit)
	}
	view, ok := m.Read(uint32(s[0]), uint32(s[1]))
	if !ok {
		return failuref(authority.CodeBadResult, "ambit.reply: %d bytes at %d are outside the memory", s[1], s[0])
	}
	c.reply, c.replied = append(c.reply[:0], view...), true
	return nil
}

// abiResult(ptr) writes the result of the last call of a power function.
func abiResult(c *call, m api.Memory, s []uint64) *Error {
	result, ok := c.session.Result()
	if !ok {
		return failuref(authority.CodeBadResult, "it asked for a result without a power call before")
	}
	return c.write(m, s[0], result, "result")
}

// abiLog(level, ptr, len) logs text, as far as the call's limit allows.
func abiLog(c *call, m api.Memory, s []uint64) *Error {
	view, ok := m.Read(uint32(s[1]), uint32(s[2]))
	if !ok {
		return failuref(authority.CodeBadResult, "ambit.log: %d bytes at %d are outside the memory", s[2], s[1])
	}
	c.log.level = wire.Level(int32(uint32(s[0])))
	c.output.Write(streamLog, view)
	return nil
}
