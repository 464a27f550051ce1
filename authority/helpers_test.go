package authority_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// The builders below write policies as a loader would read them: a module's
// things stand in permissions/<module>.toml and a capability's in
// capabilities/<identifier>.toml, one line each.

type modOption func(*authority.Manifest)

func mod(name string, options ...modOption) authority.Manifest {
	m := authority.Manifest{Position: pos("permissions/"+name+".toml", 1), Name: name, ABI: 1, Accepted: true}
	for _, o := range options {
		o(&m)
	}
	return m
}

func pos(file string, line int) authority.Position {
	return authority.Position{File: file, Line: line, Column: 1}
}

// line numbers what a manifest holds, in the order of the builders.
func line(m *authority.Manifest) authority.Position {
	n := len(m.Commands) + len(m.Permissions) + len(m.Sets) + 2
	if m.Default != nil {
		n++
	}
	return pos("permissions/"+m.Name+".toml", n)
}

// cmds declares commands: "read" or "read:fs.read,fs.write".
func cmds(list ...string) modOption {
	return func(m *authority.Manifest) {
		for _, text := range list {
			name, powers, _ := strings.Cut(text, ":")
			c := authority.Command{Position: line(m), Name: name}
			for _, p := range strings.FieldsFunc(powers, func(r rune) bool { return r == ',' }) {
				c.Powers = append(c.Powers, authority.Power(p))
			}
			m.Commands = append(m.Commands, c)
		}
	}
}

type permOption func(*authority.Permission)

func perm(id string, options ...permOption) modOption {
	return func(m *authority.Manifest) {
		p := authority.Permission{Position: line(m), Identifier: id}
		for _, o := range options {
			o(&p)
		}
		m.Permissions = append(m.Permissions, p)
	}
}

func allows(names ...string) permOption {
	return func(p *authority.Permission) {
		for _, n := range names {
			p.Allow = append(p.Allow, authority.CommandName{Position: p.Position, Name: n})
		}
	}
}

func denies(names ...string) permOption {
	return func(p *authority.Permission) {
		for _, n := range names {
			p.Deny = append(p.Deny, authority.CommandName{Position: p.Position, Name: n})
		}
	}
}

// scoped gives scope as JSON lists, "" for none.
func scoped(allow, deny string) permOption {
	return func(p *authority.Permission) { p.Scope = scope(p.Position, allow, deny) }
}

func on(platforms ...authority.Platform) permOption {
	return func(p *authority.Permission) { p.Platforms = platforms }
}

func byApp(p *authority.Permission) { p.App = true }

func set(id string, members ...string) modOption {
	return func(m *authority.Manifest) {
		s := authority.Set{Position: line(m), Identifier: id, Members: refs(line(m), members)}
		m.Sets = append(m.Sets, s)
	}
}

func deflt(members ...string) modOption {
	return func(m *authority.Manifest) {
		m.Default = &authority.Set{Position: line(m), Identifier: "default", Members: refs(line(m), members)}
	}
}

func refs(at authority.Position, ids []string) []authority.Reference {
	out := []authority.Reference{}
	for _, id := range ids {
		out = append(out, authority.Reference{Position: at, Identifier: id})
	}
	return out
}

func untrusted(m *authority.Manifest) { m.Accepted = false }

func broken(why string) modOption { return func(m *authority.Manifest) { m.Invalid = why } }

// ownScope gives the module a scope schema.
func ownScope(text string) modOption {
	return func(m *authority.Manifest) {
		s, err := schema.Compile(fromJSON(text))
		if err != nil {
			panic(err)
		}
		m.Scope = s
	}
}

type capOption func(*authority.Capability)

func capab(id string, options ...capOption) authority.Capability {
	c := authority.Capability{Position: pos("capabilities/"+id+".toml", 1), Identifier: id, Local: true}
	for _, o := range options {
		o(&c)
	}
	return c
}

func patterns(c *authority.Capability, texts []string) []authority.Pattern {
	var out []authority.Pattern
	for i, t := range texts {
		out = append(out, authority.Pattern{Position: authority.Position{File: c.File, Line: 2, Column: 10 + i}, Text: t})
	}
	return out
}

func windows(labels ...string) capOption {
	return func(c *authority.Capability) { c.Windows = append(c.Windows, patterns(c, labels)...) }
}

func webviews(labels ...string) capOption {
	return func(c *authority.Capability) { c.Webviews = append(c.Webviews, patterns(c, labels)...) }
}

func modules(names ...string) capOption {
	return func(c *authority.Capability) { c.Modules = append(c.Modules, patterns(c, names)...) }
}

func via(labels ...string) capOption {
	return func(c *authority.Capability) { c.Via = append(c.Via, patterns(c, labels)...) }
}

func remote(urls ...string) capOption {
	return func(c *authority.Capability) { c.Remote = append(c.Remote, patterns(c, urls)...) }
}

func notLocal(c *authority.Capability) { c.Local = false }

func observing(c *authority.Capability) { c.Observe = true }

func perCaller(c *authority.Capability) { c.Instance = "caller" }

func expires(at int64) capOption { return func(c *authority.Capability) { c.Expires = at } }

func limited(perSecond int) capOption {
	return func(c *authority.Capability) { c.Limits.CallsPerSecond = perSecond }
}

func capOn(platforms ...authority.Platform) capOption {
	return func(c *authority.Capability) { c.Platforms = platforms }
}

// grants adds entries without scope, one a line from 5 on.
func grants(ids ...string) capOption {
	return func(c *authority.Capability) {
		for _, id := range ids {
			grantsScoped(id, "", "")(c)
		}
	}
}

func grantsScoped(id, allow, deny string) capOption {
	return func(c *authority.Capability) {
		at := pos(c.File, 5+len(c.Permissions))
		c.Permissions = append(c.Permissions, authority.Entry{
			Reference: authority.Reference{Position: at, Identifier: id}, Scope: scope(at, allow, deny),
		})
	}
}

func scope(at authority.Position, allow, deny string) authority.ScopeRules {
	list := func(text string) []authority.ScopeValue {
		if text == "" {
			return nil
		}
		var out []authority.ScopeValue
		for _, v := range fromJSON(text).([]any) {
			out = append(out, authority.ScopeValue{Position: at, Value: v})
		}
		return out
	}
	return authority.ScopeRules{Allow: list(allow), Deny: list(deny)}
}

func fromJSON(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(err)
	}
	return v
}

// policy makes a policy for Linux of manifests and capabilities.
func policy(parts ...any) authority.Policy {
	p := authority.Policy{Platform: authority.Linux, Dirs: []string{"APPDATA", "HOME"}}
	for _, part := range parts {
		switch part := part.(type) {
		case authority.Manifest:
			p.Manifests = append(p.Manifests, part)
		case authority.Capability:
			p.Capabilities = append(p.Capabilities, part)
		case func(*authority.Policy):
			part(&p)
		}
	}
	return p
}

func lenient(p *authority.Policy) { p.Lenient, p.Dirs = true, nil }

// compile makes the authority of a policy without errors.
func compile(t testing.TB, parts ...any) *authority.Authority {
	t.Helper()
	a, ps := authority.New(policy(parts...))
	if err := ps.Err(); err != nil {
		t.Fatalf("unexpected problems:\n%v", err)
	}
	return a
}

// ask builds a request from "caller command": the caller is a window, a
// window/webview, window@url, or module:name<window.
func ask(caller, command string) authority.Request {
	m, c, _ := strings.Cut(command, ".")
	return authority.Request{Caller: callerOf(caller), Module: m, Command: c, Now: 1000}
}

func callerOf(text string) authority.Caller {
	if name, ok := strings.CutPrefix(text, "module:"); ok {
		name, root, chained := strings.Cut(name, "<")
		c := authority.Caller{Origin: authority.ModuleOrigin(name)}
		if chained {
			c.Chain = []authority.Caller{callerOf(root)}
		}
		return c
	}
	labels, url, isRemote := strings.Cut(text, "@")
	window, webview, split := strings.Cut(labels, "/")
	if !split {
		webview = window
	}
	c := authority.Caller{Window: window, Webview: webview, Origin: authority.LocalOrigin()}
	if isRemote {
		c.Origin = authority.RemoteOrigin(url)
	}
	return c
}

// want checks the codes of requests: "caller command" to code.
func want(t *testing.T, a *authority.Authority, caller, command string, code authority.Code) authority.Decision {
	t.Helper()
	d := a.Decide(ask(caller, command))
	if d.Code() != code || d.Allowed() != (code == authority.CodeAllowed) {
		t.Errorf("%s as %s: %s, want %s\n%s", command, caller, d.Code(), code, d.Explain())
	}
	return d
}

// texts prints scope entries as JSON, in order.
func texts(entries []authority.ScopeEntry) []string {
	out := []string{}
	for _, e := range entries {
		b, _ := json.Marshal(e.Value())
		out = append(out, string(b))
	}
	return out
}

func wantTexts(t *testing.T, what string, entries []authority.ScopeEntry, want ...string) {
	t.Helper()
	if got := texts(entries); !slices.Equal(got, want) && len(got)+len(want) > 0 {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

const allowed = authority.CodeAllowed
