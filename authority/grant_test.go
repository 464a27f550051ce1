package authority_test

import (
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestGrantScopes: the command scope is the union over the matching allows,
// the global scope that of the capabilities that match the caller.
func TestGrantScopes(t *testing.T) {
	fs := mod("fs", cmds("read:fs.read", "write:fs.write", "size"),
		perm("data", scoped(`["$APPDATA/**"]`, `["$APPDATA/secret"]`)),
		perm("home", scoped(`[{"path":"$HOME/*"}]`, "")),
		perm("read-notes", allows("read", "size"), scoped(`["$APPDATA/notes/*"]`, `["$APPDATA/notes/x"]`)))
	a := compile(t, fs,
		capab("main", windows("main", "both"), grantsScoped("fs:data", `["$MODULE/x"]`, ""), grants("fs:read-notes")),
		capab("other", windows("other", "both"), grants("fs:home", "fs:allow-write"), grantsScoped("fs:allow-read", `["$HOME/r"]`, `["$HOME/r/d"]`)),
		capab("far", windows("main"), notLocal, remote("https://x.example"), grants("fs:home", "fs:allow-read")))
	for _, tt := range []struct {
		caller, command                      string
		allow, deny, globalAllow, globalDeny []string
		powers                               []authority.Power
	}{
		{"main", "fs.read", []string{`{"path":"$APPDATA/notes/*"}`}, []string{`{"path":"$APPDATA/notes/x"}`},
			[]string{`{"path":"$MODULE/x"}`, `{"path":"$APPDATA/**"}`}, []string{`{"path":"$APPDATA/secret"}`}, []authority.Power{"fs.read"}},
		{"main", "fs.size", []string{`{"path":"$APPDATA/notes/*"}`}, []string{`{"path":"$APPDATA/notes/x"}`},
			[]string{`{"path":"$MODULE/x"}`, `{"path":"$APPDATA/**"}`}, []string{`{"path":"$APPDATA/secret"}`}, nil},
		{"other", "fs.read", []string{`{"path":"$HOME/r"}`}, []string{`{"path":"$HOME/r/d"}`}, []string{`{"path":"$HOME/*"}`}, nil, []authority.Power{"fs.read"}},
		{"other", "fs.write", nil, nil, []string{`{"path":"$HOME/*"}`}, nil, []authority.Power{"fs.write"}},
		{"both", "fs.read", []string{`{"path":"$APPDATA/notes/*"}`, `{"path":"$HOME/r"}`}, []string{`{"path":"$APPDATA/notes/x"}`, `{"path":"$HOME/r/d"}`},
			[]string{`{"path":"$MODULE/x"}`, `{"path":"$APPDATA/**"}`, `{"path":"$HOME/*"}`}, []string{`{"path":"$APPDATA/secret"}`}, []authority.Power{"fs.read"}},
		{"main@https://x.example", "fs.read", nil, nil, []string{`{"path":"$HOME/*"}`}, nil, []authority.Power{"fs.read"}},
	} {
		d := want(t, a, tt.caller, tt.command, allowed)
		g, ok := d.Grant()
		if !ok {
			t.Fatal("no grant")
		}
		what := tt.command + " as " + tt.caller
		wantTexts(t, what+": allow", g.Allow(), tt.allow...)
		wantTexts(t, what+": deny", g.Deny(), tt.deny...)
		wantTexts(t, what+": global allow", g.GlobalAllow(), tt.globalAllow...)
		wantTexts(t, what+": global deny", g.GlobalDeny(), tt.globalDeny...)
		if !slices.Equal(g.Powers(), tt.powers) {
			t.Errorf("%s: powers %v, want %v", what, g.Powers(), tt.powers)
		}
	}
}

// TestLend: a power is bounded by the entries that have its key and are not
// narrowed to others; and only if the command declares it.
func TestLend(t *testing.T) {
	m := mod("m", cmds("all:fs.read,fs.write,http,exec,kv.read", "read:fs.read"), ownScope(`{"properties":{"note":{"type":"string"}}}`))
	const entries = `[{"path":"$HOME/rw"},{"path":"$HOME/r","powers":["fs.read"]},{"url":"https://x.example","methods":["GET"],"private":false},
		{"name":"git","cmd":"git","args":["log",{"validator":"\\w+","raw":true}]},{"program":"ls","args":true},{"note":"x"},{"path":"$HOME/both","url":"https://y.example"}]`
	a := compile(t, m, capab("c", windows("main"), grantsScoped("m:allow-all", entries, `[{"path":"$HOME/no","powers":["fs.write"]},{"path":"$HOME/never"}]`), grantsScoped("m:allow-read", entries, "")))
	g, _ := want(t, a, "main", "m.all", allowed).Grant()
	const r, rw, never, no, both = `{"path":"$HOME/r","powers":["fs.read"]}`, `{"path":"$HOME/rw"}`, `{"path":"$HOME/never"}`, `{"path":"$HOME/no","powers":["fs.write"]}`, `{"path":"$HOME/both","url":"https://y.example"}`
	for _, tt := range []struct {
		power       authority.Power
		allow, deny []string
	}{
		{authority.PowerFSRead, []string{rw, r, both}, []string{never}},
		{authority.PowerFSWrite, []string{rw, both}, []string{no, never}},
		{authority.PowerHTTP, []string{`{"methods":["GET"],"private":false,"url":"https://x.example"}`, both}, nil},
		{authority.PowerExec, []string{`{"args":["log",{"raw":true,"validator":"\\w+"}],"cmd":"git","name":"git"}`, `{"args":true,"program":"ls"}`}, nil},
		{authority.PowerKVRead, nil, nil},
		{authority.PowerEnv, nil, nil},
		{"no.such", nil, nil},
	} {
		allow, deny := g.Lend(tt.power)
		wantTexts(t, string(tt.power)+" allow", allow, tt.allow...)
		wantTexts(t, string(tt.power)+" deny", deny, tt.deny...)
	}
	if got := g.Powers(); !slices.Equal(got, []authority.Power{"fs.read", "fs.write", "http", "exec"}) {
		t.Errorf("powers %v", got)
	}
	g, _ = want(t, a, "main", "m.read", allowed).Grant()
	if got := g.Powers(); !slices.Equal(got, []authority.Power{"fs.read"}) {
		t.Errorf("a power that the command does not declare: %v", got)
	}
	if allow, deny := g.Lend(authority.PowerHTTP); allow != nil || deny != nil {
		t.Error("lends http to a command that does not declare it")
	}
}

func TestScopeEntry(t *testing.T) {
	m := mod("m", cmds("read:fs.read"), perm("own", allows("read"), scoped(`["$APPDATA/o"]`, "")))
	a := compile(t, m, capab("c", windows("main"), grantsScoped("m:own", `[{"path":"$HOME/.x","dotfiles":true,"powers":["fs.read"]}]`, "")))
	g, _ := want(t, a, "main", "m.read", allowed).Grant()
	e := g.Allow()[0]
	if e.Capability != "c" || e.Permission != "m:own" || e.Source.FileLine() != "capabilities/c.toml:5" {
		t.Errorf("provenance %+v", e)
	}
	if v, ok := e.Field("path"); !ok || v != "$HOME/.x" || e.Path().Var() != "HOME" || !e.Dotfiles() {
		t.Errorf("path %v, %v", v, e.Path())
	}
	if _, ok := e.Field("url"); ok {
		t.Error("has a url")
	}
	if p := e.Powers(); len(p) != 1 || p[0] != authority.PowerFSRead {
		t.Errorf("powers %v", p)
	}
	own := g.Allow()[1]
	if v, _ := own.Field("path"); v != "$APPDATA/o" || own.Dotfiles() || own.Source.FileLine() != "permissions/m.toml:3" {
		t.Errorf("the permission's: %+v", own)
	}
}

func TestGrantExpires(t *testing.T) {
	m := mod("m", cmds("go:kv.read"), perm("keys", scoped(`[{"key":"a"}]`, "")))
	for _, tt := range []struct {
		caps []any
		want int64
	}{
		{[]any{capab("a", windows("main"), grants("m:allow-go"))}, 0},
		{[]any{capab("a", windows("main"), expires(5000), grants("m:allow-go")), capab("b", windows("main"), expires(3000), grants("m:allow-go"))}, 3000},
		{[]any{capab("a", windows("main"), grants("m:allow-go")), capab("b", windows("main"), expires(4000), grants("m:keys"))}, 4000},
		{[]any{capab("a", windows("main"), expires(4000), grants("m:allow-go")), capab("b", windows("main"), grants("m:allow-go"))}, 4000},
		{[]any{capab("a", windows("main"), grants("m:allow-go")), capab("b", windows("other"), expires(4000), grants("m:keys"))}, 0},
	} {
		a := compile(t, append(tt.caps, m)...)
		if g, _ := want(t, a, "main", "m.go", allowed).Grant(); g.Expires() != tt.want {
			t.Errorf("%d, want %d", g.Expires(), tt.want)
		}
	}
}

// TestInstance: one instance per caller only if module and every matching
// grant say so.
func TestInstance(t *testing.T) {
	single := mod("m", cmds("go"), func(m *authority.Manifest) { m.Instance = "caller" })
	for _, tt := range []struct {
		m    authority.Manifest
		caps []any
		want string
	}{
		{single, []any{capab("a", windows("main"), perCaller, grants("m:allow-go"))}, "caller"},
		{single, []any{capab("a", windows("main"), perCaller, grants("m:allow-go")), capab("b", windows("main"), grants("m:allow-go"))}, "call"},
		{single, []any{capab("a", windows("main"), perCaller, grants("m:allow-go")), capab("b", windows("other"), grants("m:allow-go"))}, "caller"},
		{single, []any{capab("a", windows("main"), grants("m:allow-go"))}, "call"},
		{mod("m", cmds("go")), []any{capab("a", windows("main"), perCaller, grants("m:allow-go"))}, "call"},
	} {
		a := compile(t, append(tt.caps, tt.m)...)
		if g, _ := want(t, a, "main", "m.go", allowed).Grant(); g.Instance() != tt.want {
			t.Errorf("%s, want %s", g.Instance(), tt.want)
		}
	}
}

// TestPolicyIsCopied: what the policy was made of may change afterwards.
func TestPolicyIsCopied(t *testing.T) {
	m := mod("m", cmds("go:kv.read"), perm("p", allows("go"), scoped(`[{"key":"own"}]`, "")), set("s", "p"))
	c := capab("c", windows("main"), grantsScoped("m:s", `[{"key":"a"}]`, ""))
	p := policy(m, c)
	a, _ := authority.New(p)
	before := a.Resolved().String()
	p.Capabilities[0].Permissions[0].Scope.Allow[0].Value.(map[string]any)["key"] = "changed"
	p.Capabilities[0].Windows[0].Text = "*"
	p.Capabilities[0].Identifier = "z"
	p.Manifests[0].Permissions[0].Scope.Allow[0].Value.(map[string]any)["key"] = "changed"
	p.Manifests[0].Commands[0].Powers[0] = "env"
	if after := a.Resolved().String(); after != before {
		t.Errorf("changed to\n%s", after)
	}
	g, _ := want(t, a, "main", "m.go", allowed).Grant()
	if !slices.Equal(g.Powers(), []authority.Power{"kv.read"}) {
		t.Errorf("powers %v", g.Powers())
	}
}
