package sdk

import (
	"errors"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Error is an error with a code that programs can test. The caller of
// module.command gets the code as "<module>.<code>", the message and the data.
type Error struct {
	Code    string // 1 to 64 of [a-z0-9-]; anything else becomes "error"
	Message string // for people
	Data    any    // of a type that can travel, see [wire.Plan]; nil for none
}

// NewError returns an [*Error] without data.
func NewError(code, message string) *Error { return &Error{Code: code, Message: message} }

// Error returns the message, or the code if there is none.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Code
	}
	return e.Message
}

// Codes that the SDK gives to an error that wraps no [*Error].
const (
	CodeForbidden = "forbidden"    // permission denied: outside the call's scope
	CodeNotFound  = "not-found"    // no such file
	CodeExists    = "exists"       // the file is there already
	CodeBadScope  = "bad-scope"    // an entry does not fit the type given to Scope
	CodeError     = wire.CodeError // any other
)

// errorBody is what the caller learns of err.
func errorBody(err error) *wire.ErrorBody {
	body := &wire.ErrorBody{Code: CodeError, Message: text(err.Error())}
	e, ok := errors.AsType[*Error](err)
	if !ok || e == nil {
		if body.Code = fileCode(err); errors.Is(err, ErrDenied) {
			body.Code = CodeForbidden
		}
		return body
	}
	if wire.ValidCode(e.Code) {
		body.Code = e.Code
	}
	if e.Data == nil {
		return body
	}
	data, failed := wire.AppendAny(nil, e.Data)
	if failed != nil {
		body.Message = text(body.Message + " (without its data: " + failed.Error() + ")")
		return body
	}
	body.Data = data
	return body
}

// fileCode returns the code of an error from package os. It goes by the text of
// the innermost error: to compare with fs.ErrPermission it would have to import
// io/fs, and with it time, which make every guest 0.3 MB larger.
func fileCode(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	switch err.Error() {
	case "permission denied", "Permission denied", "operation not permitted", "Operation not permitted":
		return CodeForbidden
	case "file does not exist", "no such file or directory", "No such file or directory":
		return CodeNotFound
	case "file already exists", "file exists", "File exists":
		return CodeExists
	}
	return CodeError
}

// text makes a message of any origin fit to travel: valid UTF-8, and cut where
// nobody reads on.
func text(s string) string {
	const longest = 4 << 10
	if len(s) > longest {
		s = s[:longest]
	}
	if utf8.ValidString(s) {
		return s
	}
	var b []byte
	for _, r := range s { // an invalid byte is read as U+FFFD
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}
