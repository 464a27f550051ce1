package authority_test

import (
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestReach: what a grant lends on names, with the controls that allow.
func TestReach(t *testing.T) {
	m := mod("m", cmds("all:env,kv.read,kv.write,emit,http,invoke", "none"))
	const allow = `[{"var":"APP_*"},{"key":"notes/*","powers":["kv.read"]},{"key":"own"},{"topic":"news"},{"key":"both","topic":"both"},{"url":"https://x.example/*"},{"invoke":"notes.*"},{"invoke":"app.ping"}]`
	const deny = `[{"var":"APP_SECRET"},{"key":"notes/private","powers":["kv.read"]},{"invoke":"*.remove"}]`
	a := compile(t, m, capab("c", windows("main"), grantsScoped("m:allow-all", allow, deny), grants("m:allow-none")))
	g, _ := want(t, a, "main", "m.all", allowed).Grant()
	none, _ := want(t, a, "main", "m.none", allowed).Grant()
	const empty, mismatch = authority.CodeScopeEmpty, authority.CodeScopeMismatch
	for _, tt := range []struct {
		grant *authority.Grant
		power authority.Power
		name  string
		want  authority.Code
	}{
		{g, authority.PowerEnv, "APP_HOME", allowed},
		{g, authority.PowerEnv, "APP_SECRET", mismatch},
		{g, authority.PowerEnv, "HOME", mismatch},
		{g, authority.PowerEnv, "", mismatch},
		{g, authority.PowerKVRead, "notes/a", allowed},
		{g, authority.PowerKVRead, "notes/private", mismatch},
		{g, authority.PowerKVWrite, "notes/a", mismatch},
		{g, authority.PowerKVWrite, "own", allowed},
		{g, authority.PowerEmit, "news", allowed},
		{g, authority.PowerEmit, "new", mismatch},
		{g, authority.PowerEmit, "both", allowed},
		{g, authority.PowerKVRead, "both", allowed},
		{g, authority.PowerInvoke, "notes.list", allowed},
		{g, authority.PowerInvoke, "notes.remove", mismatch},
		{g, authority.PowerInvoke, "ping", allowed}, // of the module app
		{g, authority.PowerInvoke, "plugin:notes|list", mismatch},
		{g, authority.PowerInvoke, "notes.", mismatch},
		{g, authority.PowerHTTP, "https://x.example/a", empty}, // not about names
		{g, authority.PowerExec, "ls", empty},
		{none, authority.PowerEnv, "APP_HOME", empty},
		{nil, authority.PowerEnv, "APP_HOME", empty},
	} {
		if got := tt.grant.Reach(tt.power, tt.name); got != tt.want {
			t.Errorf("%s on %q: %s, want %s", tt.power, tt.name, got, tt.want)
		}
	}
}

// A pattern for all commands matches names of commands only.
func TestReachAllCommands(t *testing.T) {
	a := compile(t, mod("m", cmds("all:invoke")), capab("c", windows("main"), grantsScoped("m:allow-all", `[{"invoke":"*"}]`, "")))
	g, _ := want(t, a, "main", "m.all", allowed).Grant()
	for name, wanted := range map[string]authority.Code{
		"notes.list": allowed, "ping": allowed, "": authority.CodeScopeMismatch, "plugin:notes|list": authority.CodeScopeMismatch, "a.b.c": authority.CodeScopeMismatch, ".a": authority.CodeScopeMismatch,
	} {
		if got := g.Reach(authority.PowerInvoke, name); got != wanted {
			t.Errorf("%q: %s, want %s", name, got, wanted)
		}
	}
}

// A deny whose pattern cannot be read, which only a lenient policy may have,
// denies everything.
func TestReachLenient(t *testing.T) {
	for deny, wanted := range map[string]authority.Code{
		"": allowed, `[{"key":"b"}]`: allowed, `[{"key":"[z-a]"}]`: authority.CodeScopeMismatch,
	} {
		p := policy(mod("m", cmds("all:kv.read")), capab("c", windows("main"), grantsScoped("m:allow-all", `[{"key":"[z-a]"},{"key":"a"}]`, deny)))
		p.Lenient = true
		a, ps := authority.New(p)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		g, _ := want(t, a, "main", "m.all", allowed).Grant()
		if got := g.Reach(authority.PowerKVRead, "a"); got != wanted {
			t.Errorf("deny %s: %s, want %s", deny, got, wanted)
		}
		if got := g.Reach(authority.PowerKVRead, "c"); got != authority.CodeScopeMismatch {
			t.Errorf("deny %s: another key: %s", deny, got)
		}
	}
}
