package acl

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// capabilityObject is a capability as a file holds it.
func capabilityObject(c authority.Capability) object {
	var remote, limits, o object
	o.set("identifier", c.Identifier)
	o.text("description", c.Description)
	if !c.Local {
		o.set("local", false)
	}
	remote.patterns("urls", c.Remote)
	if len(remote) > 0 {
		o.set("remote", remote)
	}
	o.patterns("windows", c.Windows)
	o.patterns("webviews", c.Webviews)
	o.patterns("modules", c.Modules)
	o.patterns("via", c.Via)
	o.list("platforms", len(c.Platforms), func(i int) any { return string(c.Platforms[i]) })
	if c.Expires != 0 {
		o.set("expires", instantText(c.Expires))
	}
	if c.Observe {
		o.set("mode", "observe")
	}
	o.text("instance", c.Instance)
	limits.count("calls_per_second", c.Limits.CallsPerSecond)
	limits.count("concurrent", c.Limits.Concurrent)
	if len(limits) > 0 {
		o.set("limits", limits)
	}
	entries := make([]any, len(c.Permissions))
	for i, e := range c.Permissions {
		entry := entryObject(e)
		entries[i] = entry
		if len(entry) == 1 {
			entries[i] = e.Identifier
		}
	}
	o.set("permissions", entries)
	return o
}

// entryObject is an entry of a capability's permissions, as a table.
func entryObject(e authority.Entry) object {
	var o object
	o.set("identifier", e.Identifier)
	o.list("allow", len(e.Scope.Allow), func(i int) any { return e.Scope.Allow[i].Value })
	o.list("deny", len(e.Scope.Deny), func(i int) any { return e.Scope.Deny[i].Value })
	return o
}

func (o *object) patterns(key string, list []authority.Pattern) {
	o.list(key, len(list), func(i int) any { return list[i].Text })
}

// count sets a number unless it is zero.
func (o *object) count(key string, n int) {
	if n != 0 {
		o.set(key, int64(n))
	}
}

// instantText writes Unix nanoseconds in RFC 3339, in UTC.
func instantText(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// file writes a whole file.
func (f format) file(content object) []byte {
	var b bytes.Buffer
	if f == formatJSON {
		_ = json.Indent(&b, appendJSON(nil, content), "", "  ") // it is JSON
		b.WriteByte('\n')
		return b.Bytes()
	}
	for _, m := range content {
		list, isList := m.value.([]any)
		switch {
		case isList && m.key == "permission":
			for _, p := range list {
				table, _ := p.(object)
				b.WriteString("[[permission]]\n")
				b.Write(f.file(table))
			}
		case isList && len(list) > 1 && m.key == "permissions":
			b.WriteString(f.key(m.key) + "[\n")
			for _, item := range list {
				b.WriteString("  " + f.inline(item) + ",\n")
			}
			b.WriteString("]\n")
		default:
			b.WriteString(f.key(m.key) + f.inline(m.value) + "\n")
		}
	}
	return b.Bytes()
}
