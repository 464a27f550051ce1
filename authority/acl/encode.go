package acl

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// EncodeManifest writes a manifest as the JSON that a binary carries. Equal
// manifests give equal bytes; [ParseManifestJSON] reads them back to an equal
// manifest, but for positions and for what an app decides about it (Accepted,
// Invalid, App).
func EncodeManifest(m authority.Manifest) []byte {
	var o object
	o.set("module", moduleObject(m))
	o.list("command", len(m.Commands), func(i int) any { return commandObject(m.Commands[i]) })
	if m.Scope != nil {
		o.set("scope", raw(m.Scope.JSON()))
	}
	if m.Default != nil {
		d := setObject(*m.Default)
		o.set("default", d[1:]) // without the identifier
	}
	o.list("set", len(m.Sets), func(i int) any { return setObject(m.Sets[i]) })
	o.list("permission", len(m.Permissions), func(i int) any { return permissionObject(m.Permissions[i]) })
	return appendJSON(nil, o)
}

func moduleObject(m authority.Manifest) object {
	var o object
	o.set("name", m.Name)
	o.text("version", m.Version)
	o.text("description", m.Description)
	o.set("abi", int64(m.ABI))
	if m.Instance != "call" {
		o.text("instance", m.Instance)
	}
	if m.NoFreeze {
		o.set("freeze", false)
	}
	return o
}

func commandObject(c authority.Command) object {
	var o object
	o.set("name", c.Name)
	o.text("description", c.Description)
	o.list("powers", len(c.Powers), func(i int) any { return string(c.Powers[i]) })
	if c.Timeout != 0 {
		o.set("timeout", strconv.FormatInt(c.Timeout, 10)+"ms")
	}
	if c.Args != nil {
		o.set("args", raw(c.Args.JSON()))
	}
	return o
}

func setObject(s authority.Set) object {
	var o object
	o.set("identifier", s.Identifier)
	o.text("description", s.Description)
	members := make([]any, len(s.Members))
	for i, m := range s.Members {
		members[i] = m.Identifier
	}
	o.set("permissions", members)
	return o
}

func permissionObject(p authority.Permission) object {
	var commands, scope, o object
	o.set("identifier", p.Identifier)
	o.text("description", p.Description)
	commands.list("allow", len(p.Allow), func(i int) any { return p.Allow[i].Name })
	commands.list("deny", len(p.Deny), func(i int) any { return p.Deny[i].Name })
	if len(commands) > 0 {
		o.set("commands", commands)
	}
	scope.list("allow", len(p.Scope.Allow), func(i int) any { return p.Scope.Allow[i].Value })
	scope.list("deny", len(p.Scope.Deny), func(i int) any { return p.Scope.Deny[i].Value })
	if len(scope) > 0 {
		o.set("scope", scope)
	}
	o.list("platforms", len(p.Platforms), func(i int) any { return string(p.Platforms[i]) })
	return o
}

// object is a JSON object with its members in a fixed order.
type object []struct {
	key   string
	value any
}

// raw is JSON text.
type raw []byte

func (o *object) set(key string, value any) {
	*o = append(*o, struct {
		key   string
		value any
	}{key, value})
}

// text sets a string unless it is empty.
func (o *object) text(key, value string) {
	if value != "" {
		o.set(key, value)
	}
}

// list sets a list unless it is empty.
func (o *object) list(key string, n int, item func(int) any) {
	if n == 0 {
		return
	}
	items := make([]any, n)
	for i := range items {
		items[i] = item(i)
	}
	o.set(key, items)
}

// appendJSON writes a value without spaces, the keys of maps in order. Floats
// always show that they are floats, so that they come back as such.
func appendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return append(b, text...)
	case string:
		return appendString(b, v)
	case raw:
		return append(b, v...)
	case object:
		b = append(b, '{')
		for i, m := range v {
			b = appendMember(b, i, m.key, m.value)
		}
		return append(b, '}')
	case map[string]any:
		b = append(b, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			b = appendMember(b, i, key, v[key])
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	default: // nil; nothing else is a policy value
		return append(b, "null"...)
	}
}

func appendMember(b []byte, i int, key string, value any) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	b = appendString(b, key)
	b = append(b, ':')
	return appendJSON(b, value)
}

func appendString(b []byte, s string) []byte {
	const digits = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range strings.ToValidUTF8(s, "\ufffd") {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r < ' ' || r == 0x7f:
			b = append(b, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		case deceives(r) != "":
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
