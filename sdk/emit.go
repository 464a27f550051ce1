package sdk

import (
	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Emit hands an event to who called the command, while the command runs, and
// reports whether anybody listens. The payload is of a type that can travel, see
// [wire.Plan]. The command must declare the power emit, and its scope must hold
// an entry whose "topic" matches; otherwise the error is [ErrDenied]. The host
// bounds the size of an event and how many there are in a second: an event too
// many is an error with the code "rate", and is lost.
func Emit(topic string, payload any) (heard bool, err error) {
	b := wire.AppendStr(wire.AppendStr(wire.AppendMap(nil, 2), "topic"), topic)
	if b, err = wire.AppendAny(wire.AppendStr(b, "payload"), payload); err != nil {
		return false, err
	}
	d, err := PowerResult(abi.EmitEmit(b))
	if err != nil {
		return false, err
	}
	return d.Bool(), d.Err()
}
