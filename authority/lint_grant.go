package authority

import "slices"

// duplicateGrant finds entries that could be taken out without a change: what
// they grant, other entries for the same callers grant as well. Of two that
// grant the same the later one is found.
func (x *linter) duplicateGrant() {
	type callers struct {
		who      *grantee
		instance string
	}
	type held struct {
		callers
		perm *permission
	}
	by := make(map[held][]*leaf)
	for _, g := range x.grants {
		for _, l := range g.leaves {
			h := held{callers{g.cap.who, g.cap.Instance}, l.perm}
			by[h] = append(by[h], l)
		}
	}
	out := make(map[*Entry]bool)
	for _, g := range slices.Backward(x.grants) {
		if g.cap.Observe {
			continue
		}
		var first *leaf
		for _, l := range g.leaves {
			other := x.counterpart(l, by[held{callers{g.cap.who, g.cap.Instance}, l.perm}], out)
			if other == nil {
				first = nil
				break
			}
			if first == nil {
				first = other
			}
		}
		if first == nil {
			continue
		}
		out[g.entry] = true
		x.report(g.at(), g.subject(), "take it out", "%s grants %s, which adds nothing to %s",
			g.cap.what(), quote(g.entry.name()), first.cap.granting(first.entry.name(), first.source))
	}
}

// subject is what a finding on a whole entry is about.
func (g *lintGrant) subject() subject {
	return subject{capability: g.cap.Identifier, permission: g.entry.name(), about: g.entry.scopeText()}
}

// scopeText tells entries apart that name the same permission.
func (e *Entry) scopeText() string {
	if len(e.Scope.Allow)+len(e.Scope.Deny) == 0 {
		return ""
	}
	list := make([]any, 0, len(e.Scope.Allow))
	for _, v := range e.Scope.Allow {
		list = append(list, v.Value)
	}
	return string(appendValue(nil, list))
}

// counterpart returns a leaf of another entry, not among those that are out,
// that gives all that l does.
func (x *linter) counterpart(l *leaf, others []*leaf, out map[*Entry]bool) *leaf {
	for _, o := range others {
		if o.entry == l.entry || out[o.entry] || o.cap.Observe {
			continue
		}
		if !x.spend(1) {
			return nil
		}
		if x.within(l.allow, o.allow) && x.within(l.deny, o.deny) {
			return o
		}
	}
	return nil
}

// within reports whether all entries are among others.
func (x *linter) within(entries, others []ScopeEntry) bool {
	for _, e := range entries {
		same := func(o ScopeEntry) bool { return x.spend(1) && e.same(o) }
		if !slices.ContainsFunc(others, same) {
			return false
		}
	}
	return true
}

// shadowedByDeny finds entries of which nothing is left, since every command
// that they allow is denied to the same callers.
func (x *linter) shadowedByDeny() {
	for _, g := range x.grants {
		if g.cap.Observe {
			continue
		}
		deny := x.shadow(g)
		if deny == nil {
			continue
		}
		x.report(g.at(), g.subject(), "take one of the two out",
			"%s grants %s, but all its commands are denied to the same callers: by %s",
			g.cap.what(), quote(g.entry.name()), deny.cap.granting(deny.perm.name(), deny.source))
	}
}

// shadow returns the first deny of an entry that is wholly denied, else nil.
func (x *linter) shadow(g *lintGrant) *leaf {
	var first *leaf
	for _, l := range g.leaves {
		if l.perm.global || len(l.perm.deny) > 0 {
			return nil // it does something else
		}
		for _, c := range l.perm.allow {
			deny := x.denied(c, g.cap.who)
			if deny == nil {
				return nil
			}
			if first == nil {
				first = deny
			}
		}
	}
	return first
}

// denied returns a rule that is certain to deny the command to all whom an
// allow means.
func (x *linter) denied(c *command, who *grantee) *leaf {
	for _, r := range x.rules[c.id].deny {
		if !x.spend(1) {
			return nil
		}
		if r.who.includes(who) {
			return r.leaf
		}
	}
	return nil
}

// includes reports whether g is certain to mean every caller that o means, at
// any time. It may say no where the answer is yes.
func (g *grantee) includes(o *grantee) bool {
	if g == o {
		return true
	}
	urls := func() bool {
		for _, u := range o.remote {
			if !slices.Contains(g.remote, u) { // the pool makes each pattern once
				return false
			}
		}
		return true
	}
	return (g.local || !o.local) && g.limited == "" && (g.expires == 0 || o.expires != 0 && o.expires <= g.expires) &&
		includesLabels(g.windows, o.windows) && includesLabels(g.webviews, o.webviews) && includesLabels(g.modules, o.modules) &&
		(len(g.via) == 0 || len(o.via) > 0 && includesLabels(g.via, o.via)) && urls()
}

func includesLabels(wide, narrow []label) bool {
	for i := range narrow {
		n := &narrow[i]
		covers := func(w label) bool { return w.text == n.text || w.text == "*" || n.exact && w.match(n.text) }
		if !slices.ContainsFunc(wide, covers) {
			return false
		}
	}
	return true
}
