package schema

import (
	"maps"
	"slices"
)

// The limits of a schema.
const (
	MaxSize  = 64 << 10 // bytes of the canonical form
	MaxDepth = 16       // levels of schemas, and of values inside one
)

// Schema is a compiled schema. A nil Schema accepts everything.
type Schema struct {
	root *node
	json []byte
}

// node is one schema of the tree. The zero node accepts everything.
type node struct {
	types      kinds // 0: any
	enum       *choice
	constant   *choice
	properties map[string]*node
	required   []string // sorted
	closed     bool     // additionalProperties is false
	additional *node    // for properties that have no schema of their own; nil: anything
	items      *node    // nil: anything

	length, elements, members span // of strings, arrays, objects

	min, max                   *number
	exclusiveMin, exclusiveMax *number
}

// span bounds a count. A bound that is nil does not bind.
type span struct{ min, max *int }

// choice is a set of values.
type choice struct {
	strings map[string]struct{}
	numbers map[number]struct{}
	others  map[string]struct{} // by canonical form
	longest int                 // bytes of the longest of others
	text    string              // the values, for messages
}

// Compile checks a decoded schema and compiles it. Its error is an [*Error]
// that points into the schema.
func Compile(v any) (*Schema, error) {
	c := canonical{max: MaxSize, depth: maxNesting,
		tooLarge: "the schema is larger than 64 KiB (leave out descriptions and examples)",
		tooDeep:  "nested too deeply (16 levels of schemas, 16 levels in a value)"}
	if err := c.value(v); err != nil {
		return nil, err
	}
	root, err := compileNode(v, 1)
	if err != nil {
		return nil, err
	}
	return &Schema{root: root, json: c.buf}, nil
}

// maxNesting is how deep a schema that keeps [MaxDepth] can nest: one level for
// the first schema and two for each below, the list after enum, and a value.
const maxNesting = 1 + 2*(MaxDepth-1) + 1 + MaxDepth

// Keys returns the names of the properties of the outermost schema, sorted.
func (s *Schema) Keys() []string {
	if s == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(s.root.properties))
}

// PrimaryKey returns the property that a bare string may stand for: the one
// required property if it may be a string, or, if none is required, the one
// property whose type is string. It returns "" if there is no such property.
func (s *Schema) PrimaryKey() string {
	if s == nil {
		return ""
	}
	r := s.root
	switch len(r.required) {
	case 0:
		return r.soleString()
	case 1:
		if p := r.properties[r.required[0]]; p != nil && (p.types == 0 || p.types&kindString != 0) {
			return r.required[0]
		}
	}
	return ""
}

func (n *node) soleString() string {
	found := ""
	for name, p := range n.properties {
		if p.types != kindString {
			continue
		}
		if found != "" {
			return ""
		}
		found = name
	}
	return found
}

// JSON returns the schema as canonical JSON: equal schemas have equal bytes.
// The result is a copy; nil for a nil Schema.
func (s *Schema) JSON() []byte {
	if s == nil {
		return nil
	}
	return slices.Clone(s.json)
}
