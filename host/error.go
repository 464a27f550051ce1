package host

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// Error is how an allowed invoke failed. What the authority refused is an
// [*authority.Denial] instead.
type Error struct {
	// Code is one of ours, without a dot, or "<module>.<code>" with the code
	// that the module gave.
	Code    authority.Code
	Command string // "module.command"
	// Message is for the caller: the module's own words, or a constant of ours
	// that tells nothing of the host.
	Message string
	Data    any // what the module added; as [Result.Value]
	// Err is the cause, for operators: it goes to the log and to the audit
	// record, and never to callers. It may be nil.
	Err error
}

// Error returns "host: command: code: message", on one line.
func (e *Error) Error() string {
	s := fmt.Sprintf("host: %s: %s", printable.Cut(e.Command, maxNameText), e.Code)
	if e.Message != "" {
		s += ": " + printable.Cut(e.Message, maxErrorText)
	}
	return s
}

// Unwrap returns the cause. A call that ran into its deadline or was canceled
// matches [context.DeadlineExceeded] or [context.Canceled].
func (e *Error) Unwrap() error { return e.Err }

// detail is the operator's text. What a module said is none: it is for the
// caller, and may be as private as a result.
func (e *Error) detail() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

// The longest texts that go to logs and records, in bytes.
const (
	maxNameText  = 256
	maxErrorText = 4 << 10
)

// messages are what a caller reads for our codes where there is nothing
// better to say.
var messages = map[authority.Code]string{
	authority.CodeRevoked:     "the permission for this call was withdrawn",
	authority.CodeRefused:     "the app refused this call",
	authority.CodeQuota:       "too many calls at a time",
	authority.CodeMemoryLimit: "the module needs more memory than it may have",
	authority.CodeStackLimit:  "the module calls itself too deeply",
	authority.CodeCPULimit:    "the module computes too much",
	authority.CodeOutputLimit: "the result is too large",
	authority.CodeTooLarge:    "the arguments are too large",
	authority.CodeCallLimit:   "the module made too many calls of the host",
	authority.CodeDeadline:    "the call took too long",
	authority.CodeCanceled:    "the call was canceled",
	authority.CodeBadResult:   "the module did not answer as it should",
	authority.CodeGuestError:  "the module failed",
	authority.CodeHostError:   "the host failed",
}

// failure is an [*Error] without its command, which the pipeline knows.
func failure(code authority.Code, err error) *Error {
	return &Error{Code: code, Message: messages[code], Err: err}
}

func failuref(code authority.Code, format string, args ...any) *Error {
	return failure(code, fmt.Errorf(format, args...))
}

// Visible is what the other side of a transport may learn of an error that an
// invoke returned: the code, the command and a harmless message. Remote
// callers and modules see one code for all that the authority refused, so that
// they cannot enumerate the policy. It returns nil for a nil error.
func Visible(caller authority.Caller, err error) *Error {
	if err == nil {
		return nil
	}
	if d, ok := errors.AsType[*authority.Denial](err); ok {
		return visibleDenial(caller, d)
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return &Error{Code: authority.CodeHostError, Message: messages[authority.CodeHostError]}
	}
	return &Error{Code: e.Code, Command: e.Command, Message: e.Message, Data: e.Data}
}

// LoadError is why a module cannot be used.
type LoadError struct {
	Module string // as the app names it; may be empty
	Code   authority.Code
	Text   string // for operators, on one line
	// Problems are those of the module's manifest, if that is what is wrong.
	Problems authority.Problems
	Err      error // the cause, if there is one that a program may want
}

// Error returns "module "name": text (code)".
func (e *LoadError) Error() string {
	s := fmt.Sprintf("%s (%s)", e.Text, e.Code)
	if e.Module != "" {
		s = fmt.Sprintf("module %q: %s", e.Module, s)
	}
	return s
}

// Unwrap returns the cause.
func (e *LoadError) Unwrap() error { return e.Err }

func refusef(code authority.Code, format string, args ...any) *LoadError {
	return &LoadError{Code: code, Text: printable.Cut(fmt.Sprintf(format, args...), maxErrorText)}
}

// visibleDenial is a denial as its caller sees it.
func visibleDenial(caller authority.Caller, d *authority.Denial) *Error {
	r := d.Decision.Request()
	e := &Error{Code: d.Decision.CallerCode(), Command: strings.TrimPrefix(r.Module+"."+r.Command, "."), Message: "not allowed"}
	if !caller.Origin.IsLocal() {
		e.Code = authority.CodeDenied
	}
	return e
}
