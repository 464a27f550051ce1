package schema

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// canonical writes values as canonical JSON: keys sorted bytewise, no white
// space, the shortest escapes, one spelling for each number. Two values are
// equal in the sense of JSON Schema if their canonical forms are.
type canonical struct {
	buf   []byte
	max   int // bytes that buf may reach
	depth int // levels of nesting still allowed
	// limits are the texts for too large and too deep
	tooLarge, tooDeep string
}

// value appends v, or says why it cannot be written.
func (c *canonical) value(v any) *Error {
	switch v := v.(type) {
	case nil:
		c.buf = append(c.buf, "null"...)
	case bool:
		c.buf = strconv.AppendBool(c.buf, v)
	case string:
		if err := c.str(v); err != nil {
			return err
		}
	case []any:
		return c.list(v)
	case map[string]any:
		return c.object(v)
	default:
		n, ok := numberOf(v)
		if !ok {
			return fault(kindOf(v) + " is not a JSON value")
		}
		c.buf = n.appendTo(c.buf)
	}
	return c.room()
}

func (c *canonical) room() *Error {
	if len(c.buf) > c.max {
		return fault(c.tooLarge)
	}
	return nil
}

func (c *canonical) list(v []any) *Error {
	if c.depth--; c.depth < 0 {
		return fault(c.tooDeep)
	}
	c.buf = append(c.buf, '[')
	for i, e := range v {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		if err := c.value(e); err != nil {
			return err.underIndex(i)
		}
	}
	c.buf = append(c.buf, ']')
	c.depth++
	return c.room()
}

func (c *canonical) object(v map[string]any) *Error {
	if c.depth--; c.depth < 0 {
		return fault(c.tooDeep)
	}
	if len(v) > c.max { // do not sort what cannot fit
		return fault(c.tooLarge)
	}
	c.buf = append(c.buf, '{')
	for i, k := range slices.Sorted(maps.Keys(v)) {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		if err := c.str(k); err != nil {
			return err
		}
		c.buf = append(c.buf, ':')
		if err := c.value(v[k]); err != nil {
			return err.under(k)
		}
	}
	c.buf = append(c.buf, '}')
	c.depth++
	return c.room()
}

func (c *canonical) str(s string) *Error {
	if len(s) > c.max-len(c.buf) { // do not read what cannot fit
		return fault(c.tooLarge)
	}
	if !utf8.ValidString(s) {
		return fault("text " + quote(s) + " is not valid UTF-8")
	}
	c.buf = append(c.buf, '"')
	start := 0
	for i := range len(s) {
		if b := s[i]; b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		c.buf = append(c.buf, s[start:i]...)
		c.buf = appendEscape(c.buf, s[i])
		start = i + 1
	}
	c.buf = append(c.buf, s[start:]...)
	c.buf = append(c.buf, '"')
	return nil
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\f':
		return append(b, '\\', 'f')
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	default:
		const hex = "0123456789abcdef"
		return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
}
