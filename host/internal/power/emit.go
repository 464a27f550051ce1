package power

import (
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Events bound what a session emits. The zero Events emit nothing.
type Events struct {
	Rate int64 // of events, a second; as many may come at once in the beginning
	Size int64 // bytes of an event, topic included
}

// emitEmit is {topic: string, payload: any} -> whether anybody listens.
func emitEmit(s *Session, a *args, out []byte) ([]byte, *Error) {
	topic, payload := a.str("topic"), a.raw("payload")
	if err := a.done(); err != nil {
		return nil, err
	}
	if err := s.reach(authority.PowerEmit, topic); err != nil {
		return nil, err
	}
	if err := s.countEvent(len(topic) + len(payload)); err != nil {
		return nil, err
	}
	return wire.AppendBool(out, s.call.Emit(strings.Clone(topic), payload)), nil // who hears it may keep it
}

// countEvent counts an event that the session emits.
func (s *Session) countEvent(size int) *Error {
	most := &s.means.Events
	if int64(size) > most.Size {
		return &Error{authority.CodeTooLarge, "the event is too large"}
	}
	now := time.Now()
	if s.events == 0 {
		s.firstEvent = now
	}
	if float64(s.events) >= float64(most.Rate)*(1+now.Sub(s.firstEvent).Seconds()) {
		return &Error{authority.CodeRate, "too many events a second"}
	}
	s.events++
	return nil
}
