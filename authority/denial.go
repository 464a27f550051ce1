package authority

import "errors"

// ErrDenied is what every [Denial] is, for [errors.Is].
var ErrDenied = errors.New("denied")

// Denial is the error for a decision that denies.
type Denial struct {
	Decision Decision
}

// Denial returns the error for a decision that denies, nil for an allow.
func (d Decision) Denial() *Denial {
	if d.Allowed() {
		return nil
	}
	return &Denial{Decision: d}
}

// Error prints one line for the operator: command, caller and code. The whole
// story is [Decision.Explain]; what the caller may be told is
// [Decision.CallerCode].
func (e *Denial) Error() string {
	return e.Decision.subject() + " is denied: " + string(e.Code())
}

// Code returns why.
func (e *Denial) Code() Code { return e.Decision.Code() }

// Is reports whether target is [ErrDenied].
func (e *Denial) Is(target error) bool { return target == ErrDenied }
