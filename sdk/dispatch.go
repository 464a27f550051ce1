package sdk

import (
	"runtime"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Dispatch runs the handler for one encoded request and returns the encoded
// reply. In a guest the host's call ends up here; natively it is what
// sdk/sdktest drives. Strings in the arguments alias req, which must not be
// written afterwards.
func Dispatch(req []byte) []byte { return dispatch(&Call{}, req, nil) }

// dispatch is Dispatch with memory for the call, which must be zero, and for
// the reply, which must be empty.
func dispatch(c *Call, req, reply []byte) (out []byte) {
	if err := c.req.Parse(req); err != nil {
		return fault(reply, "request: "+err.Error())
	}
	c.ID, c.Command, c.Caller = c.req.ID, c.req.Command, c.req.Caller
	m := commands[c.Command]
	if m == nil {
		return fault(reply, "the module has no command "+c.Command)
	}
	defer func() {
		if p := recover(); p != nil {
			out = fault(reply, "panic: "+panicText(p))
			logStack()
		}
	}()
	out, err := m.run(m, c, reply)
	if err != nil {
		return wire.AppendErr(reply, errorBody(err))
	}
	return out
}

// fault appends an error that is not the handler's answer but a defect.
func fault(reply []byte, message string) []byte {
	return wire.AppendErr(reply, &wire.ErrorBody{Code: wire.CodeGuestError, Message: text(message)})
}

// panicText says what a handler panicked with.
func panicText(p any) (s string) {
	defer func() {
		if recover() != nil { // the value's own method did
			s = "(no text)"
		}
	}()
	switch p := p.(type) {
	case error:
		return p.Error()
	case string:
		return p
	}
	return "(no text)"
}

// logStack tells the operator where the handler panicked.
func logStack() {
	var stack [4 << 10]byte
	Log(LevelError, string(stack[:runtime.Stack(stack[:], false)]))
}
