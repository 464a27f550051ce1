package authority_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// files is a module in the shape of Tauri's fs fixture: commands, scope that
// comes with commands, scope alone, a deny, and sets.
func files() authority.Manifest {
	return mod("files", cmds("read", "list", "move", "drop"),
		perm("read-config", allows("read"), scoped(`[{"path":"$HOME/.config/**"}]`, "")),
		perm("list-downloads", allows("list"), scoped(`[{"path":"$HOME/down"}]`, `[{"path":"$HOME/down/private"}]`)),
		perm("move-temp", allows("move"), scoped(`["/tmp/**"]`, `["/tmp/x"]`)),
		perm("data-only", scoped(`[{"path":"$APPDATA/**"}]`, "")),
		perm("never-home", scoped("", `[{"path":"$HOME"}]`)),
		perm("no-drop", denies("drop")),
		perm("empty"),
		set("readers", "allow-read", "allow-list"),
		set("reading", "readers", "data-only", "list-downloads"),
		deflt("reading", "no-drop"))
}

func ping() authority.Manifest { return mod("ping", cmds("ping")) }

// TestResolve compares the printed rules; each case is a policy and the lines
// that it comes down to, without their places.
func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name  string
		parts []any
		want  string
	}{{
		name:  "one grant",
		parts: []any{ping(), capab("main", windows("main"), grants("ping:allow-ping"))},
		want:  `allow ping.ping to local windows "main" by "main" ping:allow-ping`,
	}, {
		name:  "windows and webviews are sorted and kept apart",
		parts: []any{ping(), capab("main", windows("b", "a"), webviews("child2", "child1"), grants("ping:allow-ping"))},
		want:  `allow ping.ping to local windows "a", "b" webviews "child1", "child2" by "main" ping:allow-ping`,
	}, {
		name: "capabilities in identifier order, entries in file order",
		parts: []any{ping(), files(), capab("z", windows("z"), grants("ping:allow-ping")),
			capab("a", windows("a"), grants("files:allow-read", "files:allow-list", "ping:allow-ping"))},
		want: `
allow files.read to local windows "a" by "a" files:allow-read
allow files.list to local windows "a" by "a" files:allow-list
allow ping.ping to local windows "a" by "a" ping:allow-ping
allow ping.ping to local windows "z" by "z" ping:allow-ping`,
	}, {
		name:  "one rule for each context, local first",
		parts: []any{ping(), capab("main", windows("w"), remote("https://b.example", "https://*.a.example/x/*"), modules("mate"), via("w2", "w1"), grants("ping:allow-ping")), mod("mate")},
		want: `
allow ping.ping to local windows "w" by "main" ping:allow-ping
allow ping.ping to https://b.example windows "w" by "main" ping:allow-ping
allow ping.ping to https://*.a.example/x/* windows "w" by "main" ping:allow-ping
allow ping.ping to module:mate via "w1", "w2" by "main" ping:allow-ping`,
	}, {
		name:  "remote only",
		parts: []any{ping(), capab("main", windows("w"), notLocal, remote("https://b.example"), grants("ping:allow-ping"))},
		want:  `allow ping.ping to https://b.example windows "w" by "main" ping:allow-ping`,
	}, {
		name:  "sets in sets, with the way to each member; scope of a permission without commands is the module's",
		parts: []any{files(), capab("main", windows("main"), grants("files:default"))},
		want: `
allow files.read to local windows "main" by "main" files:allow-read through files:default → files:reading → files:readers
allow files.list to local windows "main" by "main" files:allow-list through files:default → files:reading → files:readers
allow files.list to local windows "main" by "main" files:list-downloads through files:default → files:reading scope [{"path":"$HOME/down"}] except [{"path":"$HOME/down/private"}]
deny files.drop to local windows "main" by "main" files:no-drop through files:default
global files to local windows "main" by "main" files:data-only through files:default → files:reading scope [{"path":"$APPDATA/**"}]`,
	}, {
		name:  "scope of the capability comes before the permission's",
		parts: []any{files(), capab("main", windows("main"), grantsScoped("files:read-config", `[{"path":"$APPDATA/a"}]`, `[{"path":"$APPDATA/b"}]`), grantsScoped("files:never-home", "", `[{"path":"$APPDATA/*.db"}]`))},
		want: `
allow files.read to local windows "main" by "main" files:read-config scope [{"path":"$APPDATA/a"},{"path":"$HOME/.config/**"}] except [{"path":"$APPDATA/b"}]
global files to local windows "main" by "main" files:never-home except [{"path":"$APPDATA/*.db"},{"path":"$HOME"}]`,
	}, {
		name:  "a bare string stays as written in a lenient policy",
		parts: []any{files(), capab("main", windows("main"), grants("files:move-temp")), lenient},
		want:  `allow files.move to local windows "main" by "main" files:move-temp scope ["/tmp/**"] except ["/tmp/x"]`,
	}, {
		name:  "a permission without anything is a rule without scope",
		parts: []any{files(), capab("main", windows("main"), remote("https://x.example"), grants("files:empty"))},
		want: `
global files to local windows "main" by "main" files:empty
global files to https://x.example windows "main" by "main" files:empty`,
	}, {
		name:  "a capability without callers resolves, and matches nobody",
		parts: []any{ping(), capab("main", grants("ping:allow-ping"))},
		want:  `allow ping.ping to local by "main" ping:allow-ping`,
	}, {
		name:  "capabilities that observe take no part",
		parts: []any{ping(), capab("main", observing, windows("main"), grants("ping:allow-ping"))},
	}, {
		name: "names without a module are the app's; a set of the app borrows from modules",
		parts: []any{ping(), mod("app", cmds("greet"), set("all", "allow-greet", "ping:allow-ping")),
			capab("main", windows("main"), grants("all", "allow-greet", "app:deny-greet"))},
		want: `
allow app.greet to local windows "main" by "main" app:allow-greet through app:all
allow ping.ping to local windows "main" by "main" ping:allow-ping through app:all
allow app.greet to local windows "main" by "main" app:allow-greet
deny app.greet to local windows "main" by "main" app:deny-greet`,
	}, {
		name: "the module's own name before a member is its own",
		parts: []any{mod("m", cmds("go"), set("s", "m:allow-go"), deflt("m:s")),
			capab("main", windows("main"), grants("m:default"))},
		want: `allow m.go to local windows "main" by "main" m:allow-go through m:default → m:s`,
	}, {
		name:  "a broken module resolves to nothing, also through sets",
		parts: []any{ping(), mod("bad", broken("no such file")), mod("app", set("all", "bad:x", "ping:allow-ping")), capab("main", windows("main"), grants("bad:default", "bad:whatever", "all"))},
		want:  `allow ping.ping to local windows "main" by "main" ping:allow-ping through app:all`,
	}, {
		name: "generated permissions write - for _",
		parts: []any{mod("m", cmds("go_far_away")),
			capab("main", windows("main"), grants("m:allow-go-far-away", "m:deny-go-far-away"))},
		want: `
allow m.go_far_away to local windows "main" by "main" m:allow-go-far-away
deny m.go_far_away to local windows "main" by "main" m:deny-go-far-away`,
	}, {
		name: "a written permission replaces the generated one",
		parts: []any{mod("m", cmds("go:env"), perm("allow-go", allows("go"), scoped(`[{"var":"LANG"}]`, ""))),
			capab("main", windows("main"), grants("m:allow-go"))},
		want: `allow m.go to local windows "main" by "main" m:allow-go scope [{"var":"LANG"}]`,
	}, {
		name: "in a lenient policy the commands are those that permissions name",
		parts: []any{mod("m", perm("some", allows("a_b", "c"), denies("d"))),
			capab("main", windows("main"), grants("m:some", "m:allow-a-b", "m:deny-d")), lenient},
		want: `
allow m.a_b to local windows "main" by "main" m:some
allow m.c to local windows "main" by "main" m:some
allow m.a_b to local windows "main" by "main" m:allow-a-b
deny m.d to local windows "main" by "main" m:some
deny m.d to local windows "main" by "main" m:deny-d`,
	}} {
		t.Run(tt.name, func(t *testing.T) {
			p := policy(tt.parts...)
			if !p.Lenient {
				p = withSchema(p)
			}
			a, ps := authority.New(p)
			if ps.Err() != nil {
				t.Fatal(ps)
			}
			var got []string
			for line := range strings.Lines(a.Resolved().String()) {
				line, _, _ = strings.Cut(strings.TrimSuffix(line, "\n"), " at capabilities/")
				got = append(got, line)
			}
			if want := strings.TrimPrefix(tt.want, "\n"); strings.Join(got, "\n") != want {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
			}
		})
	}
}

// withSchema lets the fixtures' modules have the key "path" without a power.
func withSchema(p authority.Policy) authority.Policy {
	for i := range p.Manifests {
		if p.Manifests[i].Name == "files" {
			ownScope(`{"properties":{"path":{"type":"string"}}}`)(&p.Manifests[i])
		}
	}
	return p
}

func TestResolvePlatforms(t *testing.T) {
	shop := mod("shop", cmds("buy", "sell"),
		perm("buy-linux", allows("buy"), on(authority.Linux)),
		perm("buy-mac", allows("buy"), on(authority.MacOS)),
		perm("not-windows", denies("sell"), on(authority.Linux, authority.MacOS)),
		set("buying", "buy-linux", "buy-mac", "not-windows"))
	caps := []any{shop,
		capab("all", windows("main"), grants("shop:buying")),
		capab("phone", windows("main"), capOn(authority.Android, authority.IOS), grants("shop:allow-sell"))}
	for platform, want := range map[authority.Platform]string{
		authority.Linux:   "shop:buy-linux -shop:not-windows",
		authority.MacOS:   "shop:buy-mac -shop:not-windows",
		authority.Windows: "",
		authority.Android: "shop:allow-sell",
		authority.FreeBSD: "",
		"plan9":           "",
	} {
		p := policy(caps...)
		p.Platform = platform
		a, ps := authority.New(p)
		if ps.Err() != nil {
			t.Fatal(platform, ps)
		}
		r := a.Resolved()
		var got []string
		for _, rule := range r.Allow {
			got = append(got, rule.Permission)
		}
		for _, rule := range r.Deny {
			got = append(got, "-"+rule.Permission)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", platform, got, want)
		}
	}
	p := policy(caps...)
	p.Platform = ""
	wantProblem(t, p, "unknown-platform", "permissions/shop.toml:4", `permission "shop:buy-linux" is limited to platforms`)
}

// TestExtendedScope: the scope of an entry goes to the members of the module
// that the entry names, and to no other (Tauri pours it into all of them).
func TestExtendedScope(t *testing.T) {
	a := mod("a", cmds("one:kv.read"), set("both", "allow-one", "b:allow-two", "b:keys"))
	b := mod("b", cmds("two:kv.read"), perm("keys", scoped(`[{"key":"own"}]`, "")))
	auth := compile(t, a, b, capab("main", windows("main"), grantsScoped("a:both", `[{"key":"x"}]`, `[{"key":"y"}]`)))
	r := auth.Resolved()
	got, _ := json.Marshal([]authority.RuleScope{r.Allow[0].Scope, r.Allow[1].Scope, r.Global[0].Scope})
	const want = `[{"allow":[{"key":"x"}],"deny":[{"key":"y"}]},{"allow":[],"deny":[]},{"allow":[{"key":"own"}],"deny":[]}]`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestResolvedJSON(t *testing.T) {
	p := policy(files(), capab("main", windows("main"), grants("files:list-downloads", "files:no-drop", "files:empty")))
	auth, ps := authority.New(withSchema(p))
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	got, err := json.MarshalIndent(auth.Resolved(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	rule := func(command, permission, line, allow, deny string) string {
		return `{"module":"files",` + command + `"context":"local","windows":["main"],"webviews":[],"capability":"main","permission":"files:` +
			permission + `","scope":{"allow":[` + allow + `],"deny":[` + deny + `]},"source":"capabilities/main.toml:` + line + `"}`
	}
	want := `{"allow":[` + rule(`"command":"list",`, "list-downloads", "5", `{"path":"$HOME/down"}`, `{"path":"$HOME/down/private"}`) +
		`],"deny":[` + rule(`"command":"drop",`, "no-drop", "6", "", "") + `],"global":[` + rule("", "empty", "7", "", "") + `]}`
	var a, b any
	if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		t.Fatal("bad JSON")
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if string(x) != string(y) {
		t.Errorf("got\n%s\nwant\n%s", x, y)
	}
	empty, _ := json.Marshal((*authority.Authority)(nil).Resolved())
	if string(empty) != `{"allow":[],"deny":[],"global":[]}` {
		t.Errorf("nil authority: %s", empty)
	}
}

// TestOrderIndependence: the order of manifests, capabilities, permissions and
// sets changes neither rules nor digest.
func TestOrderIndependence(t *testing.T) {
	p := policy(files(), ping(), capab("a", windows("a"), grants("files:default")), capab("b", windows("b*"), grants("ping:allow-ping", "files:never-home")))
	p = withSchema(p)
	first, _ := authority.New(p)
	slices.Reverse(p.Manifests)
	slices.Reverse(p.Capabilities)
	for i := range p.Manifests {
		slices.Reverse(p.Manifests[i].Permissions)
		slices.Reverse(p.Manifests[i].Sets)
		slices.Reverse(p.Manifests[i].Commands)
	}
	second, ps := authority.New(p)
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	if first.Resolved().String() != second.Resolved().String() {
		t.Errorf("rules differ:\n%s\n%s", first.Resolved(), second.Resolved())
	}
	if first.Digest() != second.Digest() || first.Digest() == "" {
		t.Errorf("digests differ: %s, %s", first.Digest(), second.Digest())
	}
	p.Capabilities[0].Windows[0].Text = "other"
	if third, _ := authority.New(p); third.Digest() == first.Digest() {
		t.Error("control: another policy has the same digest")
	}
}

// TestResolvedForModulesOnly: a capability for modules alone says nothing of
// pages, which it could not match. The control has a window, too.
func TestResolvedForModulesOnly(t *testing.T) {
	contexts := func(options ...capOption) (out []string) {
		c := capab("c", append(options, modules("m"), grants("m:allow-go"))...)
		for _, r := range compile(t, mod("m", cmds("go")), c).Resolved().Allow {
			out = append(out, r.Context)
		}
		return out
	}
	if got := contexts(remote("https://x.example")); !slices.Equal(got, []string{"module:m"}) {
		t.Error(got)
	}
	if got := contexts(remote("https://x.example"), windows("main")); !slices.Equal(got, []string{"local", "https://x.example", "module:m"}) {
		t.Error("control:", got)
	}
}

// TestResolvedCommand: the rules of one command are those among all that are
// about it, and the scopes of its module.
func TestResolvedCommand(t *testing.T) {
	a := compile(t, mod("m", cmds("go", "stop"), perm("area", scoped(`[{"own":1}]`, "")), ownScope(`{"properties":{"own":{"type":"number"}}}`)), mod("n", cmds("go")),
		capab("a", windows("main"), grants("m:allow-go", "m:deny-stop", "m:area", "n:allow-go")),
		capab("b", windows("side"), modules("n"), grants("m:allow-stop", "m:deny-go")))
	all := a.Resolved()
	for _, c := range []struct{ module, name string }{{"m", "go"}, {"m", "stop"}, {"n", "go"}, {"m", "none"}, {"none", "go"}} {
		about := func(list []authority.Rule, command string) string {
			var b strings.Builder
			for _, r := range list {
				if r.Module == c.module && r.Command == command {
					b.WriteString(r.String() + "\n")
				}
			}
			return b.String()
		}
		got := a.ResolvedCommand(c.module, c.name)
		want := about(all.Allow, c.name) + about(all.Deny, c.name) + about(all.Global, "")
		if rules := about(got.Allow, c.name) + about(got.Deny, c.name) + about(got.Global, ""); rules != want || len(got.Allow)+len(got.Deny)+len(got.Global) != strings.Count(want, "\n") {
			t.Errorf("%s.%s:\n%swant\n%s", c.module, c.name, got, want)
		}
	}
	if n := a.ResolvedCommand("m", "go"); len(n.Allow) != 1 || len(n.Deny) != 2 || len(n.Global) != 1 {
		t.Errorf("%s", n)
	}
	var none *authority.Authority
	if r := none.ResolvedCommand("m", "go"); r.String() != "" {
		t.Errorf("nil: %s", r)
	}
}
