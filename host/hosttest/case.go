package hosttest

import (
	"slices"
	"strings"
	"sync"

	"github.com/ambit-wasm/ambit/authority"
)

// Case is one attack on a host.
type Case struct {
	// Name is "030/calls": the row of the hostile catalogue, and what is done. Rows
	// from 200 on are not in the catalogue. Names are unique.
	Name string
	// Tries says what is tried.
	Tries string
	// Expect are codes of [authority]: the host must answer with one of them. Empty
	// means that the host answers as if nothing were wrong, and nothing is reached.
	Expect []authority.Code
	// Child says that the case can take down a process whose guards do not hold: it
	// runs in one of its own.
	Child bool

	attack func(*attack)
}

// Row is the row of the catalogue.
func (c *Case) Row() string {
	row, _, _ := strings.Cut(c.Name, "/")
	return row
}

// cases are made once: some of them are large.
var cases = sync.OnceValue(func() []Case {
	all := slices.Concat(binaries(), running(), replies(), functions(), policies(), files(), network(), callers(), supply(), sources(), further())
	slices.SortStableFunc(all, func(a, b Case) int { return strings.Compare(a.Row(), b.Row()) })
	return all
})

// Cases returns all cases, in the order of their rows.
func Cases() []Case { return slices.Clone(cases()) }
