package host

import (
	"context"
	"errors"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// powerType is the type of all power functions: an envelope in, the length of the
// result out, which ambit.result then writes.
var powerType = wasm.Func([]wasm.ValueType{i32, i32}, []wasm.ValueType{i32})

// registerPowers makes the power functions importable.
func registerPowers(ctx context.Context, r wazero.Runtime) error {
	for module, names := range power.Modules() {
		b := r.NewHostModuleBuilder(module)
		for _, name := range names {
			f, _ := power.Lookup(module, name)
			b.NewFunctionBuilder().WithName(name).
				WithGoModuleFunction(wrapABI(usePower(f)), valueTypes(powerType.Params), valueTypes(powerType.Results)).Export(name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// usePower is the way of a guest into a power.
func usePower(f power.Function) abiFunc {
	return func(c *call, m api.Memory, s []uint64) *Error {
		if !c.active {
			return failuref(authority.CodeBadResult, "it used a power while there was no request")
		}
		limit := c.module.limits.Request
		if int64(s[1]) > limit {
			return failuref(authority.CodeTooLarge, "the arguments of a power have %d bytes, more than the %d allowed", s[1], limit)
		}
		view, ok := m.Read(uint32(s[0]), uint32(s[1]))
		if !ok {
			return failuref(authority.CodeBadResult, "a power's %d bytes at %d are outside the memory", s[1], s[0])
		}
		if c.Charge(len(view)/payBlock) != nil { // nothing else looks at the clock while a guest does little but this
			return c.failed
		}
		if err := c.session.Do(f, view); errors.Is(err, power.ErrTooLarge) {
			return failure(authority.CodeOutputLimit, err)
		} else if err != nil {
			return failure(authority.CodeBadResult, err)
		}
		result, _ := c.session.Result()
		s[0] = uint64(len(result))
		return c.blocked()
	}
}
