package authority_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
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

func fromJSONOrNil(text string) any {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil
	}
	return v
}
