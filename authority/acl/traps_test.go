package acl_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// TestTraps gives, in every format, the texts that common decoders take
// without a word and read differently from a person: each is refused, with its
// code and place. A format that cannot say such a thing has a text that tries.
func TestTraps(t *testing.T) {
	type texts struct{ toml, json, json5 string }
	type wants struct{ toml, json, json5 string } // "code line:column", space between several
	for _, c := range []struct {
		name string
		text texts
		want wants
	}{
		{"control",
			texts{"identifier = 'a'\npermissions = ['fs:x']\n", `{"identifier": "a", "permissions": ["fs:x"]}`, `{identifier: 'a', permissions: ['fs:x']}`},
			wants{"", "", ""}},
		{"duplicate key",
			texts{"identifier = 'a'\npermissions = ['fs:x']\npermissions = []\n", `{"identifier": "a", "permissions": ["fs:x"], "permissions": []}`, `{identifier: 'a', permissions: ['fs:x'], permissions: []}`},
			wants{"duplicate 3:1", "duplicate 1:46", "duplicate 1:42"}},
		{"duplicate key in another spelling",
			texts{"identifier = 'a'\npermissions = ['fs:x']\n\"permission\\u0073\" = []\n", `{"identifier": "a", "permissions": ["fs:x"], "permission\u0073": []}`, `{identifier: 'a', permissions: ['fs:x'], '\x70ermissions': [], "permission\u0073": [], \u0070ermissions: []}`},
			wants{"duplicate 3:1", "duplicate 1:46", "duplicate 1:42 duplicate 1:64 duplicate 1:88"}},
		{"duplicate key in a scope entry",
			texts{"identifier = 'a'\npermissions = [{ identifier = 'fs:x', deny = [{ path = '$A/x', path = '$A/y' }] }]\n", `{"identifier": "a", "permissions": [{"identifier": "fs:x", "deny": [{"path": "$A/x", "path": "$A/y"}]}]}`, `{identifier: 'a', permissions: [{identifier: 'fs:x', deny: [{path: '$A/x', 'path': '$A/y'}]}]}`},
			wants{"duplicate 2:64", "duplicate 1:86", "duplicate 1:76"}},
		{"key in the wrong case",
			texts{"identifier = 'a'\npermissions = []\nWindows = ['main']\n", `{"identifier": "a", "permissions": [], "Windows": ["main"]}`, `{identifier: 'a', permissions: [], Windows: ['main']}`},
			wants{"unknown-key 3:1", "unknown-key 1:40", "unknown-key 1:36"}},
		{"key in the wrong case beside the right one",
			texts{"identifier = 'a'\npermissions = []\nPermissions = ['fs:x']\n", `{"identifier": "a", "permissions": [], "Permissions": ["fs:x"]}`, `{identifier: 'a', permissions: [], Permissions: ['fs:x']}`},
			wants{"unknown-key 3:1", "unknown-key 1:40", "unknown-key 1:36"}},
		{"key that folds to the right one",
			texts{"identifier = 'a'\npermissions = []\n\"windowſ\" = ['main']\n", `{"identifier": "a", "permissions": [], "windowſ": ["main"]}`, `{identifier: 'a', permissions: [], windowſ: ['main']}`},
			wants{"unknown-key 3:1", "unknown-key 1:40", "unknown-key 1:36"}},
		{"key in the wrong case in an entry",
			texts{"identifier = 'a'\npermissions = [{ identifier = 'fs:x', Deny = ['x'] }]\n", `{"identifier": "a", "permissions": [{"identifier": "fs:x", "Deny": ["x"]}]}`, `{identifier: 'a', permissions: [{identifier: 'fs:x', Deny: ['x']}]}`},
			wants{"unknown-key 2:39", "unknown-key 1:60", "unknown-key 1:54"}},
		{"second document",
			texts{"identifier = 'a'\npermissions = []\n---\nidentifier = 'b'\n", `{"identifier": "a", "permissions": []} {"identifier": "b"}`, `{identifier: 'a', permissions: []} {identifier: 'b'}`},
			wants{"syntax 3:4", "syntax 1:40", "syntax 1:36"}},
		{"text behind the end",
			texts{"identifier = 'a'\npermissions = [] }\n", `{"identifier": "a", "permissions": []}}`, `{identifier: 'a', permissions: []}]`},
			wants{"syntax 2:18", "syntax 1:39", "syntax 1:35"}},
		{"invalid UTF-8",
			texts{"identifier = 'a'\npermissions = []\ndescription = '\xff'\n", "{\"identifier\": \"a\", \"permissions\": [], \"description\": \"\xff\"}", "{identifier: 'a', permissions: [], description: '\xff'}"},
			wants{"syntax 3:16", "syntax 1:56", "syntax 1:50"}},
		{"invalid UTF-8 in a comment",
			texts{"identifier = 'a'\npermissions = [] # \xff\n", "{\"identifier\": \"a\", \"permissions\": []} // \xff", "{identifier: 'a', permissions: []} // \xff"},
			wants{"syntax 2:20", "syntax 1:43", "syntax 1:39"}},
		{"a string that looks longer than it is",
			texts{"identifier = 'a'\npermissions = ['fs:x\u202e', 'fs:y']\n", "{\"identifier\": \"a\", \"permissions\": [\"fs:x\u202e\", \"fs:y\"]}", "{identifier: 'a', permissions: ['fs:x\u202e', 'fs:y']}"},
			wants{"syntax 2:21", "syntax 1:42", "syntax 1:38"}},
		{"a rule that looks like a comment",
			texts{"identifier = 'a'\n# \u2066note\u2069\npermissions = []\n", "{\"identifier\": \"a\", \"permissions\": [\"\u2066\"]}", "{identifier: 'a', /* \u2066note\u2069 */ permissions: []}"},
			wants{"syntax 2:3", "syntax 1:38", "syntax 1:22"}},
		{"a comment that looks like a rule",
			texts{"identifier = 'a'\n#\u2028windows = ['main']\npermissions = []\n", "{\"identifier\": \"a\",\u2028\"permissions\": []}", "{identifier: 'a', //\u2029windows: ['main'],\npermissions: []}"},
			wants{"syntax 2:2", "syntax 1:20", "syntax 1:21"}},
		{"a next line that only some show",
			texts{"identifier = 'a'\n#\u0085windows = ['main']\npermissions = []\n", "{\"identifier\": \"a\",\u0085\"permissions\": []}", "{identifier: 'a', //\u0085windows: ['main'],\npermissions: []}"},
			wants{"syntax 2:2", "syntax 1:20", "syntax 1:21"}},
		{"control: the same as escapes, and a text from right to left",
			texts{"identifier = 'a'\n# שלום\npermissions = []\ndescription = \"\\u202e\\u2028 שלום\"\n", `{"identifier": "a", "permissions": [], "description": "\u202e\u2028 שלום"}`, "{identifier: 'a', // שלום\npermissions: [], description: '\\u202e\\u2028 שלום'}"},
			wants{"", "", ""}},
		{"half of a surrogate pair",
			texts{"identifier = \"\\ud800\"\npermissions = []\n", `{"identifier": "\ud800", "permissions": []}`, `{identifier: '\ud800', permissions: []}`},
			wants{"syntax 1:15", "syntax 1:17", "syntax 1:15"}},
		{"null for a list",
			texts{"identifier = 'a'\npermissions = null\n", `{"identifier": "a", "permissions": null}`, `{identifier: 'a', permissions: null}`},
			wants{"syntax 2:15", "wrong-type 1:36", "wrong-type 1:32"}},
		{"null for a scope's list",
			texts{"identifier = 'a'\npermissions = [{ identifier = 'fs:x', deny = null }]\n", `{"identifier": "a", "permissions": [{"identifier": "fs:x", "deny": null}]}`, `{identifier: 'a', permissions: [{identifier: 'fs:x', deny: null}]}`},
			wants{"syntax 2:46", "wrong-type 1:68", "wrong-type 1:60"}},
		{"null for the whole",
			texts{"null\n", `null`, `null`},
			wants{"syntax 1:5", "wrong-type 1:1", "wrong-type 1:1"}},
		{"byte order mark",
			texts{"\ufeffidentifier = 'a'\npermissions = []\n", "\ufeff" + `{"identifier": "a", "permissions": []}`, "\ufeff" + `{identifier: 'a', permissions: []}`},
			wants{"syntax 1:1", "syntax 1:1", "syntax 1:1"}},
		{"number that does not fit",
			texts{"identifier = 'a'\npermissions = []\nlimits.concurrent = 18446744073709551617\n", `{"identifier": "a", "permissions": [], "limits": {"concurrent": 18446744073709551617}}`, `{identifier: 'a', permissions: [], limits: {concurrent: 0x10000000000000001}}`},
			wants{"bad-value 3:21 bad-value 3:21", "syntax 1:65", "syntax 1:57"}},
		{"number that is not finite",
			texts{"identifier = 'a'\npermissions = [{ identifier = 'fs:x', deny = [{ max = inf }] }]\n", `{"identifier": "a", "permissions": [{"identifier": "fs:x", "deny": [{"max": 1e999}]}]}`, `{identifier: 'a', permissions: [{identifier: 'fs:x', deny: [{max: Infinity}]}]}`},
			wants{"bad-value 2:55", "syntax 1:77", "syntax 1:67"}},
		{"text for a list",
			texts{"identifier = 'a'\npermissions = 'fs:x'\n", `{"identifier": "a", "permissions": "fs:x"}`, `{identifier: 'a', permissions: 'fs:x'}`},
			wants{"wrong-type 2:15", "wrong-type 1:36", "wrong-type 1:32"}},
		{"text for a boolean",
			texts{"identifier = 'a'\npermissions = []\nlocal = 'false'\n", `{"identifier": "a", "permissions": [], "local": "false"}`, `{identifier: 'a', permissions: [], local: 'false'}`},
			wants{"wrong-type 3:9", "wrong-type 1:49", "wrong-type 1:43"}},
	} {
		for _, f := range []struct{ ending, text, want string }{
			{"toml", c.text.toml, c.want.toml}, {"json", c.text.json, c.want.json}, {"json5", c.text.json5, c.want.json5},
		} {
			file := "capabilities/x." + f.ending
			app, problems := acl.Load(fstest.MapFS{file: {Data: []byte(f.text)}}, acl.Options{PolicyOnly: true})
			var got []string
			for _, p := range problems {
				got = append(got, p.Code+strings.Replace(p.String(), file+":", " ", 1))
			}
			if strings.Join(got, " ") != f.want || (problems.Err() == nil) != (f.want == "") {
				t.Errorf("%s, %s: %s\nwant %s\n%s", c.name, f.ending, strings.Join(got, " "), f.want, problems)
			}
			if f.want == "" && len(app.Capabilities) != 1 {
				t.Errorf("%s, %s: %d capabilities", c.name, f.ending, len(app.Capabilities))
			}
		}
	}
}
