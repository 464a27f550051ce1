package authority_test

import (
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestUnaccepted: what a manifest lends on its own word does not count until
// the app accepts it. The control is the same policy accepted.
func TestUnaccepted(t *testing.T) {
	weather := func(options ...modOption) authority.Manifest {
		return mod("weather", append([]modOption{untrusted, cmds("get:http,fs.read,kv.read", "put:kv.write", "dull")}, options...)...)
	}
	fs := mod("fs", cmds("read:fs.read"), deflt("allow-read"))
	for _, tt := range []struct {
		name   string
		module authority.Manifest
		entry  string
		texts  []string
	}{
		{"scope of a permission", weather(perm("p", allows("get"), scoped(`[{"url":"https://api.example/*"}]`, ""))), "weather:p",
			[]string{`names permission "weather:p"`, `it would lend requests to "https://api.example/*"`, "ambit lock", "trusted = true", "ambit.toml"}},
		{"through the default", weather(perm("p", allows("get"), scoped(`[{"path":"$HOME/**"}]`, "")), set("s", "p"), deflt("s")), "weather:default",
			[]string{`through "weather:default" → "weather:s"`, `reading files "$HOME/**"`}},
		{"global scope", weather(perm("p", scoped(`[{"key":"*"}]`, ""))), "weather:p", []string{`reading stored keys "*", writing stored keys "*"`}},
		{"bare string", mod("weather", untrusted, cmds("get:http"), perm("p", scoped(`["https://x.example"]`, ""))), "weather:p", []string{"requests to"}},
		{"$MODULE for one power, something else for another", weather(perm("p", allows("get"), scoped(`[{"path":"$MODULE/x","url":"https://x.example"}]`, ""))), "weather:p", []string{"requests to"}},
		{"exec by Tauri's key", mod("weather", untrusted, cmds("run:exec"), perm("p", scoped(`[{"name":"git","cmd":"git"}]`, ""))), "weather:p", []string{`running the program "git"`}},
		{"member of another module", weather(set("s", "allow-get", "fs:default")), "weather:s", []string{`names set "weather:s"`, `permissions of other modules: "fs:default"`}},
		{"member of another module in the default", weather(deflt("fs:allow-read")), "weather:default", []string{`"fs:allow-read"`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := policy(tt.module, fs, capab("main", windows("main"), grants(tt.entry)))
			wantProblem(t, p, "not-accepted", mainFile+":5", tt.texts...)
			p.Manifests[0].Accepted = true
			if _, ps := authority.New(p); ps.Err() != nil {
				t.Error("control: accepted:", ps)
			}
			p.Manifests[0].Accepted = false
			p.Capabilities = nil
			if _, ps := authority.New(p); ps.Err() != nil {
				t.Error("control: not granted:", ps)
			}
		})
	}
	for _, tt := range []struct {
		name   string
		module authority.Manifest
		entry  string
	}{
		{"commands alone", weather(set("s", "allow-get")), "weather:s"},
		{"below $MODULE", weather(perm("p", allows("get"), scoped(`[{"path":"$MODULE/cache/**"},{"path":"$MODULE"}]`, ""))), "weather:p"},
		{"denied scope", weather(perm("p", scoped("", `[{"path":"$HOME/**"}]`))), "weather:p"},
		{"a power that its commands do not declare", weather(perm("p", allows("dull"), scoped(`[{"key":"x"}]`, ""))), "weather:p"},
		{"keys of its own", mod("weather", untrusted, cmds("get"), ownScope(`{"properties":{"city":{"type":"string"}}}`), perm("p", scoped(`["Berlin"]`, ""))), "weather:p"},
		{"the app's own permission", weather(perm("p", byApp, allows("get"), scoped(`[{"url":"https://x.example"}]`, ""))), "weather:p"},
		{"the app's own set", weather(set("s", "fs:default"), func(m *authority.Manifest) { m.Sets[0].App = true }), "weather:s"},
		{"the app's own default", weather(deflt("fs:default"), func(m *authority.Manifest) { m.Default.App = true }), "weather:default"},
	} {
		t.Run("fine: "+tt.name, func(t *testing.T) {
			p := policy(tt.module, fs, capab("main", windows("main"), grants(tt.entry)))
			if a, ps := authority.New(p); ps.Err() != nil || len(a.Resolved().Allow)+len(a.Resolved().Global) == 0 {
				t.Error(ps)
			}
		})
	}
	t.Run("the app's scope for a third party's permission", func(t *testing.T) {
		p := policy(weather(), capab("main", windows("main"), grantsScoped("weather:allow-get", `[{"url":"https://x.example"}]`, "")))
		if _, ps := authority.New(p); ps.Err() != nil {
			t.Error(ps)
		}
	})
	t.Run("the app's set does not launder", func(t *testing.T) {
		p := policy(weather(perm("p", allows("get"), scoped(`[{"url":"https://x.example"}]`, ""))), mod("app", set("s", "weather:p")), capab("main", windows("main"), grants("s")))
		wantProblem(t, p, "not-accepted", mainFile+":5", `through "app:s"`)
	})
	t.Run("a set that borrows what is not there, granted", func(t *testing.T) {
		p := policy(weather(set("s", "zip:all")), capab("main", windows("main"), grants("weather:s")))
		wantProblem(t, p, "unknown-permission", mainFile+":5", `grants set "weather:s"`, `unknown module "zip"`)
	})
}
