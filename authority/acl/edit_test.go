package acl_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/rogpeppe/go-internal/diff"
)

// layout is a file in one of many layouts, before and after a permission is
// added to the capability "main" (or a member to the set "main").
type layout struct{ file, before, after string }

const (
	tomlFile = "capabilities/f.toml"
	jsonFile = "capabilities/f.json"
)

var added = authority.Entry{Reference: authority.Reference{Identifier: "m:new"}}

var layouts = []layout{
	// TOML, on one line.
	{tomlFile, "identifier = 'main'\npermissions = []\n", "identifier = 'main'\npermissions = [\"m:new\"]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [ ] # none", "identifier = 'main'\npermissions = [ \"m:new\" ] # none"},
	{tomlFile, "identifier = 'main'\npermissions = ['a']\n", "identifier = 'main'\npermissions = ['a', \"m:new\"]\n"},
	{tomlFile, "identifier = 'main'\npermissions = ['a',]\n", "identifier = 'main'\npermissions = ['a', \"m:new\",]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [ 'a','b' ]\n", "identifier = 'main'\npermissions = [ 'a','b',\"m:new\" ]\n"},
	{tomlFile, "permissions = ['a']\nidentifier = 'main'", "permissions = ['a', \"m:new\"]\nidentifier = 'main'"},
	// TOML, on several lines.
	{tomlFile, "identifier = 'main'\npermissions = [\n]\n", "identifier = 'main'\npermissions = [\n  \"m:new\",\n]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [ # none\n\t# yet\n]\n", "identifier = 'main'\npermissions = [ # none\n\t# yet\n\t\"m:new\",\n]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [\n    'a',\n]\n", "identifier = 'main'\npermissions = [\n    'a',\n    \"m:new\",\n]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [\n\t'a' # the last, so far\n]\n", "identifier = 'main'\npermissions = [\n\t'a', # the last, so far\n\t\"m:new\"\n]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [\n  'a', # one, two\n  # more?\n]\n", "identifier = 'main'\npermissions = [\n  'a', # one, two\n  \"m:new\",\n  # more?\n]\n"},
	{tomlFile, "identifier = 'main'\npermissions = ['a',\n  'b']\n", "identifier = 'main'\npermissions = ['a',\n  'b', \"m:new\"]\n"},
	{tomlFile, "identifier = 'main'\npermissions = ['a', 'b'\n]\n", "identifier = 'main'\npermissions = ['a', 'b',\n  \"m:new\"\n]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [\n  'a'\n  , 'b'\n  ]\n", "identifier = 'main'\npermissions = [\n  'a'\n  , 'b',\n  \"m:new\"\n  ]\n"},
	{tomlFile, "identifier = 'main'\npermissions = [\n  'a'\n  , # here\n]\n", "identifier = 'main'\npermissions = [\n  'a'\n  , # here\n  \"m:new\",\n]\n"},
	// TOML, tables.
	{
		tomlFile, "identifier = 'main'\n\n[[permissions]]\nidentifier = 'a'\nallow = [{ path = 'x' }]\n",
		"identifier = 'main'\n\n[[permissions]]\nidentifier = 'a'\nallow = [{ path = 'x' }]\n\n[[permissions]]\nidentifier = \"m:new\"\n",
	},
	{
		tomlFile, "identifier = 'main'\n\n[[permissions]]\nidentifier = 'a' # last line",
		"identifier = 'main'\n\n[[permissions]]\nidentifier = 'a' # last line\n\n[[permissions]]\nidentifier = \"m:new\"",
	},
	{
		tomlFile, "identifier = 'main'\n  [[ permissions ]]\n  identifier = 'a'\n  [[permissions.allow]]\n  path = 'x'\n\n# remote pages\n[remote]\nurls = []\n",
		"identifier = 'main'\n  [[ permissions ]]\n  identifier = 'a'\n  [[permissions.allow]]\n  path = 'x'\n\n  [[ permissions ]]\n  identifier = \"m:new\"\n\n# remote pages\n[remote]\nurls = []\n",
	},
	{ // headers in an order that nobody would choose
		tomlFile, "identifier = 'main'\n\n[[permissions]]\nidentifier = 'a'\n[[permissions.allow]]\n[permissions.allow.a.b]\n[remote]\n[permissions.allow.a]\n",
		"identifier = 'main'\n\n[[permissions]]\nidentifier = 'a'\n[[permissions.allow]]\n[permissions.allow.a.b]\n[remote]\n[permissions.allow.a]\n\n[[permissions]]\nidentifier = \"m:new\"\n",
	},
	{
		tomlFile, "[[capabilities]]\nidentifier = 'main'\npermissions = []\n[[capabilities]]\nidentifier = 'other'\npermissions = []\n",
		"[[capabilities]]\nidentifier = 'main'\npermissions = [\"m:new\"]\n[[capabilities]]\nidentifier = 'other'\npermissions = []\n",
	},
	{
		tomlFile, "[[capabilities]]\nidentifier = 'main'\n\n[[capabilities.permissions]]\nidentifier = 'a'\n\n[[capabilities]]\nidentifier = 'other'\npermissions = []\n",
		"[[capabilities]]\nidentifier = 'main'\n\n[[capabilities.permissions]]\nidentifier = 'a'\n\n[[capabilities.permissions]]\nidentifier = \"m:new\"\n\n[[capabilities]]\nidentifier = 'other'\npermissions = []\n",
	},
	{
		tomlFile, "capabilities = [{ identifier = 'main', permissions = ['a'] }, { identifier = 'other', permissions = [] }]\n",
		"capabilities = [{ identifier = 'main', permissions = ['a', \"m:new\"] }, { identifier = 'other', permissions = [] }]\n",
	},
	// JSON.
	{jsonFile, `{"identifier":"main","permissions":[]}`, `{"identifier":"main","permissions":["m:new"]}`},
	{jsonFile, `{"identifier":"main","permissions":["a","b"]}`, `{"identifier":"main","permissions":["a","b","m:new"]}`},
	{jsonFile, `[{ "identifier": "main", "permissions": [ "a" ] }]`, `[{ "identifier": "main", "permissions": [ "a", "m:new" ] }]`},
	{jsonFile, "{\n\t\"identifier\": \"main\",\n\t\"permissions\": [\n\t]\n}\n", "{\n\t\"identifier\": \"main\",\n\t\"permissions\": [\n\t\t\"m:new\"\n\t]\n}\n"},
	{
		jsonFile, "{\n  \"capabilities\": [\n    {\n      \"permissions\": [\n        { \"identifier\": \"a\" }\n      ],\n      \"identifier\": \"main\"\n    }\n  ]\n}\n",
		"{\n  \"capabilities\": [\n    {\n      \"permissions\": [\n        { \"identifier\": \"a\" },\n        \"m:new\"\n      ],\n      \"identifier\": \"main\"\n    }\n  ]\n}\n",
	},
}

func file(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text)}} }

// apply makes one change in one file.
func apply(t testing.TB, text string, c authority.Edit) (string, error) {
	t.Helper()
	out, err := acl.Apply(file(c.File, text), []authority.Edit{c})
	if err != nil {
		return "", err
	}
	if len(out) == 0 {
		return text, nil
	}
	return string(out[c.File]), nil
}

// TestAddAndRemove adds a permission in every layout, and takes it out again,
// which must give back every byte.
func TestAddAndRemove(t *testing.T) {
	for _, l := range layouts {
		for _, crlf := range []bool{false, true} {
			if crlf {
				l.before, l.after = strings.ReplaceAll(l.before, "\n", "\r\n"), strings.ReplaceAll(l.after, "\n", "\r\n")
			}
			add := authority.Edit{Position: authority.Position{File: l.file}, Kind: authority.EditAddEntry, Target: "main", Entry: added}
			got, err := apply(t, l.before, add)
			if err != nil || got != l.after {
				t.Errorf("%q\nadded %q\nwant  %q (%v)", l.before, got, l.after, err)
				continue
			}
			add.Kind = authority.EditRemoveEntry
			if got, err = apply(t, got, add); err != nil || got != l.before {
				t.Errorf("%q\nremoved %q (%v)", l.before, got, err)
			}
		}
	}
}

// TestEdits makes each change of a scenario in its files, and compares the
// difference, or the error.
func TestEdits(t *testing.T) {
	scenarios(t, "edit", func(t *testing.T, name string, s scenario) {
		s.take("results")
		lines, _ := s.take("changes")
		fsys := s.fs()
		var got strings.Builder
		for line := range strings.Lines(lines) {
			got.WriteString("> " + line)
			out, err := acl.Apply(fsys, changesOf(t, line))
			if err != nil {
				got.WriteString(err.Error() + "\n")
			}
			for _, file := range slices.Sorted(maps.Keys(out)) {
				var was []byte
				if f := fsys[file]; f != nil {
					was = f.Data
				}
				_, text, _ := strings.Cut(string(diff.Diff(file, was, file, out[file])), "+++ ")
				got.WriteString(text)
			}
		}
		golden(t, name, "results", got.String())
	})
}

// changesOf reads changes, separated by semicolons: a verb, a file, the
// target, and what else the verb needs.
func changesOf(t *testing.T, line string) []authority.Edit {
	t.Helper()
	var out []authority.Edit
	for text := range strings.SplitSeq(line, ";") {
		words := append(strings.Fields(text), "", "", "", "")
		c := authority.Edit{Kind: verbs[words[0]], Position: authority.Position{File: words[1]}, Target: words[2]}
		c.Entry.Identifier = words[3]
		switch c.Kind {
		case authority.EditExpires:
			c.Expires, _ = strconv.ParseInt(words[3], 10, 64)
		case authority.EditCreateCapability:
			c.Capability = &authority.Capability{Identifier: c.Target, Windows: []authority.Pattern{{Text: "main"}}}
			c.Capability.Permissions = []authority.Entry{c.Entry}
		case authority.EditCreatePermission:
			c.Permission = &authority.Permission{Identifier: c.Target, Allow: []authority.CommandName{{Name: words[3]}}}
		}
		if words[4] != "" {
			c.Entry.Scope.Allow = []authority.ScopeValue{{Value: map[string]any{words[4]: "x y"}}}
		}
		out = append(out, c)
	}
	return out
}

var verbs = map[string]authority.EditKind{
	"add": authority.EditAddEntry, "remove": authority.EditRemoveEntry, "expires": authority.EditExpires,
	"create": authority.EditCreateCapability, "add-member": authority.EditAddMember, "remove-member": authority.EditRemoveMember,
	"remove-permission": authority.EditRemovePermission, "create-permission": authority.EditCreatePermission,
}

// TestNotEdited: what cannot be written, or would be too much, is refused.
func TestNotEdited(t *testing.T) {
	at := authority.Position{File: tomlFile}
	null := added
	null.Scope.Deny = []authority.ScopeValue{{Value: nil}}
	huge := added
	huge.Scope.Allow = []authority.ScopeValue{{Value: map[string]any{"n": uint64(1)}}}
	text := "identifier = 'main'\npermissions = ["
	many := text + strings.Repeat(`"m:new",`, 21) + "]"
	for _, c := range []struct {
		text   string
		change authority.Edit
		want   string
	}{
		{text + "]", authority.Edit{Position: at, Kind: authority.EditAddEntry, Target: "main", Entry: null}, "capabilities/f.toml: the change cannot be made in this text: make it by hand"},
		{`{"identifier":"main","permissions":[]}`, authority.Edit{Position: authority.Position{File: jsonFile}, Kind: authority.EditAddEntry, Target: "main", Entry: huge}, "capabilities/f.json: the change cannot be made in this text: make it by hand"},
		{many, authority.Edit{Position: at, Kind: authority.EditRemoveEntry, Target: "main", Entry: added}, `capabilities/f.toml: "m:new" is named more than 20 times`},
		{text + "]", authority.Edit{Position: at, Kind: authority.EditCreateCapability}, "a change of no known kind, or without what it needs"},
		{text + "]", authority.Edit{Position: at, Kind: authority.EditCreatePermission}, "a change of no known kind, or without what it needs"},
		{"[[capabilities]]\nidentifier='main'\npermissions=[]\n[[capabilities]]\nidentifier='main'\npermissions=[]", authority.Edit{Position: at, Kind: authority.EditAddEntry, Target: "main", Entry: added}, `capabilities/f.toml: the file has the capability "main" more than once`},
	} {
		if _, err := apply(t, c.text, c.change); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	control := text + strings.Repeat(`"m:new",`, 20) + "]"
	if got, err := apply(t, control, authority.Edit{Position: at, Kind: authority.EditRemoveEntry, Target: "main", Entry: added}); err != nil || got != text+"]" {
		t.Errorf("control: %q, %v", got, err)
	}
	c := authority.Edit{Position: authority.Position{File: "capabilities/new.toml"}, Kind: authority.EditCreateCapability}
	c.Capability = &authority.Capability{Identifier: "new", Permissions: []authority.Entry{null}}
	if out, err := acl.Apply(file(appFile, ""), []authority.Edit{{Position: authority.Position{File: "capabilities/new.toml"}, Kind: authority.EditCreateCapability, Capability: &authority.Capability{Identifier: "new"}}}); err != nil || len(out) != 1 {
		t.Errorf("control: %q, %v", out, err)
	}
	want := `capabilities/new.toml: what it is to hold cannot be written: `
	if _, err := acl.Apply(fstest.MapFS{}, []authority.Edit{c}); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	c.Capability = &authority.Capability{Identifier: "new", Remote: []authority.Pattern{{Text: "\xff"}}}
	if _, err := acl.Apply(fstest.MapFS{}, []authority.Edit{c}); err == nil || err.Error() != want+"it would not be read as it was meant" {
		t.Errorf("%v", err)
	}
}

// TestCreateAll writes a capability that has everything, in both formats.
func TestCreateAll(t *testing.T) {
	list := func(texts ...string) (out []authority.Pattern) {
		for _, text := range texts {
			out = append(out, authority.Pattern{Text: text})
		}
		return out
	}
	for name, text := range map[string]string{tomlFile: "", jsonFile: "[app]\nname = 'n'\n"} {
		k := authority.Capability{
			Identifier: "all", Description: "Every \"key\".", Remote: list("https://a.example"), Windows: list("main", "[*]"),
			Webviews: list("side"), Modules: list("m"), Via: list("main"), Platforms: []authority.Platform{authority.Linux},
			Expires: 1_900_000_000_000_000_001, Observe: true, Instance: "caller", Limits: authority.Limits{CallsPerSecond: 3, Concurrent: 2},
			Permissions: []authority.Entry{added, {
				Reference: authority.Reference{Identifier: "m:scoped"},
				Scope:     authority.ScopeRules{Allow: []authority.ScopeValue{{Value: map[string]any{"a key": []any{true, int64(1), 2.0}}}}},
			}},
		}
		change := authority.Edit{Position: authority.Position{File: name}, Kind: authority.EditCreateCapability, Capability: &k}
		fsys := file(appFile, text)
		if text == "" {
			fsys = fstest.MapFS{}
		}
		out, err := acl.Apply(fsys, []authority.Edit{change})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := capabilities(name, string(out[name])); !ok || show(got) != show([]authority.Capability{k}) {
			t.Errorf("%s\n got %s\nwant %s", out[name], show(got), show([]authority.Capability{k}))
		}
	}
}

const appFile = "ambit.toml"

// TestCreateUnknown: where it cannot be told whether a file is there, none is
// made.
func TestCreateUnknown(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "capabilities"), 0o700); err != nil {
		t.Fatal(err)
	}
	create := func(name string) error {
		_, err := acl.Apply(os.DirFS(dir), []authority.Edit{{
			Kind: authority.EditCreateCapability, Position: authority.Position{File: "capabilities/" + name + ".toml"},
			Capability: &authority.Capability{Identifier: "new", Local: true},
		}})
		return err
	}
	if err := create("new"); err != nil {
		t.Error("control:", err)
	}
	if err := create(strings.Repeat("a", 1000)); err == nil || !strings.HasSuffix(err.Error(), ".toml: cannot be read: file name too long") {
		t.Error(err)
	}
}
