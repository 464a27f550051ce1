package acl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/authority"
)

// Codes of the problems that this package reports. Where the authority reports
// the same, the code is the same.
const (
	codeSyntax     = "syntax"
	codeTooLarge   = "too-large"
	codeUnknownKey = "unknown-key"
	codeMissingKey = "missing-key"
	codeWrongType  = "wrong-type"
	codeBadValue   = "bad-value"
	codeDuplicate  = "duplicate"
	codeFile       = "bad-file"
	codeLostRule   = "lost-rule"
	codeNoEffect   = "no-effect"
	codeABI        = string(authority.CodeABIMismatch)
	codeModule     = string(authority.CodeModuleInvalid)

	codeUnknownModule     = "unknown-module"
	codeUnknownCommand    = "unknown-command"
	codeUnknownCapability = "unknown-capability"
	codeUnknownPermission = "unknown-permission"
	codeUnknownProfile    = "unknown-profile"
	codeUnknownPlatform   = "unknown-platform"
	codeIdentifier        = "bad-identifier"
	codePowers            = "bad-powers"
	codeLock              = "lock"
)

// What is reported is bounded: of one file, and of all together.
const (
	maxProblems    = 1000
	maxAllProblems = 10_000
)

// sink collects problems.
type sink struct {
	problems authority.Problems
	count    map[string]int // per file
	compared int            // words compared for hints
}

func (k *sink) errorf(at authority.Position, code, hint, format string, args ...any) {
	k.report(authority.Problem{Position: at, Code: code, Hint: hint, Message: fmt.Sprintf(format, args...)})
}

func (k *sink) warnf(at authority.Position, code, hint, format string, args ...any) {
	k.report(authority.Problem{
		Position: at, Severity: authority.SeverityWarning, Code: code, Hint: hint, Message: fmt.Sprintf(format, args...),
	})
}

func (k *sink) report(p authority.Problem) {
	if k.count == nil {
		k.count = make(map[string]int)
	}
	k.count[p.File]++
	switch n := k.count[p.File]; {
	case len(k.problems) > maxAllProblems:
	case len(k.problems) == maxAllProblems:
		k.problems = append(k.problems, authority.Problem{
			Code: codeTooLarge, Message: fmt.Sprintf("there are more than %d problems; the others are not listed", maxAllProblems),
		})
	case n <= maxProblems:
		k.problems = append(k.problems, p)
	case n == maxProblems+1:
		k.problems = append(k.problems, authority.Problem{
			Position: authority.Position{File: p.File}, Code: codeTooLarge,
			Message: fmt.Sprintf("the file has more than %d problems; the others are not listed", maxProblems),
		})
	}
}

// sorted returns what was collected, ordered by place.
func (k *sink) sorted() authority.Problems {
	k.problems.Sort()
	return k.problems
}

// failed reports whether an error (not a warning) was collected.
func (k *sink) failed() bool { return k.problems.Err() != nil }

// quote prints foreign text, cut to a length that a message can bear.
func quote(text string) string {
	const most = 80
	if len(text) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strconv.Quote(text)
}

// quoteAll prints words as `"a", "b"`.
func quoteAll(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	return strings.Join(quoted, ", ")
}

// count prints a number of things: "1 file", "3 files".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
