package wasi

import (
	"context"

	"github.com/tetratelabs/wazero/api"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// call is one call of one function: the guest's context, memory and state. It
// is passed by value, so a call allocates nothing.
type call struct {
	ctx   context.Context
	mem   api.Memory
	state *State
}

// function is the body of a function; s holds its parameters, i32 in the low
// half with the upper half clear.
type function func(c call, s []uint64) errno

// files are the call's open files; without any, a table in which nothing can
// be opened.
func (c call) files() *files.Table {
	if c.state == nil || c.state.Files == nil {
		return files.NewTable(nil, files.Config{})
	}
	return c.state.Files
}

// charge pays for work before it is done.
func (c call) charge(units int) {
	if c.state == nil || c.state.Payer == nil {
		return
	}
	if err := c.state.Payer.Charge(units); err != nil {
		panic(err)
	}
}

// chargeBytes pays for n bytes that are moved.
func (c call) chargeBytes(n int) {
	if n >= chargeBlock {
		c.charge(n / chargeBlock)
	}
}

// chargeBlock is how many bytes cost a unit.
const chargeBlock = 4096

// wrap makes a host function of a body: the one place where parameters are
// masked (wazero leaves garbage in the upper half of an i32), the state is
// found and the call is paid for.
func wrap(params []api.ValueType, f function) api.GoModuleFunc {
	return func(ctx context.Context, m api.Module, s []uint64) {
		for i, t := range params {
			if t == api.ValueTypeI32 {
				s[i] = uint64(uint32(s[i]))
			}
		}
		st, _ := ctx.Value(Key{}).(*State)
		c := call{ctx: ctx, mem: m.Memory(), state: st}
		c.charge(1)
		s[0] = uint64(f(c, s)) // proc_exit has no result and does not return
	}
}
