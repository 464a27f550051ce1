package authority

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ambit-wasm/ambit/authority/suggest"
)

// Codes of the problems that [New] reports. They are stable; package acl has
// more for what it reads.
const (
	problemIdentifier  = "bad-identifier"
	problemDuplicate   = "duplicate"
	problemConflict    = "name-conflict"
	problemCycle       = "cycle"
	problemTooLarge    = "too-large"
	problemModule      = "unknown-module"
	problemPermission  = "unknown-permission"
	problemCommand     = "unknown-command"
	problemDefault     = "missing-default"
	problemPlatform    = "unknown-platform"
	problemPattern     = "bad-pattern"
	problemVariable    = "unknown-variable"
	problemScopeKey    = "unknown-scope-key"
	problemScopeValue  = "bad-scope-value"
	problemPowers      = "bad-powers"
	problemValue       = "bad-value"
	problemCore        = "core-permission"
	problemNotAccepted = "not-accepted"
	problemNobody      = "matches-nobody"
	problemNoEffect    = "no-effect"
	problemReplaced    = "replaces-generated"
)

// maxProblems bounds how many errors, and how many warnings, one run reports.
const maxProblems = 1000

// maxCompared bounds the words that one run compares for hints, since files
// are foreign text.
const maxCompared = 1 << 18

// report collects problems, each once.
type report struct {
	problems Problems
	seen     map[Problem]struct{}
	count    [2]int // by severity
	compared int
	expanded int // rules that capabilities came down to so far
}

// failed reports whether an error (not a warning) was collected.
func (r *report) failed() bool { return r.count[SeverityError] > 0 }

func (r *report) add(p Problem) {
	if _, twice := r.seen[p]; twice {
		return
	}
	if r.seen == nil {
		r.seen = make(map[Problem]struct{})
	}
	r.count[p.Severity]++
	switch n := r.count[p.Severity]; {
	case n <= maxProblems:
		r.seen[p] = struct{}{}
		r.problems = append(r.problems, p)
	case n == maxProblems+1:
		r.problems = append(r.problems, Problem{
			Severity: p.Severity, Code: problemTooLarge,
			Message: fmt.Sprintf("more than %d %ss; the others are not listed", maxProblems, p.Severity),
		})
	}
}

func (r *report) errorf(at Position, code, hint, format string, args ...any) {
	r.add(Problem{Position: at, Code: code, Hint: hint, Message: fmt.Sprintf(format, args...)})
}

func (r *report) warnf(at Position, code, hint, format string, args ...any) {
	r.add(Problem{Position: at, Severity: SeverityWarning, Code: code, Hint: hint, Message: fmt.Sprintf(format, args...)})
}

// sorted returns what was collected, ordered by place.
func (r *report) sorted() Problems {
	r.problems.Sort()
	return r.problems
}

// didYouMean returns a hint that names the candidate nearest to name, or ""
// if none is near: of equally near ones the first. Where enough was compared it
// does not even ask for the candidates, since a hostile file has many names and
// many misses.
func (r *report) didYouMean(name string, candidates func() []string) string {
	if r.compared > maxCompared {
		return ""
	}
	list := candidates()
	if r.compared += len(list); r.compared > maxCompared {
		return ""
	}
	if best := suggest.Nearest(name, list); best != "" {
		return "did you mean " + quote(best) + "?"
	}
	return ""
}

// these are candidates that are at hand.
func these(list []string) func() []string { return func() []string { return list } }

// keysOf are the keys of a map as candidates.
func keysOf[V any](m map[string]V) func() []string {
	return func() []string { return slices.Sorted(maps.Keys(m)) }
}
