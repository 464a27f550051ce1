package authority_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// wantProblem checks that a policy has a problem with that code, at that
// place, whose message and hint hold the texts.
func wantProblem(t *testing.T, p authority.Policy, code, at string, texts ...string) {
	t.Helper()
	a, ps := authority.New(p)
	if (a == nil) != (ps.Err() != nil) {
		t.Errorf("authority is %v, but problems are:\n%v", a, ps)
	}
	for _, p := range ps {
		if p.Code != code || at != "" && p.FileLine() != at {
			continue
		}
		all := true
		for _, text := range texts {
			all = all && strings.Contains(p.Error(), text)
		}
		if all {
			return
		}
	}
	t.Errorf("no problem %q at %q with %q in:\n%v", code, at, texts, ps.Error())
}

const mainFile = "capabilities/main.toml"

// TestProblems: each case is sound but for one thing. The control is the same
// policy without it.
func TestProblems(t *testing.T) {
	fs := func(options ...modOption) authority.Manifest {
		return mod("fs", append([]modOption{cmds("read_file:fs.read", "write_file:fs.write"), perm("data", scoped(`[{"path":"$APPDATA/**"}]`, ""))}, options...)...)
	}
	main := func(options ...capOption) authority.Capability {
		return capab("main", append([]capOption{windows("main"), grants("fs:allow-read-file")}, options...)...)
	}
	var out strings.Builder
	for _, tt := range []struct {
		name  string
		parts []any
		code  string
		at    string
		texts []string
		warns bool
	}{
		{"unknown permission", []any{fs(), main(grants("fs:allow-raed-file"))}, "unknown-permission", mainFile + ":6", []string{`permission "fs:allow-raed-file" not found in module "fs"`, `did you mean "fs:allow-read-file"?`}, false},
		{"unknown permission, nothing near", []any{fs(), main(grants("fs:xyzzy"))}, "unknown-permission", mainFile + ":6", []string{`"fs:xyzzy"`}, false},
		{"permission of another module", []any{fs(), mod("app"), main(grants("data"))}, "unknown-permission", mainFile + ":6", []string{`did you mean "fs:data"?`}, false},
		{"app without permissions", []any{fs(), main(grants("data"))}, "unknown-permission", mainFile + ":6", []string{"the app has no permissions of its own", `did you mean "fs:data"?`}, false},
		{"app without permissions, nothing near", []any{fs(), main(grants("xyzzy"))}, "unknown-permission", mainFile + ":6", []string{"write module:xyzzy"}, false},
		{"unknown module", []any{fs(), main(grants("sf:default"))}, "unknown-module", mainFile + ":6", []string{`unknown module "sf"`, `did you mean "fs"?`}, false},
		{"unknown module, nothing near", []any{fs(), main(grants("weather:default"))}, "unknown-module", mainFile + ":6", []string{`the modules are "fs"`}, false},
		{"missing default", []any{fs(), main(grants("fs:default"))}, "missing-default", mainFile + ":6", []string{`module "fs" has no default`}, false},
		{"core permission", []any{fs(), main(grants("core:window:allow-close"))}, "core-permission", mainFile + ":6", []string{`"core:window:allow-close" is of Tauri's built-in commands`}, false},
		{"core permission in a set", []any{fs(set("s", "core:default")), main()}, "core-permission", "permissions/fs.toml:5", nil, false},
		{"bad identifier", []any{fs(), main(grants("fs:Read_file"))}, "bad-identifier", mainFile + ":6", []string{`write "-"`}, false},
		{"bad identifier in a set", []any{fs(set("s", "a:b:c")), main()}, "bad-identifier", "permissions/fs.toml:5", []string{`one ":"`}, false},
		{"bad declared permission", []any{fs(perm("a_b")), main()}, "bad-identifier", "permissions/fs.toml:5", []string{`permission "a_b" of module "fs"`}, false},
		{"permission without identifier", []any{fs(perm("")), main()}, "bad-identifier", "permissions/fs.toml:5", nil, false},
		{"bad declared set", []any{fs(set("-a")), main()}, "bad-identifier", "permissions/fs.toml:5", []string{`starts with "-"`}, false},
		{"permission called default", []any{fs(perm("default")), main()}, "bad-identifier", "permissions/fs.toml:5", []string{"write [default]"}, false},
		{"set called default", []any{fs(set("default")), main()}, "bad-identifier", "permissions/fs.toml:5", []string{"write [default]"}, false},
		{"capability without identifier", []any{fs(), main(func(c *authority.Capability) { c.Identifier = "" })}, "bad-identifier", mainFile + ":1", nil, false},
		{"bad module name", []any{fs(), main(), mod("a_b")}, "bad-identifier", "permissions/a_b.toml:1", nil, false},
		{"reserved module name", []any{fs(), main(), mod("core")}, "bad-identifier", "permissions/core.toml:1", []string{"reserved"}, false},
		{"capital module name", []any{fs(), main(), mod("FS")}, "bad-identifier", "permissions/FS.toml:1", []string{"capital"}, false},
		{"module without name", []any{fs(), main(), mod("")}, "bad-identifier", "permissions/.toml:1", nil, false},
		{"bad command name", []any{fs(cmds("Read")), main()}, "bad-identifier", "permissions/fs.toml:5", []string{`"fs.Read"`}, false},
		{"duplicate module", []any{fs(), fs(), main()}, "duplicate", "permissions/fs.toml:1", []string{`duplicate module "fs"`, "the first is at permissions/fs.toml:1"}, false},
		{"duplicate command", []any{fs(cmds("read_file")), main()}, "duplicate", "permissions/fs.toml:5", []string{`"fs.read_file"`, "permissions/fs.toml:2"}, false},
		{"duplicate permission", []any{fs(perm("data")), main()}, "duplicate", "permissions/fs.toml:5", []string{`permission "fs:data"`, "permissions/fs.toml:4"}, false},
		{"duplicate set", []any{fs(set("s"), set("s")), main()}, "duplicate", "permissions/fs.toml:6", []string{`set "fs:s"`, "permissions/fs.toml:5"}, false},
		{"duplicate capability", []any{fs(), main(), main()}, "duplicate", mainFile + ":1", []string{`duplicate capability "main"`}, false},
		{"duplicate power", []any{fs(cmds("x:kv.read,kv.read")), main()}, "duplicate", "permissions/fs.toml:5", []string{`"kv.read"`}, false},
		{"unknown power", []any{fs(cmds("x:fs.raed")), main()}, "bad-powers", "permissions/fs.toml:5", []string{`did you mean "fs.read"?`}, false},
		{"set with a permission's name", []any{fs(set("data")), main()}, "name-conflict", "permissions/fs.toml:5", []string{`set "fs:data" has the name of a permission`, "permissions/fs.toml:4"}, false},
		{"unknown set member", []any{fs(set("s", "dada")), main()}, "unknown-permission", "permissions/fs.toml:5", []string{`set "fs:s": permission "fs:dada" not found`, `did you mean "fs:data"?`}, false},
		{"unknown default member", []any{fs(deflt("dada")), main()}, "unknown-permission", "permissions/fs.toml:5", []string{`set "fs:default"`}, false},
		{"set names itself", []any{fs(set("s", "s")), main()}, "cycle", "permissions/fs.toml:5", []string{`cycle in sets: "fs:s" → "fs:s"`}, false},
		{"cycle of sets", []any{fs(set("b", "c"), set("a", "b"), set("c", "a")), main(grants("fs:b"))}, "cycle", "permissions/fs.toml:6", []string{`"fs:a" → "fs:b" → "fs:c" → "fs:a"`}, false},
		{"default in itself", []any{fs(deflt("s"), set("s", "default")), main(grants("fs:default"))}, "cycle", "permissions/fs.toml:5", []string{`"fs:default" → "fs:s" → "fs:default"`}, false},
		{"cycle that is entered in the middle", []any{fs(set("a", "z"), set("z", "m"), set("m", "z")), main(grants("fs:a"))}, "cycle", "permissions/fs.toml:7", []string{`"fs:m" → "fs:z" → "fs:m"`}, false},
		{"cycle across modules", []any{fs(set("a", "kv:b")), mod("kv", set("b", "fs:a")), main(grants("fs:a"))}, "cycle", "permissions/fs.toml:5", []string{`"fs:a" → "kv:b" → "fs:a"`}, false},
		{"unknown command", []any{fs(perm("p", allows("raed_file"))), main()}, "unknown-command", "permissions/fs.toml:5", []string{`module "fs" has no command "raed_file"`, `did you mean "read_file"?`}, false},
		{"unknown denied command", []any{fs(perm("p", denies("nothing"))), main()}, "unknown-command", "permissions/fs.toml:5", nil, false},
		{"unknown platform of a permission", []any{fs(perm("p", on("macos"))), main()}, "unknown-platform", "permissions/fs.toml:5", []string{`unknown platform "macos"`, `did you mean "macOS"?`}, false},
		{"unknown platform of a capability", []any{fs(), main(capOn("beos"))}, "unknown-platform", mainFile + ":1", []string{`one of "linux", "macOS"`}, false},
		{"bad window pattern", []any{fs(), main(windows("a**"))}, "bad-pattern", mainFile + ":2", []string{`"a**" in "windows"`}, false},
		{"empty window pattern", []any{fs(), main(windows(""))}, "bad-pattern", mainFile + ":2", nil, false},
		{"empty module pattern", []any{fs(), main(modules(""))}, "bad-pattern", mainFile + ":2", nil, false},
		{"empty URL pattern", []any{fs(), main(remote(""))}, "bad-pattern", mainFile + ":2", nil, false},
		{"bad webview pattern", []any{fs(), main(webviews("[a"))}, "bad-pattern", mainFile + ":2", []string{`"webviews"`}, false},
		{"bad module pattern", []any{fs(), main(modules("[a"))}, "bad-pattern", mainFile + ":2", []string{`"modules"`}, false},
		{"bad via pattern", []any{fs(), main(modules("fs"), via("a**"))}, "bad-pattern", mainFile + ":2", []string{`"via"`}, false},
		{"bad URL pattern", []any{fs(), main(remote("example"))}, "bad-pattern", mainFile + ":2", []string{`URL pattern "example"`}, false},
		{"bad path pattern", []any{fs(perm("p", scoped(`[{"path":"$APPDATA/../x"}]`, ""))), main()}, "bad-pattern", "permissions/fs.toml:5", []string{`"path"`}, false},
		{"bad path pattern of a capability", []any{fs(), main(grantsScoped("fs:data", "", `[{"path":"$APPDATA/a**"}]`))}, "bad-pattern", mainFile + ":6", nil, false},
		{"undeclared variable", []any{fs(), main(grantsScoped("fs:data", "", `[{"path":"$APPDTA/x"}]`))}, "unknown-variable", mainFile + ":6", []string{`"$APPDTA"`, `did you mean "APPDATA"?`}, false},
		{"undeclared variable of a permission", []any{fs(perm("p", scoped(`[{"path":"$DOCUMENTS/x"}]`, ""))), main(grants("fs:p"))}, "unknown-variable", mainFile + ":6", []string{"declare DOCUMENTS under [dirs]"}, false},
		{"unknown scope key", []any{fs(), main(grantsScoped("fs:data", `[{"pth":"$APPDATA/x"}]`, ""))}, "unknown-scope-key", mainFile + ":6", []string{`"pth"`, `did you mean "path"?`}, false},
		{"unknown scope key of a permission", []any{fs(perm("p", scoped(`[{"weight":1}]`, ""))), main()}, "unknown-scope-key", "permissions/fs.toml:5", []string{`the module's keys are "dotfiles", "path", "powers"`}, false},
		{"key of a power that nobody declares", []any{fs(), main(grantsScoped("fs:data", `[{"url":"https://x.example"}]`, ""))}, "unknown-scope-key", mainFile + ":6", []string{`a power like "http"`}, false},
		{"extra without its key", []any{fs(), main(grantsScoped("fs:data", `[{"dotfiles":true}]`, ""))}, "unknown-scope-key", mainFile + ":6", []string{`without "path"`}, false},
		{"path that is no string", []any{fs(), main(grantsScoped("fs:data", `[{"path":5}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`"path" must be a string`}, false},
		{"dotfiles that is no flag", []any{fs(), main(grantsScoped("fs:data", `[{"path":"$HOME/x","dotfiles":"yes"}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{"true or false"}, false},
		{"scope entry that is a number", []any{fs(), main(grantsScoped("fs:data", `[5.5]`, ""))}, "bad-scope-value", mainFile + ":6", []string{"must be a table"}, false},
		{"bare string without a primary key", []any{fs(), mod("two", cmds("a:fs.read,http")), main(grantsScoped("two:allow-a", `["x"]`, ""))}, "bad-scope-value", mainFile + ":6", []string{"bare string", `{ path = "x" }`}, false},
		{"bare string, own keys", []any{fs(), mod("two", cmds("a"), ownScope(`{"properties":{"x":{},"y":{}}}`)), main(grantsScoped("two:allow-a", `["v"]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`{ x = "v" }`}, false},
		{"bare string, no keys", []any{fs(), mod("two", cmds("a")), main(grantsScoped("two:allow-a", `["v"]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`{ key = "v" }`}, false},
		{"key beside the schema's", []any{fs(), mod("two", cmds("a"), ownScope(`{"properties":{"x":{}}}`)), main(grantsScoped("two:allow-a", `[{"y":1}]`, ""))}, "unknown-scope-key", mainFile + ":6", nil, false},
		{"program twice", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"name":"ls","program":"ls"}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`both "program" and "name"`}, false},
		{"program without a name", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"program":""}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{"not empty"}, false},
		{"args that are a number", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"program":"ls","args":5}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`"args"`}, false},
		{"args with a number", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"program":"ls","args":["-l",5]}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`"args"`}, false},
		{"args with a table of something else", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"program":"ls","args":[{"validator":"x","rw":true}]}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`"args"`}, false},
		{"args with raw that is no flag", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"program":"ls","args":[{"validator":"x","raw":1}]}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`"args"`}, false},
		{"args with a bad expression", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"program":"ls","args":[{"validator":"("}]}]`, ""))}, "bad-pattern", mainFile + ":6", []string{`bad regular expression "("`}, false},
		{"cmd that is relative", []any{fs(), mod("sh", cmds("a:exec")), main(grantsScoped("sh:allow-a", `[{"program":"ls","cmd":"./ls"}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`"cmd" must be an absolute path`}, false},
		{"headers of the connection", []any{fs(), mod("web", cmds("a:http")), main(grantsScoped("web:allow-a", `[{"url":"https://x.example","headers":{"Host":"y"}}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{"secret:weather-api"}, false},
		{"methods in small letters", []any{fs(), mod("web", cmds("a:http")), main(grantsScoped("web:allow-a", `[{"url":"https://x.example","methods":["get"]}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`["GET"]`}, false},
		{"no methods", []any{fs(), mod("web", cmds("a:http")), main(grantsScoped("web:allow-a", `[{"url":"https://x.example","methods":[]}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`["GET"]`}, false},
		{"methods that is a string", []any{fs(), mod("web", cmds("a:http")), main(grantsScoped("web:allow-a", `[{"url":"https://x.example","methods":"GET"}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`["GET"]`}, false},
		{"private that is a string", []any{fs(), mod("web", cmds("a:http")), main(grantsScoped("web:allow-a", `[{"url":"https://x.example","private":"no"}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{`"private" must be true or false`}, false},
		{"bad URL pattern of a scope", []any{fs(), mod("web", cmds("a:http")), main(grantsScoped("web:allow-a", `[{"url":"mailto:*"}]`, ""))}, "bad-pattern", mainFile + ":6", []string{`"url"`}, false},
		{"bad key pattern", []any{fs(), mod("kv", cmds("a:kv.read")), main(grantsScoped("kv:allow-a", `[{"key":"["}]`, ""))}, "bad-pattern", mainFile + ":6", []string{`"key"`}, false},
		{"bad topic pattern", []any{fs(), mod("ev", cmds("a:emit")), main(grantsScoped("ev:allow-a", `[{"topic":"news/**"}]`, ""))}, "bad-pattern", mainFile + ":6", []string{`bad pattern "news/**" in "topic": "**" is for paths (write *`}, false},
		{"bad variable pattern", []any{fs(), mod("ev", cmds("a:env")), main(grantsScoped("ev:allow-a", `[{"var":"$HOME"}]`, ""))}, "bad-pattern", mainFile + ":6", []string{`bad pattern "$HOME" in "var"`, "write HOME, not $HOME"}, false},
		{"command pattern without a dot", []any{fs(), mod("go", cmds("a:invoke")), main(grantsScoped("go:allow-a", `[{"invoke":"notes"}]`, ""))}, "bad-pattern", mainFile + ":6", []string{`bad pattern "notes" in "invoke": no dot (write "notes.*" for all commands of the module, "app.notes" for one of the app's own) (at byte 0)`}, false},
		{"denied command pattern that no command matches", []any{fs(), mod("go", cmds("a:invoke")), main(grantsScoped("go:allow-a", "", `[{"invoke":"notes.get-all"}]`))}, "bad-pattern", mainFile + ":6", []string{`'-' cannot be here in a command's name`}, false},
		{"module pattern that no module matches", []any{fs(), main(modules("my_notes"))}, "bad-pattern", mainFile + ":2", []string{`bad pattern "my_notes" in "modules": '_' cannot be here in a module's name`}, false},
		{"permission that lacks allow-", []any{fs(), main(grants("fs:write-file"))}, "unknown-permission", mainFile + ":6", []string{`did you mean "fs:allow-write-file"?`}, false},
		{"permission that lacks allow-, with an error", []any{fs(), main(grants("fs:wirte-file"))}, "unknown-permission", mainFile + ":6", []string{`did you mean "fs:allow-write-file"?`}, false},
		{"default of an app without one", []any{fs(), main(grants("default"))}, "unknown-permission", mainFile + ":6", []string{"the app has no permissions of its own"}, false},
		{"powers that is no list", []any{fs(), main(grantsScoped("fs:data", `[{"path":"$HOME/x","powers":"fs.read"}]`, ""))}, "bad-powers", mainFile + ":6", []string{"must be a list"}, false},
		{"powers that is empty", []any{fs(), main(grantsScoped("fs:data", `[{"path":"$HOME/x","powers":[]}]`, ""))}, "bad-powers", mainFile + ":6", nil, false},
		{"powers with a number", []any{fs(), main(grantsScoped("fs:data", `[{"path":"$HOME/x","powers":[1]}]`, ""))}, "bad-powers", mainFile + ":6", []string{"no string"}, false},
		{"powers with an unknown one", []any{fs(), main(grantsScoped("fs:data", `[{"path":"$HOME/x","powers":["fs.raed"]}]`, ""))}, "bad-powers", mainFile + ":6", []string{`did you mean "fs.read"?`}, false},
		{"powers with one that nobody declares", []any{fs(), main(grantsScoped("fs:data", `[{"path":"$HOME/x","powers":["http"]}]`, ""))}, "bad-powers", mainFile + ":6", []string{"no command of the module declares", `"fs.read", "fs.write"`}, false},
		{"powers where nobody declares one", []any{fs(), mod("two", cmds("a"), ownScope(`{"properties":{"x":{}}}`)), main(grantsScoped("two:allow-a", `[{"x":1,"powers":["http"]}]`, ""))}, "bad-powers", mainFile + ":6", []string{"its commands declare none"}, false},
		{"powers with one that does not fit", []any{mod("two", cmds("a:fs.read,http")), fs(), main(grantsScoped("two:allow-a", `[{"path":"$HOME/x","powers":["http"]}]`, ""))}, "bad-powers", mainFile + ":6", []string{`needs the key "url"`}, false},
		{"scope against the module's schema", []any{fs(), mod("w", cmds("get"), ownScope(`{"properties":{"city":{"type":"string"}}}`)), main(grantsScoped("w:allow-get", `[{"city":5}]`, ""))}, "bad-scope-value", mainFile + ":6", []string{"schema"}, false},
		{"unknown instance of a module", []any{fs(func(m *authority.Manifest) { m.Instance = "each" }), main()}, "bad-value", "permissions/fs.toml:1", []string{`"each"`}, false},
		{"unknown instance of a capability", []any{fs(), main(func(c *authority.Capability) { c.Instance = "each" })}, "bad-value", mainFile + ":1", []string{`"each"`}, false},
		{"negative limit", []any{fs(), main(limited(-1))}, "bad-value", mainFile + ":1", nil, false},
		{"negative timeout", []any{fs(func(m *authority.Manifest) { m.Commands[0].Timeout = -1 }), main()}, "bad-value", "permissions/fs.toml:2", nil, false},
		{"via without modules", []any{fs(), main(via("main"))}, "no-effect", mainFile + ":2", []string{`"modules"`}, false},
		{"denied scope that reaches nothing", []any{fs(), mod("app", set("s", "fs:data")), main(grantsScoped("s", "", `[{"x":1}]`))}, "no-effect", mainFile + ":6", []string{"the denied scope"}, false},

		{"matches nobody", []any{fs(), capab("main", grants("fs:allow-read-file"))}, "matches-nobody", mainFile + ":1", nil, true},
		{"windows without origin", []any{fs(), main(notLocal)}, "matches-nobody", mainFile + ":1", nil, true},
		{"origin without windows", []any{fs(), capab("main", modules("fs"), remote("https://x.example"), grants("fs:data"))}, "matches-nobody", mainFile + ":2", nil, true},
		{"unknown calling module", []any{fs(), main(modules("sf"))}, "unknown-module", mainFile + ":1", []string{`did you mean "fs"?`}, true},
		{"replaces a generated one", []any{fs(perm("allow-write-file", allows("read_file", "write_file"))), main()}, "replaces-generated", "permissions/fs.toml:5", nil, true},
		{"generated name without the command", []any{fs(perm("deny-write-file")), main()}, "replaces-generated", "permissions/fs.toml:5", nil, true},
		{"set that replaces a generated one", []any{fs(set("allow-write-file", "data")), main()}, "replaces-generated", "permissions/fs.toml:5", nil, true},
		{"scope of a deny", []any{fs(perm("p", denies("read_file"), scoped(`[{"path":"$HOME/x"}]`, ""))), main()}, "no-effect", "permissions/fs.toml:5", nil, true},
		{"scope for a deny", []any{fs(), main(grantsScoped("fs:deny-write-file", "", `[{"path":"$HOME/x"}]`))}, "no-effect", mainFile + ":6", nil, true},
		{"scope that reaches nothing", []any{fs(), mod("app", ownScope(`{"properties":{"x":{}}}`), set("s", "fs:data")), main(grantsScoped("s", `[{"x":1}]`, ""))}, "no-effect", mainFile + ":6", nil, true},
		{"third party's set borrows from a module that is not there", []any{fs(set("s", "zip:all")), main()}, "unknown-module", "permissions/fs.toml:5", []string{"cannot be granted"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := policy(tt.parts...)
			wantProblem(t, p, tt.code, tt.at, tt.texts...)
			_, ps := authority.New(p)
			if err := ps.Err(); (err == nil) != tt.warns {
				t.Errorf("warning is %v, but problems are:\n%v", tt.warns, ps)
			}
			_, again := authority.New(p)
			if again.Error() != ps.Error() {
				t.Errorf("another run says\n%v\nafter\n%v", again, ps)
			}
			fmt.Fprintf(&out, "# %s\n%v\n", tt.name, ps)
		})
	}
	golden(t, "problems_each.txt", out.String())
	t.Run("control", func(t *testing.T) {
		_, ps := authority.New(policy(fs(), main(grantsScoped("fs:data", `[{"path":"$HOME/x","dotfiles":true,"powers":["fs.read"]}, "$MODULE/y"]`, ""))))
		if len(ps) > 0 {
			t.Errorf("a sound policy has problems:\n%v", ps)
		}
	})
}

// TestMorePlaces: where things are sound, or reported, that a table of faults
// does not show.
func TestMorePlaces(t *testing.T) {
	fs := mod("fs", cmds("read:fs.read"))
	entry := func(value string) authority.Capability {
		c := capab("main", windows("main"), grantsScoped("fs:allow-read", value, ""))
		c.Permissions[0].Scope.Allow[0].Position = pos(mainFile, 8)
		return c
	}
	if _, ps := authority.New(policy(fs, entry(`[{"path":"/srv/**"}]`))); len(ps) != 0 {
		t.Error("a path without a variable:", ps)
	}
	wantProblem(t, policy(fs, entry(`[{"path":"$NONE/x"}]`)), "unknown-variable", mainFile+":8")
	undeclared := policy(fs, entry(`[{"path":"$HOME/x"}]`), func(p *authority.Policy) { p.Dirs = nil })
	wantProblem(t, undeclared, "unknown-variable", mainFile+":8")
	if _, ps := authority.New(undeclared); ps.Err() == nil {
		t.Error("without dirs no variable but $MODULE is declared")
	}
	// Without places the message stands alone.
	nowhere := capabNowhere("main", grants("fs:nothing"), windows("["))
	for i := range nowhere.Windows {
		nowhere.Windows[i].Position = authority.Position{}
	}
	_, ps := authority.New(policy(fs, nowhere, nowhere))
	if got := ps.Error(); !strings.Contains(got, "\nduplicate capability \"main\"") || strings.Contains(got, "the first is at") {
		t.Error(got)
	}
	// What the app writes itself must be there, granted or not.
	own := policy(mod("fs", set("s", "zip:all")))
	own.Manifests[0].Sets[0].App = true
	if _, ps := authority.New(own); ps.Err() == nil {
		t.Error("a set of the app may name what is not there")
	}
	// A set of which two members are foreign is reported once.
	m := mod("m", untrusted, set("s", "fs:allow-read", "fs:deny-read"))
	_, ps = authority.New(policy(fs, m, capab("main", windows("main"), grants("m:s"))))
	if len(ps) != 1 || !strings.Contains(ps.Error(), `"fs:allow-read", "fs:deny-read"`) {
		t.Error(ps)
	}
}

// TestQuiet: what looks like a fault and is none.
func TestQuiet(t *testing.T) {
	for name, m := range map[string]authority.Manifest{
		"a written allow- that is as the generated one": mod("m", cmds("a"), perm("allow-a", allows("a")), perm("deny-a", denies("a"))),
		"a primary key beside a power":                  mod("m", cmds("a:http"), ownScope(`{"properties":{"city":{"type":"string"}}}`), perm("p", scoped(`["Berlin"]`, ""))),
		"an own key with the name of a power's":         mod("m", cmds("a:http"), ownScope(`{"properties":{"private":{"type":"boolean"}}}`), perm("p", scoped(`[{"private":true}]`, ""))),
		"what lends a power need not fit the schema": mod("m", cmds("a:http"), ownScope(`{"properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}`),
			perm("p", scoped(`[{"url":"https://x.example"},{"url":"https://y.example","powers":["http"],"methods":["GET"]},{"city":"Berlin"},{"city":"Berlin","url":"https://z.example"}]`, ""))),
	} {
		c := capab("main", windows("main"), modules("m", "x*"), grants("m:allow-a"))
		if _, ps := authority.New(policy(m, c)); len(ps) != 0 {
			t.Errorf("%s: %v", name, ps)
		}
	}
	for _, value := range []string{`{}`, `{"city":5,"url":"https://x.example"}`, `{"city":5}`} {
		m := mod("m", cmds("a:http"), ownScope(`{"properties":{"city":{"type":"string"}},"required":["city"]}`), perm("p", scoped("["+value+"]", "")))
		wantProblem(t, policy(m), "bad-scope-value", "permissions/m.toml:3", "does not fit the module's schema")
	}
}

// TestHintBudget: hints end before they cost more than the problems.
func TestHintBudget(t *testing.T) {
	m := mod("m")
	for i := range 700 {
		set("s"+strconv.Itoa(i), "t"+strconv.Itoa(i))(&m)
	}
	_, ps := authority.New(policy(m))
	hinted := 0
	for _, p := range ps {
		if p.Hint != "" {
			hinted++
		}
	}
	if hinted == 0 || hinted == len(ps) {
		t.Errorf("%d of %d have a hint", hinted, len(ps))
	}
}

// TestGoodPatterns is the control of the bad patterns: of each kind one that is
// a mistake in another.
func TestGoodPatterns(t *testing.T) {
	m := mod("all", cmds("a:kv.read,env,invoke,emit"))
	scope := `[{"key":"user:$x/Ü"},{"topic":"My News"},{"var":"APP_*"},{"invoke":"my-notes.get_*"}]`
	if _, ps := authority.New(policy(m, mod("my-notes"), capab("main", modules("my-notes", "*"), grantsScoped("all:allow-a", scope, scope)))); len(ps) > 0 {
		t.Error(ps)
	}
}

// TestProblemsAllAtOnce: one run reports every problem, by place.
func TestProblemsAllAtOnce(t *testing.T) {
	fs := mod("fs", cmds("read"), perm("a", allows("x")), perm("a"), set("b", "b", "y"))
	_, ps := authority.New(policy(fs, capab("main", windows("[", "m"), remote("x"), grants("fs:q", "sf:z"))))
	const want = `capabilities/main.toml:2:10: capability "main": bad URL pattern "x": not a URL pattern`
	got := ps.Error()
	if lines := strings.Split(got, "\n"); len(lines) != 8 || !strings.HasPrefix(lines[0], want) {
		t.Errorf("got %d problems:\n%s", len(lines), got)
	}
}

// TestUngrantedVariables: what nobody grants may name any variable.
func TestUngrantedVariables(t *testing.T) {
	fs := mod("fs", cmds("read:fs.read"), perm("docs", allows("read"), scoped(`[{"path":"$DOCUMENTS/**"}]`, "")),
		perm("mac", scoped(`[{"path":"$LIBRARY/x"}]`, ""), on(authority.MacOS)), set("all", "mac"))
	if _, ps := authority.New(policy(fs, capab("main", windows("main"), grants("fs:allow-read", "fs:all")))); len(ps) > 0 {
		t.Error(ps)
	}
	wantProblem(t, policy(fs, capab("main", windows("main"), grants("fs:docs"))), "unknown-variable", mainFile+":5")
}

func TestLenient(t *testing.T) {
	fs := mod("fs", perm("docs", allows("read"), scoped(`[{"path":"$DOCUMENTS/**"},"bare",{"wight":1},{"path":7},{"url":"mailto:*"},{"key":"["},{"invoke":"notes"}]`, "")))
	p := policy(fs, capab("main", windows("main"), grantsScoped("fs:docs", `[3.5]`, "")), lenient)
	a, ps := authority.New(p)
	if ps.Err() != nil {
		t.Fatal(ps)
	}
	for _, want := range []string{`"$DOCUMENTS", which is not declared`, `scope key "wight"`, `"path" must be a string, not 7`, `"mailto:*"`, `"notes" in "invoke": no dot`} {
		if !strings.Contains(ps.Error(), "warning: ") || !strings.Contains(ps.Error(), want) {
			t.Errorf("no warning with %q in:\n%v", want, ps)
		}
	}
	d := want(t, a, "main", "fs.read", allowed)
	g, _ := d.Grant()
	wantTexts(t, "scope", g.Allow(), `3.5`, `{"path":"$DOCUMENTS/**"}`, `"bare"`, `{"wight":1}`, `{"path":7}`, `{"url":"mailto:*"}`, `{"key":"["}`, `{"invoke":"notes"}`)
	want(t, a, "main", "fs.write", authority.CodeUnknownCommand)

	p.Dirs = []string{}
	wantProblem(t, p, "unknown-variable", mainFile+":5")
	p.Dirs = []string{"DOCUMENTS"}
	if _, ps := authority.New(p); ps.Err() != nil {
		t.Error("control:", ps)
	}
	bad := policy(mod("fs", perm("p", scoped(`[{"path":"a**"}]`, ""))), lenient)
	wantProblem(t, bad, "bad-pattern", "permissions/fs.toml:2")
	bad = policy(mod("fs", perm("p", scoped(`[{"url":"https://["}]`, ""))), lenient)
	wantProblem(t, bad, "bad-pattern", "permissions/fs.toml:2")
	if _, ps := authority.New(bad); ps.Err() == nil {
		t.Error("what is clearly a URL pattern, and bad, is only a warning")
	}
	bad = policy(mod("fs", set("s", "zip:all")), lenient)
	wantProblem(t, bad, "unknown-module", "permissions/fs.toml:2")
	if _, ps := authority.New(bad); ps.Err() == nil {
		t.Error("files of the app name a module that is not there, and that is only a warning")
	}
}

// TestHostileExpansion: a few sets that expand to more than memory holds.
func TestHostileExpansion(t *testing.T) {
	m := mod("m", cmds("go"), set("s0", "allow-go", "allow-go"))
	for i := 1; i < 60; i++ {
		below := "s" + strconv.Itoa(i-1)
		set("s"+strconv.Itoa(i), below, below)(&m)
	}
	p := policy(m, capab("main", windows("main"), grants("m:s59")))
	wantProblem(t, p, "too-large", mainFile+":5", "expands to more than")
	p = policy(m, capab("main", windows("main"), grants("m:s3")))
	if a, ps := authority.New(p); ps.Err() != nil || len(a.Resolved().Allow) != 16 {
		t.Error("control:", ps)
	}
	var many []any
	for i := range 40 {
		many = append(many, capab("c"+strconv.Itoa(i), windows("main"), grants("m:s13", "m:s13")))
	}
	wantProblem(t, policy(append(many, m)...), "too-large", "", "the policy comes down to more than")

	deep := mod("m", cmds("go"), set("s0", "allow-go"))
	for i := 1; i < 120; i++ {
		set("s"+strconv.Itoa(i), "s"+strconv.Itoa(i-1))(&deep)
	}
	wantProblem(t, policy(deep, capab("main", windows("main"), grants("m:s119"))), "too-large", "", "nested 100 deep")
}

// TestLongCycles: cycles of many sets are reported in a line, and fast: each
// member of each may close one.
func TestLongCycles(t *testing.T) {
	const n = 3000
	m := mod("m")
	for i := range n {
		set("s"+strconv.Itoa(i), "s"+strconv.Itoa((i+1)%n), "s"+strconv.Itoa(i/2))(&m)
	}
	_, ps := authority.New(policy(m, capab("main", windows("main"), grants("m:s7"))))
	if len(ps) == 0 {
		t.Error("no problem")
	}
	for _, p := range ps {
		if p.Code != "cycle" && p.Code != "too-large" || len(p.Message) > 400 {
			t.Fatalf("%v", p)
		}
	}
	if !strings.Contains(ps.Error(), " more → ") {
		t.Error(ps)
	}
}

func TestProblemFlood(t *testing.T) {
	m := mod("m")
	for i := range 3000 {
		set("s", "nothing"+strconv.Itoa(i))(&m)
	}
	a, ps := authority.New(policy(m))
	if a != nil || len(ps) > 1100 {
		t.Errorf("%d problems", len(ps))
	}
	if !strings.Contains(ps.Error(), "more than 1000 errors; the others are not listed") {
		t.Error("the cut is not said")
	}
	var parts []any
	for i := range 1200 {
		parts = append(parts, capab("c"+strconv.Itoa(i)))
	}
	if a, ps := authority.New(policy(parts...)); a == nil || len(ps) != 1001 {
		t.Errorf("warnings: authority is nil: %v, %d problems", a == nil, len(ps))
	}
}
