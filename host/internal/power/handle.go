package power

import (
	"errors"
	"io"

	"github.com/ambit-wasm/ambit/authority"
)

// handles are what a session has open, by number. Numbers are not used twice.
type handles struct {
	open map[uint64]io.Closer
	last uint64
}

// Number makes the session number what it opens from next on. It is for guests that
// live longer than a session: see [Session.Next].
func (s *Session) Number(next uint64) { s.handles.last = max(next, 1) - 1 }

// Next returns the first number that the session has not given.
func (s *Session) Next() uint64 { return s.handles.last + 1 }

// maxHandles is how much a session has open at a time.
const maxHandles = 64

// room refuses to open more than a session may have. It is asked before anything
// is opened.
func (s *Session) room() *Error {
	if len(s.handles.open) >= maxHandles {
		return &Error{Code: authority.CodeQuota, Text: "the call has too much open at a time"}
	}
	return nil
}

// hold gives what was opened a number.
func (s *Session) hold(c io.Closer) uint64 {
	h := &s.handles
	if h.open == nil {
		h.open = make(map[uint64]io.Closer)
	}
	h.last++
	h.open[h.last] = c
	return h.last
}

// held returns what has the number, if it is a T.
func held[T io.Closer](s *Session, number uint64) (T, *Error) {
	c, ok := s.handles.open[number].(T)
	if !ok {
		return c, &Error{Code: authority.CodeBadArgs, Text: "the call has nothing open of that number"}
	}
	return c, nil
}

// release closes what has the number.
func (s *Session) release(number uint64) error {
	c := s.handles.open[number]
	delete(s.handles.open, number)
	if c == nil {
		return nil
	}
	return c.Close()
}

// close closes all.
func (h *handles) close() error {
	var errs []error
	for _, c := range h.open {
		errs = append(errs, c.Close())
	}
	h.open = nil
	return errors.Join(errs...)
}
