package authority

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// lintScope is one scope entry that a capability grants: one, to however many
// permissions of a set it goes.
type lintScope struct {
	cap    *capability
	perm   string // "module:identifier" of the entry or permission where it is written
	v      *scopeValue
	deny   bool
	at     Position
	leaves []*leaf
}

// lintGrant is one entry of a capability with the permissions that it comes
// down to.
type lintGrant struct {
	cap    *capability
	entry  *Entry
	leaves []*leaf
}

// at is the entry's place, or the capability's if it has none.
func (g *lintGrant) at() Position { return g.leaves[0].source }

// name prints "module:identifier" of the entry.
func (e *Entry) name() string {
	if strings.Contains(e.Identifier, ":") {
		return e.Identifier
	}
	return appModule + ":" + e.Identifier
}

// collect lists what capabilities grant, those that observe included, in
// resolution order.
func (x *linter) collect() {
	for _, k := range x.caps {
		scopes := make(map[*scopeValue]*lintScope)
		for i, l := range k.leaves {
			if i == 0 || k.leaves[i-1].entry != l.entry {
				x.grants = append(x.grants, &lintGrant{cap: k, entry: l.entry})
			}
			g := x.grants[len(x.grants)-1]
			g.leaves = append(g.leaves, l)
			x.collectScopes(scopes, l, l.allow, len(l.perm.scope.allow), false)
			x.collectScopes(scopes, l, l.deny, len(l.perm.scope.deny), true)
		}
	}
}

// collectScopes lists the scope entries of a leaf, of which the last own are
// its permission's and the others the capability's.
func (x *linter) collectScopes(seen map[*scopeValue]*lintScope, l *leaf, entries []ScopeEntry, own int, deny bool) {
	for i, e := range entries {
		s := seen[e.v]
		if s == nil {
			s = &lintScope{cap: l.cap, perm: l.perm.name(), v: e.v, deny: deny, at: l.source}
			if i < len(entries)-own {
				s.perm = l.entry.name()
				if e.Source != (Position{}) {
					s.at = e.Source
				}
			}
			seen[e.v] = s
			x.scopes = append(x.scopes, s)
		}
		s.leaves = append(s.leaves, l)
	}
}

// subject is what a finding on one of the entry's texts is about.
func (s *lintScope) subject(text string) subject {
	return subject{capability: s.cap.Identifier, permission: s.perm, about: text}
}

// about is the text by which people know the entry: its pattern, or all of it.
func (s *lintScope) about() string {
	for _, p := range s.v.powers {
		if key, ok := keyOf(p, s.v.fields); ok {
			if text, ok := s.v.fields[key].(string); ok {
				return text
			}
		}
	}
	return string(appendValue(nil, s.v.value))
}

// verb says what is done with the entry.
func (s *lintScope) verb() string {
	if s.deny {
		return "denies"
	}
	return "grants"
}

// text returns the value of a key that one of the entry's powers has.
func (s *lintScope) text(power Power) (string, bool) {
	if !slices.Contains(s.v.powers, power) {
		return "", false
	}
	key, _ := keyOf(power, s.v.fields)
	text, ok := s.v.fields[key].(string)
	return text, ok
}

// lends returns the powers that the entry lends to a command of the
// permissions that it reaches; of a module's scope, to any that somebody may
// call.
func (x *linter) lends(s *lintScope) []Power {
	if x.catalog.lenient {
		return s.v.powers
	}
	var out []Power
	for _, p := range s.v.powers {
		if slices.ContainsFunc(s.leaves, func(l *leaf) bool { return slices.Contains(x.uses(l.perm), p) }) {
			out = append(out, p)
		}
	}
	return out
}

// uses returns the powers that the commands of a permission declare; of one
// without commands, those of the module that somebody may call. The result is
// kept.
func (x *linter) uses(p *permission) []Power {
	out, ok := x.powers[p]
	if ok {
		return out
	}
	declared := make(map[Power]bool)
	add := func(c *command) {
		for _, power := range c.Powers {
			declared[power] = true
		}
	}
	for _, c := range p.allow {
		add(c)
	}
	if p.global {
		for _, c := range p.module.commands {
			if len(x.rules[c.id].allow) > 0 {
				add(c)
			}
		}
	}
	for _, power := range Powers() {
		if declared[power] {
			out = append(out, power)
		}
	}
	x.powers[p] = out
	return out
}

// somewhere is what a variable stands for where nobody said.
const somewhere = "/somewhere"

// path returns an entry's path pattern as it is read, nil if it has none or
// its base dir is no place. The result is kept.
func (x *linter) path(v *scopeValue, deny bool) *pattern.PathMatcher {
	m, ok := x.matchers[v]
	if ok || v.path == nil {
		return m
	}
	prefix := ""
	if name := v.path.Var(); name != "" {
		prefix = cmp.Or(x.Dirs[name], somewhere+"/"+name)
	}
	dotfiles, _ := v.fields[keyDotfiles].(bool)
	m, _ = v.path.Bind(prefix, pattern.PathOptions{Deny: deny, Dotfiles: dotfiles})
	x.matchers[v] = m
	return m
}

// url compiles a URL pattern, nil if it is none. The result is kept.
func (x *linter) url(text string) *pattern.URL {
	u, ok := x.urls[text]
	if !ok {
		u, _ = pattern.CompileURL(text)
		x.urls[text] = u
	}
	return u
}
