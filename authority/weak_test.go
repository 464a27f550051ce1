package authority_test

import (
	"encoding/json"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestWeakSpots goes through what is weak or surprising in Tauri's model, W1
// to W22 of the project's study of it, as far as it is this package's to do
// better. Each has a control.
func TestWeakSpots(t *testing.T) {
	m := mod("m", cmds("go:fs.read,kv.read"), perm("area", scoped(`[{"key":"area"}]`, "")))
	go1 := grants("m:allow-go")

	t.Run("W1 a deny binds its own callers", func(t *testing.T) {
		a := compile(t, m, capab("a", windows("main"), remote("https://x.example"), go1), capab("b", windows("main"), notLocal, remote("https://x.example"), grants("m:deny-go")))
		want(t, a, "main@https://x.example", "m.go", authority.CodeDeniedByRule)
		want(t, a, "main", "m.go", allowed)
	})
	t.Run("W2 what is granted at run time does not mix with other scopes", func(t *testing.T) {
		l, _ := authority.NewLive(policy(m, capab("a", windows("main"), grantsScoped("m:allow-go", `[{"key":"file"}]`, ""))))
		if _, ps := l.Grant(capab("b", windows("other"), grantsScoped("m:allow-go", `[{"key":"live"}]`, "")), 0); ps.Err() != nil {
			t.Fatal(ps)
		}
		g, _ := want(t, l.Authority(), "main", "m.go", allowed).Grant()
		wantTexts(t, "main", g.Allow(), `{"key":"file"}`)
		g, _ = want(t, l.Authority(), "other", "m.go", allowed).Grant()
		wantTexts(t, "control", g.Allow(), `{"key":"live"}`)
	})
	t.Run("W3 global scope stays with its callers", func(t *testing.T) {
		a := compile(t, m, capab("a", windows("main", "other"), go1), capab("b", windows("main"), grants("m:area")), capab("c", windows("*"), notLocal, remote("https://x.example"), grants("m:area")))
		g, _ := want(t, a, "other", "m.go", allowed).Grant()
		wantTexts(t, "other", g.GlobalAllow())
		g, _ = want(t, a, "main", "m.go", allowed).Grant()
		wantTexts(t, "control", g.GlobalAllow(), `{"key":"area"}`)
	})
	t.Run("W4 global scope stays with its module", func(t *testing.T) {
		a := compile(t, m, mod("n", cmds("go:kv.read"), perm("area", scoped(`[{"key":"n"}]`, ""))), capab("a", windows("main"), grants("m:allow-go", "n:allow-go", "m:area", "n:area")))
		g, _ := want(t, a, "main", "n.go", allowed).Grant()
		wantTexts(t, "n", g.GlobalAllow(), `{"key":"n"}`)
		g, _ = want(t, a, "main", "m.go", allowed).Grant()
		wantTexts(t, "control", g.GlobalAllow(), `{"key":"area"}`)
	})
	t.Run("W5 the app's own commands are checked, permissions or not", func(t *testing.T) {
		want(t, compile(t, mod("app", cmds("hi"))), "main", "app.hi", authority.CodeNotGranted)
		want(t, compile(t, mod("app", cmds("hi"), perm("p", allows("hi")))), "main", "app.hi", authority.CodeNotGranted)
		want(t, compile(t, mod("app", cmds("hi")), capab("c", windows("main"), grants("allow-hi"))), "main", "app.hi", allowed)
	})
	t.Run("W7 duplicates are errors", func(t *testing.T) {
		wantProblem(t, policy(mod("m", perm("p"), perm("p"))), "duplicate", "permissions/m.toml:3")
		compile(t, mod("m", perm("p"), perm("q")))
	})
	t.Run("W8 one name is one thing", func(t *testing.T) {
		wantProblem(t, policy(mod("m", perm("p"), set("p"))), "name-conflict", "permissions/m.toml:3")
		compile(t, mod("m", perm("p"), set("q")))
	})
	t.Run("W9 cycles end", func(t *testing.T) {
		wantProblem(t, policy(mod("m", set("a", "b"), set("b", "a")), capab("c", windows("main"), grants("m:a"))), "cycle", "permissions/m.toml:2")
		compile(t, mod("m", set("a", "b"), set("b")), capab("c", windows("main"), grants("m:a")))
	})
	t.Run("W10 bad patterns and unknown permissions at run time are problems", func(t *testing.T) {
		l, _ := authority.NewLive(policy(m))
		for _, c := range []authority.Capability{
			capab("c", windows("main"), remote("nonsense"), go1), capab("c", windows("["), go1),
			capab("c", windows("main"), grants("m:nothing")), capab("c", windows("main"), grants("::")),
		} {
			if id, ps := l.Grant(c, 0); ps.Err() == nil || id != "" {
				t.Errorf("granted %v", c)
			}
		}
		if _, ps := l.Grant(capab("c", windows("main"), go1), 0); ps.Err() != nil {
			t.Error("control:", ps)
		}
	})
	t.Run("W11 the scope of an entry stays with the module that it names", func(t *testing.T) {
		a := compile(t, m, mod("app", cmds("hi:kv.read"), set("s", "allow-hi", "m:allow-go", "m:area")), capab("c", windows("main"), grantsScoped("s", `[{"key":"x"}]`, "")))
		g, _ := want(t, a, "main", "m.go", allowed).Grant()
		wantTexts(t, "m", g.Allow())
		wantTexts(t, "m global", g.GlobalAllow(), `{"key":"area"}`)
		g, _ = want(t, a, "main", "app.hi", allowed).Grant()
		wantTexts(t, "control", g.Allow(), `{"key":"x"}`)
	})
	t.Run("W12 an empty allow means nothing", func(t *testing.T) {
		a := compile(t, m, capab("a", windows("main"), grantsScoped("m:allow-go", "", `[{"key":"x"}]`)), capab("b", windows("other"), grantsScoped("m:allow-go", `[{"key":"y"}]`, "")))
		g, _ := want(t, a, "main", "m.go", allowed).Grant()
		if len(g.Powers()) != 0 {
			t.Errorf("lends %v", g.Powers())
		}
		if g, _ = want(t, a, "other", "m.go", allowed).Grant(); len(g.Powers()) != 1 {
			t.Error("control lends nothing")
		}
	})
	t.Run("W13 bad scope is found at load", func(t *testing.T) {
		wantProblem(t, policy(m, capab("a", windows("main"), grantsScoped("m:allow-go", `[{"key":5}]`, ""))), "bad-scope-value", "capabilities/a.toml:5")
		compile(t, m, capab("a", windows("main"), grantsScoped("m:allow-go", `[{"key":"5"}]`, "")))
	})
	t.Run("W14 a deny with an unknown variable is refused", func(t *testing.T) {
		wantProblem(t, policy(m, capab("a", windows("main"), grantsScoped("m:allow-go", "", `[{"path":"$NOWHERE/x"}]`))), "unknown-variable", "capabilities/a.toml:5")
		compile(t, m, capab("a", windows("main"), grantsScoped("m:allow-go", "", `[{"path":"$HOME/x"}]`)))
	})
	t.Run("W17 provenance is always there", func(t *testing.T) {
		a := compile(t, m, capab("a", windows("main"), go1), capab("b", windows("x"), grants("m:deny-go")))
		for caller, code := range map[string]authority.Code{"main": allowed, "x": authority.CodeDeniedByRule} {
			if got := want(t, a, caller, "m.go", code).Matched(); len(got) != 1 || got[0].Source.Line != 5 {
				t.Errorf("%s: %v", caller, got)
			}
		}
	})
	t.Run("W18 whole numbers stay whole", func(t *testing.T) {
		c := capab("a", windows("main"), grantsScoped("w:allow-go", `[{}]`, ""))
		c.Permissions[0].Scope.Allow[0].Value = map[string]any{"port": 80, "big": int64(1) << 60, "share": 0.5, "names": []string{"a"}}
		a := compile(t, mod("w", cmds("go"), ownScope(`{"properties":{"port":{"type":"integer"},"big":{"type":"integer"},"share":{},"names":{}}}`)), c)
		g, _ := want(t, a, "main", "w.go", allowed).Grant()
		wantTexts(t, "scope", g.Allow(), `{"big":1152921504606846976,"names":["a"],"port":80,"share":0.5}`)
		if v, _ := g.Allow()[0].Field("port"); v != int64(80) {
			t.Errorf("%T", v)
		}
	})
	t.Run("W20 a capability that matches nobody is a warning", func(t *testing.T) {
		_, ps := authority.New(policy(m, capab("a", go1)))
		if len(ps) != 1 || ps.Err() != nil || ps[0].Code != "matches-nobody" {
			t.Error(ps)
		}
		if _, ps := authority.New(policy(m, capab("a", windows("main"), go1))); len(ps) != 0 {
			t.Error("control:", ps)
		}
	})
	t.Run("W22 grants can be listed, taken back, and run out", func(t *testing.T) {
		l, _ := authority.NewLive(policy(m))
		id, _ := l.Grant(capab("a", windows("main"), go1), 2000)
		want(t, l.Authority(), "main", "m.go", allowed)
		late := ask("main", "m.go")
		late.Now = 2000
		if d := l.Decide(late); d.Code() != authority.CodeExpired {
			t.Errorf("after its time: %s", d.Code())
		}
		if len(l.List()) != 1 || !l.Revoke(id) || l.Revoke(id) || len(l.List()) != 0 {
			t.Error("list and revoke")
		}
		want(t, l.Authority(), "main", "m.go", authority.CodeNotGranted)
	})
}

// TestScopeValues: what can be a scope value, and what is refused.
func TestScopeValues(t *testing.T) {
	deep := any("x")
	for range 40 {
		deep = []any{deep}
	}
	loop := map[string]any{}
	loop["a"] = loop
	nan := json.Number("1")
	zero := 0.0
	for name, v := range map[string]any{
		"too deep": deep, "a loop": loop, "a Go type": nan, "bad UTF-8": "\xff", "bad UTF-8 in a list": []string{"\xff"},
		"bad UTF-8 in a key": map[string]any{"\xff": 1}, "not a number": zero / zero, "infinite": -1 / zero, "struct": struct{}{},
		"bytes": []byte("x"), "in a list": []any{uint8(1)},
	} {
		for _, mode := range []func(*authority.Policy){lenient, func(*authority.Policy) {}} {
			c := capab("a", windows("main"), grants("w:some"))
			c.Permissions[0].Scope.Allow = []authority.ScopeValue{{Position: pos(c.File, 7), Value: map[string]any{"any": v}}}
			p := policy(mod("w", cmds("go"), perm("some", allows("go")), ownScope(`{"properties":{"any":{}}}`)), c, mode)
			wantProblem(t, p, "bad-scope-value", "capabilities/a.toml:7")
			p.Capabilities[0].Permissions[0].Scope.Allow[0].Value = map[string]any{"any": []any{nil, true, 1.5, "x", map[string]any{"y": int64(1)}}}
			if _, ps := authority.New(p); ps.Err() != nil {
				t.Errorf("%s: control: %v", name, ps)
			}
		}
	}
}
