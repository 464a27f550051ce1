package authority

import (
	"bytes"
	"slices"
)

// Holds reports whether what a decision allowed still holds at the given time
// (Unix nanoseconds) under a, which may be the authority that decided or a
// later one. It does not if the same request would be denied now, a rule that
// gave the grant is gone or has run out, a scope entry was denied since, or
// the command declares fewer powers. A running call that no longer holds is
// revoked.
func (a *Authority) Holds(d Decision, now int64) bool {
	req := d.req
	req.Now = now
	next := a.Decide(req)
	if !d.Allowed() || !next.Allowed() {
		return false
	}
	was, wasDenied := d.held()
	is, isDenied := next.held()
	if a == d.authority {
		return len(is) == len(was)
	}
	for _, p := range d.cmd.Powers {
		if !slices.Contains(next.cmd.Powers, p) {
			return false
		}
	}
	for _, l := range was {
		if !slices.ContainsFunc(is, l.same) {
			return false
		}
	}
	for _, e := range isDenied {
		if !slices.ContainsFunc(wasDenied, e.same) {
			return false
		}
	}
	return true
}

// held returns the rules that give the grant of an allow, command and global,
// and all scope entries that are denied.
func (d Decision) held() (rules []*leaf, denied []ScopeEntry) {
	for _, list := range [2][]rule{d.authority.rules[d.cmd.id].allow, d.authority.global[d.cmd.module.id]} {
		for _, r := range list {
			f := r.who.regard(&d.req)
			if f == fits {
				rules = append(rules, r.leaf)
			}
			if f.binds() {
				denied = append(denied, r.leaf.deny...)
			}
		}
	}
	return rules, denied
}

// same reports whether two rules, of two authorities, grant the same.
func (l *leaf) same(o *leaf) bool {
	if l == o {
		return true
	}
	return l.cap.Identifier == o.cap.Identifier && l.perm.name() == o.perm.name() && l.perm.global == o.perm.global &&
		slices.EqualFunc(l.allow, o.allow, ScopeEntry.same)
}

// same reports whether two entries say the same, whoever granted them.
func (e ScopeEntry) same(o ScopeEntry) bool {
	return e.v == o.v || bytes.Equal(appendValue(nil, e.v.value), appendValue(nil, o.v.value))
}
