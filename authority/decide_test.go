package authority_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestDecide: each case is a policy over the module m with the commands go and
// stop, and what callers get.
func TestDecide(t *testing.T) {
	const (
		origin  = authority.CodeOriginMismatch
		window  = authority.CodeWindowMismatch
		nothing = authority.CodeNotGranted
		denied  = authority.CodeDeniedByRule
	)
	allowGo, denyGo := grants("m:allow-go"), grants("m:deny-go")
	for _, tt := range []struct {
		name string
		caps []any
		asks map[string]authority.Code // of m.go unless the command is named
	}{
		{"nothing is granted", nil, map[string]authority.Code{"main": nothing, "main x.go": "unknown-module", "main m.og": "unknown-command", "main bad.go": "module-invalid"}},
		{"only what is named", []any{capab("c", windows("main"), allowGo)}, map[string]authority.Code{"main": allowed, "main m.stop": nothing, "other": window, "main2": window, "Main": window, "": window}},
		{"window glob", []any{capab("c", windows("view-*"), allowGo)}, map[string]authority.Code{"view-1": allowed, "view-": allowed, "view-a/b:c": allowed, "view": window, "preview-1": window}},
		{"class and question mark", []any{capab("c", windows("w[0-3]", "v?"), allowGo)}, map[string]authority.Code{"w2": allowed, "w4": window, "v1": allowed, "v": window}},
		{"any window", []any{capab("c", windows("*"), allowGo)}, map[string]authority.Code{"main": allowed, "x/y": allowed, "main@https://x.example": origin}},
		{"webview", []any{capab("c", webviews("child*"), allowGo)}, map[string]authority.Code{"main/child1": allowed, "child1/main": window, "main": window}},
		{"window or webview", []any{capab("c", windows("a"), webviews("b"), allowGo)}, map[string]authority.Code{"a/x": allowed, "x/b": allowed, "a/b": allowed, "x/y": window, "b/a": window}},
		{"local is not remote", []any{capab("c", windows("main"), allowGo)}, map[string]authority.Code{"main": allowed, "main@https://tauri.localhost": origin, "main@http://localhost": origin, "other@https://x.example": origin}},
		{"remote is not local", []any{capab("c", windows("main"), notLocal, remote("https://x.example"), allowGo)}, map[string]authority.Code{"main@https://x.example": allowed, "main@https://x.example/a/b?c#d": allowed, "main": origin,
			"main@http://x.example": origin, "main@https://y.example": origin, "main@https://x.example:8443": origin, "main@https://a.x.example": origin, "other@https://x.example": window, "main@nonsense": origin}},
		{"remote and local", []any{capab("c", windows("main"), remote("https://*.x.example/p/*"), allowGo)}, map[string]authority.Code{"main@https://a.x.example/p/q": allowed, "main": allowed, "main@https://x.example/p/q": origin, "main@https://a.x.example/q": origin}},
		{"user info does not help", []any{capab("c", windows("main"), notLocal, remote("https://x.example"), allowGo)}, map[string]authority.Code{"main@https://x.example@evil.example/": origin}},
		{"modules", []any{capab("c", modules("a*"), allowGo)}, map[string]authority.Code{"module:abc": allowed, "module:b": origin, "module:abc<main": allowed, "abc": origin, "main": origin}},
		{"windows do not match modules", []any{capab("c", windows("*"), webviews("*"), remote("*://*:*"), allowGo)}, map[string]authority.Code{"module:abc": origin, "module:main": origin, "main": allowed}},
		{"modules do not match windows", []any{capab("c", windows("main"), modules("*"), allowGo)}, map[string]authority.Code{"module:a": allowed, "main": allowed, "a": window}},
		{"via", []any{capab("c", modules("a"), via("main", "v*"), allowGo)}, map[string]authority.Code{"module:a<main": allowed, "module:a<vx": allowed, "module:a<main@https://x.example": allowed, "module:a<other": window, "module:a": window, "module:b<main": origin, "module:a<module:z": window, "main": origin}},
		{"via any window is not no window", []any{capab("c", modules("a"), via("*"), allowGo)}, map[string]authority.Code{"module:a<main": allowed, "module:a": window, "module:a<": window, "module:a<module:z": window}},
		{"deny beats allow", []any{capab("a", windows("main"), allowGo), capab("b", windows("main"), denyGo)}, map[string]authority.Code{"main": denied}},
		{"deny beats allow in the other order", []any{capab("b", windows("main"), allowGo), capab("a", windows("main"), denyGo)}, map[string]authority.Code{"main": denied}},
		{"deny beats allow within one capability", []any{capab("a", windows("main"), allowGo, denyGo)}, map[string]authority.Code{"main": denied}},
		{"a deny binds only its windows", []any{capab("a", windows("*"), allowGo), capab("b", windows("main"), denyGo)}, map[string]authority.Code{"main": denied, "other": allowed}},
		{"a deny binds only its origin", []any{capab("a", windows("*"), remote("https://x.example", "https://y.example"), modules("m"), allowGo), capab("b", windows("*"), notLocal, remote("https://x.example"), denyGo)},
			map[string]authority.Code{"main": allowed, "main@https://x.example": denied, "main@https://y.example": allowed, "module:m": allowed}},
		{"a deny of modules binds only modules", []any{capab("a", windows("*"), modules("*"), allowGo), capab("b", modules("a"), denyGo)}, map[string]authority.Code{"main": allowed, "module:a": denied, "module:b": allowed}},
		{"a deny via binds its chains, and unknown ones", []any{capab("a", modules("*"), allowGo), capab("b", modules("a"), via("main"), denyGo)}, map[string]authority.Code{"module:a<main": denied, "module:a<other": allowed, "module:a": denied, "module:b<main": allowed}},
		{"a deny alone", []any{capab("b", windows("main"), denyGo)}, map[string]authority.Code{"main": denied, "other": nothing}},
		{"a capability without callers", []any{capab("c", allowGo)}, map[string]authority.Code{"main": window, "": window, "module:m": origin}},
		{"observing allows nothing", []any{capab("c", observing, windows("main"), allowGo)}, map[string]authority.Code{"main": nothing}},
		{"observing denies nothing", []any{capab("c", windows("main"), allowGo), capab("d", observing, windows("main"), denyGo)}, map[string]authority.Code{"main": allowed}},
		{"not for this platform", []any{capab("c", capOn(authority.MacOS), windows("main"), allowGo)}, map[string]authority.Code{"main": nothing}},
		{"expired", []any{capab("c", expires(1000), windows("main"), allowGo)}, map[string]authority.Code{"main": "expired", "other": window}},
		{"not yet expired", []any{capab("c", expires(1001), windows("main"), allowGo)}, map[string]authority.Code{"main": allowed}},
		{"expired before the epoch", []any{capab("c", expires(-5), windows("main"), allowGo)}, map[string]authority.Code{"main": "expired"}},
		{"an expired deny denies no more", []any{capab("a", windows("main"), allowGo), capab("b", expires(1000), windows("main"), denyGo)}, map[string]authority.Code{"main": allowed}},
		{"a deny that will expire denies", []any{capab("a", windows("main"), allowGo), capab("b", expires(1001), windows("main"), denyGo)}, map[string]authority.Code{"main": denied}},
		{"one of two has expired", []any{capab("a", windows("main"), allowGo), capab("b", expires(1000), windows("main"), allowGo)}, map[string]authority.Code{"main": allowed}},
		{"the nearest gives the reason", []any{capab("a", windows("main"), allowGo), capab("b", expires(1000), windows("other"), allowGo), capab("c", windows("third"), notLocal, remote("https://x.example"), allowGo)},
			map[string]authority.Code{"other": "expired", "third": window, "fourth": window, "main@https://y.example": origin, "main@https://x.example": window}},
		{"app commands are checked like others", nil, map[string]authority.Code{"main app.greet": nothing}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			parts := append([]any{mod("m", cmds("go", "stop")), mod("bad", broken("gone")), mod("app", cmds("greet"))}, tt.caps...)
			a := compile(t, parts...)
			for who, code := range tt.asks {
				caller, command := who, "m.go"
				if i := slices.Index([]byte(who), ' '); i >= 0 {
					caller, command = who[:i], who[i+1:]
				}
				want(t, a, caller, command, code)
			}
		})
	}
}

// TestUnknownTime: without the time, what expires does not allow, but denies.
func TestUnknownTime(t *testing.T) {
	m := mod("m", cmds("go:kv.read"))
	for _, tt := range []struct {
		caps []any
		now  int64
		code authority.Code
	}{
		{[]any{capab("a", expires(50), windows("main"), grants("m:allow-go"))}, 0, authority.CodeExpired},
		{[]any{capab("a", expires(50), windows("main"), grants("m:allow-go"))}, -1, authority.CodeExpired},
		{[]any{capab("a", expires(50), windows("main"), grants("m:allow-go"))}, 1, allowed},
		{[]any{capab("a", windows("main"), grants("m:allow-go")), capab("b", expires(50), windows("main"), grants("m:deny-go"))}, 0, authority.CodeDeniedByRule},
		{[]any{capab("a", windows("main"), grants("m:allow-go")), capab("b", expires(50), windows("main"), grants("m:deny-go"))}, 50, allowed},
		{[]any{capab("a", windows("main"), grants("m:allow-go"))}, 0, allowed},
	} {
		a := compile(t, append(tt.caps, m)...)
		req := ask("main", "m.go")
		req.Now = tt.now
		if d := a.Decide(req); d.Code() != tt.code {
			t.Errorf("now %d: %s, want %s", tt.now, d.Code(), tt.code)
		}
	}
	// The same holds for scope: allow entries do not count, deny entries do.
	a := compile(t, m, capab("a", windows("main"), grants("m:allow-go")),
		capab("b", expires(50), windows("main"), grantsScoped("m:allow-go", `[{"key":"yes"}]`, `[{"key":"no"}]`)))
	req := ask("main", "m.go")
	req.Now = 0
	g, _ := a.Decide(req).Grant()
	wantTexts(t, "allow", g.Allow())
	wantTexts(t, "deny", g.Deny(), `{"key":"no"}`)
	req.Now = 1
	g, _ = a.Decide(req).Grant()
	wantTexts(t, "control", g.Allow(), `{"key":"yes"}`)
	req.Now = 50
	g, _ = a.Decide(req).Grant()
	wantTexts(t, "expired", g.Deny())
}

// TestSpent: a capability whose limits are used up does not allow; another
// does, with its own scope; its denies stay.
func TestSpent(t *testing.T) {
	m := mod("m", cmds("go:kv.read", "stop"))
	a := compile(t, m,
		capab("fast", limited(5), windows("main"), grantsScoped("m:allow-go", `[{"key":"a"}]`, `[{"key":"x"}]`), grants("m:deny-stop")),
		capab("slow", windows("main"), grantsScoped("m:allow-go", `[{"key":"b"}]`, ""), grants("m:allow-stop")),
		capab("only", limited(5), windows("solo"), grants("m:allow-go")))
	req := ask("main", "m.go")
	g, _ := a.Decide(req).Grant()
	wantTexts(t, "fresh", g.Allow(), `{"key":"a"}`, `{"key":"b"}`)
	if l := g.Limited(); len(l) != 1 || l[0].Capability != "fast" || l[0].Limits.CallsPerSecond != 5 {
		t.Errorf("limited by %v", l)
	}
	req.Spent = []string{"fast"}
	g, _ = a.Decide(req).Grant()
	wantTexts(t, "spent", g.Allow(), `{"key":"b"}`)
	wantTexts(t, "spent deny", g.Deny(), `{"key":"x"}`)
	if l := g.Limited(); len(l) != 0 {
		t.Errorf("limited by %v", l)
	}
	req.Command = "stop"
	if d := a.Decide(req); d.Code() != authority.CodeDeniedByRule {
		t.Errorf("the deny of a spent capability: %s", d.Code())
	}
	solo := ask("solo", "m.go")
	if !a.Decide(solo).Allowed() {
		t.Error("control")
	}
	solo.Spent = []string{"other", "only"}
	if d := a.Decide(solo); d.Code() != authority.CodeRate {
		t.Errorf("spent: %s", d.Code())
	}
	unlimited := compile(t, mod("m", cmds("go")), capab("c", windows("main", "other"), grants("m:allow-go")))
	for _, spent := range []string{"", "c"} { // it has no limits, so it cannot be spent
		req := ask("main", "m.go")
		req.Spent = []string{spent}
		if d := unlimited.Decide(req); !d.Allowed() {
			t.Errorf("spent %q: %s", spent, d.Code())
		}
	}
	solo.Spent = []string{"slow"} // has no limits, so it cannot be spent
	if d := a.Decide(solo); !d.Allowed() {
		t.Errorf("%s", d.Code())
	}
}

func TestZeroValuesDeny(t *testing.T) {
	a := compile(t, mod("m", cmds("go")), capab("c", windows("*"), webviews("*"), modules("*"), remote("*://*:*"), grants("m:allow-go")))
	want(t, a, "main", "m.go", allowed) // control
	var none *authority.Authority
	for name, d := range map[string]authority.Decision{
		"zero decision": {},
		"nil authority": none.Decide(ask("main", "m.go")),
		"zero request":  a.Decide(authority.Request{}),
		"zero caller":   a.Decide(authority.Request{Module: "m", Command: "go", Now: 1}),
		"zero origin":   a.Decide(authority.Request{Module: "m", Command: "go", Now: 1, Caller: authority.Caller{Window: "main", Webview: "main"}}),
		"no module":     a.Decide(authority.Request{Module: "m", Command: "go", Now: 1, Caller: authority.Caller{Origin: authority.ModuleOrigin("")}}),
		"bad URL":       a.Decide(ask("main@::", "m.go")),
	} {
		if d.Allowed() || d.Code() == allowed || d.Code() == "" || d.Denial() == nil || d.CallerCode() == allowed {
			t.Errorf("%s: allowed, or without a code: %q", name, d.Code())
		}
		if g, ok := d.Grant(); ok || g != nil {
			t.Errorf("%s: has a grant", name)
		}
		if d.Explain() == "" || d.Remedy() == "" || d.Matched() != nil {
			t.Errorf("%s: %q, %q, %v", name, d.Explain(), d.Remedy(), d.Matched())
		}
		d.Command()
		d.Revision()
	}
	if c := (authority.Decision{}).Code(); c != authority.CodeDenied {
		t.Errorf("zero decision: %s", c)
	}
	if none.Digest() != "" || none.Manifests() != nil || none.Holds(authority.Decision{}, 1) {
		t.Error("nil authority has content")
	}
	if _, ok := none.Manifest("m"); ok {
		t.Error("nil authority has a manifest")
	}
	var g *authority.Grant
	var zero authority.Grant
	for _, g := range []*authority.Grant{g, &zero} {
		allow, deny := g.Lend(authority.PowerFSRead)
		if len(g.Allow())+len(g.Deny())+len(g.GlobalAllow())+len(g.GlobalDeny())+len(g.Powers())+len(g.Limited())+len(allow)+len(deny) != 0 ||
			g.Expires() != 0 || g.Instance() != "call" {
			t.Error("a zero grant holds something")
		}
	}
	var e authority.ScopeEntry
	if _, ok := e.Field("path"); ok || e.Value() != nil || e.Path() != nil || e.Dotfiles() || e.Powers() != nil {
		t.Error("a zero scope entry holds something")
	}
}

func TestDecisionAccessors(t *testing.T) {
	a := compile(t, mod("m", cmds("go:kv.read"), set("s", "allow-go"), deflt("s")), mod("app", cmds("hi")),
		capab("c", windows("main"), grants("m:default")), capab("b", windows("*"), grants("m:deny-go"), capOn(authority.IOS)), capab("a", windows("m*"), grants("m:allow-go")))
	d := want(t, a, "main", "m.go", allowed)
	got := d.Matched()
	if len(got) != 2 || got[0].Capability != "a" || got[0].Path != nil || got[1].Capability != "c" || got[1].Module != "m" ||
		got[1].Permission != "m:allow-go" || !slices.Equal(got[1].Path, []string{"m:default", "m:s"}) || got[1].Source.FileLine() != "capabilities/c.toml:5" {
		t.Errorf("matched %+v", got)
	}
	c, ok := d.Command()
	if !ok || c.Name != "go" || c.Powers[0] != authority.PowerKVRead {
		t.Errorf("command %v", c)
	}
	if d.Revision() != a.Digest() || len(d.Revision()) != 64 {
		t.Errorf("revision %q", d.Revision())
	}
	if c, ok := a.Decide(ask("main", "m.none")).Command(); ok || c != nil {
		t.Errorf("command %v of a request for none", c)
	}
	if r := d.Request(); r.Module != "m" || r.Caller.Window != "main" {
		t.Errorf("request %v", r)
	}
	if d.Denial() != nil || d.CallerCode() != allowed {
		t.Error("an allow is a denial")
	}
	if names := a.Manifests(); len(names) != 2 || names[0].Name != "app" || names[1].Name != "m" {
		t.Errorf("manifests %v", names)
	}
	if m, ok := a.Manifest("m"); !ok || m.Name != "m" {
		t.Error("no manifest m")
	}
	if _, ok := a.Manifest("x"); ok {
		t.Error("a manifest x")
	}
}

func TestDenial(t *testing.T) {
	a := compile(t, mod("m", cmds("go")), capab("c", windows("main"), grants("m:allow-go")))
	var err error = want(t, a, "other", "m.go", authority.CodeWindowMismatch).Denial()
	var d *authority.Denial
	if !errors.Is(err, authority.ErrDenied) || !errors.As(err, &d) || d.Code() != authority.CodeWindowMismatch {
		t.Error("not a denial:", err)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		t.Error("is anything")
	}
	if got := err.Error(); got != `m.go for window "other" (local) is denied: window-mismatch` {
		t.Error(got)
	}
}

// TestCallerCode: who is not the app's own page learns nothing from a deny.
func TestCallerCode(t *testing.T) {
	a := compile(t, mod("m", cmds("go")), mod("bad", broken("x")), capab("c", windows("main"), remote("https://x.example"), modules("m"), grants("m:allow-go")), capab("d", windows("no"), remote("https://x.example"), grants("m:deny-go")))
	for _, caller := range []string{"main@https://y.example", "other@https://x.example", "no@https://x.example", "module:x", "main@junk"} {
		for _, command := range []string{"m.go", "m.og", "x.go", "bad.go"} {
			if d := a.Decide(ask(caller, command)); d.CallerCode() != authority.CodeDenied || d.Code() == authority.CodeDenied {
				t.Errorf("%s as %s: %s for %s", command, caller, d.CallerCode(), d.Code())
			}
		}
	}
	for _, caller := range []string{"main@https://x.example", "module:m", "main"} {
		if d := a.Decide(ask(caller, "m.go")); d.CallerCode() != allowed {
			t.Errorf("control: %s: %s", caller, d.CallerCode())
		}
	}
	if d := a.Decide(ask("main", "m.og")); d.CallerCode() != authority.CodeUnknownCommand {
		t.Errorf("the app's own page: %s", d.CallerCode())
	}
}

func TestDecideAllocations(t *testing.T) {
	a := compile(t, mod("m", cmds("go", "stop", "wait")), capab("a", windows("view-*"), remote("https://*.x.example/*"), modules("n*"), via("main"), grants("m:allow-go")),
		capab("b", windows("main"), expires(2000), limited(1), grants("m:allow-go")), capab("c", windows("*"), grants("m:deny-stop")))
	for _, caller := range []string{"main", "view-7", "nobody", "view-1@https://a.x.example/b", "view-1@https://evil.example", "module:nn<main", "module:q"} {
		for _, command := range []string{"m.go", "m.stop", "m.wait", "m.none", "none.go"} {
			req := ask(caller, command)
			req.Spent = []string{"z"}
			if n := testing.AllocsPerRun(20, func() { a.Decide(req) }); n != 0 {
				t.Errorf("%s as %s: %v allocations", command, caller, n)
			}
		}
	}
	req := ask("view-7", "m.go")
	if n := testing.AllocsPerRun(20, func() { a.Decide(req).Grant() }); n != 0 {
		t.Errorf("grant without scope: %v allocations", n)
	}
}

// TestNearestByWindow: of two capabilities for other origins the one for the
// caller's window is the nearer.
func TestNearestByWindow(t *testing.T) {
	m := mod("m", cmds("go"))
	for _, near := range []string{"a", "b"} {
		windowOf := map[string]string{"a": "other", "b": "other", near: "main"}
		a := compile(t, m, capab("a", windows(windowOf["a"]), grants("m:allow-go")), capab("b", windows(windowOf["b"]), grants("m:allow-go")))
		d := want(t, a, "main@https://x.example", "m.go", authority.CodeOriginMismatch)
		if !strings.Contains(d.Explain(), "nearest: capability \""+near+"\"") {
			t.Errorf("near is %s:\n%s", near, d.Explain())
		}
	}
}
