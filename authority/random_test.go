package authority_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// generator makes random policies over few names, so that they collide.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

// some picks each with chance 1 in n.
func some[T any](g generator, n int, list ...T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(T) bool { return g.IntN(n) > 0 })
}

var (
	genModules  = []string{"app", "m", "n"}
	genCommands = []string{"go", "get_all", "stop"}
	genLabels   = []string{"main", "other", "m*", "*", "?ain", "view-*", "x"}
	genWindows  = []string{"main", "other", "view-1", "x", ""}
	genPlaces   = []authority.Platform{authority.Linux, authority.MacOS, authority.Windows}
)

func (g generator) scope() string {
	var out string
	for _, e := range some(g, 3, `{"key":"a"}`, `{"key":"b*"}`, `{"key":"c","powers":["kv.read"]}`, `{"own":1}`) {
		out += "," + e
	}
	if out == "" {
		return ""
	}
	return "[" + out[1:] + "]"
}

func (g generator) manifest(name string, foreign []string) authority.Manifest {
	m := mod(name, cmds("go:kv.read", "get_all:kv.read,kv.write", "stop"), ownScope(`{"properties":{"own":{"type":"number"}}}`))
	ids := []string{"allow-go", "allow-go", "allow-get-all", "allow-stop", "deny-stop"}
	for i := range g.IntN(4) {
		id := fmt.Sprintf("p%d", i)
		var options []permOption
		switch g.IntN(4) {
		case 0:
			options = append(options, scoped(g.scope(), g.scope()))
		case 1:
			options = append(options, denies(some(g, 3, genCommands...)...), scoped(g.scope(), g.scope()))
		default:
			options = append(options, allows(some(g, 2, genCommands...)...), denies(some(g, 8, genCommands...)...), scoped(g.scope(), g.scope()))
		}
		if g.IntN(5) == 0 {
			options = append(options, on(some(g, 2, genPlaces...)...))
		}
		perm(id, options...)(&m)
		ids = append(ids, id)
	}
	if g.IntN(6) == 0 {
		perm("allow-go", allows("go"), scoped(g.scope(), ""))(&m)
	}
	for i := range g.IntN(4) {
		id := fmt.Sprintf("s%d", i)
		set(id, some(g, 4, slices.Concat(ids, foreign)...)...)(&m)
		ids = append(ids, id)
	}
	if g.IntN(2) == 0 {
		deflt(some(g, 4, ids...)...)(&m)
	}
	if g.IntN(25) == 0 {
		m.Invalid = "broken"
	}
	return m
}

// identifiers returns what a manifest offers, with its module.
func identifiers(m authority.Manifest) []string {
	out := []string{"allow-go", "allow-go", "deny-go", "allow-get-all", "allow-get-all", "deny-get-all", "allow-stop", "deny-stop"}
	for _, p := range m.Permissions {
		out = append(out, p.Identifier)
	}
	for _, s := range m.Sets {
		out = append(out, s.Identifier)
	}
	if m.Default != nil {
		out = append(out, "default")
	}
	for i := range out {
		out[i] = m.Name + ":" + out[i]
	}
	return out
}

func (g generator) capability(id string, ids []string) authority.Capability {
	c := capab(id, windows(some(g, 3, genLabels...)...))
	if g.IntN(3) == 0 {
		webviews(some(g, 4, genLabels...)...)(&c)
	}
	if g.IntN(3) == 0 {
		for url := range urlMatches {
			if g.IntN(3) == 0 {
				remote(url)(&c)
			}
		}
		slices.SortFunc(c.Remote, func(a, b authority.Pattern) int { return len(a.Text) - len(b.Text) })
	}
	c.Local = g.IntN(4) > 0
	if g.IntN(3) == 0 {
		modules(pick(g, "m", "n", "?", "*"))(&c)
		if g.IntN(2) == 0 {
			via(some(g, 3, genLabels...)...)(&c)
		}
	}
	if g.IntN(8) == 0 {
		capOn(some(g, 2, genPlaces...)...)(&c)
	}
	if g.IntN(4) == 0 {
		c.Expires = pick[int64](g, -1, 10, 20)
	}
	c.Observe = g.IntN(12) == 0
	if g.IntN(6) == 0 {
		c.Limits.Concurrent = 1
	}
	for range 1 + g.IntN(6) {
		if g.IntN(3) == 0 {
			grantsScoped(pick(g, ids...), g.scope(), g.scope())(&c)
			continue
		}
		grants(pick(g, ids...))(&c)
	}
	return c
}

func (g generator) policy() authority.Policy {
	var p authority.Policy
	var ids []string
	for _, name := range genModules {
		m := g.manifest(name, ids)
		p.Manifests = append(p.Manifests, m)
		ids = append(ids, identifiers(m)...)
	}
	p.Platform = pick(g, genPlaces...)
	for i := range 2 + g.IntN(8) {
		p.Capabilities = append(p.Capabilities, g.capability(fmt.Sprintf("c%d", i), ids))
	}
	return p
}

func (g generator) caller() authority.Caller {
	c := authority.Caller{Window: pick(g, genWindows...), Origin: authority.LocalOrigin()}
	c.Webview = pick(g, c.Window, c.Window, pick(g, genWindows...))
	switch g.IntN(8) {
	case 0, 1:
		c.Origin = authority.RemoteOrigin(pick(g, someURLs...))
	case 2, 3:
		root := c
		c = authority.Caller{Origin: authority.ModuleOrigin(pick(g, genModules...))}
		if g.IntN(4) > 0 {
			root.Origin = pick(g, root.Origin, authority.RemoteOrigin(someURLs[0]), authority.ModuleOrigin("n"), authority.Origin{})
			c.Chain = append(c.Chain, root, authority.Caller{Origin: authority.ModuleOrigin("app")})
		}
	case 4:
		if g.IntN(4) == 0 {
			c.Origin = authority.Origin{}
		}
	}
	return c
}

func (g generator) request() authority.Request {
	return authority.Request{
		Caller: g.caller(), Module: pick(g, "app", "m", "m", "m", "m", "m", "m", "n", "n", "n", "n", "none"), Command: pick(g, "go", "go", "go", "go", "go", "get_all", "get_all", "get_all", "stop", "stop", "none"),
		Now: pick[int64](g, 0, 5, 10, 15, 25), Spent: some(g, 3, "c0", "c1", "c2"),
	}
}

// answerOf puts a decision into the form of the reference.
func answerOf(d authority.Decision) answer {
	a := answer{code: d.Code()}
	if g, ok := d.Grant(); ok {
		a.allow, a.deny, a.globalAllow, a.globalDeny = texts(g.Allow()), texts(g.Deny()), texts(g.GlobalAllow()), texts(g.GlobalDeny())
	}
	return a
}

func (a answer) String() string {
	return fmt.Sprintf("%s allow %v deny %v global %v but %v", a.code, a.allow, a.deny, a.globalAllow, a.globalDeny)
}

// eachPolicy runs a test over random policies without errors, and fails if
// too few of them are.
func eachPolicy(t *testing.T, n int, run func(g generator, seed uint64, p authority.Policy, a *authority.Authority)) {
	t.Helper()
	if testing.Short() {
		n /= 10
	}
	sound := 0
	for seed := range uint64(n) {
		g := newGenerator(seed)
		p := g.policy()
		a, ps := authority.New(p)
		if ps.Err() != nil {
			continue
		}
		sound++
		run(g, seed, p, a)
		if t.Failed() {
			t.Logf("seed %d", seed)
			return
		}
	}
	if sound < n/2 {
		t.Errorf("only %d of %d policies are sound", sound, n)
	}
}

// TestAgainstReference compares engine and reference.
func TestAgainstReference(t *testing.T) {
	pairs, codes := 0, map[authority.Code]int{}
	eachPolicy(t, 3000, func(g generator, _ uint64, p authority.Policy, a *authority.Authority) {
		for range 20 {
			req := g.request()
			d := a.Decide(req)
			got, want := answerOf(d).String(), reference(p, req).String()
			if got != want {
				t.Errorf("%+v\nengine    %s\nreference %s\n%s\n%s", req, got, want, a.Resolved(), d.Explain())
				return
			}
			d.Remedy()
			pairs++
			codes[d.Code()]++
		}
	})
	t.Logf("%d pairs: %v", pairs, codes)
	if !testing.Short() && pairs < 20_000 {
		t.Errorf("only %d pairs", pairs)
	}
	for _, code := range []authority.Code{"allowed", "unknown-module", "unknown-command", "module-invalid", "denied-by-rule", "not-granted", "origin-mismatch", "window-mismatch", "expired", "rate"} {
		if codes[code] == 0 {
			t.Errorf("no request was answered %s", code)
		}
	}
}

// TestDenyOnlyNarrows: one more deny never turns a deny into an allow.
func TestDenyOnlyNarrows(t *testing.T) {
	turned := 0
	eachPolicy(t, 800, func(g generator, seed uint64, p authority.Policy, a *authority.Authority) {
		deny := capab("extra", windows(pick(g, genLabels...)), webviews(some(g, 4, genLabels...)...), modules(some(g, 3, "m", "*")...))
		deny.Local = g.IntN(3) > 0
		for _, m := range p.Manifests {
			grants(m.Name + ":" + pick(g, "deny-go", "deny-get-all"))(&deny)
		}
		more := p
		more.Capabilities = append(slices.Clone(p.Capabilities), deny)
		b, ps := authority.New(more)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		for range 20 {
			req := g.request()
			before, after := a.Decide(req), b.Decide(req)
			if after.Allowed() && !before.Allowed() {
				t.Errorf("%+v: %s, then %s", req, before.Explain(), after.Explain())
			}
			if before.Allowed() && !after.Allowed() {
				turned++
			}
		}
	})
	if turned == 0 {
		t.Error("control: no deny had an effect")
	}
}

// TestLessNeverWidens: a policy with one capability fewer, if it has neither
// denies nor limits nor denied scope, allows no more.
func TestLessNeverWidens(t *testing.T) {
	eachPolicy(t, 800, func(g generator, seed uint64, p authority.Policy, a *authority.Authority) {
		if len(p.Capabilities) == 0 {
			return
		}
		i := g.IntN(len(p.Capabilities))
		id := p.Capabilities[i].Identifier
		r := a.Resolved()
		for _, rule := range slices.Concat(r.Deny, r.Allow, r.Global) {
			if rule.Capability == id && len(rule.Scope.Deny) > 0 {
				return
			}
		}
		if slices.ContainsFunc(r.Deny, func(rule authority.Rule) bool { return rule.Capability == id }) {
			return
		}
		less := p
		less.Capabilities = slices.Delete(slices.Clone(p.Capabilities), i, i+1)
		b, _ := authority.New(less)
		for range 20 {
			req := g.request()
			before, after := answerOf(a.Decide(req)), answerOf(b.Decide(req))
			if after.code != allowed {
				continue
			}
			if before.code != allowed || !subset(after.allow, before.allow) || !subset(after.globalAllow, before.globalAllow) {
				t.Errorf("%+v: %s, then %s", req, before, after)
			}
		}
	})
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}

// TestShuffle: the order of files changes no decision and no rule.
func TestShuffle(t *testing.T) {
	eachPolicy(t, 500, func(g generator, seed uint64, p authority.Policy, a *authority.Authority) {
		q := p
		q.Manifests, q.Capabilities = slices.Clone(p.Manifests), slices.Clone(p.Capabilities)
		g.Shuffle(len(q.Manifests), func(i, j int) { q.Manifests[i], q.Manifests[j] = q.Manifests[j], q.Manifests[i] })
		g.Shuffle(len(q.Capabilities), func(i, j int) {
			q.Capabilities[i], q.Capabilities[j] = q.Capabilities[j], q.Capabilities[i]
		})
		b, ps := authority.New(q)
		if ps.Err() != nil || a.Resolved().String() != b.Resolved().String() || a.Digest() != b.Digest() {
			t.Errorf("%v\n%s\n%s", ps, a.Resolved(), b.Resolved())
			return
		}
		for range 10 {
			req := g.request()
			if x, y := a.Decide(req).Explain(), b.Decide(req).Explain(); x != y {
				t.Errorf("%s\n%s", x, y)
			}
		}
	})
}
