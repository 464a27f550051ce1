package authority

import (
	"fmt"
	"slices"
	"strings"
)

// Effect is what the capabilities that only observe (mode = "observe") would
// have changed of a decision, had they been in force.
type Effect struct {
	Code        Code         // what the answer would have been
	Rules       []Match      // their rules that would have taken part
	Allow, Deny []ScopeEntry // what they would have added to the grant, command scope first
	Powers      []Power      // what the call would have been lent besides
}

// Observed returns what observing capabilities would have changed: the answer,
// or the scope of an allow; false if that is nothing. They take part in no
// decision: this is for records, to see what a capability does before it is in
// force.
func (d Decision) Observed() (Effect, bool) {
	if d.cmd == nil || d.authority.observing == nil {
		return Effect{}, false
	}
	would := d.authority.observing.Decide(d.req)
	e := Effect{Code: would.code}
	is, ok := would.Grant()
	if !ok {
		for _, l := range would.matched() {
			e.Rules = appendObserving(e.Rules, l)
		}
		return e, d.Allowed()
	}
	var more Grant
	for _, list := range [2][]rule{would.authority.rules[d.cmd.id].allow, would.authority.global[d.cmd.module.id]} {
		for _, r := range list {
			if f := r.who.regard(&d.req); f.binds() && r.leaf.cap.Observe {
				e.Rules = appendObserving(e.Rules, r.leaf)
				more.add(r.leaf, f, &e.Allow, &e.Deny)
			}
		}
	}
	was, _ := d.Grant()
	held := was.Powers()
	e.Powers = slices.DeleteFunc(is.Powers(), func(p Power) bool { return slices.Contains(held, p) })
	return e, !d.Allowed() || len(e.Allow)+len(e.Deny) > 0
}

func appendObserving(rules []Match, l *leaf) []Match {
	if l.cap.Observe {
		rules = append(rules, l.match())
	}
	return rules
}

// explainObserved says what observing capabilities would have changed.
func (d Decision) explainObserved() string {
	e, ok := d.Observed()
	if !ok {
		return ""
	}
	s := "\n  if what only observes were in force: " + string(e.Code)
	if n := len(e.Allow); n > 0 {
		s += fmt.Sprintf(", %d more allowed in its scope", n)
	}
	if n := len(e.Deny); n > 0 {
		s += fmt.Sprintf(", %d more denied in its scope", n)
	}
	if len(e.Powers) > 0 {
		s += ", lent " + strings.Join(textsOf(e.Powers), ", ")
	}
	for _, m := range e.Rules {
		s += "\n    by " + m.describe()
	}
	return s
}
