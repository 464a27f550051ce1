package power

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/kv"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Call is the invoke that a session is of.
type Call interface {
	// Blocking returns a context that ends when the call must: with its time, its
	// caller, its module, or when what allowed it does not hold any more. It is for
	// functions that may wait.
	Blocking() context.Context
	// Invoke calls a command of another module, as the module of this call, and
	// appends the reply.
	Invoke(out []byte, command string, args wire.Raw) ([]byte, *Error)
	// Emit hands an event to who made the call, and reports whether anybody
	// listens.
	Emit(topic string, payload wire.Raw) (heard bool)
}

// Means are what the sessions of a module's calls share. The zero Means have
// nothing.
type Means struct {
	Env     map[string]string // environment variables, by name
	HTTP    HTTP
	Exec    Exec
	Events  Events
	KV      func() (*kv.Namespace, error) // of the module; opened when it is needed
	Write   int64                         // bytes of keys and values that a session stores, at most
	Request int64                         // bytes of a function's arguments, at most
	Reply   int64                         // bytes of its result
	// Failed tells the operator why the host could not do what it let a call do.
	// Nil tells nobody.
	Failed func(p authority.Power, asked string, err error)
}

// Session is what one call does with what it is lent. The zero Session lends
// nothing. It is for one goroutine at a time.
type Session struct {
	call     Call
	grant    *authority.Grant
	means    *Means
	in, out  []byte // of the last function
	done     bool   // there was one
	refused  []Refusal
	count    int64 // of refusals
	failures int   // that the operator was told of
	written  int64 // bytes of keys and values
	handles  handles
	value    []byte // that was read last

	sent, received int64 // bytes over HTTP
	running        int64 // programs
	output         int64 // bytes that were read of them
	events         int64
	firstEvent     time.Time
}

// Open makes s a session of a call. It costs nothing until a function is called.
func (s *Session) Open(c Call, g *authority.Grant, m *Means) {
	s.call, s.grant, s.means = c, g, m
}

// ErrTooLarge is why [Session.Do] failed when a result is larger than it may be.
var ErrTooLarge = errors.New("the result of a power is too large")

// Do calls a function with its arguments, which are copied first: they are the
// guest's, who could change them meanwhile. An error means that they are no
// envelope, or [ErrTooLarge].
func (s *Session) Do(f Function, view []byte) error {
	s.in = append(s.in[:0], view...)
	a, err := readArgs(s.in, int(s.means.Request))
	if err != nil {
		return fmt.Errorf("the arguments of a power: %w", err)
	}
	out, refused := f(s, &a, wire.BeginOK(s.out[:0]))
	if refused != nil {
		out = wire.AppendErr(out[:0], &wire.ErrorBody{Code: string(refused.Code), Message: refused.Text})
	}
	s.out, s.done = out, true
	if refused == nil && int64(len(out)) > s.means.Reply {
		return fmt.Errorf("%w: %d bytes of at most %d", ErrTooLarge, len(out), s.means.Reply)
	}
	return nil
}

// failed tells the operator why something failed that the scope lends, the first
// few times.
func (s *Session) failed(p authority.Power, asked string, err error) {
	if s.failures++; s.failures > maxRefusals || s.means.Failed == nil {
		return
	}
	if s.failures == maxRefusals {
		asked += " (and perhaps more of this call)"
	}
	s.means.Failed(p, printable.Cut(asked, maxAsked), err)
}

// Result returns the result of the last function, and whether there was one. It
// is valid until the next.
func (s *Session) Result() ([]byte, bool) { return s.out, s.done }

// Close ends what the call has open.
func (s *Session) Close() error { return s.handles.close() }

// Refusals returns what was refused for lack of scope, the first few, and how
// many there were.
func (s *Session) Refusals() ([]Refusal, int64) { return s.refused, s.count }
