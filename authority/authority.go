package authority

import (
	"cmp"
	"slices"
)

// Authority is a compiled policy. It decides, and says why. It is immutable
// and safe for concurrent use; a policy that changes gives a new Authority
// (see [Live]). A nil *Authority denies everything.
type Authority struct {
	catalog *catalog
	caps    []*capability // in identifier order, those that observe included
	rules   []rules       // by command
	means   []*audience   // by command: whom those mean
	global  [][]rule      // by module: what has no commands

	// observing is the same policy with what only observes in force, too; nil
	// if nothing observes.
	observing *Authority
	digest    lazyDigest
}

// rules are those of one command, in resolution order.
type rules struct{ deny, allow []rule }

// rule is a leaf with those whom it means, which many rules share.
type rule struct {
	who  *grantee
	leaf *leaf
}

// New compiles a policy. It reports all problems at once, ordered by place;
// the Authority is nil if one of them is an error ([Problems.Err]).
func New(p Policy) (*Authority, Problems) {
	r := &report{}
	c := newCatalog(&p, r)
	a := assemble(c, c.compileAll(p.Capabilities, r), r)
	return a, r.sorted()
}

// assemble indexes what capabilities grant by command. It returns nil if the
// report holds an error.
func assemble(c *catalog, caps []*capability, r *report) *Authority {
	slices.SortStableFunc(caps, func(a, b *capability) int { return cmp.Compare(a.Identifier, b.Identifier) })
	weight := 0
	for i, k := range caps {
		if i > 0 && caps[i-1].Identifier == k.Identifier {
			r.errorf(k.Position, problemDuplicate, firstAt(caps[i-1].Position), "duplicate capability %s", quote(k.Identifier))
		}
		if weight += k.weight; weight > maxTotal {
			r.errorf(k.Position, problemTooLarge, "", "the policy comes down to more than %d rules", maxTotal)
			break
		}
	}
	if r.failed() {
		return nil
	}
	a := &Authority{catalog: c, caps: caps}
	enforced := slices.DeleteFunc(slices.Clone(caps), func(k *capability) bool { return k.Observe })
	a.index(enforced)
	if len(enforced) < len(caps) {
		a.observing = &Authority{catalog: c, caps: caps}
		a.observing.index(caps)
	}
	return a
}

// index lists the rules of the capabilities that are in force by command and
// by module. It counts first, so that all rules lie in one array.
func (a *Authority) index(enforced []*capability) {
	a.rules, a.global = make([]rules, a.catalog.commands), make([][]rule, len(a.catalog.order))
	var leaves []*leaf // in resolution order
	for _, k := range enforced {
		leaves = append(leaves, k.leaves...)
	}
	type count struct{ deny, allow int }
	counts, globals, total := make([]count, len(a.rules)), make([]int, len(a.global)), 0
	for _, l := range leaves {
		for _, c := range l.perm.deny {
			counts[c.id].deny++
		}
		for _, c := range l.perm.allow {
			counts[c.id].allow++
		}
		if l.perm.global {
			globals[l.perm.module.id]++
		}
		total += len(l.perm.deny) + len(l.perm.allow) + 1
	}
	free := make([]rule, total)
	room := func(n int) []rule {
		list := free[:0:n]
		free = free[n:]
		return list
	}
	for id, n := range counts {
		a.rules[id] = rules{deny: room(n.deny), allow: room(n.allow)}
	}
	for id, n := range globals {
		a.global[id] = room(n)
	}
	for _, l := range leaves {
		made := rule{who: l.cap.who, leaf: l}
		for _, c := range l.perm.deny {
			a.rules[c.id].deny = append(a.rules[c.id].deny, made)
		}
		for _, c := range l.perm.allow {
			a.rules[c.id].allow = append(a.rules[c.id].allow, made)
		}
		if l.perm.global {
			a.global[l.perm.module.id] = append(a.global[l.perm.module.id], made)
		}
	}
	all := newAudiences()
	a.means = make([]*audience, len(a.rules))
	for id, r := range a.rules {
		a.means[id] = all.of(r)
	}
}

// Manifest returns what the module of that name offers. It must not be
// modified.
func (a *Authority) Manifest(name string) (*Manifest, bool) {
	if a == nil {
		return nil, false
	}
	m := a.catalog.modules[name]
	if m == nil {
		return nil, false
	}
	return m.manifest, true
}

// Manifests returns what the modules offer, by name. They must not be
// modified.
func (a *Authority) Manifests() []*Manifest {
	if a == nil {
		return nil
	}
	out := make([]*Manifest, len(a.catalog.order))
	for i, m := range a.catalog.order {
		out[i] = m.manifest
	}
	return out
}
