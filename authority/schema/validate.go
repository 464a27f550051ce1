package schema

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Validate checks a value. It returns nil, or an [*Error] that points at what
// is wrong in the value; of several faults it reports one, always the same.
// Its cost is linear in the size of the value: what no schema looks at is not
// visited. A nil Schema accepts everything.
func (s *Schema) Validate(v any) error {
	if s == nil {
		return nil
	}
	if err := s.root.check(v); err != nil {
		return err
	}
	return nil
}

func (n *node) check(v any) *Error {
	if n.types != 0 && n.types&kindsOf(v) == 0 {
		return fault("must be " + n.types.String() + ", is " + kindOf(v))
	}
	if n.constant != nil && !n.constant.holds(v) {
		return fault("must be " + n.constant.text)
	}
	if n.enum != nil && !n.enum.holds(v) {
		return fault("must be one of " + n.enum.text)
	}
	switch v := v.(type) {
	case string:
		if n.length != (span{}) {
			return n.length.check(utf8.RuneCountInString(v), "character")
		}
	case []byte:
		return n.length.check(len(v), "byte")
	case []any:
		return n.checkArray(v)
	case map[string]any:
		return n.checkObject(v)
	case int, int64, uint64, float64:
		return n.checkBounds(v)
	}
	return nil
}

func (n *node) checkArray(v []any) *Error {
	if err := n.elements.check(len(v), "element"); err != nil || n.items == nil {
		return err
	}
	for i, e := range v {
		if err := n.items.check(e); err != nil {
			return err.underIndex(i)
		}
	}
	return nil
}

func (n *node) checkObject(v map[string]any) *Error {
	if err := n.members.check(len(v), "property"); err != nil {
		return err
	}
	for _, name := range n.required {
		if _, ok := v[name]; !ok {
			return fault("property " + quote(name) + " is missing")
		}
	}
	if n.properties == nil && n.additional == nil && !n.closed {
		return nil
	}
	// A map has no order, so after a fault look on, only at smaller names.
	var first *Error
	var at string
	for name, e := range v {
		if first != nil && name > at {
			continue
		}
		if err := n.checkProperty(name, e); err != nil {
			first, at = err, name
		}
	}
	if first != nil {
		return first.under(at)
	}
	return nil
}

func (n *node) checkProperty(name string, v any) *Error {
	switch p, ok := n.properties[name]; {
	case ok:
		return p.check(v)
	case n.closed:
		return fault("unknown property (" + n.known() + ")")
	case n.additional != nil:
		return n.additional.check(v)
	}
	return nil
}

// known says which properties there are.
func (n *node) known() string {
	if len(n.properties) == 0 {
		return "there are none"
	}
	names := slices.Sorted(maps.Keys(n.properties))
	for i := range names {
		names[i] = quote(names[i])
	}
	return "known are " + listed(names)
}

func (n *node) checkBounds(v any) *Error {
	if n.min == nil && n.max == nil && n.exclusiveMin == nil && n.exclusiveMax == nil {
		return nil
	}
	x, ok := numberOf(v)
	switch {
	case !ok:
		return fault("must be a finite number")
	case n.min != nil && x.compare(*n.min) < 0:
		return fault("must be at least " + n.min.String())
	case n.max != nil && x.compare(*n.max) > 0:
		return fault("must be at most " + n.max.String())
	case n.exclusiveMin != nil && x.compare(*n.exclusiveMin) <= 0:
		return fault("must be more than " + n.exclusiveMin.String())
	case n.exclusiveMax != nil && x.compare(*n.exclusiveMax) >= 0:
		return fault("must be less than " + n.exclusiveMax.String())
	}
	return nil
}

func (s span) check(count int, noun string) *Error {
	switch {
	case s.min != nil && count < *s.min:
		return fault("must have at least " + counted(*s.min, noun) + ", has " + strconv.Itoa(count))
	case s.max != nil && count > *s.max:
		return fault("must have at most " + counted(*s.max, noun) + ", has " + strconv.Itoa(count))
	}
	return nil
}

func counted(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "property":
		noun = "properties"
	default:
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// holds reports whether v equals a member. It reads no more of v than could
// be in a member.
func (c *choice) holds(v any) (ok bool) {
	if s, isString := v.(string); isString {
		_, ok = c.strings[s]
		return ok
	}
	if n, isNumber := numberOf(v); isNumber {
		_, ok = c.numbers[n]
		return ok
	}
	w := canonical{max: c.longest, depth: MaxDepth}
	if w.value(v) != nil {
		return false
	}
	_, ok = c.others[string(w.buf)]
	return ok
}
