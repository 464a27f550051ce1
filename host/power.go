package host

import (
	"context"
	"errors"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// powerFunc is the body of a power function. The arguments are a map of checked
// values; the result is what it appends to out, one value. It decides by itself,
// on the object of the effect, what the grant lends of its power.
type powerFunc func(c *call, args *powerArgs, out []byte) ([]byte, *powerError)

// powerError is what a guest is told when a power does not do what it asked for.
// It says nothing that is the host's.
type powerError struct {
	code authority.Code
	text string
}

// powerFunctions are the functions of ABI 1 that reach outside, by import module
// and name. Those of powerImports that are not here cannot be lent yet.
var powerFunctions = map[string]map[string]powerFunc{
	"ambit_env": {"get": envGet},
}

// powerType is the type of all of them: an envelope in, the length of the result
// out, which ambit.result then writes.
var powerType = wasm.Func([]wasm.ValueType{i32, i32}, []wasm.ValueType{i32})

// registerPowers makes the power functions importable.
func registerPowers(ctx context.Context, r wazero.Runtime) error {
	for module, functions := range powerFunctions {
		b := r.NewHostModuleBuilder(module)
		for name, f := range functions {
			b.NewFunctionBuilder().WithName(name).
				WithGoModuleFunction(wrapABI(f.call), valueTypes(powerType.Params), valueTypes(powerType.Results)).Export(name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// call is the way into a power: the envelope is copied before anything looks at
// it, since the guest could change it afterwards, and read strictly. What is not
// an envelope ends the call; what the power refuses is a result.
func (f powerFunc) call(c *call, m api.Memory, s []uint64) *Error {
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
	if n := len(view) / payBlock; n > 0 && c.Charge(n) != nil {
		return c.failed
	}
	args, err := readPowerArgs(view, int(limit))
	if err != nil {
		return failuref(authority.CodeBadResult, "the arguments of a power: %w", err)
	}
	out, refused := f(c, args, wire.BeginOK(c.power[:0]))
	if refused != nil {
		out = wire.AppendErr(out[:0], &wire.ErrorBody{Code: string(refused.code), Message: refused.text})
	}
	c.power, c.powered = out, true
	s[0] = uint64(len(out))
	if refused == nil && int64(len(out)) > c.module.limits.Reply {
		return failuref(authority.CodeOutputLimit, "the result of a power has %d bytes, more than the %d allowed", len(out), c.module.limits.Reply)
	}
	return nil
}

// reach is what a power about names may do with one.
func (c *call) reach(p authority.Power, name string) *powerError {
	switch code := c.grant.Reach(p, name); code {
	case authority.CodeAllowed:
		return nil
	case authority.CodeScopeEmpty:
		return &powerError{code, "the call is not lent the power " + string(p)}
	default:
		return &powerError{code, "it is outside what the call is lent"}
	}
}

// powerArgs are the arguments of a power, a map with string keys. What is taken
// out of it with the wrong type, or not at all, is noted.
type powerArgs struct {
	values map[string]any
	wrong  string // the first key that is
}

func readPowerArgs(view []byte, limit int) (*powerArgs, error) {
	b := append([]byte(nil), view...)
	if err := wire.Scan(b, wire.Limits{Bytes: limit}); err != nil {
		return nil, err
	}
	v, err := decodeAny(b)
	if err != nil {
		return nil, err
	}
	values, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("they are no map")
	}
	return &powerArgs{values: values}, nil
}

// str takes a text.
func (a *powerArgs) str(key string) string {
	v, ok := a.values[key].(string)
	if !ok {
		a.fail(key)
	}
	delete(a.values, key)
	return v
}

func (a *powerArgs) fail(key string) {
	if a.wrong == "" {
		a.wrong = key
	}
}

// done reports what was wrong, or left.
func (a *powerArgs) done() *powerError {
	for key := range a.values {
		a.fail(key)
	}
	if a.wrong != "" {
		return &powerError{authority.CodeBadArgs, "a power's argument is missing, of another type, or unknown: " + printable.Cut(a.wrong, maxNameText)}
	}
	return nil
}
