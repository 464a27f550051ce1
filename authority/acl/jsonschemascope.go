package acl

import (
	"encoding/json"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// scopeSchema is the schema of a module's scope entries, as the authority
// checks them: the keys of the powers that its commands declare, and those of
// its own schema. Without the module (lenient) any value is taken, and the keys
// of all powers are offered.
func scopeSchema(m *authority.Manifest, lenient bool) object {
	switch {
	case m.Invalid != "":
		return anyValue()
	case lenient:
		return anyValue(prop{key: "powers", schema: narrowing(authority.Powers())})
	}
	v := newScopeWords(m)
	table := v.table()
	if v.primary == "" {
		return table
	}
	bare := textSchema("Stands for { " + quote(v.primary) + ": … }")
	return object{{"anyOf", []any{bare, table}}}
}

// anyValue offers the keys of all powers, and refuses only what the given keys
// refuse.
func anyValue(props ...prop) object {
	var keys object
	for _, p := range props {
		keys.set(p.key, p.schema)
	}
	for _, p := range authority.Powers() {
		for _, key := range p.Keys() {
			if !keys.has(key) {
				keys.set(key, object{{"description", keyWords[key].text}})
			}
		}
	}
	return object{{"description", "A scope entry"}, {"properties", keys}}
}

// scopeWords is what a module's scope entries can say.
type scopeWords struct {
	powers  []authority.Power
	keys    []string // of the powers
	own     ownSchema
	primary string
}

func newScopeWords(m *authority.Manifest) *scopeWords {
	v := &scopeWords{}
	for _, c := range m.Commands {
		v.powers = append(v.powers, c.Powers...)
	}
	v.powers = sortPowers(v.powers)
	for _, p := range v.powers {
		for _, key := range p.Keys() {
			if !slices.Contains(v.keys, key) {
				v.keys = append(v.keys, key)
			}
		}
	}
	v.own = parseOwn(m.Scope.JSON())
	v.primary = newWishes(m, v.powers).primary
	return v
}

// table is the schema of an entry that is a table.
func (v *scopeWords) table() object {
	own := v.own.properties
	var props []prop
	for _, key := range sortedKeys(own) {
		schema := translate(own[key])
		if slices.Contains(v.keys, key) { // both have to agree
			schema = object{{"allOf", []any{schema, keyWords[key].schema()}}}
		}
		props = append(props, prop{key: key, schema: schema})
	}
	for _, key := range v.keys {
		if own[key] == nil {
			props = append(props, prop{key: key, schema: keyWords[key].schema()})
		}
	}
	_, taken := own["powers"]
	if len(v.powers) > 0 && !taken {
		props = append(props, prop{key: "powers", schema: narrowing(v.powers)})
	}
	o := tableSchema("A scope entry", props...)
	var rules []any
	if rule := v.ownRule(sortedKeys(own)); rule != nil {
		rules = append(rules, rule)
	}
	rules = append(rules, v.extraRules(own)...)
	if !taken {
		rules = append(rules, v.narrowingRules()...)
	}
	if rules != nil {
		o.set("allOf", rules)
	}
	return o
}

// narrowing is the schema of "powers".
func narrowing(powers []authority.Power) object {
	o := listSchema("Narrows the entry to some of the powers that it would lend", object{{"enum", anyOf(powers)}})
	o.set("minItems", 1)
	return o
}

// narrowingRules say that a power which an entry names needs its key.
func (v *scopeWords) narrowingRules() []any {
	var rules []any
	for _, p := range v.powers {
		rules = append(rules, object{
			{"if", object{
				{"properties", object{{"powers", object{{"type", "array"}, {"contains", object{{"const", string(p)}}}}}}},
				{"required", []any{"powers"}},
			}},
			{"then", hasAny(scopeKeys(p))},
		})
	}
	return rules
}

// extraRules say which keys need another, and which do not stand together.
func (v *scopeWords) extraRules(own map[string]json.RawMessage) []any {
	var rules []any
	var needs object
	for _, p := range v.powers {
		for _, key := range p.Keys() {
			if _, isOwn := own[key]; !isOwn && !slices.Contains(scopeKeys(p), key) && !needs.has(key) {
				needs.set(key, hasAny(scopeKeys(p)))
			}
		}
	}
	if needs != nil {
		rules = append(rules, object{{"dependencies", needs}})
	}
	if slices.Contains(v.powers, authority.PowerExec) {
		rules = append(rules, object{{"not", object{{"required", anyOf(scopeKeys(authority.PowerExec))}}}})
	}
	return rules
}

// ownRule holds for the keys of the module's own schema, unless an entry has
// none of them and only lends powers. Nil if there is nothing to say.
func (v *scopeWords) ownRule(own []string) any {
	rest := v.own.rest(len(v.keys) == 0)
	if rest == nil {
		return nil
	}
	lends := slices.DeleteFunc(append([]string{"powers"}, v.keys...), func(key string) bool { return slices.Contains(own, key) })
	only := object{{"allOf", []any{object{{"not", hasAny(own)}}, hasAny(lends)}}}
	return object{{"if", only}, {"else", rest}}
}

// hasAny holds for tables with any of the keys; of no keys, for none.
func hasAny(keys []string) object {
	var each []any
	for _, key := range keys {
		each = append(each, object{{"required", []any{key}}})
	}
	if each == nil {
		return object{{"not", object{}}}
	}
	return object{{"anyOf", each}}
}

// has reports whether the object has a member.
func (o object) has(key string) bool {
	for _, m := range o {
		if m.key == key {
			return true
		}
	}
	return false
}
