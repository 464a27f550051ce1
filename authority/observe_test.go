package authority_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestObserved: an observing capability changes no answer, and the record says
// what it would have changed. The control has the same capability in force.
func TestObserved(t *testing.T) {
	m := mod("m", cmds("go:kv.read", "stop"), perm("area", scoped(`[{"key":"a"}]`, "")), perm("fence", scoped("", `[{"key":"f"}]`)))
	granted := capab("base", windows("main"), grants("m:allow-go", "m:deny-stop"))
	for name, tt := range map[string]struct {
		trial               []capOption
		caller, command     string
		now, would          authority.Code // the answer, and what it would be
		changes             bool
		permissions         []string
		powers, allow, deny []string
	}{
		"an allow": {
			trial: []capOption{windows("other"), grants("m:allow-stop")}, caller: "other", command: "m.stop",
			now: authority.CodeNotGranted, would: allowed, changes: true, permissions: []string{"m:allow-stop"},
		},
		"an allow that a deny beats": {
			trial: []capOption{windows("main"), grants("m:allow-stop")}, caller: "main", command: "m.stop",
			now: authority.CodeDeniedByRule, would: authority.CodeDeniedByRule,
		},
		"a deny": {
			trial: []capOption{windows("main"), grants("m:deny-go")}, caller: "main", command: "m.go",
			now: allowed, would: authority.CodeDeniedByRule, changes: true, permissions: []string{"m:deny-go"},
		},
		"a deny of what is not granted": {
			trial: []capOption{windows("other"), grants("m:deny-go")}, caller: "other", command: "m.go",
			now: authority.CodeWindowMismatch, would: authority.CodeDeniedByRule,
		},
		"for others": {
			trial: []capOption{windows("other"), grants("m:allow-go", "m:deny-go", "m:area")}, caller: "main", command: "m.go",
			now: allowed, would: allowed,
		},
		"the same again": {
			trial: []capOption{windows("main"), grants("m:allow-go")}, caller: "main", command: "m.go", now: allowed, would: allowed,
		},
		"scope": {
			trial: []capOption{windows("main"), grantsScoped("m:allow-go", `[{"key":"x"}]`, `[{"key":"y"}]`), grants("m:area", "m:fence")}, caller: "main", command: "m.go",
			now: allowed, would: allowed, changes: true, permissions: []string{"m:allow-go", "m:area", "m:fence"},
			powers: []string{"kv.read"}, allow: []string{`{"key":"x"}`, `{"key":"a"}`}, deny: []string{`{"key":"y"}`, `{"key":"f"}`},
		},
		"what has run out": {
			trial: []capOption{windows("main"), expires(1), grants("m:deny-go")}, caller: "main", command: "m.go", now: allowed, would: allowed,
		},
		"an unknown command": {trial: []capOption{windows("*"), grants("m:allow-go")}, caller: "main", command: "m.none", now: authority.CodeUnknownCommand},
	} {
		t.Run(name, func(t *testing.T) {
			trial := capab("trial", tt.trial...)
			want(t, compile(t, m, granted, trial), tt.caller, tt.command, orElse(tt.would, tt.now)) // in force
			trial.Observe = true
			d := want(t, compile(t, m, granted, trial), tt.caller, tt.command, tt.now)
			if without := compile(t, m, granted).Decide(ask(tt.caller, tt.command)); answerOf(d).String() != answerOf(without).String() {
				t.Errorf("it takes part: %s, without it %s", answerOf(d), answerOf(without))
			}
			e, ok := d.Observed()
			if ok != tt.changes {
				t.Fatalf("changes something: %v, %+v", ok, e)
			}
			if !ok {
				return
			}
			var names, powers []string
			for _, r := range e.Rules {
				names = append(names, r.Permission)
				if r.Capability != "trial" {
					t.Errorf("a rule of %s", r.Capability)
				}
			}
			for _, p := range e.Powers {
				powers = append(powers, string(p))
			}
			if e.Code != tt.would || !slices.Equal(names, tt.permissions) || !slices.Equal(powers, tt.powers) {
				t.Errorf("%s by %v, powers %v", e.Code, names, powers)
			}
			wantTexts(t, "allow", e.Allow, tt.allow...)
			wantTexts(t, "deny", e.Deny, tt.deny...)
		})
	}
	t.Run("nothing observes", func(t *testing.T) {
		if e, ok := want(t, compile(t, m, granted), "main", "m.go", allowed).Observed(); ok {
			t.Errorf("%+v", e)
		}
		if e, ok := (authority.Decision{}).Observed(); ok {
			t.Errorf("%+v", e)
		}
	})
}

func orElse(code, otherwise authority.Code) authority.Code {
	if code == "" {
		return otherwise
	}
	return code
}

// TestObservedNamesItsOwn: the record names observing capabilities that are for
// the caller, and no other rule.
func TestObservedNamesItsOwn(t *testing.T) {
	m := mod("m", cmds("go:kv.read,kv.write"), perm("area", scoped(`[{"key":"a"}]`, "")))
	trial := func(id, window, permission, scope string) authority.Capability {
		return capab(id, observing, windows(window), grantsScoped(permission, scope, ""))
	}
	in := capab("in-force", windows("main"), grantsScoped("m:allow-go", `[{"key":"x","powers":["kv.read"]}]`, ""), grants("m:area"))
	for _, tt := range []struct {
		name   string
		trials []any
		want   string // rules, and what they allow more
	}{
		{"an allow", []any{trial("t", "main", "m:allow-go", `[{"key":"y"}]`), trial("u", "other", "m:allow-go", `[{"key":"z"}]`)}, `[t m:allow-go] [{"key":"y"}]`},
		{"the module's scope", []any{trial("t", "main", "m:area", `[{"key":"y"}]`), trial("u", "other", "m:area", `[{"key":"z"}]`)}, `[t m:area] [{"key":"y"} {"key":"a"}]`},
		{"a deny", []any{trial("t", "main", "m:deny-go", ""), trial("u", "other", "m:deny-go", "")}, "[t m:deny-go] []"},
	} {
		d := want(t, compile(t, append(tt.trials, m, in)...), "main", "m.go", allowed)
		e, ok := d.Observed()
		var rules []string
		for _, r := range e.Rules {
			rules = append(rules, r.Capability+" "+r.Permission)
		}
		if got := fmt.Sprint(rules, " ", texts(e.Allow)); !ok || got != tt.want || len(e.Powers) != 0 {
			t.Errorf("%s: %v, %s, powers %v", tt.name, ok, got, e.Powers)
		}
	}
	narrow := capab("in-force", windows("main"), grantsScoped("m:allow-go", `[{"key":"x","powers":["kv.read"]}]`, ""))
	d := want(t, compile(t, m, narrow, trial("t", "main", "m:allow-go", `[{"key":"y"}]`)), "main", "m.go", allowed)
	if e, _ := d.Observed(); len(e.Powers) != 1 || e.Powers[0] != authority.PowerKVWrite {
		t.Errorf("more powers: %v", e.Powers)
	}
	denied := compile(t, m, in, capab("hard", windows("main"), grants("m:deny-go")), trial("t", "main", "m:deny-go", ""))
	if e, ok := want(t, denied, "main", "m.go", authority.CodeDeniedByRule).Observed(); ok || len(e.Rules) != 1 || e.Rules[0].Capability != "t" {
		t.Errorf("beside a deny in force: %v, %+v", ok, e)
	}
}
