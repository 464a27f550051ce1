package authority_test

import (
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/authoritytest"
)

// TestAgainstReference compares engine and reference on 10^5 pairs of policy
// and request; with AMBIT_LONG=1 on 10^6.
func TestAgainstReference(t *testing.T) {
	pairs, codes := 0, map[authority.Code]int{}
	eachPolicy(t, 1300, func(g generator, _ uint64, p authority.Policy, a *authority.Authority) {
		for range 100 {
			req := g.request()
			d := a.Decide(req)
			got, want := answerOf(d).String(), authoritytest.Reference(p, req).String()
			if got != want {
				t.Errorf("%+v\nengine    %s\nreference %s\n%s\n%s", req, got, want, a.Resolved(), d.Explain())
				return
			}
			pairs++
			codes[d.Code()]++
		}
	})
	t.Logf("%d pairs: %v", pairs, codes)
	if !testing.Short() && pairs < 100_000 {
		t.Errorf("only %d pairs", pairs)
	}
	for _, code := range []authority.Code{"allowed", "unknown-module", "unknown-command", "module-invalid", "denied-by-rule", "not-granted", "origin-mismatch", "window-mismatch", "expired", "rate"} {
		if codes[code] == 0 {
			t.Errorf("no request was answered %s", code)
		}
	}
}

// TestDenyOnlyNarrows: one more deny, of a command or of a scope, never turns
// a deny into an allow and never widens a grant.
func TestDenyOnlyNarrows(t *testing.T) {
	ways := []struct {
		name string
		deny func(generator, *authority.Policy)
	}{
		{"a capability that denies", moreDenied},
		{"a permission that denies", moreDeniedBy},
		{"an entry that denies scope", moreDeniedScope},
	}
	narrowed := map[string]int{}
	eachPolicy(t, 500, func(g generator, _ uint64, p authority.Policy, a *authority.Authority) {
		for _, way := range ways {
			more := copyOf(p)
			way.deny(g, &more)
			b, ps := authority.New(more)
			if ps.Err() != nil {
				continue // the denied scope reaches nothing
			}
			for range 10 {
				req := g.request()
				before, after := answerOf(a.Decide(req)), answerOf(b.Decide(req))
				if !after.Within(before) {
					t.Errorf("%s: %+v: %s, then %s", way.name, req, before, after)
				}
				if !before.Within(after) {
					narrowed[way.name]++
				}
			}
		}
	})
	for _, way := range ways {
		if narrowed[way.name] == 0 {
			t.Errorf("control: %s had no effect", way.name)
		}
	}
}

func moreDenied(g generator, p *authority.Policy) {
	deny := capab("extra", windows(pick(g, genLabels...)), webviews(some(g, 4, genLabels...)...), modules(some(g, 3, "m", "*")...))
	deny.Local = g.IntN(3) > 0
	for _, m := range p.Manifests {
		grants(m.Name + ":" + pick(g, "deny-go", "deny-get-all"))(&deny)
	}
	p.Capabilities = append(p.Capabilities, deny)
}

// moreDeniedBy makes the permissions that allow a command deny one.
func moreDeniedBy(g generator, p *authority.Policy) {
	for i := range p.Manifests {
		perms := p.Manifests[i].Permissions
		for j := range perms {
			if len(perms[j].Allow) > 0 {
				denies(pick(g, "go", "get_all"))(&perms[j])
			}
		}
	}
}

func moreDeniedScope(g generator, p *authority.Policy) {
	for i := range p.Capabilities {
		for j := range p.Capabilities[i].Permissions {
			e := &p.Capabilities[i].Permissions[j]
			if g.IntN(3) == 0 {
				e.Scope.Deny = append(e.Scope.Deny, authority.ScopeValue{Position: e.Position, Value: map[string]any{"key": "secret"}})
			}
		}
	}
}

// TestLessNeverWidens: a policy with an allow fewer, or with a capability or
// an entry fewer that has neither denies nor limits nor denied scope, allows
// no more and lends no more.
func TestLessNeverWidens(t *testing.T) {
	ways := []struct {
		name string
		take func(generator, *authority.Policy, map[string]bool) bool
	}{
		{"a capability fewer", lessCapabilities},
		{"an entry fewer", lessEntries},
		{"a permission less wide", lessAllowed},
		{"a scope entry fewer", lessScope},
		{"a window or URL fewer", lessPatterns},
		{"a capability that ended", lessTime},
	}
	narrowed := map[string]int{}
	eachPolicy(t, 500, func(g generator, _ uint64, p authority.Policy, a *authority.Authority) {
		denies := denying(p, a)
		for _, way := range ways {
			less := copyOf(p)
			if !way.take(g, &less, denies) {
				continue
			}
			b, ps := authority.New(less)
			if ps.Err() != nil {
				t.Fatalf("%s: %v", way.name, ps)
			}
			for range 30 {
				req := g.request()
				before, after := answerOf(a.Decide(req)), answerOf(b.Decide(req))
				if !after.Within(before) {
					t.Errorf("%s: %+v: %s, then %s", way.name, req, before, after)
				}
				if !before.Within(after) {
					narrowed[way.name]++
				}
			}
		}
	})
	for _, way := range ways {
		if narrowed[way.name] == 0 {
			t.Errorf("control: %s had no effect", way.name)
		}
	}
}

// denying returns the capabilities that deny something, a command or a scope,
// or have limits, and the permissions that are granted with a denied scope.
func denying(p authority.Policy, a *authority.Authority) map[string]bool {
	out := map[string]bool{}
	r := a.Resolved()
	for _, rule := range slices.Concat(r.Allow, r.Global) {
		if len(rule.Scope.Deny) > 0 {
			out[rule.Capability], out[rule.Permission] = true, true
		}
	}
	for _, rule := range r.Deny {
		out[rule.Capability] = true
	}
	for _, c := range p.Capabilities {
		out[c.Identifier] = out[c.Identifier] || c.Limits != authority.Limits{}
	}
	return out
}

// harmless picks a capability that does not deny.
func harmless(g generator, p *authority.Policy, denies map[string]bool) (*authority.Capability, bool) {
	var list []*authority.Capability
	for i := range p.Capabilities {
		if !denies[p.Capabilities[i].Identifier] {
			list = append(list, &p.Capabilities[i])
		}
	}
	if list == nil {
		return nil, false
	}
	return list[g.IntN(len(list))], true
}

func lessCapabilities(g generator, p *authority.Policy, denies map[string]bool) bool {
	c, ok := harmless(g, p, denies)
	if ok {
		id := c.Identifier
		p.Capabilities = slices.DeleteFunc(p.Capabilities, func(o authority.Capability) bool { return o.Identifier == id })
	}
	return ok
}

func lessEntries(g generator, p *authority.Policy, denies map[string]bool) bool {
	c, ok := harmless(g, p, denies)
	if ok {
		i := g.IntN(len(c.Permissions))
		c.Permissions = slices.Delete(c.Permissions, i, i+1)
	}
	return ok
}

// lessAllowed lets permissions allow fewer commands, but one: with none a
// permission would be the module's scope.
func lessAllowed(_ generator, p *authority.Policy, denies map[string]bool) bool {
	for i := range p.Manifests {
		perms := p.Manifests[i].Permissions
		for j := range perms {
			if !denies[p.Manifests[i].Name+":"+perms[j].Identifier] && len(perms[j].Allow) > 1 {
				perms[j].Allow = perms[j].Allow[:1]
			}
		}
	}
	return true
}

func lessScope(_ generator, p *authority.Policy, _ map[string]bool) bool {
	for i := range p.Manifests {
		perms := p.Manifests[i].Permissions
		for j := range perms {
			perms[j].Scope.Allow = perms[j].Scope.Allow[:len(perms[j].Scope.Allow)/2]
		}
	}
	return true
}

func lessPatterns(g generator, p *authority.Policy, denies map[string]bool) bool {
	c, ok := harmless(g, p, denies)
	if ok {
		c.Windows, c.Remote = c.Windows[:len(c.Windows)/2], c.Remote[:len(c.Remote)/2]
	}
	return ok
}

func lessTime(g generator, p *authority.Policy, denies map[string]bool) bool {
	c, ok := harmless(g, p, denies)
	if ok {
		c.Expires = 1
	}
	return ok
}

// TestShuffle: the order of files changes no decision and no rule, and the
// order within them changes no decision and nothing of what is granted.
func TestShuffle(t *testing.T) {
	eachPolicy(t, 500, func(g generator, seed uint64, p authority.Policy, a *authority.Authority) {
		q := copyOf(p)
		shuffle(g, q.Manifests)
		shuffle(g, q.Capabilities)
		b, ps := authority.New(q)
		if ps.Err() != nil || a.Resolved().String() != b.Resolved().String() || a.Digest() != b.Digest() {
			t.Errorf("%v\n%s\n%s", ps, a.Resolved(), b.Resolved())
			return
		}
		shuffleWithin(g, &q)
		c, ps := authority.New(q)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		for range 20 {
			req := g.request()
			d := a.Decide(req)
			if x, y := d.Explain(), b.Decide(req).Explain(); x != y {
				t.Errorf("%s\n%s", x, y)
			}
			x, y := answerOf(d).Unordered().String(), answerOf(c.Decide(req)).Unordered().String()
			if x != y {
				t.Errorf("%+v\n%s\n%s", req, x, y)
			}
		}
	})
}

func shuffle[T any](g generator, list []T) {
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// shuffleWithin shuffles every list of every manifest and capability.
func shuffleWithin(g generator, p *authority.Policy) {
	scope := func(s *authority.ScopeRules) {
		shuffle(g, s.Allow)
		shuffle(g, s.Deny)
	}
	for i := range p.Manifests {
		m := &p.Manifests[i]
		shuffle(g, m.Commands)
		shuffle(g, m.Permissions)
		shuffle(g, m.Sets)
		for j := range m.Permissions {
			shuffle(g, m.Permissions[j].Allow)
			shuffle(g, m.Permissions[j].Deny)
			scope(&m.Permissions[j].Scope)
		}
		for j := range m.Sets {
			shuffle(g, m.Sets[j].Members)
		}
	}
	for i := range p.Capabilities {
		c := &p.Capabilities[i]
		for _, list := range [][]authority.Pattern{c.Windows, c.Webviews, c.Remote, c.Modules, c.Via} {
			shuffle(g, list)
		}
		shuffle(g, c.Permissions)
		for j := range c.Permissions {
			scope(&c.Permissions[j].Scope)
		}
	}
}
