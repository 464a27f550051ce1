package acl

import (
	"encoding/json"
	"slices"
)

// ownSchema is the schema of a module's own scope keys, taken apart. It is in
// the subset that package schema compiles, so it has no reference, no
// combinator and no pattern.
type ownSchema struct {
	properties map[string]json.RawMessage
	root       map[string]json.RawMessage // its other keywords
}

// parseOwn takes a schema in canonical form apart; of none, nothing.
func parseOwn(text []byte) ownSchema {
	var s ownSchema
	decode(text, &s.root)
	decode(s.root["properties"], &s.properties)
	return s
}

// decode reads what is JSON already; nothing is read as nothing.
func decode(text []byte, v any) {
	_ = json.Unmarshal(text, v)
}

// rest returns what holds for an entry besides its properties. That counts and
// compares the module's own keys only, which a schema of the whole entry cannot
// do where there are others.
func (s ownSchema) rest(alone bool) any {
	var out object
	for _, key := range sortedKeys(s.root) {
		switch key {
		case "type", "required":
			out.set(key, translateKeyword(key, s.root[key]))
		case "minProperties", "maxProperties", "enum", "const":
			if alone {
				out.set(key, raw(s.root[key]))
			}
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// translate writes a schema of the subset in draft-07. All keywords mean the
// same there, but formats have a meaning, and "$schema" would name another
// draft, so they go.
func translate(text json.RawMessage) object {
	var in map[string]json.RawMessage
	decode(text, &in)
	out := object{}
	for _, key := range sortedKeys(in) {
		if key != "$schema" && key != "format" {
			out.set(key, translateKeyword(key, in[key]))
		}
	}
	return out
}

func translateKeyword(key string, value json.RawMessage) any {
	switch key {
	case "properties":
		var in map[string]json.RawMessage
		decode(value, &in)
		out := object{}
		for _, name := range sortedKeys(in) {
			out.set(name, translate(in[name]))
		}
		return out
	case "items":
		return translate(value)
	case "additionalProperties":
		if value[0] == '{' {
			return translate(value)
		}
	case "title", "description":
		var text string
		decode(value, &text)
		return hover(text)
	case "type": // draft-07 wants each once
		var names []string
		if value[0] == '[' {
			decode(value, &names)
			slices.Sort(names)
			return anyOf(slices.Compact(names))
		}
	}
	return raw(value)
}
