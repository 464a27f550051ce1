package authority_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// lintModules are what the policies of the lint tests are about.
func lintModules() []any {
	return []any{
		mod("fs", cmds("read:fs.read", "list:fs.read", "write:fs.write", "size"),
			perm("scope"), perm("data", scoped(`["$APPDATA/**"]`, "")), perm("keep", scoped("", `["$APPDATA/keys/**"]`)),
			perm("read-home", allows("read"), scoped(`["$HOME/**"]`, "")),
			perm("mac", allows("read"), scoped(`["$HOME/**"]`, ""), on(authority.MacOS)),
			set("look", "allow-read", "allow-list"), set("home", "read-home")),
		mod("net", cmds("get:http", "load:fs.read", "both:fs.read,http", "ping"), perm("web", scoped(`[{"url":"https://api.example.com"}]`, ""))),
		mod("box", cmds("env:env", "call:invoke", "get:kv.read", "put:kv.write", "tell:emit", "run:exec"), perm("all")),
		mod("city", cmds("find:fs.read"), ownScope(`{"properties":{"city":{"type":"string"}}}`)),
		func(p *authority.Policy) { p.Dirs = []string{"APPDATA", "HOME", "DATA"} },
	}
}

var lintPlaces = authority.LintOptions{
	Dirs: map[string]string{"HOME": "/home/ann", "APPDATA": "/home/ann/app/data", "DATA": "/home/ann/app"},
	Own:  []string{"/home/ann/app/ambit.toml", "/home/ann/app/capabilities", "/home/ann/app/modules"},
}

func declared(labels ...string) func(*authority.Policy) {
	return func(p *authority.Policy) { p.Windows = labels }
}

func mainCap(options ...capOption) authority.Capability {
	return capab("main", append([]capOption{windows("main")}, options...)...)
}

// TestLint: what each rule finds, and what it does not. All that is printed is
// in testdata/lint.txt, to be read.
func TestLint(t *testing.T) {
	prod := authority.LintOptions{Production: true}
	with := func(id, allow, deny string) []any { return []any{mainCap(grantsScoped(id, allow, deny))} }
	var out strings.Builder
	seen := map[string]int{}
	for _, tt := range []struct {
		name  string
		parts []any
		o     authority.LintOptions
		want  string // codes
	}{
		{"all of $HOME", with("fs:allow-read", `["$HOME/**"]`, ""), authority.LintOptions{}, "broad-glob"},
		{"all of $HOME by a permission in a set", []any{mainCap(grants("fs:home"))}, authority.LintOptions{}, "broad-glob"},
		{"all of it, to both members of a set, is one finding", with("fs:look", `["$HOME/**"]`, ""), authority.LintOptions{}, "broad-glob"},
		{"every base dir", with("fs:allow-read", `["/**"]`, ""), authority.LintOptions{}, "broad-glob"},
		{"other programs' data", with("fs:allow-read", `["$DATA/**"]`, ""), authority.LintOptions{}, "broad-glob"},
		{"some of $HOME", with("fs:allow-read", `["$HOME/notes/**", "$HOME/*", "$HOME/**/*.md", "$APPDATA/**"]`, ""), authority.LintOptions{}, ""},
		{"all of $HOME denied", with("fs:allow-read", "", `["$HOME/**", "**"]`), authority.LintOptions{}, ""},
		{"the environment", with("box:allow-env", `[{"var":"*"}]`, ""), authority.LintOptions{}, "broad-glob"},
		{"some variables", with("box:allow-env", `[{"var":"LC_*"}]`, ""), authority.LintOptions{}, ""},
		{"all commands", with("box:allow-call", `[{"invoke":"*.*"}]`, ""), authority.LintOptions{}, "broad-glob"},
		{"commands of one module", with("box:allow-call", `[{"invoke":"fs.*"}]`, ""), authority.LintOptions{}, ""},
		{"all keys", with("box:allow-get", `[{"key":"*"}]`, ""), authority.LintOptions{}, "broad-glob"},
		{"all keys to write", with("box:allow-put", `[{"key":"*","powers":["kv.write"]}]`, ""), authority.LintOptions{}, "broad-glob"},
		{"all topics", with("box:allow-tell", `[{"topic":"*"}]`, ""), authority.LintOptions{}, "broad-glob"},
		{"any argument", with("box:allow-run", `[{"program":"git","args":true}]`, ""), authority.LintOptions{}, "broad-glob"},
		{"some arguments", with("box:allow-run", `[{"name":"git","cmd":"git","args":["status",{"validator":"[a-z]+"}]}]`, ""), authority.LintOptions{}, ""},
		{"every host", with("net:allow-get", `[{"url":"*://*:*"}]`, ""), authority.LintOptions{}, "broad-glob"},
		{"a host", with("net:allow-get", `[{"url":"https://*.example.com"}]`, ""), authority.LintOptions{}, ""},

		{"the app's own folder", with("fs:allow-write", `["$DATA/*"]`, ""), lintPlaces, "own-folder"},
		{"a folder of the policy", with("fs:allow-write", `["$DATA/capabilities/extra.toml"]`, ""), lintPlaces, "own-folder"},
		{"beside the policy", with("fs:allow-write", `["$APPDATA/**", "$DATA/logs/**", "$DATA/**/*.md", "$HOME/app"]`, ""), lintPlaces, ""},
		{"the policy taken out", with("fs:allow-write", `["$DATA/*", "$DATA/logs/**"]`, `["$DATA/ambit.toml","$DATA/capabilities/**","$DATA/modules/**"]`), lintPlaces, ""},
		{"a place that cannot be", with("fs:allow-write", `["$HOME/x"]`, ""), authority.LintOptions{Own: lintPlaces.Own, Dirs: map[string]string{"HOME": "C:"}}, ""},

		{"hidden files of $HOME", with("fs:allow-read", `[{"path":"$HOME/*","dotfiles":true}]`, ""), authority.LintOptions{}, "dotfiles"},
		{"hidden files anywhere", with("fs:allow-read", `[{"path":"**/.netrc","dotfiles":true},{"path":"**/*rc","dotfiles":true}]`, ""), authority.LintOptions{}, "dotfiles"},
		{"hidden files by name", with("fs:allow-read", `[{"path":"$HOME/.config/app/**","dotfiles":true},{"path":"$APPDATA/**","dotfiles":true},{"path":"$HOME/*","dotfiles":false}]`, ""), authority.LintOptions{}, ""},
		{"a deny that means to spare hidden files", with("fs:allow-read", "", `[{"path":"$APPDATA/**","dotfiles":false}]`), authority.LintOptions{}, "dotfiles"},
		{"a deny of hidden files", with("fs:allow-read", "", `[{"path":"$APPDATA/**","dotfiles":true}]`), authority.LintOptions{}, ""},

		{"own port only", []any{mainCap(remote("http://192.168.*"), grants("fs:allow-size"))}, authority.LintOptions{}, "url-surprise"},
		{"a page with a path", []any{mainCap(remote("https://example.com/app/"), grants("fs:allow-size"))}, authority.LintOptions{}, "url-surprise"},
		{"pages of hosts", []any{mainCap(remote("https://example.com", "https://*.example.com/*"), grants("fs:allow-size"))}, authority.LintOptions{}, ""},
		{"a scope's port", with("net:allow-get", `[{"url":"http://localhost"}]`, ""), authority.LintOptions{}, "url-surprise"},
		{"a deny that spares the domain itself", with("net:allow-get", "", `[{"url":"https://*.example.com"}]`), authority.LintOptions{}, "url-surprise"},
		{"a deny that spares what is below", with("net:allow-get", `[{"url":"https://example.com/open"}]`, `[{"url":"https://example.com/admin"}]`), authority.LintOptions{}, "url-surprise"},
		{"a deny that does not", with("net:allow-get", "", `[{"url":"https://{*.}?example.com"},{"url":"*://*:*"}]`), authority.LintOptions{}, ""},

		{"a scope that its commands do not read", with("net:allow-load", `[{"url":"https://example.com"}]`, ""), authority.LintOptions{}, "unread-scope"},
		{"a scope of commands without powers", with("net:allow-ping", "", `[{"url":"https://example.com"}]`), authority.LintOptions{}, "unread-scope"},
		{"a scope that one member of a set reads", []any{mainCap(grantsScoped("fs:look", `["$APPDATA/a"]`, "")), capab("two", windows("two"), grantsScoped("city:allow-find", `[{"city":"Bonn"},{"path":"$APPDATA/a"}]`, ""))}, authority.LintOptions{}, ""},
		{"a module's scope without its commands", []any{mainCap(grants("fs:data", "fs:keep", "fs:allow-size"))}, authority.LintOptions{}, "unread-scope"},
		{"a module's scope with them", []any{mainCap(grants("fs:data", "fs:keep", "fs:allow-read"))}, authority.LintOptions{}, ""},
		{"a module's scope that observes", []any{mainCap(observing, grants("fs:data", "fs:allow-read"))}, authority.LintOptions{}, ""},

		{"a command's scope within the module's", []any{mainCap(grantsScoped("fs:allow-read", `["$APPDATA/notes/*"]`, "")), capab("wide", windows("*"), grants("fs:data"))}, authority.LintOptions{}, "void-scope"},
		{"a key within all keys", []any{mainCap(grantsScoped("box:allow-get", `[{"key":"a*"}]`, ""), grantsScoped("box:all", `[{"key":"*"}]`, ""))}, authority.LintOptions{Off: map[string]bool{"broad-glob": true}}, "void-scope"},
		{"a command's scope beside the module's", []any{
			mainCap(grantsScoped("fs:allow-read", `["$HOME/notes/*", "$APPDATA/**"]`, ""), grants("fs:data")),
			capab("other", windows("other"), grantsScoped("fs:allow-read", `["$APPDATA/x"]`, "")),
			capab("late", windows("late"), expires(5), grants("fs:data")), capab("always", windows("late"), grantsScoped("fs:allow-read", `["$APPDATA/x"]`, "")),
			capab("keys", windows("keys"), grantsScoped("box:allow-get", `[{"key":"a*"}]`, ""), grantsScoped("box:all", `[{"key":"b*"}]`, "")),
			capab("web", windows("web"), grantsScoped("net:allow-get", `[{"url":"https://api.example.com/x"}]`, ""), grants("net:web")),
			capab("narrow", windows("narrow"), grantsScoped("fs:allow-read", `["$APPDATA/x"]`, ""), grantsScoped("fs:scope", `[{"path":"$APPDATA/*","powers":["fs.write"]}]`, ""), grants("fs:allow-write")),
		}, authority.LintOptions{}, ""},

		{"files and requests in one module", []any{mainCap(grantsScoped("net:allow-load", `[{"path":"$HOME/docs/*"}]`, ""), grantsScoped("net:allow-get", `[{"url":"https://example.com"}]`, ""))}, authority.LintOptions{}, "exfiltration"},
		{"files and requests of two capabilities", []any{mainCap(grantsScoped("net:allow-load", `[{"path":"$HOME/docs/*"}]`, "")), capab("more", windows("main"), grants("net:web", "net:allow-get"))}, authority.LintOptions{}, "exfiltration"},
		{"files and requests for others", []any{mainCap(grantsScoped("net:allow-load", `[{"path":"$HOME/docs/*"}]`, "")), capab("two", windows("two"), grants("net:web", "net:allow-get"))}, authority.LintOptions{}, ""},
		{"requests and the module's own files", []any{mainCap(grantsScoped("net:allow-both", `[{"path":"$MODULE/*","url":"https://example.com"},{"path":"$MODULE/x"}]`, `[{"path":"$HOME/x"}]`))}, authority.LintOptions{}, ""},

		{"pages of everybody", []any{mainCap(remote("*://*:*"), grants("fs:allow-size"))}, authority.LintOptions{}, "wildcard-origin"},
		{"pages below .com", []any{mainCap(remote("https://*.com"), grants("fs:allow-size"))}, authority.LintOptions{}, "wildcard-origin"},
		{"pages of one domain", []any{mainCap(remote("https://*.example.com"), grants("fs:allow-size"))}, authority.LintOptions{}, ""},

		{"pages of this machine", []any{mainCap(remote("http://localhost:*"), grants("fs:allow-size"))}, prod, "dev-only-in-prod"},
		{"pages of this machine for developers", []any{mainCap(remote("http://localhost:*"), grants("fs:allow-size"))}, authority.LintOptions{}, ""},
		{"a capability of another profile", []any{mainCap(grants("fs:allow-size"))}, authority.LintOptions{Production: true, Profiles: map[string]string{"main": "dev"}}, "dev-only-in-prod"},
		{"pages of a host", []any{mainCap(remote("https://example.com"), grants("fs:allow-size"))}, authority.LintOptions{Production: true, Profiles: map[string]string{"other": "dev"}}, ""},

		{"no such window", []any{declared("main", "side"), mainCap(windows("mian"), grants("fs:allow-size"))}, authority.LintOptions{}, "no-such-window"},
		{"no window like it", []any{declared("main", "side"), capab("x", webviews("pop-*"), grants("fs:allow-size")), capab("y", webviews("pop-*"), modules("net"), via("pop-*"), grants("fs:allow-size"))}, authority.LintOptions{}, "no-such-window no-such-window"},
		{"windows that are", []any{declared("main", "side"), mainCap(windows("s*", "*"), webviews("child"), grants("fs:allow-size"))}, authority.LintOptions{}, ""},
		{"no window is declared", []any{mainCap(grants("fs:allow-size"))}, authority.LintOptions{}, ""},

		{"the same twice", []any{mainCap(grants("fs:allow-size", "fs:allow-size"))}, authority.LintOptions{}, "duplicate-grant"},
		{"what a set has", []any{mainCap(grants("fs:allow-list", "fs:look"))}, authority.LintOptions{}, "duplicate-grant"},
		{"what another capability has", []any{mainCap(grantsScoped("fs:allow-read", `["$APPDATA/a","$APPDATA/b"]`, "")), capab("more", windows("main"), grantsScoped("fs:allow-read", `["$APPDATA/b"]`, ""))}, authority.LintOptions{}, "duplicate-grant"},
		{"not the same", []any{
			mainCap(grants("fs:look", "fs:allow-size"), grantsScoped("fs:allow-read", `["$APPDATA/a"]`, ""), grantsScoped("fs:allow-read", `["$APPDATA/b"]`, "")),
			capab("side", windows("side"), grants("fs:allow-size")), capab("each", windows("main"), perCaller, grants("fs:allow-size")), capab("try", windows("main"), observing, grants("fs:allow-size"))}, authority.LintOptions{}, ""},

		{"allowed and denied", []any{mainCap(grants("fs:look")), capab("lock", windows("*"), grants("fs:deny-read", "fs:deny-list"))}, authority.LintOptions{}, "shadowed-by-deny"},
		{"allowed and denied in part", []any{mainCap(grants("fs:look", "fs:deny-read")), capab("two", windows("two"), grants("fs:allow-list")), capab("lock", windows("two"), expires(5), grants("fs:deny-list")),
			capab("side", windows("side"), remote("https://example.com"), grants("fs:allow-list")), capab("stop", windows("side"), grants("fs:deny-list")),
			capab("spy", windows("main"), observing, grants("fs:allow-read"))}, authority.LintOptions{}, ""},
		{"calls of modules", []any{capab("m", modules("net"), via("main"), grants("fs:allow-read")), capab("stop", modules("*"), via("side"), grants("fs:deny-read"))}, authority.LintOptions{}, ""},
		{"calls of modules, all denied", []any{capab("m", modules("net"), via("main"), grants("fs:allow-read")), capab("stop", modules("n*"), via("*"), grants("fs:deny-read"))}, authority.LintOptions{}, "shadowed-by-deny"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := compile(t, append(lintModules(), tt.parts...)...)
			found := a.Lint(tt.o)
			fmt.Fprintf(&out, "# %s\n", tt.name)
			var codes []string
			for _, f := range found {
				codes = append(codes, f.Code)
				seen[f.Code]++
				fmt.Fprintf(&out, "%s %s: %v\n", f.Severity, f.Code, f.Error())
				if f.Capability == "" || f.Reason != "" || f.Line == 0 {
					t.Errorf("a finding without capability or place, or with a reason: %+v", f)
				}
			}
			if found == nil {
				out.WriteString("nothing\n")
			}
			if got := strings.Join(codes, " "); got != tt.want {
				t.Errorf("found %q, want %q:\n%v", got, tt.want, found)
			}
		})
	}
	golden(t, "lint.txt", out.String())
	for _, r := range authority.LintRules() {
		if seen[r.Code] == 0 && !strings.HasSuffix(r.Code, "-silence") {
			t.Errorf("no case for %s", r.Code)
		}
		if r.Why == "" || (r.Severity == authority.SeverityError) != (r.Code == "broad-silence") {
			t.Errorf("%+v", r)
		}
	}
	if (*authority.Authority)(nil).Lint(authority.LintOptions{}) != nil {
		t.Error("something is found where there is no policy")
	}
}

// TestLintWindows: what is declared is compared with what is named, and the
// finding repeats the pattern whole.
func TestLintWindows(t *testing.T) {
	for label, known := range map[string]bool{"main": true, "view-*": true, "view-[!0-9]x": false, "edit-*": false} {
		a := compile(t, mod("m", cmds("go")), capab("c", windows(label), grants("m:allow-go")), declared("main", "view-1"))
		found := a.Lint(authority.LintOptions{})
		switch {
		case known && found != nil:
			t.Errorf("%s: %v", label, found)
		case !known && (len(found) != 1 || found[0].Code != "no-such-window" || found[0].About != label):
			t.Errorf("%s: %v", label, found)
		}
	}
}

// TestLintLenient: without modules nobody knows what commands read, so less is
// found, and what entries say that has no meaning is no trouble.
func TestLintLenient(t *testing.T) {
	fs := mod("fs", perm("docs", allows("read"), scoped(`["bare", 7, {"path":5}, {"path":"$HOME/**"}, {"url":"mailto:*"}, {"url":"https://*:*"}, {"wight":1}]`, "")))
	a := compile(t, fs, capab("main", windows("main"), grants("fs:docs")), lenient)
	var codes []string
	for _, f := range a.Lint(lintPlaces) {
		codes = append(codes, f.Code+" "+f.About)
	}
	want := []string{"broad-glob $HOME/**", "broad-glob https://*:*", "exfiltration fs", "own-folder $HOME/**"}
	if slices.Sort(codes); !slices.Equal(codes, want) {
		t.Errorf("found %q, want %q", codes, want)
	}
}

func silence(line int, code, capability, permission, about string) authority.Silence {
	return authority.Silence{Position: pos("ambit.toml", line), Code: code, Capability: capability, Permission: permission, About: about, Reason: "because"}
}

// TestLintSilences: a silence is for one finding; one for none, or for several,
// is a finding itself.
func TestLintSilences(t *testing.T) {
	a := compile(t, append(lintModules(), capab("app", windows("main"), grantsScoped("fs:allow-read", `["$HOME/**","**"]`, "")),
		capab("other", windows("other"), grants("fs:read-home")), capab("none", capOn(authority.Windows), windows("main"), grants("fs:read-home")),
		capab("mac", windows("mac"), grants("fs:mac")))...)
	found := a.Lint(authority.LintOptions{Silences: []authority.Silence{
		silence(1, "broad-glob", "app", "fs:allow-read", "**"),
		silence(2, "broad-glob", "app", "fs:allow-read", "**"),
		silence(3, "broad-glob", "app", "", ""),
		silence(4, "broad-glob", "other", "", ""),
		silence(5, "broad-glob", "other", "read-home", "$HOME/**"),
		silence(6, "dotfiles", "app", "", ""),
		silence(7, "broad-glob", "nobody", "", ""),       // not in effect under this profile
		silence(8, "broad-glob", "none", "", ""),         // not on this platform
		silence(9, "broad-glob", "mac", "fs:mac", ""),    // nor this
		silence(10, "dev-only-in-prod", "app", "", ""),   // not looked for
		silence(11, "broad-glob", "mac", "", "$HOME/**"), // but this could be
	}})
	var out strings.Builder
	for _, f := range found {
		if f.Reason != "" {
			out.WriteString("silenced " + f.Reason + ": ")
		}
		fmt.Fprintf(&out, "%s %s: %v\n", f.Severity, f.Code, f.Error())
	}
	golden(t, "silences.txt", out.String())

	quiet := authority.LintOptions{Silences: []authority.Silence{silence(1, "broad-glob", "app", "", ""), silence(2, "dotfiles", "app", "", "")}}
	quiet.Off = map[string]bool{"broad-silence": true, "unused-silence": true}
	quiet.Severity = map[string]authority.Severity{"broad-glob": authority.SeverityError}
	found = a.Lint(quiet)
	for _, f := range found {
		if f.Code != "broad-glob" || f.Severity != authority.SeverityError || f.Reason != "" {
			t.Errorf("%+v", f)
		}
	}
	if len(found) != 3 {
		t.Errorf("%d findings, want 3: %v", len(found), found)
	}
	if quiet.Off["broad-glob"] = true; a.Lint(quiet) != nil {
		t.Error("a rule that is off finds something")
	}
}

// TestLintPartial: where a module cannot be used, what a silence is for may only
// not have been found.
func TestLintPartial(t *testing.T) {
	o := authority.LintOptions{Silences: []authority.Silence{silence(1, "broad-glob", "main", "zip:allow-pack", "")}}
	parts := append(lintModules(), mainCap(grants("fs:allow-size")))
	if found := compile(t, append(parts, mod("zip", broken("gone")))...).Lint(o); found != nil {
		t.Error(found)
	}
	if found := compile(t, append(parts, mod("zip", cmds("pack")))...).Lint(o); len(found) != 1 || found[0].Code != "unused-silence" {
		t.Error("control:", found)
	}
}

// TestLintIsPure: the order of files does not matter, and two runs find the
// same.
func TestLintIsPure(t *testing.T) {
	parts := append(lintModules(),
		capab("b", windows("main"), grants("fs:look", "fs:allow-size"), grantsScoped("net:allow-both", `[{"path":"$HOME/**"},{"url":"https://*"}]`, "")),
		capab("a", windows("main"), grants("fs:allow-size", "fs:deny-size", "fs:data")))
	first := fmt.Sprint(compile(t, parts...).Lint(lintPlaces))
	slices.Reverse(parts)
	a := compile(t, parts...)
	if second, third := fmt.Sprint(a.Lint(lintPlaces)), fmt.Sprint(a.Lint(lintPlaces)); second != first || third != first {
		t.Errorf("found\n%s\nthen\n%s\nthen\n%s", first, second, third)
	}
}

// TestLintCost: a big policy takes about as long as compiling it, and a hostile
// one not much more.
func TestLintCost(t *testing.T) {
	var same, denies, wide, twice []any
	for i := range 3000 {
		id := fmt.Sprintf("c%04d", i)
		same = append(same, capab(id, windows("main"), grantsScoped("fs:allow-read", fmt.Sprintf(`["$APPDATA/%d/*"]`, i), "")))
		denies = append(denies, capab(id, windows(id), grants("fs:allow-read", "fs:deny-read")))
		wide = append(wide, capab(id, windows("main"), grantsScoped("fs:scope", fmt.Sprintf(`["$APPDATA/%d/*"]`, i), ""), grantsScoped("fs:allow-read", fmt.Sprintf(`["$APPDATA/x%d/*"]`, i), "")))
		twice = append(twice, capab(id, windows("mian"), remote("https://*"), grants("fs:read-home")))
	}
	var names, scopes, denied []string
	for i := range 10_000 {
		names = append(names, fmt.Sprintf("c%d", i))
		scopes = append(scopes, fmt.Sprintf(`{"path":"$DATA/*","powers":["fs.read"],"dotfiles":%t}`, i%2 == 0))
		denied = append(denied, fmt.Sprintf(`{"path":"$DATA/%d"}`, i))
	}
	var globs []any
	for i := range 300 {
		globs = append(globs, capab(fmt.Sprintf("g%d", i), windows(fmt.Sprintf("v%d-*", i)), grants("fs:allow-size")))
	}
	hostile := mod("m", cmds(names...), cmds("read:fs.read"), perm("all", allows(names...), scoped("["+strings.Join(scopes, ",")+"]", "["+strings.Join(denied, ",")+"]")))
	for name, p := range map[string]authority.Policy{
		"big":                  benchPolicy(10_000),
		"one permission":       policy(append(lintModules(), same...)...),
		"one permission each":  policy(append(lintModules(), denies...)...),
		"commands, scopes":     policy(hostile, capab("main", windows("main"), grants("m:all")), declared("x")),
		"many windows, globs":  policy(append(append(lintModules(), globs...), declared(slices.Sorted(maps.Keys(manyLabels(5000)))...))...),
		"one module":           policy(append(lintModules(), wide...)...),
		"much to find":         policy(append(append(lintModules(), twice...), declared("main"))...),
		"many windows, labels": policy(append(append(lintModules(), denies...), declared(slices.Sorted(maps.Keys(manyLabels(5000)))...))...),
	} {
		p.Dirs = []string{"APPDATA", "HOME", "DATA"}
		a, ps := authority.New(p)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		start := time.Now()
		found := a.Lint(lintPlaces)
		if took := time.Since(start); took > hang {
			t.Errorf("%s: took %v", name, took)
		} else {
			t.Logf("%s: %v, %d findings", name, took, len(found))
		}
		count := map[string]int{}
		for _, f := range found {
			if count[f.Code]++; count[f.Code] > 1001 {
				t.Fatalf("%s: too many findings of %s", name, f.Code)
			}
		}
		if name == "much to find" && !strings.Contains(fmt.Sprint(found), "more than 1000 findings of broad-glob; the others are not listed") {
			t.Error("nothing says that there are more findings")
		}
		const less = "the policy is too large to look for all of own-folder: what is not found may be there"
		if says := strings.Contains(fmt.Sprint(found), less); says != (name == "commands, scopes") {
			t.Errorf("%s: it says that it compared less: %v", name, says)
		}
	}
}

func manyLabels(n int) map[string]bool {
	out := map[string]bool{}
	for i := range n {
		out[fmt.Sprintf("w%d", i)] = true
	}
	return out
}
