package schema

import (
	"maps"
	"math"
	"slices"
	"strings"
)

// compileNode compiles one schema; depth counts the schemas down to it.
func compileNode(v any, depth int) (*node, *Error) {
	m, ok := v.(map[string]any)
	switch {
	case !ok:
		return nil, fault("a schema must be an object, not " + kindOf(v) + " (for anything write {})")
	case depth > MaxDepth:
		return nil, fault("schemas nested more than 16 deep")
	}
	n := &node{}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if err := n.keyword(name, m[name], depth); err != nil {
			return nil, err.under(name)
		}
	}
	return n, n.consistent()
}

// keyword takes one keyword into the node.
func (n *node) keyword(name string, v any, depth int) (err *Error) {
	switch name {
	case "type":
		n.types, err = compileTypes(v)
	case "enum":
		n.enum, err = compileEnum(v)
	case "const":
		n.constant, err = compileConst(v)
	case "properties":
		n.properties, err = compileProperties(v, depth)
	case "required":
		n.required, err = compileRequired(v)
	case "additionalProperties":
		if open, ok := v.(bool); ok {
			n.closed = !open
		} else {
			n.additional, err = compileNode(v, depth+1)
		}
	case "items":
		n.items, err = compileNode(v, depth+1)
	case "minLength":
		n.length.min, err = compileCount(v)
	case "maxLength":
		n.length.max, err = compileCount(v)
	case "minItems":
		n.elements.min, err = compileCount(v)
	case "maxItems":
		n.elements.max, err = compileCount(v)
	case "minProperties":
		n.members.min, err = compileCount(v)
	case "maxProperties":
		n.members.max, err = compileCount(v)
	case "minimum":
		n.min, err = compileNumber(v)
	case "maximum":
		n.max, err = compileNumber(v)
	case "exclusiveMinimum":
		n.exclusiveMin, err = compileNumber(v)
	case "exclusiveMaximum":
		n.exclusiveMax, err = compileNumber(v)
	default:
		err = annotation(name, v)
	}
	return err
}

// annotation checks keywords that have no meaning here, and refuses the rest.
func annotation(name string, v any) *Error {
	switch name {
	case "title", "description", "$schema", "format":
		if _, ok := v.(string); !ok {
			return fault("must be a string, is " + kindOf(v))
		}
	case "examples":
		if _, ok := v.([]any); !ok {
			return fault("must be an array, is " + kindOf(v))
		}
		return checkLiteral(v)
	case "default":
		return checkLiteral(v)
	case "$ref", "$defs", "definitions", "$dynamicRef", "$id":
		return fault("references are not supported (write the schema where it is used)")
	case "allOf", "anyOf", "oneOf", "not", "if", "then", "else":
		return fault("combinators are not supported (a list of types, or enum, may do)")
	case "pattern", "patternProperties", "propertyNames":
		return fault("patterns are not supported (enum and maxLength are)")
	default:
		return fault("unknown keyword")
	}
	return nil
}

// consistent finds keywords that leave nothing to match.
func (n *node) consistent() *Error {
	for _, s := range []struct {
		span
		noun string
	}{{n.length, "Length"}, {n.elements, "Items"}, {n.members, "Properties"}} {
		if s.min != nil && s.max != nil && *s.min > *s.max {
			return fault("min" + s.noun + " is above max" + s.noun + ", so nothing matches")
		}
	}
	if n.min != nil && n.max != nil && n.min.compare(*n.max) > 0 {
		return fault("minimum is above maximum, so nothing matches")
	}
	if !n.closed {
		return nil
	}
	for _, name := range n.required {
		if n.properties[name] == nil {
			return fault("required names " + quote(name) + ", which is not in properties while additionalProperties is false")
		}
	}
	return nil
}

func compileTypes(v any) (kinds, *Error) {
	if name, ok := v.(string); ok {
		return compileType(name)
	}
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return 0, fault("must be the name of a type or a list of at least one")
	}
	var all kinds
	for i, e := range list {
		name, ok := e.(string)
		if !ok {
			return 0, fault("must be the name of a type, is " + kindOf(e)).underIndex(i)
		}
		k, err := compileType(name)
		if err != nil {
			return 0, err.underIndex(i)
		}
		all |= k
	}
	return all, nil
}

func compileType(name string) (kinds, *Error) {
	if k, ok := kindNamed(name); ok {
		return k, nil
	}
	return 0, fault("unknown type " + quote(name) +
		" (the types are null, boolean, integer, number, string, array, object)")
}

func compileProperties(v any, depth int) (map[string]*node, *Error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fault("must be an object from names to schemas, is " + kindOf(v))
	}
	out := make(map[string]*node, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		p, err := compileNode(m[name], depth+1)
		if err != nil {
			return nil, err.under(name)
		}
		out[name] = p
	}
	return out, nil
}

func compileRequired(v any) ([]string, *Error) {
	list, ok := v.([]any)
	if !ok {
		return nil, fault("must be a list of property names, is " + kindOf(v))
	}
	names := make([]string, 0, len(list))
	seen := make(map[string]bool, len(list))
	for i, e := range list {
		name, ok := e.(string)
		if !ok {
			return nil, fault("must be a property name, is " + kindOf(e)).underIndex(i)
		}
		if seen[name] {
			return nil, fault("property " + quote(name) + " is named twice").underIndex(i)
		}
		seen[name] = true
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// maxCount is the greatest count: whole numbers up to it are exact in every
// JSON reader.
const maxCount = 1 << 53

func compileCount(v any) (*int, *Error) {
	n, ok := numberOf(v)
	if !ok || !n.whole || n.neg || n.mag > maxCount {
		return nil, fault("must be a whole number from 0 to 2^53")
	}
	count := int(min(n.mag, math.MaxInt))
	return &count, nil
}

func compileNumber(v any) (*number, *Error) {
	n, ok := numberOf(v)
	if !ok {
		return nil, fault("must be a number, is " + kindOf(v))
	}
	return &n, nil
}

func compileEnum(v any) (*choice, *Error) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return nil, fault("must be a list of at least one value")
	}
	return compileChoice(list)
}

func compileChoice(list []any) (*choice, *Error) {
	c := &choice{strings: map[string]struct{}{}, numbers: map[number]struct{}{}, others: map[string]struct{}{}}
	texts := make([]string, 0, len(list))
	for i, e := range list {
		lit, err := literal(e)
		if err != nil {
			return nil, err.underIndex(i)
		}
		texts = append(texts, string(lit))
		if s, ok := e.(string); ok {
			c.strings[s] = struct{}{}
		} else if n, ok := numberOf(e); ok {
			c.numbers[n] = struct{}{}
		} else {
			c.others[string(lit)] = struct{}{}
			c.longest = max(c.longest, len(lit))
		}
	}
	c.text = listed(texts)
	return c, nil
}

func compileConst(v any) (*choice, *Error) {
	c, err := compileChoice([]any{v})
	if err != nil {
		err.Pointer = strings.TrimPrefix(err.Pointer, "/0")
	}
	return c, err
}

// literal returns the canonical form of a value inside a schema.
func literal(v any) ([]byte, *Error) {
	c := canonical{max: MaxSize, depth: MaxDepth, tooLarge: "value larger than 64 KiB", tooDeep: "value nested more than 16 deep"}
	err := c.value(v)
	return c.buf, err
}

func checkLiteral(v any) *Error {
	_, err := literal(v)
	return err
}
