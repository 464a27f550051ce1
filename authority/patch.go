package authority

import (
	"fmt"
	"slices"
	"strings"
)

// text prints the change as something to do.
func (c Edit) text() string {
	place := placeText(c.Target, c.Position)
	switch c.Kind {
	case EditAddEntry:
		return "in " + place + ", add to permissions:\n  " + entryText(c.Entry, c.File) + ","
	case EditRemoveEntry:
		at := c.FileLine()
		if at == "" {
			at = "what was granted at run time"
		}
		return fmt.Sprintf("in %s, take %s out of the permissions of capability %s, or this caller out of the capability",
			at, quote(c.Entry.Identifier), quote(c.Target))
	case EditExpires:
		return "in " + place + ", replace expires (or take it out):\n  " + keyValue(c.File, "expires", tomlText(formatTime(c.Expires)))
	}
	return "create " + c.File + ":\n  " + strings.Join(c.Capability.lines(), "\n  ")
}

// place names a capability and where it is written.
func (k *capability) place() string { return placeText(k.Identifier, k.Position) }

func placeText(capability string, at Position) string {
	s := "capability " + quote(capability)
	if at.File != "" {
		s += " (" + at.FileLine() + ")"
	}
	return s
}

// keyValue prints a key and its value as the file's format has them.
func keyValue(file, key, value string) string {
	if isJSON(file) {
		return string(appendString(nil, key)) + ": " + value + ","
	}
	return key + " = " + value
}

func isJSON(file string) bool {
	return strings.HasSuffix(file, ".json") || strings.HasSuffix(file, ".json5")
}

// lines prints a capability for one caller as TOML.
func (k *Capability) lines() []string {
	lines := []string{"identifier = " + tomlText(k.Identifier)}
	list := func(key string, patterns []Pattern) {
		for _, p := range patterns {
			lines = append(lines, key+" = ["+tomlText(p.Text)+"]")
		}
	}
	list("modules", k.Modules)
	list("windows", k.Windows)
	list("webviews", k.Webviews)
	for _, p := range k.Remote {
		lines = append(lines, "local = false", "remote = { urls = ["+tomlText(p.Text)+"] }")
	}
	for _, e := range k.Permissions {
		lines = append(lines, "permissions = ["+entryText(e, "")+"]")
	}
	return lines
}

// grant is an entry of a capability's permissions, in the making.
type grant struct {
	identifier  string
	allow, deny []ScopeEntry
}

func newGrant(p *permission) grant {
	name := p.name()
	if p.module.manifest.Name == appModule {
		name = p.id
	}
	return grant{identifier: name}
}

// entry is the grant as a capability has it.
func (g *grant) entry() Entry {
	e := Entry{Reference: Reference{Identifier: g.identifier}}
	for _, a := range g.allow {
		e.Scope.Allow = append(e.Scope.Allow, ScopeValue{Value: a.Value()})
	}
	for _, d := range g.deny {
		e.Scope.Deny = append(e.Scope.Deny, ScopeValue{Value: d.Value()})
	}
	return e
}

// borrow takes over the scope by which the nearest grant lends the powers that
// are needed, its own or that of its capability for the whole module. It
// returns the powers that are needed still.
func (g *grant) borrow(near *leaf, perm *permission, need []Power) []Power {
	lends := func(e ScopeEntry) bool {
		return len(e.v.powers) == 0 || slices.ContainsFunc(e.v.powers, func(p Power) bool { return slices.Contains(need, p) })
	}
	for _, l := range near.cap.leaves {
		if l == near || l.perm.global && l.perm.module == perm.module {
			g.allow = appendNew(g.allow, l.allow, perm.scope.allow, lends)
			g.deny = appendNew(g.deny, l.deny, perm.scope.deny, lends)
		}
	}
	return slices.DeleteFunc(need, func(p Power) bool {
		return slices.ContainsFunc(g.allow, func(e ScopeEntry) bool { return slices.Contains(e.v.powers, p) })
	})
}

// appendNew appends the entries that are wanted, are not there yet, and are
// not among those which a permission brings along.
func appendNew(list, more []ScopeEntry, brought []scopeValue, wanted func(ScopeEntry) bool) []ScopeEntry {
	for _, e := range more {
		is := func(o scopeValue) bool { return e.same(ScopeEntry{v: &o}) }
		if wanted(e) && !slices.ContainsFunc(list, e.same) && !slices.ContainsFunc(brought, is) {
			list = append(list, e)
		}
	}
	return list
}

// entryText prints an entry in the format of a file.
func entryText(e Entry, file string) string {
	if len(e.Scope.Allow)+len(e.Scope.Deny) == 0 {
		return tomlText(e.Identifier)
	}
	asJSON := isJSON(file)
	key, value := ` = `, appendTOML
	if asJSON {
		key, value = `": `, appendValue
	}
	b := []byte("{ ")
	for i, f := range []struct {
		name  string
		value any
	}{{"identifier", e.Identifier}, {"allow", plainValues(e.Scope.Allow)}, {"deny", plainValues(e.Scope.Deny)}} {
		if list, ok := f.value.([]any); ok && len(list) == 0 {
			continue
		}
		if i > 0 {
			b = append(b, ", "...)
		}
		if asJSON {
			b = append(b, '"')
		}
		b = append(append(b, f.name...), key...)
		b = value(b, f.value)
	}
	return string(append(b, " }"...))
}

func plainValues(list []ScopeValue) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v.Value
	}
	return out
}

// tomlText prints a string for TOML.
func tomlText(s string) string { return string(appendTOML(nil, s)) }

// appendTOML appends a scope value as TOML in one line.
func appendTOML(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendQuoted(b, v, func(b []byte, r rune) []byte { return fmt.Appendf(b, `\U%08x`, r) })
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = appendTOML(b, e)
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, ' ')
			b = appendKey(b, k)
			b = append(b, " = "...)
			b = appendTOML(b, v[k])
		}
		return append(b, " }"...)
	}
	return appendValue(b, v)
}

func appendKey(b []byte, key string) []byte {
	bare := key != ""
	for i := range len(key) {
		bare = bare && (isAlnum(key[i]) || key[i] == '-' || key[i] == '_')
	}
	if bare {
		return append(b, key...)
	}
	return appendTOML(b, key)
}
