package sdk

import (
	"reflect"
	"unsafe"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// command is a registered handler with its codecs.
type command struct {
	args, result *wire.Plan
	run          func(m *command, c *Call, reply []byte) ([]byte, error)
}

// commands holds the handlers by name. It is written while the program
// initializes and only read afterwards.
var commands = map[string]*command{}

// Handle registers f as the handler of the command name, as the manifest spells
// it. Call it from an init function: a guest's main does not run, and what is
// made during initialization is part of the image that every call starts from.
//
// A is decoded strictly by its json tags, see [wire.Plan]: a field that A does
// not have, or a value of another type, ends the call with the code bad-args
// before f runs. A caller that gives no arguments means the zero A. Strings and
// byte slices in it belong to the call and may be kept.
//
// Handle panics if the name is taken, or if A or R cannot travel.
func Handle[A, R any](name string, f func(*Call, A) (R, error)) {
	register(name, reflect.TypeFor[A](), reflect.TypeFor[R](), func(m *command, c *Call, reply []byte) ([]byte, error) {
		v := new(struct { // both in one allocation
			args   A
			result R
		})
		err := m.decodeArgs(c.req.Args, unsafe.Pointer(&v.args))
		if err == nil {
			v.result, err = f(c, v.args)
		}
		if err != nil {
			return nil, err
		}
		return m.appendResult(reply, unsafe.Pointer(&v.result))
	})
}

func register(name string, args, result reflect.Type, run func(*command, *Call, []byte) ([]byte, error)) {
	if commands[name] != nil {
		panic("sdk: command " + name + " is registered twice")
	}
	m := &command{run: run}
	var err error
	if m.args, err = wire.PlanOf(args); err != nil {
		panic("sdk: arguments of command " + name + ": " + err.Error())
	}
	if m.result, err = wire.PlanOf(result); err != nil {
		panic("sdk: result of command " + name + ": " + err.Error())
	}
	commands[name] = m
}

// decodeArgs fills the arguments at v.
func (m *command) decodeArgs(args wire.Raw, v unsafe.Pointer) error {
	d := wire.NewDec(args)
	if len(args) == 0 || d.Nil() {
		return nil
	}
	if err := m.args.Decode(d, v); err != nil {
		return &Error{Code: wire.CodeBadArgs, Message: err.Error()}
	}
	return nil
}

// appendResult appends the success with the result at v.
func (m *command) appendResult(reply []byte, v unsafe.Pointer) ([]byte, error) {
	reply, err := m.result.Append(wire.BeginOK(reply), v)
	if err != nil {
		return nil, &Error{Code: wire.CodeGuestError, Message: "result: " + err.Error()}
	}
	return reply, nil
}
