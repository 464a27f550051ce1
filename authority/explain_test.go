package authority_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s:%d: got\n%s\n(run with -update to accept)", file, i+1, strings.Join(g[max(0, i-3):min(len(g), i+4)], "\n"))
		}
	}
	t.Fatalf("%s is longer than what was got", file)
}

// TestExplainGolden holds every kind of explanation and remedy, as people read
// them.
func TestExplainGolden(t *testing.T) {
	fs := mod("fs", cmds("read_file:fs.read", "write_file:fs.write", "size"),
		perm("scope-notes", scoped(`["$APPDATA/notes/**"]`, `["$APPDATA/notes/secret/**"]`)),
		perm("read-home", allows("read_file"), scoped(`["$HOME/*"]`, "")),
		set("read-all", "allow-read-file", "scope-notes"), deflt("read-all"))
	weather := mod("weather", cmds("forecast:http", "now:http"), perm("ios", allows("now"), on(authority.IOS)), perm("allow-now", allows("now"), on(authority.IOS)))
	a := compile(t, fs, weather, mod("kv", broken("modules/kv.wasm: not a module")), mod("zip", broken("two\nlines")), mod("app", cmds("greet")),
		capab("main", windows("main"), grants("fs:default", "allow-greet")),
		capab("site", windows("site"), notLocal, remote("https://*.example.com"), grantsScoped("fs:allow-write-file", `["$HOME/out/*"]`, "")),
		capab("lock", windows("lock-*", "vault"), webviews("safe"), grants("fs:default", "fs:deny-read-file", "fs:deny-size")),
		capab("trial", windows("trial"), expires(1_700_000_000_000_000_000), grants("fs:allow-size")),
		capab("busy", windows("busy"), limited(3), grants("fs:allow-size")),
		capab("mate", modules("notes", "todo"), via("main"), grants("fs:read-home")),
		func(p *authority.Policy) {
			c := capab("data", windows("json"), grants("fs:allow-size"))
			c.File = "capabilities/data.json"
			c.Permissions[0].File = c.File
			old := capab("old", windows("old"), expires(5), grants("fs:allow-size"))
			old.File = "capabilities/old.json5"
			p.Capabilities = append(p.Capabilities, c, old, capab("preview-fs-read-file"))
		})
	l, _ := authority.NewLive(policy(fs))
	if _, ps := l.Grant(capabNowhere("guest", grants("fs:deny-size"), windows("main")), 0); ps.Err() != nil {
		t.Fatal(ps)
	}
	if _, ps := l.Grant(capabNowhere("guest", grants("fs:allow-read-file"), windows("main")), 5); ps.Err() != nil {
		t.Fatal(ps)
	}
	late := int64(1_800_000_000_000_000_000)
	var out strings.Builder
	tell := func(d authority.Decision) {
		out.WriteString(d.Explain() + "\n")
		if r := d.Remedy(); r != "" {
			out.WriteString("remedy: " + r + "\n")
		}
		out.WriteString("\n")
	}
	for _, q := range [][2]string{
		{"main", "fs.read_file"}, {"site@https://a.example.com/x", "fs.write_file"}, {"lock-1/safe", "app.greet"}, {"busy", "fs.size"}, {"module:notes<main", "fs.read_file"},
		{"main", "fs.raed_file"}, {"main", "fs.zzz"}, {"main", "sf.size"}, {"main", "sf.\x1b"}, {"main", "clock.now"}, {"main", "Clock.now"}, {"main", "kv.get"}, {"main", "zip.all"}, {"main", "app.bye"},
		{"main", "weather.forecast"}, {"main@https://evil.example", "weather.forecast"}, {"main", "weather.now"},
		{"preview", "fs.read_file"}, {"preview/pane", "fs.read_file"}, {"/pane", "fs.read_file"}, {"main", "fs.write_file"}, {"json", "fs.write_file"}, {"json", "fs.read_file"},
		{"site@https://a.example.com", "fs.read_file"}, {"site@https://a.example.org:8443/x", "fs.write_file"}, {"site", "fs.write_file"},
		{"lock-1", "fs.read_file"}, {"other/safe", "fs.size"}, {"trial", "fs.size"}, {"old", "fs.size"},
		{"module:notes<other", "fs.read_file"}, {"module:notes", "fs.read_file"}, {"module:mail<main@https://x.example", "fs.read_file"}, {"module:todo<main", "app.greet"},
		{"we*ird[x]?", "fs.size"}, {"main\n@local", "fs.size"}, {"main@junk", "fs.size"}, {"\x1b[31m", "fs.\x1b[31m"}, {"", "fs.size"},
	} {
		req := ask(q[0], q[1])
		req.Now = late
		tell(a.Decide(req))
	}
	busy := ask("busy", "fs.size")
	busy.Spent = []string{"busy"}
	tell(a.Decide(busy))
	unknown := ask("trial", "fs.size")
	unknown.Now = 0
	tell(a.Decide(unknown))
	tell(a.Decide(authority.Request{Module: "fs", Command: "size", Caller: authority.Caller{Window: "main"}}))
	nested := ask("module:notes<main", "fs.size")
	nested.Caller.Chain = append(nested.Caller.Chain, authority.Caller{Origin: authority.ModuleOrigin("mail")})
	tell(a.Decide(nested))
	tell(l.Decide(ask("main", "fs.size")))
	tell(l.Decide(ask("main", "fs.read_file")))
	tell((*authority.Authority)(nil).Decide(ask("main", "fs.size")))
	tell(authority.Decision{})
	watched := compile(t, fs, capab("base", windows("main"), grants("fs:allow-size")),
		capab("strict", windows("main"), observing, grants("fs:deny-size")),
		capab("wide", windows("main", "other"), observing, grantsScoped("fs:allow-read-file", `[{"path":"$HOME/**"}]`, `[{"path":"$HOME/.ssh"}]`)))
	tell(watched.Decide(ask("main", "fs.size")))
	tell(watched.Decide(ask("other", "fs.read_file")))
	golden(t, "explain.txt", out.String())
}

// capabNowhere is a capability that stands in no file.
func capabNowhere(id string, options ...capOption) authority.Capability {
	c := capab(id, options...)
	c.Position = authority.Position{}
	for i := range c.Permissions {
		c.Permissions[i].Position = authority.Position{}
	}
	return c
}

// TestProblemsGolden holds every kind of problem, as people read them.
func TestProblemsGolden(t *testing.T) {
	fs := mod("fs", cmds("read_file:fs.read", "write_file:fs.write"), perm("p", allows("raed_file"), on("macos")), perm("p"), set("p", "q"), set("a", "b"), set("b", "a"),
		perm("x", scoped(`[{"pth":"$HOME"}, {"path":5}, {"path":"$HOME/a**"}, 7, {"path":"$HOME","powers":["fs.raed","http"]}]`, "")))
	weather := mod("weather", untrusted, cmds("now:http"), perm("now", allows("now"), scoped(`["https://api.example/*"]`, "")), deflt("now", "fs:allow-read-file"))
	_, ps := authority.New(policy(fs, weather,
		capab("main", windows("["), remote("x"), grants("fs:raed-file", "fs:default", "sf:z", "core:default", "read-file", "a:b:c", "fs:_", "weather:default"), grantsScoped("fs:allow-read-file", "", `["$DOCUMENT/x"]`)),
		capab("main", capOn("Linux"), via("x"))))
	golden(t, "problems.txt", ps.Error()+"\n")
}
