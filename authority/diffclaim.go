package authority

import (
	"maps"
	"slices"
)

// claims are all that a policy says of callers, by what is said: that they may
// call a command, that they get a scope entry, and so on.
type claims struct {
	authority *Authority
	by        map[claim][]claimant
	order     []claim // of by, each once, in resolution order
	reaches   map[*capability]*reach
	gates     map[claim][2][]area
	values    map[*scopeValue]string
	count     int
	tooMany   bool // some are missing
}

// claim is one thing that is said.
type claim struct {
	kind    claimKind
	module  string
	command string // empty: all of the module
	value   string // a scope entry as JSON, without what narrows its powers
	power   Power  // that the entry fits; each entry is also listed without one
}

type claimKind uint8

const (
	claimAllow  claimKind = iota // may be called
	claimScope                   // gets a scope entry
	claimUse                     // may call some command of the module
	claimKeep                    // may keep an instance, if no claimFresh speaks against it
	claimDeny                    // may not be called
	claimExcept                  // is kept from a scope entry
	claimFresh                   // must have a fresh instance for each call
)

// binds reports whether a claim takes away, so that callers can do more
// without it.
func (k claimKind) binds() bool { return k >= claimDeny }

// compared reports whether a claim is one that is compared. The others only
// say for whom some of these matter.
func (k claimKind) compared() bool { return k != claimUse && k != claimKeep }

// counts reports whether a claim holds only as often as limits allow. What is
// denied is so however often it was asked for.
func (k claimKind) counts() bool { return k != claimDeny && k != claimExcept }

// claimant is a rule, or a scope entry of it, that makes a claim.
type claimant struct {
	leaf  *leaf
	entry *ScopeEntry // nil: the rule itself
}

// maxClaims bounds what one policy takes to compare: a permission's commands
// and scope entries multiply here.
const maxClaims = 1 << 18

func newClaims(a *Authority) *claims {
	c := &claims{
		authority: a, by: make(map[claim][]claimant),
		reaches: make(map[*capability]*reach), gates: make(map[claim][2][]area), values: make(map[*scopeValue]string),
	}
	if a == nil {
		return c
	}
	for _, k := range a.caps {
		if k.Observe {
			continue
		}
		for _, l := range k.leaves {
			c.leaf(l)
		}
	}
	return c
}

// leaf adds what a rule says.
func (c *claims) leaf(l *leaf) {
	m := l.perm.module.manifest
	keep := claimFresh
	if m.Instance == instanceCaller && l.cap.Instance == instanceCaller {
		keep = claimKeep
	}
	for _, cmd := range l.perm.allow {
		c.add(claim{kind: claimAllow, module: m.Name, command: cmd.Name}, claimant{leaf: l})
		c.add(claim{kind: claimUse, module: m.Name}, claimant{leaf: l})
		c.add(claim{kind: keep, module: m.Name, command: cmd.Name}, claimant{leaf: l})
		c.scope(l, cmd.Name)
	}
	for _, cmd := range l.perm.deny {
		c.add(claim{kind: claimDeny, module: m.Name, command: cmd.Name}, claimant{leaf: l})
	}
	if l.perm.global {
		c.scope(l, "")
	}
}

// scope adds the scope entries of a rule for a command, or for all of them.
func (c *claims) scope(l *leaf, command string) {
	for _, part := range []struct {
		kind    claimKind
		entries []ScopeEntry
	}{{claimScope, l.allow}, {claimExcept, l.deny}} {
		for i := range part.entries {
			e := &part.entries[i]
			s := claim{kind: part.kind, module: l.perm.module.manifest.Name, command: command, value: c.value(l.perm.module, e.v)}
			c.add(s, claimant{l, e})
			for _, s.power = range e.v.powers {
				c.add(s, claimant{l, e})
			}
		}
	}
}

// add adds a claim, once for each capability: all that it says of one thing it
// says to the same callers. Of a scope entry it may be said again for more
// powers.
func (c *claims) add(s claim, by claimant) {
	if c.count++; c.count > maxClaims {
		c.tooMany = true
		return
	}
	list := c.by[s]
	switch n := len(list); {
	case n == 0:
		c.order = append(c.order, s)
	case list[n-1].leaf.cap == by.leaf.cap && list[n-1].lends(by):
		return
	}
	c.by[s] = append(list, by)
}

// lends reports whether o, which says the same, is for no more powers.
func (h claimant) lends(o claimant) bool {
	return o.entry == nil || !slices.ContainsFunc(o.entry.v.powers, func(p Power) bool { return !slices.Contains(h.entry.v.powers, p) })
}

// value prints a scope entry without what narrows its powers, which are
// compared one by one.
func (c *claims) value(m *module, v *scopeValue) string {
	text, known := c.values[v]
	if known {
		return text
	}
	value := v.value
	if _, narrowed := v.fields[keyPowers]; narrowed && !slices.Contains(m.words.own, keyPowers) {
		fields := maps.Clone(v.fields)
		delete(fields, keyPowers)
		value = fields
	}
	text = string(appendValue(nil, value))
	c.values[v] = text
	return text
}

// powers returns those that scope entries can lend to a command, or to all of
// the module; nil if there is no such thing. Where modules are not read, it is
// not known which powers a command declares.
func (c *claims) powers(s claim) (powers []Power, known bool) {
	m := c.authority.module(s.module)
	if m == nil || m.manifest.Invalid != "" {
		return nil, false
	}
	if s.command == "" || m.words.lenient {
		return m.words.powers, true
	}
	cmd := m.commands[s.command]
	if cmd == nil {
		return nil, false
	}
	return cmd.Powers, true
}

// reach returns the callers that a capability is for.
func (c *claims) reach(k *capability) *reach {
	r := c.reaches[k]
	if r == nil {
		r = newReach(k)
		c.reaches[k] = r
	}
	return r
}

// areas returns whom a claim is for.
func (c *claims) areas(s claim) (pages, modules []area) {
	all, known := c.gates[s]
	if !known {
		for _, o := range c.by[s] {
			r := c.reach(o.leaf.cap)
			all[0], all[1] = append(all[0], r.pages), append(all[1], r.modules)
		}
		c.gates[s] = all
	}
	return all[0], all[1]
}
