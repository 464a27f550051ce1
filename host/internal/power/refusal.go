package power

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// Error is what a guest is told when a power does not do what it asked for. It
// says nothing that is the host's.
type Error struct {
	Code authority.Code
	Text string
}

// Refusal is a use of a power that the scope of a call did not lend, for the
// operator.
type Refusal struct {
	Power authority.Power
	Code  authority.Code // "scope-empty" or "scope-mismatch"
	// Asked is what it was about: a path, a URL, a key. It is the guest's,
	// printable and cut.
	Asked string
	// Missing is the scope entry that would lend it, as in a policy file, unless a
	// deny entry is what it meets. Empty: no entry would.
	Missing string
}

const (
	maxRefusals = 16  // that are kept of a call
	maxAsked    = 256 // bytes
)

// Refuse notes that the scope does not lend what was asked for, and returns what
// the guest is told. missing are the keys and values, texts or bools, of the
// entry that would lend it, in pairs; there are none if no entry would.
func (s *Session) Refuse(p authority.Power, code authority.Code, asked string, missing ...any) *Error {
	s.count++
	if len(s.refused) < maxRefusals {
		text := strings.Clone(printable.Cut(asked, maxAsked)) // asked is in a buffer that the guest's next call writes
		s.refused = append(s.refused, Refusal{Power: p, Code: code, Asked: text, Missing: entry(missing)})
	}
	return refusal(p, code)
}

func refusal(p authority.Power, code authority.Code) *Error {
	if code == authority.CodeScopeEmpty {
		return &Error{code, "the call is not lent the power " + string(p)}
	}
	return &Error{code, "it is outside what the call is lent"}
}

// entry writes a scope entry.
func entry(pairs []any) string {
	if len(pairs) == 0 {
		return ""
	}
	s := "{"
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			s += ","
		}
		value := fmt.Sprint(pairs[i+1])
		if text, ok := pairs[i+1].(string); ok {
			value = strconv.Quote(printable.Cut(text, maxAsked))
		}
		s += fmt.Sprintf(" %s = %s", pairs[i], value)
	}
	return s + " }"
}

// reach is what a power about names may do with one.
func (s *Session) reach(p authority.Power, name string) *Error {
	code := s.grant.Reach(p, name)
	if code == authority.CodeAllowed {
		return nil
	}
	return s.Refuse(p, code, name, p.Key(), name)
}
