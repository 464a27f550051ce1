package authority_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// copyOf copies a policy so deep that the copy can be changed.
func copyOf(p authority.Policy) authority.Policy {
	p.Manifests, p.Capabilities = slices.Clone(p.Manifests), slices.Clone(p.Capabilities)
	scopes := func(s authority.ScopeRules) authority.ScopeRules {
		return authority.ScopeRules{Allow: slices.Clone(s.Allow), Deny: slices.Clone(s.Deny)}
	}
	for i := range p.Manifests {
		m := &p.Manifests[i]
		m.Commands, m.Permissions, m.Sets = slices.Clone(m.Commands), slices.Clone(m.Permissions), slices.Clone(m.Sets)
		for j := range m.Commands {
			m.Commands[j].Powers = slices.Clone(m.Commands[j].Powers)
		}
		for j := range m.Permissions {
			q := &m.Permissions[j]
			q.Allow, q.Deny, q.Platforms, q.Scope = slices.Clone(q.Allow), slices.Clone(q.Deny), slices.Clone(q.Platforms), scopes(q.Scope)
		}
		for j := range m.Sets {
			m.Sets[j].Members = slices.Clone(m.Sets[j].Members)
		}
		if m.Default != nil {
			d := *m.Default
			d.Members = slices.Clone(d.Members)
			m.Default = &d
		}
	}
	for i := range p.Capabilities {
		c := &p.Capabilities[i]
		c.Windows, c.Webviews, c.Modules, c.Via = slices.Clone(c.Windows), slices.Clone(c.Webviews), slices.Clone(c.Modules), slices.Clone(c.Via)
		c.Remote, c.Platforms, c.Permissions = slices.Clone(c.Remote), slices.Clone(c.Platforms), slices.Clone(c.Permissions)
		for j := range c.Permissions {
			c.Permissions[j].Scope = scopes(c.Permissions[j].Scope)
		}
	}
	return p
}

// turn adds to a list, or takes from it, at random.
func turn[T any](g generator, list *[]T, more ...T) {
	if n := len(*list); n > 0 && g.IntN(2) == 0 {
		i := g.IntN(n)
		*list = slices.Delete(*list, i, i+1)
		return
	}
	if len(more) > 0 {
		*list = append(*list, pick(g, more...))
	}
}

// at returns one of a list, nil if it is empty.
func at[T any](g generator, list []T) *T {
	if len(list) == 0 {
		return nil
	}
	return &list[g.IntN(len(list))]
}

func (g generator) label() authority.Pattern { return authority.Pattern{Text: pick(g, genLabels...)} }

func (g generator) entries(list *[]authority.ScopeValue) {
	turn(g, list, scope(authority.Position{}, `[{"key":"a"},{"key":"b*"},{"key":"c","powers":["kv.read"]},{"key":"c"},{"key":"c","powers":["kv.read","kv.write"]},{"own":1},{"key":"d","own":2}]`, "").Allow...)
}

// mutate changes a policy a little. What comes of it need not be sound.
func (g generator) mutate(p authority.Policy) authority.Policy {
	p = copyOf(p)
	for range 1 + g.IntN(3) {
		if g.IntN(3) == 0 {
			g.mutateManifest(&p.Manifests[g.IntN(len(p.Manifests))])
		} else {
			g.mutateCapability(&p)
		}
	}
	return p
}

func (g generator) mutateManifest(m *authority.Manifest) {
	switch g.IntN(12) {
	case 0:
		m.Invalid = pick(g, "", "broken")
	case 1:
		m.Instance = pick(g, "", "call", "caller", "caller")
	case 2:
		m.Accepted = !m.Accepted
	case 3, 4:
		powers := &m.Commands[g.IntN(len(m.Commands))].Powers
		*powers = some(g, 2, authority.PowerKVRead, authority.PowerKVWrite, authority.PowerEmit)
	case 5:
		turn(g, &m.Sets)
	case 6:
		if s := at(g, m.Sets); s != nil {
			turn(g, &s.Members, refs(authority.Position{}, []string{"allow-go", "deny-go", "allow-stop", "p0", "p1"})...)
		}
	case 7:
		turn(g, &m.Permissions, authority.Permission{Identifier: "allow-go", Scope: authority.ScopeRules{}}, authority.Permission{Identifier: "p9"})
	default:
		q := at(g, m.Permissions)
		if q == nil {
			return
		}
		switch g.IntN(5) {
		case 0:
			turn(g, &q.Allow, authority.CommandName{Name: pick(g, genCommands...)})
		case 1:
			turn(g, &q.Deny, authority.CommandName{Name: pick(g, genCommands...)})
		case 2:
			turn(g, &q.Platforms, genPlaces...)
		case 3:
			g.entries(&q.Scope.Allow)
		case 4:
			g.entries(&q.Scope.Deny)
		}
	}
}

func (g generator) mutateCapability(p *authority.Policy) {
	var ids []string
	for _, m := range p.Manifests {
		ids = append(ids, identifiers(m)...)
	}
	c := &p.Capabilities[g.IntN(len(p.Capabilities))]
	switch g.IntN(16) {
	case 0:
		turn(g, &c.Windows, g.label())
	case 1:
		turn(g, &c.Webviews, g.label())
	case 2:
		turn(g, &c.Modules, patterns(c, []string{"m", "n", "?", "*"})...)
	case 3:
		turn(g, &c.Via, g.label())
	case 4:
		turn(g, &c.Remote, patterns(c, []string{"https://a.example", "https://*.example", "https://b.example:*"})...)
	case 5:
		c.Local = !c.Local
	case 6:
		c.Expires = pick[int64](g, 0, -1, 10, 20, 30) * second
	case 7:
		c.Observe = !c.Observe
	case 8:
		c.Instance = pick(g, "", "call", "caller", "caller")
	case 9:
		c.Limits = pick(g, authority.Limits{}, authority.Limits{Concurrent: 1}, authority.Limits{Concurrent: 2}, authority.Limits{CallsPerSecond: 3})
	case 10:
		turn(g, &c.Platforms, genPlaces...)
	case 11:
		c.Identifier = pick(g, "c0", "c1", "renamed")
	case 12:
		turn(g, &p.Capabilities, g.capability("extra", ids))
	case 13:
		turn(g, &c.Permissions, authority.Entry{Reference: authority.Reference{Identifier: pick(g, ids...)}})
	default:
		if e := at(g, c.Permissions); e != nil {
			g.entries(pick(g, &e.Scope.Allow, &e.Scope.Deny))
		}
	}
}

// gains says what a request gets from one decision and not from another, in
// the obvious way: by asking both.
func gains(before, after authority.Decision) string {
	if !after.Allowed() {
		return ""
	}
	if !before.Allowed() {
		return "the call"
	}
	was, _ := before.Grant()
	is, _ := after.Grant()
	if is.Instance() == "caller" && was.Instance() != "caller" {
		return "an instance"
	}
	own := func(list []authority.ScopeEntry) []string {
		var out []string
		for _, e := range list {
			fields := map[string]any{}
			for k, v := range e.Value().(map[string]any) {
				if k != "powers" {
					fields[k] = v
				}
			}
			text, _ := json.Marshal(fields)
			out = append(out, string(text))
		}
		return out
	}
	if !subset(own(is.Allow()), own(was.Allow())) || !subset(own(is.GlobalAllow()), own(was.GlobalAllow())) {
		return "an entry"
	}
	if !subset(own(was.Deny()), own(is.Deny())) || !subset(own(was.GlobalDeny()), own(is.GlobalDeny())) {
		return "what was denied"
	}
	for _, p := range is.Powers() {
		more, less := is.Lend(p)
		had, hadNot := was.Lend(p)
		if !subset(own(more), own(had)) {
			return string(p)
		}
		if !subset(own(hadNot), own(less)) {
			return "denied " + string(p)
		}
	}
	return ""
}

// tells reports whether the changes say that the command is affected so.
func tells(cs authority.Changes, e authority.Direction, module, command string) bool {
	return slices.ContainsFunc(cs, func(c authority.Change) bool {
		return c.Direction == e && c.Module == module && (len(c.Commands) == 0 || slices.Contains(c.Commands, command))
	})
}

// TestDiffMissesNothing: whatever a request gets under a changed policy that
// it did not get before is among what widened, for its command.
func TestDiffMissesNothing(t *testing.T) {
	mutations, gained, quiet := 0, map[string]int{}, 0
	eachPolicy(t, 1500, func(g generator, _ uint64, p authority.Policy, _ *authority.Authority) {
		if len(p.Capabilities) == 0 {
			return
		}
		p = copyOf(p)
		for i := range p.Manifests {
			p.Manifests[i].Instance = pick(g, "", "caller")
		}
		for i := range p.Capabilities {
			p.Capabilities[i].Instance = pick(g, "", "caller")
		}
		a, _ := authority.New(p)
		for range 4 {
			q := g.mutate(p)
			b, ps := authority.New(q)
			if ps.Err() != nil {
				continue
			}
			mutations++
			cs := authority.Diff(a, b)
			if cs.Count(authority.Widened) == 0 {
				quiet++
			}
			for range 40 {
				req := g.request()
				what := gains(a.Decide(req), b.Decide(req))
				if what == "" {
					continue
				}
				gained[what]++
				if !tells(cs, authority.Widened, req.Module, req.Command) {
					t.Errorf("%+v gets %s\n%s\nbefore\n%safter\n%s", req, what, cs, a.Resolved(), b.Resolved())
					return
				}
			}
		}
	})
	t.Logf("%d mutations, %d without widening, gains %v", mutations, quiet, gained)
	if !testing.Short() && (mutations < 2000 || quiet < mutations/5) {
		t.Errorf("only %d mutations, %d of them without widening", mutations, quiet)
	}
	for _, what := range []string{"the call", "an entry", "an instance", "what was denied", "kv.read", "kv.write"} {
		if gained[what] == 0 && !testing.Short() {
			t.Errorf("no request got %s", what)
		}
	}
}

// TestDiffSymmetry: what widened one way narrowed the other way, except what
// cannot be told, and policies that say the same have no changes.
func TestDiffSymmetry(t *testing.T) {
	told := func(cs authority.Changes, e authority.Direction) []string {
		var out []string
		for _, c := range cs {
			if c.Direction == e {
				out = append(out, fmt.Sprint(c.Kind, c.Module, c.Commands))
			}
		}
		slices.Sort(out)
		return out
	}
	eachPolicy(t, 500, func(g generator, _ uint64, p authority.Policy, a *authority.Authority) {
		same := copyOf(p)
		for i := range same.Capabilities {
			c := &same.Capabilities[i]
			g.Shuffle(len(c.Permissions), func(i, j int) { c.Permissions[i], c.Permissions[j] = c.Permissions[j], c.Permissions[i] })
			g.Shuffle(len(c.Windows), func(i, j int) { c.Windows[i], c.Windows[j] = c.Windows[j], c.Windows[i] })
			c.Position, c.Description = pos("moved.toml", 7), "other words"
		}
		g.Shuffle(len(same.Capabilities), func(i, j int) {
			same.Capabilities[i], same.Capabilities[j] = same.Capabilities[j], same.Capabilities[i]
		})
		b, ps := authority.New(same)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		if cs := authority.Diff(a, b); len(cs) > 0 {
			t.Errorf("the same, in another order:\n%s", cs)
		}
		c, ps := authority.New(g.mutate(p))
		if ps.Err() != nil {
			return
		}
		there, back := authority.Diff(a, c), authority.Diff(c, a)
		for e, o := range map[authority.Direction]authority.Direction{0: 1, 1: 0} {
			if x, y := told(there, e), told(back, o); !slices.Equal(x, y) {
				t.Errorf("there %s %q\nback %s %q\n%s", e, x, o, y, there)
			}
		}
	})
}
