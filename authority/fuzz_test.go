package authority_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/authoritytest"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// FuzzResolve puts foreign text everywhere that text can be: nothing panics,
// the same policy always gives the same answer, and no text gets out of the
// line that it is printed in.
func FuzzResolve(f *testing.F) {
	f.Add("fs", "read", "main", "https://x.example", "fs:allow-read", `[{"path":"$HOME/x"}]`, byte(0))
	f.Add("app", "a_b", "w*", "*://*:*", "default", `["x",{"powers":["fs.read"],"path":"/**"}]`, byte(1))
	f.Add("core", "", "[", "x", "core:x", `[[[]]]`, byte(2))
	f.Add("\x1b", "0", "0", "0", "p", "0", byte(1))
	f.Add("m\n", "\x1b", "a**", "null", ":::", `[{"name":1,"args":[{"validator":"."}]}]`, byte(7))
	f.Fuzz(func(t *testing.T, module, command, label, url, id, values string, flags byte) {
		var list []any
		if json.Unmarshal([]byte(values), &list) != nil {
			list = []any{values, map[string]any{id: values, "path": label, "url": url}}
		}
		var scope authority.ScopeRules
		for _, v := range list {
			scope.Allow = append(scope.Allow, authority.ScopeValue{Value: v})
			scope.Deny = append(scope.Deny, authority.ScopeValue{Value: v})
		}
		m := mod(module, cmds(command+":fs.read,http,exec"), perm("p", allows(command)), perm(id), set("s", id, "p", module+":allow-"+command), deflt("s"))
		m.Permissions[0].Scope = scope
		m.Accepted = flags&1 == 0
		if s, err := schema.Compile(fromJSONOrNil(values)); err == nil {
			m.Scope = s
		}
		c := capab(id, windows(label, "main"), webviews(label), remote(url), modules(module), grants("app:"+id, id, module+":s", module+":default", module+":p"))
		c.Permissions[2].Scope = scope
		p := policy(m, mod("other", cmds("go")), capab("sound", windows("main"), grants("other:allow-go")), c)
		p.Lenient = flags&2 == 0
		if flags&4 == 0 {
			p.Dirs = nil
		}
		a, ps := authority.New(p)
		if _, again := authority.New(p); again.Error() != ps.Error() {
			t.Errorf("problems differ:\n%v\n%v", ps, again)
		}
		for _, problem := range ps {
			if strings.ContainsAny(problem.Message+problem.Hint, "\n\x1b\r") {
				t.Errorf("raw text in %q", problem.Message)
			}
		}
		if (a == nil) != (ps.Err() != nil) {
			t.Fatal(ps)
		}
		if _, err := json.Marshal(a.Resolved()); err != nil {
			t.Error(err)
		}
		for _, caller := range []string{"main", label, "main@" + url, "module:" + module + "<" + label, "module:other"} {
			req := ask(caller, "")
			req.Module, req.Command = module, command
			d := a.Decide(req)
			if a == nil && d.Allowed() {
				t.Error("a policy with errors allows")
			}
			if strings.ContainsAny(d.Explain(), "\x1b\r") || d.Remedy() == "" != d.Allowed() {
				t.Errorf("%q, %q", d.Explain(), d.Remedy())
			}
			g, _ := d.Grant()
			for _, power := range g.Powers() {
				g.Lend(power)
			}
		}
	})
}

// FuzzRequest puts foreign text everywhere that a request has some: nothing
// panics, engine and reference agree, and what is printed stays in its line.
func FuzzRequest(f *testing.F) {
	f.Add(uint64(1), "main", "main", "", "", "m", "go", int64(1))
	f.Add(uint64(2), "x", "view-1", "https://a.example/x/y", "", "app", "get_all", int64(0))
	f.Add(uint64(3), "main", "\xff", "HTTPS://user@A.EXAMPLE.:443/x/../y?#", "n", "n", "go", int64(-1))
	f.Add(uint64(4), "\n\x1b[31m", "[", "module:m", "m\x00", "m\n", "", int64(1)<<62)
	f.Add(uint64(5), "é*", strings.Repeat("a*", 300), "http://[::1]:8443/", "*", "none", "stop", int64(15_000_000_000))
	f.Fuzz(func(t *testing.T, seed uint64, window, webview, url, from, module, command string, now int64) {
		p := newGenerator(seed).policy()
		a, _ := authority.New(p) // nil if the policy has errors
		page := authority.Caller{Window: window, Webview: webview, Origin: authority.LocalOrigin()}
		callers := []authority.Caller{page, {Origin: authority.ModuleOrigin(from)}, {Origin: authority.ModuleOrigin(from), Chain: []authority.Caller{page}}}
		page.Origin = authority.RemoteOrigin(url)
		for _, caller := range append(callers, page, authority.Caller{Origin: authority.ModuleOrigin(from), Chain: []authority.Caller{page}}) {
			req := authority.Request{Caller: caller, Module: module, Command: command, Now: now, Spent: []string{window, "c1"}}
			d := a.Decide(req)
			if strings.ContainsAny(d.Explain(), "\x1b\r\x00") || d.Remedy() == "" != d.Allowed() {
				t.Errorf("%q, %q", d.Explain(), d.Remedy())
			}
			if a.Holds(d, now) != d.Allowed() {
				t.Errorf("what is decided does not hold: %s", d.Explain())
			}
			if a == nil {
				continue
			}
			got, want := answerOf(d).String(), authoritytest.Reference(p, req).String()
			if got != want {
				t.Errorf("%+v\nengine    %s\nreference %s\n%s", req, got, want, authoritytest.Archive(p))
			}
		}
	})
}

func fromJSONOrNil(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	return v
}
