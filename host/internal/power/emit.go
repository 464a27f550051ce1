package power

import (
	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// emitEmit is {topic: string, payload: any} -> whether anybody listens.
func emitEmit(s *Session, a *args, out []byte) ([]byte, *Error) {
	topic, payload := a.str("topic"), a.raw("payload")
	if err := a.done(); err != nil {
		return nil, err
	}
	if err := s.reach(authority.PowerEmit, topic); err != nil {
		return nil, err
	}
	heard, err := s.call.Emit(topic, payload)
	if err != nil {
		return nil, err
	}
	return wire.AppendBool(out, heard), nil
}
