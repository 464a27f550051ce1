package authority_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

func newLive(t testing.TB, parts ...any) *authority.Live {
	t.Helper()
	l, ps := authority.NewLive(policy(parts...))
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	return l
}

func TestLive(t *testing.T) {
	m := mod("m", cmds("go", "stop"))
	l := newLive(t, m, capab("base", windows("main"), grants("m:allow-go")))
	if l.Revision() != 1 {
		t.Errorf("revision %d", l.Revision())
	}
	var seen []uint64
	cancel := l.Subscribe(func(rev uint64) {
		if rev != l.Revision() {
			t.Errorf("told %d at %d", rev, l.Revision())
		}
		seen = append(seen, rev)
	})
	id1, ps1 := l.Grant(capab("extra", windows("other"), grants("m:allow-go")), 0)
	id2, ps2 := l.Grant(capab("extra", windows("main"), grants("m:deny-go")), 0)
	id3, ps3 := l.Grant(capab("", windows("main"), grants("m:allow-stop")), 9000)
	if ps1.Err() != nil || ps2.Err() != nil || ps3.Err() != nil {
		t.Fatal(ps1, ps2, ps3)
	}
	if id1 != "extra#1" || id2 != "extra#2" || id3 != "grant#3" {
		t.Errorf("ids %q %q %q", id1, id2, id3)
	}
	want(t, l.Authority(), "main", "m.go", authority.CodeDeniedByRule)
	d := want(t, l.Authority(), "other", "m.go", allowed)
	if got := d.Matched(); len(got) != 1 || got[0].Capability != id1 {
		t.Errorf("matched %v", got)
	}
	list := l.List()
	if len(list) != 3 || list[0].ID != id1 || list[0].Capability.Identifier != "extra" || list[2].Expires != 9000 {
		t.Errorf("list %+v", list)
	}
	if !l.Revoke(id2) || l.Revoke("nothing") {
		t.Error("revoke")
	}
	want(t, l.Authority(), "main", "m.go", allowed)

	// A change that is wrong has no effect at all.
	before := l.Authority()
	if _, ps := l.Grant(capab("bad", windows("main"), grants("m:allow-go", "m:nothing")), 0); ps.Err() == nil {
		t.Error("a bad grant")
	}
	if ps := l.Replace(policy(capab("c", windows("main"), grants("m:allow-go")))); ps.Err() == nil {
		t.Error("a bad policy")
	}
	if l.Authority() != before || l.Revision() != 5 {
		t.Errorf("revision %d", l.Revision())
	}

	// Another policy keeps what was granted, if it still fits.
	if ps := l.Replace(policy(mod("n", cmds("go")))); ps.Err() == nil {
		t.Error("a policy without the module of a grant")
	}
	if ps := l.Replace(policy(m, mod("n", cmds("go")), capab("base", windows("b"), grants("n:allow-go")))); ps.Err() != nil {
		t.Fatal(ps)
	}
	want(t, l.Authority(), "other", "m.go", allowed)
	want(t, l.Authority(), "main", "m.go", authority.CodeWindowMismatch)
	want(t, l.Authority(), "b", "n.go", allowed)
	if !slices.Equal(seen, []uint64{2, 3, 4, 5, 6}) {
		t.Errorf("told %v", seen)
	}
	cancel()
	cancel()
	l.Revoke(id1)
	if len(seen) != 5 {
		t.Error("told after the end")
	}
}

// TestLiveIDs: an identifier that a file has is not given.
func TestLiveIDs(t *testing.T) {
	m := mod("m", cmds("go"))
	l := newLive(t, m, capab("x#1", windows("main"), grants("m:allow-go")), capab("x#2", windows("main")))
	if id, ps := l.Grant(capab("x", windows("other"), grants("m:allow-go")), 0); id != "x#3" || ps.Err() != nil {
		t.Error(id, ps)
	}
	if ps := l.Replace(policy(m, capab("x#3", windows("main")))); ps.Err() == nil {
		t.Error("a policy with the identifier of a grant")
	}
}

// TestLiveGrantAll grants several capabilities, or none of them.
func TestLiveGrantAll(t *testing.T) {
	l := newLive(t, mod("m", cmds("go", "stop")))
	first := capab("x", windows("a"), grants("m:allow-go"))
	bad := capab("x", windows("b"), grants("m:allow-nothing"))
	ids, ps := l.GrantAll([]authority.Capability{first, bad}, 0)
	if ids != nil || len(ps) != 1 || ps[0].Code != "unknown-permission" || l.Revision() != 1 || len(l.List()) != 0 {
		t.Errorf("one of two is wrong: %v, %v, revision %d, %v", ids, ps, l.Revision(), l.List())
	}
	want(t, l.Authority(), "a", "m.go", authority.CodeNotGranted)

	second := capab("x", windows("b"), expires(40), grants("m:allow-stop"))
	ids, ps = l.GrantAll([]authority.Capability{first, second}, 50)
	if ps.Err() != nil || !slices.Equal(ids, []string{"x#3", "x#4"}) || l.Revision() != 2 {
		t.Errorf("%v, %v, revision %d", ids, ps, l.Revision())
	}
	if list := l.List(); len(list) != 2 || list[0].ID != "x#3" || list[0].Expires != 50 || list[1].Expires != 40 {
		t.Errorf("list %+v", list)
	}
	if !l.Revoke("x#3") || len(l.List()) != 1 {
		t.Error("one of them is not revoked by itself")
	}
	if ids, ps = l.GrantAll(nil, 0); ids != nil || ps.Err() != nil {
		t.Errorf("none: %v, %v", ids, ps)
	}
}

// TestLiveList: who changes the list changes nothing of what was granted.
func TestLiveList(t *testing.T) {
	m := mod("m", cmds("go", "stop"))
	l := newLive(t, m)
	if _, ps := l.Grant(capab("x", windows("main"), grants("m:allow-go")), 0); ps.Err() != nil {
		t.Fatal(ps)
	}
	l.List()[0].Capability.Windows[0].Text = "*"
	l.List()[0].Capability.Permissions[0].Identifier = "m:allow-stop"
	if ps := l.Replace(policy(m)); ps.Err() != nil {
		t.Fatal(ps)
	}
	want(t, l.Authority(), "main", "m.go", allowed)
	want(t, l.Authority(), "main", "m.stop", authority.CodeNotGranted)
	want(t, l.Authority(), "other", "m.go", authority.CodeWindowMismatch)
}

func TestLiveExpires(t *testing.T) {
	m := mod("m", cmds("go"))
	for _, tt := range []struct{ own, until, want int64 }{{0, 0, 0}, {0, 50, 50}, {40, 50, 40}, {60, 50, 50}, {60, 0, 60}} {
		l := newLive(t, m)
		if _, ps := l.Grant(capab("x", windows("main"), expires(tt.own), grants("m:allow-go")), tt.until); ps.Err() != nil {
			t.Fatal(ps)
		}
		if got := l.List()[0].Expires; got != tt.want {
			t.Errorf("%+v: %d", tt, got)
		}
		req := ask("main", "m.go")
		req.Now = 45
		if d := l.Decide(req); d.Allowed() != (tt.want == 0 || tt.want > 45) {
			t.Errorf("%+v: %s", tt, d.Code())
		}
	}
}

func TestLiveZero(t *testing.T) {
	var none *authority.Live
	var zero authority.Live
	for _, l := range []*authority.Live{none, &zero} {
		if l.Decide(ask("main", "m.go")).Allowed() || l.Authority() != nil || l.Revision() != 0 || l.Revoke("x") || len(l.List()) != 0 {
			t.Error("a live without a policy has one")
		}
	}
	if _, ps := zero.Grant(capab("x"), 0); ps.Err() == nil {
		t.Error("granted without a policy")
	}
	if l, ps := authority.NewLive(policy(capab("x", grants("y:z")))); l != nil || ps.Err() == nil {
		t.Error("a live of a bad policy")
	}
	if ps := zero.Replace(policy(mod("m", cmds("go")), capab("c", windows("main"), grants("m:allow-go")))); ps.Err() != nil {
		t.Error(ps)
	}
	want(t, zero.Authority(), "main", "m.go", allowed)
}

// TestLiveConcurrent: readers see only whole policies.
func TestLiveConcurrent(t *testing.T) {
	m := mod("m", cmds("a", "b"))
	l := newLive(t, m)
	var readers, writers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				a := l.Authority()
				one, two := a.Decide(ask("main", "m.a")).Code(), a.Decide(ask("main", "m.b")).Code()
				if one != two {
					t.Errorf("half a grant: %s, %s", one, two)
					return
				}
				l.List()
			}
		})
	}
	for w := range 3 {
		writers.Go(func() {
			cancel := l.Subscribe(func(uint64) { l.Revision() })
			defer cancel()
			for i := range 50 {
				id, ps := l.Grant(capab(fmt.Sprint("c", w, i), windows("main"), grants("m:allow-a", "m:allow-b")), 0)
				if ps.Err() != nil || !l.Revoke(id) {
					t.Error(ps)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if len(l.List()) != 0 || l.Revision() != 301 {
		t.Errorf("%d left, revision %d", len(l.List()), l.Revision())
	}
}

func TestHolds(t *testing.T) {
	m := mod("m", cmds("go:kv.read,kv.write", "stop"), perm("area", scoped(`[{"key":"area"}]`, "")))
	base := capab("base", windows("main"), grantsScoped("m:allow-go", `[{"key":"a"}]`, `[{"key":"b"}]`), grants("m:area"))
	with := func(parts ...any) authority.Policy { return policy(append([]any{m, base}, parts...)...) }
	changed := func(change func(*authority.Policy)) authority.Policy {
		p := policy(mod("m", cmds("go:kv.read,kv.write", "stop"), perm("area", scoped(`[{"key":"area"}]`, ""))),
			capab("base", windows("main"), grantsScoped("m:allow-go", `[{"key":"a"}]`, `[{"key":"b"}]`), grants("m:area")))
		change(&p)
		return p
	}
	for _, tt := range []struct {
		name string
		next authority.Policy
		now  int64
		want bool
	}{
		{"the same", with(), 5, true},
		{"another capability", with(capab("x", windows("main"), grants("m:allow-go"))), 5, true},
		{"a deny for others", with(capab("x", windows("other"), grants("m:deny-go"))), 5, true},
		{"a deny", with(capab("x", windows("main"), grants("m:deny-go"))), 5, false},
		{"a scope deny", with(capab("x", windows("main"), grantsScoped("m:allow-go", "", `[{"key":"a"}]`))), 5, false},
		{"a scope deny that was there", with(capab("x", windows("main"), grantsScoped("m:allow-go", "", `[{"key":"b"}]`))), 5, true},
		{"a scope deny for others", with(capab("x", windows("other"), grantsScoped("m:allow-go", "", `[{"key":"a"}]`))), 5, true},
		{"a global scope deny", with(capab("x", windows("main"), grantsScoped("m:area", "", `[{"key":"z"}]`))), 5, false},
		{"a scope deny for another command", with(capab("x", windows("main"), grantsScoped("m:allow-stop", "", `[{"key":"a"}]`))), 5, true},
		{"the capability is gone", policy(m, capab("x", windows("main"), grants("m:allow-go"))), 5, false},
		{"the capability is for others", changed(func(p *authority.Policy) { p.Capabilities[0].Windows[0].Text = "x" }), 5, false},
		{"the scope changed", changed(func(p *authority.Policy) {
			p.Capabilities[0].Permissions[0].Scope.Allow[0].Value = map[string]any{"key": "c"}
		}), 5, false},
		{"the global scope is gone", changed(func(p *authority.Policy) { p.Capabilities[0].Permissions = p.Capabilities[0].Permissions[:1] }), 5, false},
		{"a power is gone", changed(func(p *authority.Policy) { p.Manifests[0].Commands[0].Powers = []authority.Power{"kv.read"} }), 5, false},
		{"the module is gone", policy(), 5, false},
		{"it will run out", changed(func(p *authority.Policy) { p.Capabilities[0].Expires = 6 }), 5, true},
		{"it has run out", changed(func(p *authority.Policy) { p.Capabilities[0].Expires = 5 }), 5, false},
	} {
		d := want(t, compile(t, m, base), "main", "m.go", allowed)
		next, ps := authority.New(tt.next)
		if ps.Err() != nil {
			t.Fatal(tt.name, ps)
		}
		if got := next.Holds(d, tt.now); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}

	l := newLive(t, m, base)
	kept, _ := l.Grant(capab("x", windows("main"), grants("m:allow-stop")), 2000)
	d := want(t, l.Authority(), "main", "m.stop", allowed)
	if !l.Authority().Holds(d, 1999) || l.Authority().Holds(d, 2000) || l.Authority().Holds(d, 0) {
		t.Error("the time within one authority")
	}
	if _, ps := l.Grant(capab("y", windows("other"), grants("m:allow-stop")), 0); ps.Err() != nil {
		t.Fatal(ps)
	}
	if !l.Authority().Holds(d, 1999) {
		t.Error("another grant ended it")
	}
	l.Revoke(kept)
	if l.Authority().Holds(d, 1999) {
		t.Error("it holds after it was revoked")
	}
	if l.Authority().Holds(l.Decide(ask("nobody", "m.go")), 5) || l.Authority().Holds(authority.Decision{}, 5) {
		t.Error("a deny holds")
	}
}

// TestHoldsRuleByRule: a rule that gave a grant must be there itself; another
// that says the same is another.
func TestHoldsRuleByRule(t *testing.T) {
	scope := scoped(`[{"key":"a"}]`, "")
	m := mod("m", cmds("go:kv.read"), perm("p", allows("go"), scope), perm("q", allows("go"), scope))
	global := mod("m", cmds("go:kv.read"), perm("p", allows("go"), scope), perm("q", scope))
	by := func(id string, perms ...string) authority.Capability {
		return capab(id, windows("main"), grants(perms...))
	}
	for _, tt := range []struct {
		name string
		next authority.Policy
		want bool
	}{
		{"the same", policy(m, by("a", "m:p", "m:q")), true},
		{"in another order", policy(m, by("a", "m:q", "m:p")), true},
		{"of another capability", policy(m, by("b", "m:p", "m:q")), false},
		{"one of another capability", policy(m, by("a", "m:p"), by("b", "m:q")), false},
		{"of another permission", policy(m, by("a", "m:p")), false},
		{"for the whole module", policy(global, by("a", "m:p", "m:q")), false},
	} {
		d := want(t, compile(t, m, by("a", "m:p", "m:q")), "main", "m.go", allowed)
		next, ps := authority.New(tt.next)
		if ps.Err() != nil {
			t.Fatal(tt.name, ps)
		}
		if got := next.Holds(d, 1000); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
	d := want(t, compile(t, global, by("a", "m:p", "m:q")), "main", "m.go", allowed)
	if compile(t, m, by("a", "m:p", "m:q")).Holds(d, 1000) {
		t.Error("what was for the whole module is for a command")
	}
}

// TestHoldsWhileAllGive: a grant of two rules ends with the first of them, be
// it that the other still allows the call; and a deny never comes to hold.
func TestHoldsWhileAllGive(t *testing.T) {
	m := mod("m", cmds("go:kv.read"))
	a := compile(t, m, capab("a", windows("main"), grantsScoped("m:allow-go", `[{"key":"a"}]`, "")),
		capab("b", windows("main"), expires(2000), grantsScoped("m:allow-go", `[{"key":"b"}]`, "")))
	d := want(t, a, "main", "m.go", allowed)
	if !a.Holds(d, 1999) || a.Holds(d, 2000) {
		t.Error("the rule that runs out")
	}
	late := ask("main", "m.go")
	late.Now = 2000
	if d := a.Decide(late); !d.Allowed() || !a.Holds(d, 2000) {
		t.Error("control: the other rule alone")
	}
	denied := want(t, compile(t, m), "main", "m.go", authority.CodeNotGranted)
	if a.Holds(denied, 1000) {
		t.Error("a deny holds where the call is allowed")
	}
}

// TestRefusedGrant: what is refused has no id and is not listed.
func TestRefusedGrant(t *testing.T) {
	l := newLive(t, mod("m", cmds("go")))
	if id, ps := l.Grant(capab("c", windows("main"), grants("m:none")), 0); id != "" || ps.Err() == nil || len(l.List()) != 0 {
		t.Errorf("%q, %v, %v", id, ps, l.List())
	}
	if id, ps := l.Grant(capab("c", windows("main"), grants("m:allow-go")), 0); id != "c#2" || ps.Err() != nil || len(l.List()) != 1 {
		t.Errorf("control: %q, %v, %v", id, ps, l.List())
	}
}

// TestCancelOne: who cancels takes back its own subscription.
func TestCancelOne(t *testing.T) {
	l := newLive(t, mod("m", cmds("go")))
	told := [2]int{}
	cancel := l.Subscribe(func(uint64) { told[0]++ })
	l.Subscribe(func(uint64) { told[1]++ })
	l.Replace(policy())
	cancel()
	l.Replace(policy())
	if told != [2]int{1, 2} {
		t.Errorf("told %v", told)
	}
}
