package authority_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestAuthorityIsACopy: what happens to a policy after it was compiled changes
// nothing.
func TestAuthorityIsACopy(t *testing.T) {
	m := mod("m", cmds("go:kv.read", "stop:kv.read"), perm("p", allows("go"), denies("stop"), scoped(`[{"key":"a"}]`, `[{"key":"b"}]`), on(authority.Linux)),
		set("s", "p"), deflt("s"))
	c := capab("c", windows("main"), webviews("side"), remote("https://x.example"), modules("n"), via("main"), capOn(authority.Linux),
		grantsScoped("m:default", `[{"key":"c"}]`, `[{"key":"d"}]`))
	a, ps := authority.New(policy(m, mod("n"), c))
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	tell := func() string {
		m, _ := a.Manifest("m")
		p, c := m.Permissions[0], m.Commands[0]
		return a.Resolved().String() + a.Digest() + a.Decide(ask("main", "m.go")).Explain() +
			fmt.Sprint(c.Name, c.Powers, p.Allow[0].Name, p.Deny[0].Name, p.Platforms, p.Scope.Allow[0].Value, p.Scope.Deny[0].Value) +
			m.Sets[0].Identifier + m.Sets[0].Members[0].Identifier + m.Default.Members[0].Identifier
	}
	before := tell()
	m.Commands[0].Name, m.Commands[1].Powers[0] = "gone", authority.PowerExec
	m.Commands[0].Powers[0] = authority.PowerExec
	q := &m.Permissions[0]
	q.Identifier, q.Allow[0].Name, q.Deny[0].Name, q.Platforms[0] = "q", "stop", "go", authority.MacOS
	q.Scope.Allow[0].Value.(map[string]any)["key"] = "other"
	q.Scope.Deny[0].Value = map[string]any{"key": "other"}
	m.Sets[0].Members[0].Identifier, m.Default.Members[0].Identifier = "x", "y"
	m.Sets[0].Identifier = "z"
	for _, list := range [][]authority.Pattern{c.Windows, c.Webviews, c.Remote, c.Modules, c.Via} {
		list[0].Text = "other"
	}
	c.Platforms[0] = authority.MacOS
	e := &c.Permissions[0]
	e.Scope.Allow[0].Value.(map[string]any)["key"] = "other"
	e.Scope.Deny[0].Value = map[string]any{"key": "other"}
	e.Identifier = "m:s"
	if after := tell(); after != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// TestGrantedIsACopy: so it is with what is granted at run time, which a later
// Replace compiles again.
func TestGrantedIsACopy(t *testing.T) {
	p := policy(mod("m", cmds("go:kv.read")), mod("n"))
	l, _ := authority.NewLive(p)
	c := capab("c", windows("main"), webviews("side"), remote("https://x.example"), modules("n"), via("main"), capOn(authority.Linux),
		grantsScoped("m:allow-go", `[{"key":"c"}]`, `[{"key":"d"}]`))
	if _, ps := l.Grant(c, 0); ps.Err() != nil {
		t.Fatal(ps)
	}
	before := l.Authority().Resolved().String()
	for _, list := range [][]authority.Pattern{c.Windows, c.Webviews, c.Remote, c.Modules, c.Via} {
		list[0].Text = "["
	}
	c.Platforms[0] = authority.MacOS
	e := &c.Permissions[0]
	e.Identifier, e.Scope.Deny[0].Value = "m:deny-go", map[string]any{"key": "other"}
	e.Scope.Allow[0].Value.(map[string]any)["key"] = "other"
	if ps := l.Replace(p); ps.Err() != nil {
		t.Fatal(ps)
	}
	if after := l.Authority().Resolved().String(); after != before || !strings.Contains(before, "m:allow-go") {
		t.Errorf("before:\n%s\nafter:\n%s", before, after)
	}
}

// problemsOf prints the problems of a policy, warnings included.
func problemsOf(parts ...any) string {
	_, ps := authority.New(policy(parts...))
	if ps == nil {
		return ""
	}
	return ps.Error()
}

// TestCapabilityProblems compares all that is reported of a capability. The
// cases without problems are the controls of the others.
func TestCapabilityProblems(t *testing.T) {
	m := mod("m", cmds("go"))
	allow := grants("m:allow-go")
	concurrent := func(n int) capOption { return func(c *authority.Capability) { c.Limits.Concurrent = n } }
	instance := func(s string) capOption { return func(c *authority.Capability) { c.Instance = s } }
	placeless := func(c *authority.Capability) {
		for _, list := range [][]authority.Pattern{c.Windows, c.Remote} {
			for i := range list {
				list[i].Position = authority.Position{}
			}
		}
		for i := range c.Permissions {
			c.Permissions[i].Position = authority.Position{}
		}
	}
	for _, tt := range []struct {
		name string
		cap  authority.Capability
		want string
	}{
		{"instance call", capab("c", windows("w"), instance("call"), allow), ""},
		{"instance caller", capab("c", windows("w"), perCaller, allow), ""},
		{"another instance", capab("c", windows("w"), instance("all"), allow), `capabilities/c.toml:1:1: capability "c": unknown instance "all" ("call" or "caller")`},
		{"limits", capab("c", windows("w"), limited(1), concurrent(1), allow), ""},
		{"a negative limit", capab("c", windows("w"), limited(-1), allow), `capabilities/c.toml:1:1: capability "c": a limit is negative (0 is unlimited)`},
		{"another negative limit", capab("c", windows("w"), concurrent(-1), allow), `capabilities/c.toml:1:1: capability "c": a limit is negative (0 is unlimited)`},
		{"remote pages only", capab("c", windows("w"), notLocal, remote("https://x.example"), allow), ""},
		{"nobody's pages", capab("c", windows("w"), notLocal, allow), `warning: capabilities/c.toml:1:1: capability "c": its windows match nobody, since it is neither for local pages nor for remote ones (leave local = false out, or add remote = { urls = […] })`},
		{"modules only", capab("c", modules("m"), notLocal, allow), ""},
		{"a pattern's place", capab("c", windows("w", "["), allow), `capabilities/c.toml:2:11: capability "c": bad pattern "[" in "windows": this "[" is not closed (for the character itself write [[]) (at byte 0)`},
		{"a pattern without place", capab("c", windows("w", "["), allow, placeless), `capabilities/c.toml:1:1: capability "c": bad pattern "[" in "windows": this "[" is not closed (for the character itself write [[]) (at byte 0)`},
		{"an entry without place", capab("c", windows("w"), grants("m:none"), placeless), `capabilities/c.toml:1:1: capability "c": permission "m:none" not found in module "m" (did you mean "m:allow-go"?)`},
		{"no name and no such permission", capab("", windows("w"), grants("m:none")), `capabilities/.toml:1:1: a capability has no identifier (write identifier = "…")
capabilities/.toml:5:1: a capability: permission "m:none" not found in module "m" (did you mean "m:allow-go"?)`},
	} {
		if got := problemsOf(m, tt.cap); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// TestBoundOfAnEntry: an entry may come to 65 536 rules, its scope counted,
// and no more.
func TestBoundOfAnEntry(t *testing.T) {
	members := func(n int) []string { return slices.Repeat([]string{"p"}, n) }
	ofScope := func(n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(`{"key":"x"},`, n), ",") + "]"
	}
	for _, tt := range []struct {
		members, scope int
		fits           bool
	}{{1<<16 - 1, 0, true}, {1 << 16, 0, false}, {1<<15 - 1, 1, true}, {1 << 15, 1, false}, {1<<14 - 1, 3, true}, {1<<14 - 1, 4, false}} {
		got := problemsOf(mod("m", cmds("go:kv.read"), perm("p"), set("s", members(tt.members)...)), capab("c", windows("w"), grantsScoped("m:s", ofScope(tt.scope), "")))
		if fits := got == ""; fits != tt.fits || !fits && !strings.Contains(got, `capabilities/c.toml:5:1: capability "c": "m:s" expands to more than 65536 rules`) {
			t.Errorf("%d members, %d scope entries: %.300s", tt.members, tt.scope, got)
		}
	}
}

// TestScopeReaches: one member that takes the scope of an entry is enough,
// wherever it stands.
func TestScopeReaches(t *testing.T) {
	n := mod("n", cmds("go:kv.read"))
	with := func(members ...string) string {
		m := mod("m", cmds("go:kv.read"), set("s", members...))
		return problemsOf(m, n, capab("c", windows("w"), grantsScoped("m:s", "", `[{"key":"x"}]`)))
	}
	for _, members := range [][]string{{"allow-go", "n:allow-go"}, {"n:allow-go", "allow-go"}, {"deny-go", "allow-go"}, {"allow-go", "deny-go"}} {
		if got := with(members...); got != "" {
			t.Errorf("%s: %s", members, got)
		}
	}
	if got := with("n:allow-go"); got != `capabilities/c.toml:5:1: capability "c": the denied scope of "m:s" reaches no permission of module "m" (deny it where the members' own module is named)` {
		t.Error(got)
	}
	m := mod("m", cmds("go:kv.read"), set("s", "n:allow-go"))
	if got := problemsOf(m, n, capab("c", windows("w"), grantsScoped("m:s", `[{"key":"x"}]`, ""))); got != `warning: capabilities/c.toml:5:1: capability "c": the scope of "m:s" reaches no permission of module "m" (grant the members by name, each with its scope)` {
		t.Error(got)
	}
	if got := with("deny-go", "n:allow-go"); got != `warning: capabilities/c.toml:5:1: capability "c": "m:s" only denies commands, so its scope has no effect` {
		t.Error(got)
	}
}

// TestUnacceptedInWords compares what is said about a manifest's wishes.
func TestUnacceptedInWords(t *testing.T) {
	const hint = " (run `ambit lock` to see and accept it, or write trusted = true under module \"w\" in ambit.toml)"
	wish := perm("p", allows("go"), scoped(`[{"key":"x"}]`, ""))
	m := func(options ...modOption) authority.Manifest {
		return mod("w", append([]modOption{untrusted, cmds("go:kv.read"), wish}, options...)...)
	}
	fs, gone := mod("fs", cmds("read")), mod("gone", broken("missing"))
	for _, tt := range []struct {
		name   string
		module authority.Manifest
		entry  string
		want   string
	}{
		{"a permission", m(), "w:p", `names permission "w:p" of module "w", which is not trusted; it would lend reading stored keys "x"` + hint},
		{"through a set", m(set("s", "p")), "w:s", `names permission "w:p" (through "w:s") of module "w", which is not trusted; it would lend reading stored keys "x"` + hint},
		{"borrowed", m(set("s", "gone:allow-x", "allow-go", "fs:allow-read", "fs:deny-read")), "w:s", `names set "w:s" of module "w", which is not trusted; the set would grant permissions of other modules: "fs:allow-read", "fs:deny-read"` + hint},
		{"nothing of a module that cannot be used", m(set("s", "gone:allow-x", "allow-go")), "w:s", ""},
	} {
		got := problemsOf(tt.module, fs, gone, capab("c", windows("main"), grants(tt.entry)))
		want := tt.want
		if want != "" {
			want = `capabilities/c.toml:5:1: capability "c" ` + want
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", tt.name, got, want)
		}
	}
}

// TestUndeclaredVariable: where the problem is said to be, and when it is only
// a warning.
func TestUndeclaredVariable(t *testing.T) {
	m := mod("m", cmds("go:fs.read"))
	for _, tt := range []struct {
		name            string
		lenient         bool
		dirs            []string
		source          authority.Position
		severity, place string
	}{
		{"an error", false, nil, pos("capabilities/c.toml", 6), "", "capabilities/c.toml:6:1"},
		{"no dirs are declared", true, nil, pos("capabilities/c.toml", 6), "warning: ", "capabilities/c.toml:6:1"},
		{"others are", true, []string{"HOME"}, pos("capabilities/c.toml", 6), "", "capabilities/c.toml:6:1"},
		{"none is, on purpose", true, []string{}, pos("capabilities/c.toml", 6), "", "capabilities/c.toml:6:1"},
		{"a value without line", false, nil, authority.Position{File: "capabilities/c.toml"}, "", "capabilities/c.toml:5:1"},
		{"a value of another file", false, nil, pos("elsewhere.toml", 6), "", "capabilities/c.toml:5:1"},
	} {
		c := capab("c", windows("w"), grantsScoped("m:allow-go", `[{"path":"$OTHER/x"}]`, ""))
		c.Permissions[0].Scope.Allow[0].Position = tt.source
		p := policy(m, c)
		p.Lenient, p.Dirs = tt.lenient, tt.dirs
		_, ps := authority.New(p)
		want := tt.severity + tt.place + `: capability "c" grants "m:allow-go", whose scope names the variable "$OTHER", which is not declared (`
		if got := ps.Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s\nwant %s", tt.name, got, want)
		}
	}
}

// TestHintsStayAtHome: another module is proposed only to who wrote no module.
func TestHintsStayAtHome(t *testing.T) {
	fs := mod("fs", cmds("read_dir"))
	for _, tt := range []struct{ name, got, want string }{
		{"of the app's own", problemsOf(mod("app"), fs, capab("c", windows("w"), grants("read-dir"))),
			`capabilities/c.toml:5:1: capability "c": permission "app:read-dir" not found in module "app" (did you mean "fs:allow-read-dir"?)`},
		{"a set", problemsOf(mod("app"), mod("fs", set("all")), capab("c", windows("w"), grants("all"))),
			`capabilities/c.toml:5:1: capability "c": permission "app:all" not found in module "app" (did you mean "fs:all"?)`},
		{"no default", problemsOf(fs, capab("c", windows("w"), grants("default"))),
			`capabilities/c.toml:5:1: capability "c": permission "default" not found: the app has no permissions of its own (write module:default)`},
		{"of a module by name", problemsOf(mod("m"), fs, capab("c", windows("w"), grants("m:read-dir"))),
			`capabilities/c.toml:5:1: capability "c": permission "m:read-dir" not found in module "m"`},
		{"of the app, by another module", problemsOf(mod("m", set("s", "app:read-dir"))),
			`warning: permissions/m.toml:2:1: set "m:s", which cannot be granted: permission "app:read-dir": unknown module "app" (the modules are "m")`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, tt.got, tt.want)
		}
	}
}

// TestModuleValues: what a manifest may say of itself, and what is not looked
// at where the module cannot be used.
func TestModuleValues(t *testing.T) {
	instance := func(s string) modOption { return func(m *authority.Manifest) { m.Instance = s } }
	for _, tt := range []struct{ name, got, want string }{
		{"instance call", problemsOf(mod("m", instance("call"))), ""},
		{"instance caller", problemsOf(mod("m", instance("caller"))), ""},
		{"another instance", problemsOf(mod("m", instance("all"))), `permissions/m.toml:1:1: module "m": unknown instance "all" ("call" or "caller")`},
		{"of a module that cannot be used", problemsOf(mod("m", broken("why"), instance("all"), perm("p", allows("none")), set("s", "none"))), ""},
		{"instead of the generated", problemsOf(mod("m", cmds("go"), perm("allow-go", allows("go")), perm("deny-go", denies("go")))), ""},
		{"instead of the generated, with a deny", problemsOf(mod("m", cmds("go", "stop"), perm("allow-go", allows("go"), denies("stop")))), `warning: permissions/m.toml:4:1: permission "m:allow-go" replaces the generated one, but does not name just the command "go" (give it a name of its own)`},
		{"own keys of an exec's names", problemsOf(mod("m", cmds("go"), ownScope(`{"properties":{"program":{},"name":{}}}`), perm("p", scoped(`[{"program":"a","name":"b"}]`, "")))), ""},
		{"both keys of exec", problemsOf(mod("m", cmds("go:exec"), perm("p", scoped(`[{"program":"a","name":"b"}]`, "")))), `permissions/m.toml:3:1: permission "m:p": the scope entry has both "program" and "name"`},
		{"an odd command", problemsOf(mod("m", cmds("a-b"))), `permissions/m.toml:2:1: bad name of a command "m.a-b" (a lower-case letter, then lower-case letters, digits and underscores)`},
		{"an odd command that is only named", problemsOf(mod("m", perm("p", allows("a-b"))), lenient), ""},
		{"a command without name", problemsOf(mod("m", perm("p", allows(""))), lenient), `permissions/m.toml:2:1: bad name of a command "m." (a lower-case letter, then lower-case letters, digits and underscores)`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.name, tt.got, tt.want)
		}
	}
	a := compile(t, mod("m", perm("p", allows("go")), perm("q", denies("go"))), lenient)
	if m, _ := a.Manifest("m"); len(m.Commands) != 1 || m.Commands[0].Position != pos("permissions/m.toml", 2) {
		t.Errorf("commands that are only named: %+v", m.Commands)
	}
}

// TestLongCycle: of a cycle ten sets are named, and how many more.
func TestLongCycle(t *testing.T) {
	of := func(n int) string {
		var sets []modOption
		for i := range n {
			sets = append(sets, set(string(rune('a'+i)), string(rune('a'+(i+1)%n))))
		}
		return problemsOf(mod("m", sets...))
	}
	const ten = `"m:a" → "m:b" → "m:c" → "m:d" → "m:e" → "m:f" → "m:g" → "m:h" → "m:i" → "m:j" → `
	for n, rest := range map[int]string{10: `"m:a"`, 11: `1 more → "m:a"`} {
		if got, want := of(n), "permissions/m.toml:2:1: cycle in sets: "+ten+rest+" (take one of them out)"; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// TestOwnMembers: a set that names what its own module does not have is wrong,
// also with the module's name; what it borrows need not be there.
func TestOwnMembers(t *testing.T) {
	for _, tt := range []struct{ member, want string }{
		{"nothing", `permissions/m.toml:2:1: set "m:s": permission "m:nothing" not found in module "m"`},
		{"m:nothing", `permissions/m.toml:2:1: set "m:s": permission "m:nothing" not found in module "m"`},
		{"n:nothing", `warning: permissions/m.toml:2:1: set "m:s", which cannot be granted: permission "n:nothing" not found in module "n"`},
	} {
		if got := problemsOf(mod("m", set("s", tt.member)), mod("n")); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.member, got, tt.want)
		}
	}
}

// TestCycleAmongOthers: a cycle is not forgotten for the sets beside it, which
// would be expanded for ever.
func TestCycleAmongOthers(t *testing.T) {
	for _, members := range [][]string{{"b", "fine"}, {"fine", "b"}} {
		m := mod("m", cmds("go"), set("a", members...), set("b", "a", "fine"), set("fine", "allow-go"))
		for _, id := range []string{"m:a", "m:b"} {
			if got, want := problemsOf(m, capab("c", windows("w"), grants(id))), `permissions/m.toml:3:1: cycle in sets: "m:a" → "m:b" → "m:a" (take one of them out)`; got != want {
				t.Errorf("%s, %s: %s\nwant %s", members, id, got, want)
			}
		}
		if got := problemsOf(m, capab("c", windows("w"), grants("m:fine"))); strings.Count(got, "\n") != 0 {
			t.Errorf("control: %s", got)
		}
	}
}

// TestScopeTypes: what the keys of powers take. The values before the bar are
// fine, those after it are not.
func TestScopeTypes(t *testing.T) {
	m := mod("m", cmds("go:http,exec,fs.read,kv.read"))
	for _, tt := range []struct{ key, fine, wrong string }{
		{"methods", `["GET"] ["GET","M-SEARCH"]`, `[] [""] ["get"] [1] ["","GET"] [1,"GET"] ["GET",""] ["GET",1] "GET" true`},
		{"private", `true false`, `"yes" 1 null`},
		{"args", `true false [] ["a"] [""] [{"validator":"."}] [{"validator":".","raw":true},"a"] [{"validator":"a|b"}] [{"validator":"` + strings.Repeat("a", 1024) + `"}]`,
			`1 "a" [1] [1,"a"] ["a",1] [{}] [{"raw":true}] [{"validator":1}] [{"validator":".","raw":1}] [{"validator":".","more":1}] [{},{"validator":"."}] [{"validator":"("}] [{"validator":"a)|(b"}] [{"validator":"` + strings.Repeat("a", 1025) + `"}] [{"validator":"` + strings.Repeat("(", 1000) + strings.Repeat(")", 1000) + `"}]`},
		{"headers", `{"Authorization":"secret:weather-api"} {"X-Key":"v","accept":"a/b"} {"X":""} {"X":"a\tb\u0020c~!"} {"X":"secret:` + strings.Repeat("a", 64) + `"}`,
			`{} [] 1 "a" {"A":1,"B":"x"} {"Host":"x"} {"content-length":"1"} {"Proxy-Authorization":"x"} {"Sec-Fetch-Site":"x"} {"":"x"} {"a:b":"x"} {"A":1} {"A":"x\n"} {"A":"\u00e4"} {"A":"\u0020x"} {"A":"secret:"} {"A":"secret:a/b"} {"A":"secret:` + strings.Repeat("a", 65) + `"}`},
		{"cmd", `"/bin/ls" "ls" "C:" "C:\\ls.exe" "D:/ls" "\\\\server\\ls"`, `"" 1 "./ls" "bin/ls" "..\\ls" "a\u0000b" "C:ls/x"`},
	} {
		entry := map[string]string{"methods": "https://x.example", "private": "https://x.example", "headers": "https://x.example"}[tt.key]
		of := func(value string) string {
			text := `[{"url":"` + entry + `","` + tt.key + `":` + value + `}]`
			if entry == "" {
				text = `[{"program":"a","` + tt.key + `":` + value + `}]`
			}
			return problemsOf(m, capab("c", windows("w"), grantsScoped("m:allow-go", text, "")))
		}
		for value := range strings.FieldsSeq(tt.fine) {
			if got := of(value); got != "" {
				t.Errorf("%s = %s: %s", tt.key, value, got)
			}
		}
		for value := range strings.FieldsSeq(tt.wrong) {
			if got := of(value); !strings.Contains(got, `"`+tt.key+`" must be `) && !strings.Contains(got, "bad regular expression") {
				t.Errorf("%s = %s: %q", tt.key, value, got)
			}
		}
	}
}

// TestLenientPatterns: without modules a key may be the module's own, and then
// it is no pattern, unless it can only be meant as one.
func TestLenientPatterns(t *testing.T) {
	of := func(entry string) string {
		return problemsOf(mod("m", perm("p", allows("go"), scoped("["+entry+"]", ""))), lenient)
	}
	for entry, severity := range map[string]string{
		`{"path":"["}`: "permissions/", `{"path":"/a"}`: "",
		`{"url":"https://["}`: "permissions/", `{"url":"["}`: "warning: ", `{"url":"https://x.example"}`: "",
		`{"key":"["}`: "warning: ", `{"key":"[://"}`: "warning: ", `{"key":"a"}`: "",
	} {
		if got := of(entry); !strings.HasPrefix(got, severity) || (got == "") != (severity == "") {
			t.Errorf("%s: %s", entry, got)
		}
	}
}

// TestScopeKeys: which keys are the module's own, and which are a power's.
func TestScopeKeys(t *testing.T) {
	const misfit = `permissions/m.toml:3:1: permission "m:p": the scope entry does not fit the module's schema: `
	of := func(powers, schema, entry string, options ...any) string {
		m := mod("m", cmds("go:"+powers), perm("p", scoped("["+entry+"]", "")))
		if schema != "" {
			ownScope(schema)(&m)
		}
		return problemsOf(append(options, m)...)
	}
	for _, tt := range []struct{ name, got, want string }{
		{"a key that is a power's, too", of("kv.read", `{"properties":{"key":{"minLength":2}}}`, `{"key":"ab"}`), ""},
		{"and does not fit", of("kv.read", `{"properties":{"key":{"minLength":2}}}`, `{"key":"a"}`), misfit},
		{"a key like that of another power", of("kv.read", `{"properties":{"args":{}}}`, `{"args":5}`), ""},
		{"of a power that is not declared", of("kv.read", "", `{"methods":["GET"]}`), `permissions/m.toml:3:1: permission "m:p": unknown scope key "methods" (the module's keys are "key", "powers")`},
		{"without what it is about", of("http", "", `{"methods":["GET"]}`), `permissions/m.toml:3:1: permission "m:p": the scope key "methods" means nothing without "url" (add "url")`},
		{"no module, no such key", of("kv.read", `{"properties":{"own":{}},"additionalProperties":false}`, `{"other":1}`, lenient), `permissions/m.toml:3:1: permission "m:p": `},
		{"no module, no table", of("kv.read", `{"required":["a","b"],"properties":{"a":{},"b":{}}}`, `"x"`, lenient), ""},
	} {
		if tt.want == "" && tt.got != "" || !strings.HasPrefix(tt.got, tt.want) || strings.Count(tt.got, "permission ") > 1 && !strings.Contains(tt.got, "warning: ") {
			t.Errorf("%s: %s\nwant %s", tt.name, tt.got, tt.want)
		}
	}
}
