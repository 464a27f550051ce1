package sdk

import (
	"reflect"
	"unsafe"

	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Invoke calls a command of another module, "module.command", and decodes its
// result. The arguments are of a type that can travel, see [wire.Plan]; nil
// stands for none.
//
// The command must declare the power invoke, its scope must hold an entry whose
// "invoke" matches the name, and a capability must allow the command to this
// module (modules = ["…"]); otherwise the error is [ErrDenied]. The called
// command has the scope that those capabilities give, never that of this call,
// and at most the time and the budgets that this call has left. Its own error is
// a [*PowerError] with the code "<module>.<code>".
func Invoke[R any](command string, args any) (R, error) {
	var result R
	p, err := wire.PlanOf(reflect.TypeFor[R]())
	if err != nil {
		return result, err
	}
	b := wire.AppendStr(wire.AppendStr(wire.AppendMap(nil, 2), "command"), command)
	if b, err = wire.AppendAny(wire.AppendStr(b, "args"), args); err != nil {
		return result, err
	}
	d, err := PowerResult(abi.CallInvoke(b))
	if err == nil {
		err = decodeReply(d.Raw(), p, unsafe.Pointer(&result))
	}
	return result, err
}

// decodeReply reads what a command answered. Its code has a dot, which replies
// of this module do not.
func decodeReply(b wire.Raw, p *wire.Plan, v unsafe.Pointer) error {
	d := wire.NewDec(b)
	if d.Map() == 1 && d.Str() == "ok" {
		return p.Decode(wire.NewDec(d.Raw()), v)
	}
	e := &PowerError{}
	for range d.Map() {
		switch d.Str() {
		case "code":
			e.Code = d.Str()
		case "message":
			e.Message = d.Str()
		case "data":
			e.Data = wire.NewDec(d.Raw()).Any()
		default:
			d.Skip()
		}
	}
	if err := d.Err(); err != nil {
		return err
	}
	return e
}
