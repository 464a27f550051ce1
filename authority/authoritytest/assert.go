package authoritytest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// earliest is the time of requests: known, and before anything runs out.
const earliest = 1

// Allow asserts that the caller may call the command ("module.command").
func Allow(t testing.TB, a *authority.Authority, caller authority.Caller, command string) {
	t.Helper()
	if d := decide(t, a, caller, command, earliest); !d.Allowed() {
		t.Errorf("not allowed:\n%s", story(d))
	}
}

// Deny asserts that the caller may not call the command, for the reason of the
// code. Unless a rule denies it by name, the policy must allow the same caller
// something else: else a slip in the caller would pass for a deny (see
// [DenyAll]). That the command exists follows from the code.
func Deny(t testing.TB, a *authority.Authority, caller authority.Caller, command string, code authority.Code) {
	t.Helper()
	d := decide(t, a, caller, command, earliest)
	switch {
	case d.Code() != code:
		t.Errorf("not denied as %s:\n%s", code, story(d))
	case d.Code() != authority.CodeDeniedByRule && !allowsSome(a, caller):
		t.Errorf("the deny has no control, since the policy allows this caller nothing (assert DenyAll if it should not, or is there a slip?):\n%s", story(d))
	}
}

// DenyAll asserts that the caller may call no command at all, and, as its
// control, that the policy allows some caller some command.
func DenyAll(t testing.TB, a *authority.Authority, caller authority.Caller) {
	t.Helper()
	for _, command := range commands(a) {
		if d := decide(t, a, caller, command, earliest); d.Allowed() {
			t.Errorf("not denied:\n%s", story(d))
		}
	}
	if len(a.Resolved().Allow) == 0 {
		t.Errorf("the deny has no control, since the policy allows nobody anything")
	}
}

// Scope asserts that the caller may call the command, and that the call is
// lent exactly this, in any order:
//
//	"fs.read $APPDATA/notes/**"          a power, and on what
//	"fs.read except $APPDATA/notes/x"    and on what not
//	`http {"methods":["GET"],"url":"…"}` the whole entry, if it says more
//	`scope {"limit":5}`                  an entry that lends no power
//	`scope except {"limit":5}`
//
// Without entries it asserts that the call is lent nothing.
func Scope(t testing.TB, a *authority.Authority, caller authority.Caller, command string, entries ...string) {
	t.Helper()
	d := decide(t, a, caller, command, earliest)
	g, ok := d.Grant()
	if !ok {
		t.Errorf("not allowed:\n%s", story(d))
		return
	}
	var diff string
	got := lent(g)
	for _, e := range got {
		if !slices.Contains(entries, e) {
			diff += "\n  lent, but not expected: " + e
		}
	}
	for _, e := range entries {
		if !slices.Contains(got, e) {
			diff += "\n  expected, but not lent: " + e
		}
	}
	if diff != "" {
		t.Errorf("another scope:%s\n%s", diff, story(d))
	}
}

// Until asserts that the caller may call the command up to the time and no
// longer: just before it is allowed, and from then on denied as expired.
func Until(t testing.TB, a *authority.Authority, caller authority.Caller, command string, end time.Time) {
	t.Helper()
	if d := decide(t, a, caller, command, end.UnixNano()-1); !d.Allowed() {
		t.Errorf("not allowed before %s:\n%s", end.UTC().Format(time.RFC3339), story(d))
	}
	if d := decide(t, a, caller, command, end.UnixNano()); d.Code() != authority.CodeExpired {
		t.Errorf("not expired at %s:\n%s", end.UTC().Format(time.RFC3339), story(d))
	}
}

func decide(t testing.TB, a *authority.Authority, caller authority.Caller, command string, now int64) authority.Decision {
	t.Helper()
	module, name, err := authority.ParseCommand(command)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return a.Decide(authority.Request{Caller: caller, Module: module, Command: name, Now: now})
}

// story is what went wrong, and what would help, indented.
func story(d authority.Decision) string {
	text := d.Explain()
	if remedy := d.Remedy(); remedy != "" {
		text += "\nto allow it: " + remedy
	}
	return "    " + strings.ReplaceAll(text, "\n", "\n    ")
}

// commands lists all commands of a policy.
func commands(a *authority.Authority) []string {
	var out []string
	for _, m := range a.Manifests() {
		for _, c := range m.Commands {
			out = append(out, m.Name+"."+c.Name)
		}
	}
	return out
}

func allowsSome(a *authority.Authority, caller authority.Caller) bool {
	for _, row := range a.Matrix(earliest, caller).Rows {
		if row.Codes[0] == authority.CodeAllowed {
			return true
		}
	}
	return false
}

// lent prints what a grant holds, as [Scope] has it, each once.
func lent(g *authority.Grant) []string {
	var out []string
	add := func(what string, list []authority.ScopeEntry, text func(authority.ScopeEntry) string) {
		for _, e := range list {
			if line := what + " " + text(e); !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	for _, p := range authority.Powers() {
		allow, deny := g.Lend(p)
		add(string(p), allow, func(e authority.ScopeEntry) string { return lentText(p, e) })
		add(string(p)+" except", deny, func(e authority.ScopeEntry) string { return lentText(p, e) })
	}
	whole := func(e authority.ScopeEntry) string { return jsonText(e.Value()) }
	add("scope", powerless(g.Allow(), g.GlobalAllow()), whole)
	add("scope except", powerless(g.Deny(), g.GlobalDeny()), whole)
	return out
}

// lentText is what an entry says of a power: the value of its key, if it says
// nothing else.
func lentText(p authority.Power, e authority.ScopeEntry) string {
	fields, _ := e.Value().(map[string]any)
	rest := len(fields) - 1
	if _, narrowed := fields["powers"]; narrowed {
		rest--
	}
	if text, ok := fields[p.Key()].(string); ok && rest == 0 {
		return text
	}
	return jsonText(e.Value())
}

func powerless(lists ...[]authority.ScopeEntry) []authority.ScopeEntry {
	return slices.DeleteFunc(slices.Concat(lists...), func(e authority.ScopeEntry) bool { return len(e.Powers()) > 0 })
}
