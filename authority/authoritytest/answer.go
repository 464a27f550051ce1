package authoritytest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// Answer is all that a decision says, in a form in which two can be compared:
// equal answers print alike.
type Answer struct {
	Code    authority.Code
	Matched []string // "capability module:permission" of the rules that decided, in order

	// Of an allow, scope entries as JSON, in order.
	Allow, Deny             []string
	GlobalAllow, GlobalDeny []string

	Powers   []authority.Power // that are lent
	Expires  int64
	Limited  []string // capabilities whose limits count, sorted
	Instance string   // "caller", or empty
}

// AnswerOf puts an engine's decision into the form of the reference.
func AnswerOf(d authority.Decision) Answer {
	a := Answer{Code: d.Code()}
	for _, m := range d.Matched() {
		a.Matched = append(a.Matched, m.Capability+" "+m.Permission)
	}
	g, ok := d.Grant()
	if !ok {
		return a
	}
	a.Allow, a.Deny, a.GlobalAllow, a.GlobalDeny = textsOf(g.Allow()), textsOf(g.Deny()), textsOf(g.GlobalAllow()), textsOf(g.GlobalDeny())
	a.Powers, a.Expires = g.Powers(), g.Expires()
	for _, l := range g.Limited() {
		a.Limited = append(a.Limited, l.Capability)
	}
	slices.Sort(a.Limited)
	if g.Instance() == "caller" {
		a.Instance = "caller"
	}
	return a
}

func textsOf(list []authority.ScopeEntry) []string {
	var out []string
	for _, e := range list {
		out = append(out, jsonText(e.Value()))
	}
	return out
}

// texts prints scope entries as JSON.
func texts(entries []map[string]any) []string {
	var out []string
	for _, e := range entries {
		out = append(out, jsonText(e))
	}
	return out
}

// jsonText prints a scope entry as JSON.
func jsonText(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // scope values can all be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// String prints the answer in one line.
func (a Answer) String() string {
	return fmt.Sprintf("%s by %q allow %v deny %v global %v but %v powers %v expires %d limited %v instance %q",
		a.Code, a.Matched, a.Allow, a.Deny, a.GlobalAllow, a.GlobalDeny, a.Powers, a.Expires, a.Limited, a.Instance)
}

// Unordered returns the answer with its lists sorted, for comparing policies
// that say the same in another order.
func (a Answer) Unordered() Answer {
	for _, list := range []*[]string{&a.Matched, &a.Allow, &a.Deny, &a.GlobalAllow, &a.GlobalDeny} {
		*list = slices.Sorted(slices.Values(*list))
	}
	return a
}

// Within reports whether a allows no more than b: if a allows, so does b, with
// all that a may use and nothing denied that is not denied in a.
func (a Answer) Within(b Answer) bool {
	if a.Code != authority.CodeAllowed {
		return true
	}
	return b.Code == authority.CodeAllowed && subset(a.Allow, b.Allow) && subset(a.GlobalAllow, b.GlobalAllow) && subset(a.Powers, b.Powers) &&
		subset(b.Deny, a.Deny) && subset(b.GlobalDeny, a.GlobalDeny)
}

func subset[T comparable](a, b []T) bool {
	return !slices.ContainsFunc(a, func(e T) bool { return !slices.Contains(b, e) })
}
