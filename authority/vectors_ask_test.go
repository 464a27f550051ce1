package authority_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// askWant is a request and the decision that it must get.
type askWant struct {
	Comment   string      `json:"comment"`
	askCaller             // who
	Chain     []askCaller `json:"chain"`
	Command   string      `json:"command"`
	Now       string      `json:"now"`
	Spent     []string    `json:"spent"`

	Decision authority.Code      `json:"decision"`
	Told     authority.Code      `json:"told"`
	Matched  []matchWant         `json:"matched"`
	Scope    authority.RuleScope `json:"scope"`
	Global   authority.RuleScope `json:"global"`
	Powers   []authority.Power   `json:"powers"`
	Expires  string              `json:"expires"`
	Instance string              `json:"instance"`
	Limited  []string            `json:"limited"`
	Observed *observedWant       `json:"observed"`

	Control *int      `json:"control"`
	Tauri   *askTauri `json:"tauri"`
}

type askCaller struct {
	Window  string `json:"window"`
	Webview string `json:"webview"`
	Origin  string `json:"origin"`
}

type matchWant struct {
	Capability string   `json:"capability"`
	Permission string   `json:"permission"`
	Path       []string `json:"path"`
	Source     string   `json:"source"`
}

// observedWant is what capabilities that observe would have changed.
type observedWant struct {
	Decision authority.Code    `json:"decision"`
	Matched  []matchWant       `json:"matched"`
	Allow    []any             `json:"allow"`
	Deny     []any             `json:"deny"`
	Powers   []authority.Power `json:"powers"`
}

// askTauri is what Tauri answers to an ask, as far as it is another answer.
type askTauri struct {
	Decision string               `json:"decision"` // "allow", "deny" or "no-reply"
	Scope    *authority.RuleScope `json:"scope"`
	Global   *authority.RuleScope `json:"global"`
}

func (c askCaller) caller() authority.Caller {
	out := authority.Caller{Window: c.Window, Webview: c.Webview, Origin: authority.LocalOrigin()}
	if c.Webview == "" {
		out.Webview = c.Window
	}
	module, isModule := strings.CutPrefix(c.Origin, "module:")
	switch {
	case isModule:
		out.Origin = authority.ModuleOrigin(module)
	case c.Origin == "none":
		out.Origin = authority.Origin{}
	case c.Origin != "" && c.Origin != "local":
		out.Origin = authority.RemoteOrigin(c.Origin)
	}
	return out
}

func (a *askWant) request(t *testing.T) authority.Request {
	t.Helper()
	module, command, err := authority.ParseCommand(a.Command)
	if err != nil {
		t.Fatal(err)
	}
	out := authority.Request{Caller: a.caller(), Module: module, Command: command, Now: instant(t, a.Now), Spent: a.Spent}
	for _, c := range a.Chain {
		out.Caller.Chain = append(out.Caller.Chain, c.caller())
	}
	return out
}

// instant reads a time; 0 if there is none.
func instant(t *testing.T, text string) int64 {
	t.Helper()
	if text == "" {
		return 0
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixNano()
}

func wantAnswers(t *testing.T, a *authority.Authority, asks []askWant) []authority.Decision {
	t.Helper()
	var out []authority.Decision
	for i := range asks {
		d := a.Decide(asks[i].request(t))
		asks[i].check(t, i, d)
		out = append(out, d)
	}
	return out
}

// check compares a decision. What an allow grants is always compared, what
// matched and what the caller is told only if the vector says it.
func (a *askWant) check(t *testing.T, i int, d authority.Decision) {
	t.Helper()
	if d.Code() != a.Decision || a.Told != "" && d.CallerCode() != a.Told {
		t.Errorf("ask %d, %s: %s, the caller is told %s; want %s and %s\n%s", i, a.Command, d.Code(), d.CallerCode(), a.Decision, a.Told, d.Explain())
	}
	got, want := granted(d), a.granted(t)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("ask %d, %s, is granted\n%+v\nwant\n%+v", i, a.Command, got, want)
	}
	if a.Matched != nil && !sameMatches(d.Matched(), a.Matched) {
		t.Errorf("ask %d, %s, was matched by\n%+v\nwant\n%+v", i, a.Command, d.Matched(), a.Matched)
	}
	a.checkObserved(t, i, d)
}

func (a *askWant) checkObserved(t *testing.T, i int, d authority.Decision) {
	t.Helper()
	e, changed := d.Observed()
	if w := a.Observed; changed != (w != nil) || changed && (e.Code != w.Decision || !sameMatches(e.Rules, w.Matched) || !slices.Equal(e.Powers, w.Powers) ||
		!reflect.DeepEqual(values(e.Allow), numbers(w.Allow)) || !reflect.DeepEqual(values(e.Deny), numbers(w.Deny))) {
		t.Errorf("ask %d, %s: observed is %t, %+v; want %+v", i, a.Command, changed, e, w)
	}
}

func sameMatches(got []authority.Match, want []matchWant) bool {
	return slices.EqualFunc(got, want, func(g authority.Match, w matchWant) bool {
		return g.Capability == w.Capability && g.Permission == w.Permission && slices.Equal(g.Path, w.Path) && (w.Source == "" || g.Source.FileLine() == w.Source)
	})
}

// grantWant is what an allow grants; of a deny, nothing.
type grantWant struct {
	scope, global authority.RuleScope
	powers        []authority.Power
	expires       int64
	instance      string
	limited       []string
}

func (a *askWant) granted(t *testing.T) grantWant {
	t.Helper()
	w := grantWant{
		authority.RuleScope{Allow: numbers(a.Scope.Allow), Deny: numbers(a.Scope.Deny)}, authority.RuleScope{Allow: numbers(a.Global.Allow), Deny: numbers(a.Global.Deny)},
		a.Powers, instant(t, a.Expires), a.Instance, a.Limited,
	}
	if w.instance == "" {
		w.instance = "call"
	}
	return w
}

func granted(d authority.Decision) grantWant {
	g, _ := d.Grant()
	w := grantWant{
		authority.RuleScope{Allow: values(g.Allow()), Deny: values(g.Deny())}, authority.RuleScope{Allow: values(g.GlobalAllow()), Deny: values(g.GlobalDeny())},
		g.Powers(), g.Expires(), g.Instance(), nil,
	}
	for _, l := range g.Limited() {
		w.limited = append(w.limited, l.Capability)
	}
	return w
}

func values(entries []authority.ScopeEntry) []any {
	out := make([]any, len(entries))
	for i, e := range entries {
		out[i] = e.Value()
	}
	return out
}

// allAsks returns the asks of the vector and of its steps, in order.
func (v *policyVector) allAsks() []askWant {
	all := slices.Clone(v.Asks)
	for _, s := range v.Steps {
		all = append(all, s.Asks...)
	}
	return all
}

// checkControls finds denies without a control: an ask of the same command, or
// the one that is named, which is allowed.
func (v *policyVector) checkControls(t *testing.T) {
	t.Helper()
	all := v.allAsks()
	for i, a := range all {
		control := func(b askWant) bool { return b.Decision == authority.CodeAllowed && b.Command == a.Command }
		switch named := a.Control; {
		case a.Decision == authority.CodeAllowed:
		case named == nil && slices.ContainsFunc(all, control):
		case named != nil && *named >= 0 && *named < len(all) && all[*named].Decision == authority.CodeAllowed:
		default:
			t.Errorf("ask %d, %s, is denied and has no control", i, a.Command)
		}
	}
}

func (a *askWant) checkTauri(t *testing.T) {
	t.Helper()
	allowed := a.Decision == authority.CodeAllowed
	differs := map[string]bool{"": a.Tauri.Scope != nil || a.Tauri.Global != nil, "allow": !allowed, "deny": allowed, "no-reply": true}
	if !differs[a.Tauri.Decision] {
		t.Errorf("%s: Tauri's answer %q is unknown, or no different", a.Command, a.Tauri.Decision)
	}
	for _, p := range []struct {
		tauri *authority.RuleScope
		ours  authority.RuleScope
	}{{a.Tauri.Scope, a.Scope}, {a.Tauri.Global, a.Global}} {
		if p.tauri != nil && reflect.DeepEqual(*p.tauri, p.ours) {
			t.Errorf("%s: Tauri's scope is no different", a.Command)
		}
	}
}
