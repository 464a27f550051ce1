package schema

import "strings"

// kinds is a set of JSON types. Every number is kindNumber; a whole one is
// kindInteger too.
type kinds uint8

const (
	kindNull kinds = 1 << iota
	kindBoolean
	kindInteger
	kindNumber
	kindString
	kindArray
	kindObject
)

var kindNames = []struct {
	kind kinds
	name string
}{
	{kindNull, "null"}, {kindBoolean, "boolean"}, {kindInteger, "integer"}, {kindNumber, "number"},
	{kindString, "string"}, {kindArray, "array"}, {kindObject, "object"},
}

func kindNamed(name string) (kinds, bool) {
	for _, kn := range kindNames {
		if kn.name == name {
			return kn.kind, true
		}
	}
	return 0, false
}

// String lists the names, "string or null".
func (k kinds) String() string {
	var names []string
	for _, kn := range kindNames {
		if k&kn.kind != 0 {
			names = append(names, kn.name)
		}
	}
	return strings.Join(names, " or ")
}

// kindsOf returns the types that v has; none for what is no JSON value.
func kindsOf(v any) kinds {
	switch v.(type) {
	case nil:
		return kindNull
	case bool:
		return kindBoolean
	case string, []byte:
		return kindString
	case []any:
		return kindArray
	case map[string]any:
		return kindObject
	}
	n, ok := numberOf(v)
	switch {
	case !ok:
		return 0
	case n.whole, n.f >= two64, n.f <= -two64: // floats this large are whole
		return kindNumber | kindInteger
	default:
		return kindNumber
	}
}

// kindOf names what v is, for messages.
func kindOf(v any) string {
	switch k := kindsOf(v); {
	case k == 0:
		if _, ok := v.(float64); ok {
			return "a number that is not finite"
		}
		return "a value of a foreign type"
	case k&kindInteger != 0:
		return "integer"
	default:
		if _, ok := v.([]byte); ok {
			return "bytes"
		}
		return k.String()
	}
}
