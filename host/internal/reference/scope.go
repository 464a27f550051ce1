package reference

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// ScopeKey is a key of a module's scope entries.
type ScopeKey struct {
	Key         string   `json:"key"`
	Own         bool     `json:"own"` // of the module's own schema
	Type        string   `json:"type,omitempty"`
	Description string   `json:"description,omitempty"`
	Required    bool     `json:"required,omitempty"`
	Powers      []string `json:"powers,omitempty"` // that it says something about
}

// field is what is shown of a property of a schema.
type field struct {
	Description string            `json:"description"`
	Types       any               `json:"type"`
	Enum        []json.RawMessage `json:"enum"`
	Required    []string          `json:"required"`
	Properties  map[string]field  `json:"properties"`
}

// fieldsOf reads a schema that package schema has compiled.
func fieldsOf(schema []byte) field {
	var f field
	_ = json.Unmarshal(schema, &f) // of no schema, no field
	return f
}

// kind words what a property may be.
func (f field) kind() string {
	if len(f.Enum) > 0 {
		words := make([]string, len(f.Enum))
		for i, v := range f.Enum {
			words[i] = string(v)
		}
		return strings.Join(words, " or ")
	}
	switch t := f.Types.(type) {
	case string:
		return t
	case []any:
		words := make([]string, len(t))
		for i, v := range t {
			words[i] = value(v)
		}
		return strings.Join(words, " or ")
	}
	return "anything"
}

// names returns the properties, those that have to be there first.
func (f field) names() []string {
	rest := slices.Sorted(maps.Keys(f.Properties))
	rest = slices.DeleteFunc(rest, func(name string) bool { return slices.Contains(f.Required, name) })
	var first []string
	for _, name := range f.Required {
		if _, ok := f.Properties[name]; ok {
			first = append(first, name)
		}
	}
	return append(first, rest...)
}

// scopeKeys lists the module's own keys, and those of the powers that its
// commands declare.
func scopeKeys(m *authority.Manifest) []ScopeKey {
	keys := []ScopeKey{}
	own := fieldsOf(m.Scope.JSON())
	for _, name := range own.names() {
		f := own.Properties[name]
		keys = append(keys, ScopeKey{Key: name, Own: true, Type: f.kind(), Description: f.Description, Required: slices.Contains(own.Required, name)})
	}
	for _, p := range authority.Powers() {
		if !slices.ContainsFunc(m.Commands, func(c authority.Command) bool { return slices.Contains(c.Powers, p) }) {
			continue
		}
		for _, key := range p.Keys() {
			i := slices.IndexFunc(keys, func(k ScopeKey) bool { return k.Key == key })
			if i < 0 {
				i = len(keys)
				keys = append(keys, ScopeKey{Key: key})
			}
			if keys[i].Description == "" {
				keys[i].Description = acl.ScopeKeyText(key)
			}
			keys[i].Powers = append(keys[i].Powers, string(p))
		}
	}
	return keys
}
