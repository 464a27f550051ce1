package acl

import (
	"maps"
	"slices"
)

// format is the format of a policy file.
type format uint8

const (
	formatTOML format = iota
	formatJSON
)

// inline writes a value in one line.
func (f format) inline(value any) string { return string(f.append(nil, value)) }

func (f format) append(b []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		if f == formatTOML {
			return append(b, tomlString(v)...)
		}
		return appendString(b, v)
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = f.append(b, item)
		}
		return append(b, ']')
	case object:
		b = append(b, "{ "...)
		for i, m := range v {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = append(append(b, f.key(m.key)...), f.inline(m.value)...)
		}
		return append(b, " }"...)
	case map[string]any:
		return f.append(b, sortedObject(v))
	}
	return appendJSON(b, value)
}

// key writes a key and what stands between it and the value.
func (f format) key(key string) string {
	if f == formatJSON {
		return string(appendString(nil, key)) + ": "
	}
	return tomlKey(key) + " = "
}

// sortedObject is a table with its keys in order.
func sortedObject(m map[string]any) object {
	var o object
	for _, key := range slices.Sorted(maps.Keys(m)) {
		o.set(key, m[key])
	}
	return o
}

// tomlKey writes a key, in quotes if it needs them.
func tomlKey(key string) string {
	bare := func(c byte) bool { return isLower(c) || isUpper(c) || isDigit(c) || c == '-' || c == '_' }
	if matches(key, bare, bare) {
		return key
	}
	return tomlString(key)
}
