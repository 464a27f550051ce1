package authority

import (
	"slices"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// ScopeEntry is one entry of a granted scope, with its provenance. The zero
// ScopeEntry has no value and fits no power.
type ScopeEntry struct {
	Capability string   // the identifier of the capability that granted it
	Permission string   // "module:identifier" of the permission that it belongs to
	Source     Position // where the entry is written

	v *scopeValue
}

// Value returns the entry: a map from keys to values. A bare string is the map
// that it stands for, except in a lenient policy, where all values are as
// written. It must not be modified.
func (e ScopeEntry) Value() any {
	if e.v == nil {
		return nil
	}
	return e.v.value
}

// Field returns the value of a key, and whether the entry has the key.
func (e ScopeEntry) Field(key string) (any, bool) {
	if e.v == nil {
		return nil, false
	}
	v, ok := e.v.fields[key]
	return v, ok
}

// Path returns the pattern under the key "path", nil if there is none. How it
// is read (as an allow or a deny, with [ScopeEntry.Dotfiles]) is for who
// binds it.
func (e ScopeEntry) Path() *pattern.Path {
	if e.v == nil {
		return nil
	}
	return e.v.path
}

// Dotfiles reports whether the entry says dotfiles = true.
func (e ScopeEntry) Dotfiles() bool {
	v, _ := e.Field(keyDotfiles)
	yes, _ := v.(bool)
	return yes
}

// Powers returns the powers that the entry fits: those that the module
// declares and whose key the entry has, narrowed by its "powers".
func (e ScopeEntry) Powers() []Power {
	if e.v == nil {
		return nil
	}
	return slices.Clone(e.v.powers)
}

// fits reports whether the entry fits a power.
func (e ScopeEntry) fits(p Power) bool { return slices.Contains(e.v.powers, p) }
