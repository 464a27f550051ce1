package authority_test

import (
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestOriginStrings: origins of different kinds never print alike, whatever a
// page or a module calls itself.
func TestOriginStrings(t *testing.T) {
	for _, tt := range []struct {
		o           authority.Origin
		want        string
		url, module string
	}{
		{authority.Origin{}, "none", "", ""},
		{authority.LocalOrigin(), "local", "", ""},
		{authority.RemoteOrigin("https://Example.com:443/a?b#c"), "https://example.com/a?b#c", "https://example.com/a?b#c", ""},
		{authority.RemoteOrigin("https://user:secret@example.com"), "https://example.com/", "https://example.com/", ""},
		{authority.RemoteOrigin("local"), `"local"`, "", ""},
		{authority.RemoteOrigin("none"), `"none"`, "", ""},
		{authority.RemoteOrigin("null"), `"null"`, "", ""},
		{authority.RemoteOrigin(""), `""`, "", ""},
		{authority.RemoteOrigin("module:fs"), `"module:fs"`, "", ""},
		{authority.RemoteOrigin("module://fs"), `"module://fs/"`, "module://fs/", ""},
		{authority.RemoteOrigin("https://x\n\x1b[31m"), `"https://x\n\x1b[31m"`, "", ""},
		{authority.ModuleOrigin("fs"), "module:fs", "", "fs"},
		{authority.ModuleOrigin(""), "none", "", ""},
		{authority.ModuleOrigin("a\nb"), `module:"a\nb"`, "", "a\nb"},
		{authority.ModuleOrigin("fé"), `module:"f\u00e9"`, "", "fé"},
		{authority.ModuleOrigin("a\x7f"), `module:"a\x7f"`, "", "a\x7f"},
		{authority.ModuleOrigin("a b"), `module:"a b"`, "", "a b"},
		{authority.ModuleOrigin("a~"), "module:a~", "", "a~"},
		{authority.ModuleOrigin(`"`), `module:"\""`, "", `"`},
	} {
		if got := tt.o.String(); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
		if tt.o.URL() != tt.url || tt.o.Module() != tt.module || tt.o.IsLocal() != (tt.want == "local") || tt.o.IsZero() != (tt.want == "none") {
			t.Errorf("%s: URL %q, module %q", tt.want, tt.o.URL(), tt.o.Module())
		}
	}
}

func TestParseCommand(t *testing.T) {
	for _, tt := range []struct{ name, module, command, err string }{
		{"fs.read", "fs", "read", ""},
		{"greet", "app", "greet", ""},
		{"app.greet", "app", "greet", ""},
		{"fs.Read_1", "fs", "Read_1", ""},
		{"", "", "", "authority: the command is empty"},
		{".read", "", "", `authority: command ".read": half of module.command is missing`},
		{"fs.", "", "", `authority: command "fs.": half of module.command is missing`},
		{".", "", "", `authority: command ".": half of module.command is missing`},
		{"a.b.c", "", "", `authority: command "a.b.c": module.command has one dot`},
		{"plugin:fs|read", "", "", `authority: command "plugin:fs|read": "plugin:" is Tauri's spelling (write "fs.read")`},
		{"plugin:fs", "", "", `authority: command "plugin:fs": "plugin:" is Tauri's spelling`},
		{"plugin:|read", "", "", `authority: command "plugin:|read": "plugin:" is Tauri's spelling`},
		{"plugin:fs|", "", "", `authority: command "plugin:fs|": "plugin:" is Tauri's spelling`},
		{"plugin:|", "", "", `authority: command "plugin:|": "plugin:" is Tauri's spelling`},
	} {
		module, command, err := authority.ParseCommand(tt.name)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if module != tt.module || command != tt.command || text != tt.err {
			t.Errorf("%q: %q, %q, %s", tt.name, module, command, text)
		}
	}
}

func TestPosition(t *testing.T) {
	for _, tt := range []struct {
		p           authority.Position
		full, short string
	}{
		{authority.Position{}, "", ""},
		{authority.Position{File: "a.toml"}, "a.toml", "a.toml"},
		{authority.Position{File: "a.toml", Line: 3}, "a.toml:3", "a.toml:3"},
		{authority.Position{File: "a.toml", Line: 3, Column: 7}, "a.toml:3:7", "a.toml:3"},
		{authority.Position{File: "a.toml", Column: 7}, "a.toml", "a.toml"},
	} {
		if tt.p.String() != tt.full || tt.p.FileLine() != tt.short {
			t.Errorf("%+v: %s, %s", tt.p, tt.p, tt.p.FileLine())
		}
	}
}

func TestProblemText(t *testing.T) {
	ps := authority.Problems{
		{Position: pos("b.toml", 2), Severity: authority.SeverityWarning, Message: "second"},
		{Position: pos("a.toml", 9), Message: "first", Hint: "do it"},
		{Message: "nowhere"},
	}
	ps.Sort()
	if got, want := ps.Error(), "nowhere\na.toml:9:1: first (do it)\nwarning: b.toml:2:1: second"; got != want {
		t.Errorf("%s", got)
	}
	if ps.Err() == nil || ps[2:].Err() != nil || authority.Problems(nil).Err() != nil {
		t.Error("which problems are errors")
	}
	if authority.SeverityError.String() != "error" || authority.SeverityWarning.String() != "warning" {
		t.Error("severities")
	}
}

func TestPowers(t *testing.T) {
	keys := map[authority.Power]string{"fs.read": "path", "fs.write": "path", "http": "url", "kv.read": "key", "kv.write": "key", "env": "var", "exec": "program", "invoke": "invoke", "emit": "topic"}
	all := authority.Powers()
	if len(all) != len(keys) {
		t.Errorf("%v", all)
	}
	for _, p := range all {
		if p.Key() != keys[p] {
			t.Errorf("%s: %s", p, p.Key())
		}
	}
	if k := authority.Power("x").Key(); k != "" {
		t.Errorf("no power: %q", k)
	}
}
