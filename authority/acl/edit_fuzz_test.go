package acl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// FuzzEdit adds and removes permissions and dates in any file. A change that
// is made is exactly that: the file loads, and the capability differs in what
// was changed, and nothing else does. What was added can be taken out again.
func FuzzEdit(f *testing.F) {
	for i, l := range layouts {
		f.Add(l.before, l.file == jsonFile, byte(i))
		f.Add(strings.ReplaceAll(l.after, "\n", "\r\n"), l.file == jsonFile, byte(i))
	}
	for _, text := range mixed {
		f.Add(text, strings.HasPrefix(text, "{"), byte(1))
	}
	f.Fuzz(func(t *testing.T, text string, isJSON bool, n byte) {
		name := tomlFile
		if isJSON {
			name = jsonFile
		}
		caps, ok := capabilities(name, text)
		if len(text) > 1<<14 || !ok || len(caps) == 0 {
			return
		}
		c := &caps[int(n)%len(caps)]
		change := authority.Edit{Position: authority.Position{File: name}, Target: c.Identifier}
		scope := map[string]any{"path": "a \"b\" 'c'", "n": int64(n), "f": float64(n)}
		entry := authority.Entry{Reference: authority.Reference{Identifier: "fuzz:new"}}
		if n%2 == 0 {
			entry.Scope.Allow = []authority.ScopeValue{{Value: scope}, {Value: "x"}}
		}
		had := slices.Clone(c.Permissions)

		change.Kind, change.Entry = authority.EditAddEntry, entry
		c.Permissions = append(slices.Clone(had), entry)
		after := changed(t, name, text, change, caps)
		change.Kind = authority.EditRemoveEntry
		isNew := func(e authority.Entry) bool { return e.Identifier == "fuzz:new" }
		c.Permissions = slices.DeleteFunc(slices.Clone(had), isNew)
		changed(t, name, after, change, caps)

		if len(had) > 0 && len(had) < 20 {
			change.Entry = had[int(n)%len(had)]
			c.Permissions = slices.DeleteFunc(slices.Clone(had), func(e authority.Entry) bool {
				return strings.TrimPrefix(e.Identifier, "app:") == strings.TrimPrefix(change.Entry.Identifier, "app:")
			})
			changed(t, name, text, change, caps)
		}
		c.Permissions = had
		change.Kind, change.Expires = authority.EditExpires, 1e18+int64(n)
		c.Expires = change.Expires
		after = changed(t, name, text, change, caps)
		change.Expires, c.Expires = 0, 0
		changed(t, name, after, change, caps)
	})
}

// changed makes a change and compares the capabilities of the file.
func changed(t *testing.T, name, text string, c authority.Edit, want []authority.Capability) string {
	t.Helper()
	out, err := apply(t, text, c)
	if err != nil {
		t.Fatalf("%q\nkind %d of %q: %v", text, c.Kind, c.Entry.Identifier, err)
	}
	got, ok := capabilities(name, out)
	if !ok || show(got) != show(want) {
		t.Fatalf("%q\nbecame %q\n got %s\nwant %s", text, out, show(got), show(want))
	}
	return out
}

// capabilities returns what a file of capabilities holds, if it has no error.
func capabilities(name, text string) ([]authority.Capability, bool) {
	app, problems := acl.Load(file(name, text), acl.Options{PolicyOnly: true})
	return app.Capabilities, problems.Err() == nil
}

// show prints capabilities without places.
func show(caps []authority.Capability) string {
	var b strings.Builder
	for _, c := range caps {
		fmt.Fprintf(&b, "%q %q %v %v %d %v %q %v %v %v", c.Identifier, c.Description, c.Local, c.Platforms, c.Expires, c.Observe, c.Instance, c.Limits, c.Modules == nil, c.Via == nil)
		for _, p := range slices.Concat(c.Remote, c.Windows, c.Webviews, c.Modules, c.Via) {
			fmt.Fprintf(&b, " %q", p.Text)
		}
		for _, e := range c.Permissions {
			fmt.Fprintf(&b, "\n  %q", e.Identifier)
			for _, v := range slices.Concat(e.Scope.Allow, []authority.ScopeValue{{Value: "but"}}, e.Scope.Deny) {
				fmt.Fprintf(&b, " %#v", v.Value)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// mixed are files that have something of everything.
var mixed = []string{
	`# policy
[[capabilities]] # first
identifier = "main"
description = """
# not a comment
"""
windows = ["main"] # [ "x", ]
remote.urls = ["https://a.example"]
permissions = [ "a", # a
  { identifier = "m:b", allow = [ { path = "]" }, # ]
     "#" ] }, "c"

  # d is not needed
, "e" ]
expires = "2030-01-01T00:00:00Z" # soon

# the other
[[capabilities]]
identifier = "other"
[[capabilities.permissions]]
identifier = "a"
[[capabilities.permissions.allow]]
path = "x"
[[capabilities.permissions.allow]]
path = "y"

# b, and why
[[capabilities.permissions]]
identifier = "b"
deny = [ 1, 2.0, true ]
`,
	`{
  "capabilities": [
    { "identifier": "main", "windows": ["main"], "expires": "2030-01-01T00:00:00Z",
      "permissions": [ "a", { "identifier": "b", "allow": [ { "p": "," } ] },
        "a"
      , "c" ] },
    { "permissions": [], "identifier": "other" } ] }`,
}
