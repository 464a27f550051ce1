package authority

import (
	"cmp"
	"slices"
	"strings"
)

// Severity of a [Problem]. The zero value is the grave one.
type Severity uint8

// The severities.
const (
	SeverityError   Severity = iota // the policy is refused
	SeverityWarning                 // the policy is taken, but probably does not mean what it says
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == SeverityWarning {
		return "warning"
	}
	return "error"
}

// Problem is one thing wrong with a policy: where, what, and what to do.
type Problem struct {
	Position
	Severity Severity
	Code     string // stable, kebab-case: "unknown-key", "duplicate", "unknown-permission", …
	Message  string // lower case, no final stop, foreign text in %q
	Hint     string // what would fix it; may be empty
}

// Error prints "file:line:column: message (hint)".
func (p Problem) Error() string {
	s := p.Message
	if p.Hint != "" {
		s += " (" + p.Hint + ")"
	}
	if at := p.String(); at != "" {
		s = at + ": " + s
	}
	return s
}

// Problems are all that is wrong with a policy, warnings included.
type Problems []Problem

// Err returns nil if none of the problems is an error, else the problems as
// one error.
func (ps Problems) Err() error {
	for _, p := range ps {
		if p.Severity == SeverityError {
			return ps
		}
	}
	return nil
}

// Error prints one problem a line, warnings marked as such.
func (ps Problems) Error() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteByte('\n')
		}
		if p.Severity == SeverityWarning {
			b.WriteString("warning: ")
		}
		b.WriteString(p.Error())
	}
	return b.String()
}

// Sort orders problems by file, line, column, then message.
func (ps Problems) Sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
}
