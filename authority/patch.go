package authority

import (
	"fmt"
	"slices"
	"strings"
)

// grantText is an entry of a capability's permissions, to be printed.
type grantText struct {
	identifier  string
	allow, deny []ScopeEntry
}

func newGrantText(p *permission) grantText {
	name := p.name()
	if p.module.manifest.Name == appModule {
		name = p.id
	}
	return grantText{identifier: name}
}

// borrow takes over the scope by which the nearest grant lends the powers that
// are needed, its own or that of its capability for the whole module. It
// returns the powers that are needed still.
func (g *grantText) borrow(near *leaf, perm *permission, need []Power) []Power {
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

// text prints the entry in the format of a file.
func (g grantText) text(file string) string {
	if len(g.allow)+len(g.deny) == 0 {
		return tomlText(g.identifier)
	}
	asJSON := strings.HasSuffix(file, ".json") || strings.HasSuffix(file, ".json5")
	key, value := ` = `, appendTOML
	if asJSON {
		key, value = `": `, appendValue
	}
	b := []byte("{ ")
	for i, f := range []struct {
		name  string
		value any
	}{{"identifier", g.identifier}, {"allow", entryValues(g.allow)}, {"deny", entryValues(g.deny)}} {
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
