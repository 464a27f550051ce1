package sdk

import (
	"errors"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// ErrDenied is what the error of a power is when the call's scope does not lend
// what was asked for: errors.Is(err, ErrDenied), and errors.Is(err,
// fs.ErrPermission) as well. A handler that returns such an error answers with
// the code [CodeForbidden].
var ErrDenied = errors.New("the scope of the call does not lend it")

// PowerError is why a power of the host did not do what it was asked for.
type PowerError struct {
	// Code is of the host: "scope-empty", "scope-mismatch", "bad-args", …; of
	// [Invoke] also that of the command, as "<module>.<code>".
	Code    string
	Message string
	Data    any // what a command added to its error
}

// Error returns the message.
func (e *PowerError) Error() string { return e.Message }

// Is reports whether the error is [ErrDenied].
// It is fs.ErrPermission, too, which is known by its text: package io/fs makes
// every guest 0.3 MB larger.
func (e *PowerError) Is(target error) bool {
	denied := e.Code == "scope-empty" || e.Code == "scope-mismatch" || e.Code == "denied"
	return denied && (target == ErrDenied || target.Error() == "permission denied")
}

// Coded is for a handler whose caller may know why a power failed: it returns a
// [*PowerError] as an [*Error] with the same code and the text of err. Any other error
// is returned as it is, nil and [ErrDenied] too. A code of [Invoke] names the other
// module, so it becomes [CodeError].
func Coded(err error) error {
	e, ok := errors.AsType[*PowerError](err)
	if !ok || errors.Is(err, ErrDenied) {
		return err
	}
	return NewError(e.Code, err.Error())
}

// PowerResult reads the result of a power function, for packages that are the
// face of a power, like sdk/kv. The error is a [*PowerError], or says that the
// result is none.
func PowerResult(b []byte) (*wire.Dec, error) {
	r, err := wire.ParseReply(b, wire.Limits{Bytes: max(len(b), 1)})
	switch {
	case err != nil:
		return nil, err
	case r.Err != nil:
		return nil, &PowerError{Code: r.Err.Code, Message: r.Err.Message}
	}
	return wire.NewDec(r.OK), nil
}
