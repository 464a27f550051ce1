package sdk

import (
	"errors"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// ErrDenied is what the error of a power is when the call's scope does not lend
// what was asked for: errors.Is(err, ErrDenied). A handler that returns such an
// error answers with the code [CodeForbidden].
var ErrDenied = errors.New("the scope of the call does not lend it")

// PowerError is why a power of the host did not do what it was asked for.
type PowerError struct {
	Code    string // of the host: "scope-empty", "scope-mismatch", "bad-args", …
	Message string
}

// Error returns the message.
func (e *PowerError) Error() string { return e.Message }

// Is reports whether the error is [ErrDenied].
func (e *PowerError) Is(target error) bool {
	return target == ErrDenied && (e.Code == "scope-empty" || e.Code == "scope-mismatch")
}

// powerResult reads the result of a power call.
func powerResult(b []byte) (*wire.Dec, error) {
	r, err := wire.ParseReply(b, wire.Limits{Bytes: max(len(b), 1)})
	switch {
	case err != nil:
		return nil, err
	case r.Err != nil:
		return nil, &PowerError{Code: r.Err.Code, Message: r.Err.Message}
	}
	return wire.NewDec(r.OK), nil
}
