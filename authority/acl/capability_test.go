package acl_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// TestParseCapabilities reads files that are granted at run time: in every
// format and form, and none if anything is wrong.
func TestParseCapabilities(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"a.toml", mainCapability, "main@a.toml:1:14"},
		{"a.toml", "[[capabilities]]\nidentifier = 'x'\npermissions = []\n[[capabilities]]\nidentifier = 'y'\npermissions = []\n", "x@a.toml:2:14 y@a.toml:5:14"},
		{"dropped/b.json", `[{"identifier": "x", "permissions": []}]`, "x@dropped/b.json:1:17"},
		{"c.json5", `{capabilities: [{identifier: 'x', permissions: []}, {identifier: 'y', permissions: []},]}`, "x@c.json5:1:30 y@c.json5:1:66"},
		{"c.json", `[]`, ""},
		{"c.json", `{identifier: 'x', permissions: []}`, "error syntax c.json:1:2"},
		{"c.toml", `{identifier: 'x', permissions: []}`, "error syntax c.toml:1:1"},
		{"c.json5", `[{identifier: 'x', permissions: []}, {identifier: 'x', permissions: []}]`, "error duplicate c.json5:1:51"},
		{"c.json5", `[{identifier: 'x', permissions: []}, {identifier: 'y', window: ['main']}]`, "error missing-key c.json5:1:38 error unknown-key c.json5:1:56"},
		{"c.json5", `{windows: []}`, "error missing-key c.json5:1:1"},
		{"c.yaml", mainCapability, "error bad-file c.yaml"},
		{"c.TOML", mainCapability, "error bad-file c.TOML"},
		{"toml", mainCapability, "error bad-file toml"},
		{"", mainCapability, "error bad-file "},
		{"c.toml", strings.Repeat("#", 1<<20+1), "error too-large c.toml"},
	} {
		caps, problems := acl.ParseCapabilities(c.file, []byte(c.text))
		var got []string
		for _, k := range caps {
			got = append(got, k.Identifier+"@"+k.String())
		}
		for _, p := range problems {
			got = append(got, p.Severity.String()+" "+p.Code+" "+p.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s, %.80q: %q, want %s\n%s", c.file, c.text, got, c.want, problems)
		}
	}
}
