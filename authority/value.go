package authority

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxValueDepth bounds the nesting of a scope value.
const maxValueDepth = 32

// copyValue returns a deep copy of a scope value, in which whole numbers are
// int64, so that an Authority shares nothing with what it was made of. The
// error names what cannot be a scope value.
func copyValue(v any, depth int) (any, error) {
	if depth > maxValueDepth {
		return nil, fmt.Errorf("values nested more than %d deep", maxValueDepth)
	}
	switch v := v.(type) {
	case nil, bool, int64:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("the string %s is not valid UTF-8", quote(v))
		}
		return v, nil
	case int:
		return int64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("the number %v is not finite", v)
		}
		return v, nil
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return copyValue(out, depth)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			c, err := copyValue(e, depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = c
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range sortedKeys(v) { // so that of several errors it is always the same
			if !utf8.ValidString(k) {
				return nil, fmt.Errorf("the key %s is not valid UTF-8", quote(k))
			}
			c, err := copyValue(v[k], depth+1)
			if err != nil {
				return nil, err
			}
			out[k] = c
		}
		return out, nil
	}
	return nil, fmt.Errorf("a value of the Go type %T has no form in a policy file", v)
}

// appendValue appends a scope value as JSON with sorted keys: equal values
// have equal bytes. It takes what copyValue returns.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendFloat(b, v)
	case string:
		return appendString(b, v)
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, e)
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for i, k := range sortedKeys(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, k), ':')
			b = appendValue(b, v[k])
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

// appendFloat keeps a float that is a whole number apart from an integer.
func appendFloat(b []byte, f float64) []byte {
	start := len(b)
	b = strconv.AppendFloat(b, f, 'g', -1, 64)
	if !slices.ContainsFunc(b[start:], func(c byte) bool { return c == '.' || c == 'e' }) {
		b = append(b, ".0"...)
	}
	return b
}

// appendString appends a JSON string. Every rune that could be mistaken on a
// screen or break a line is escaped.
func appendString(b []byte, s string) []byte {
	return appendQuoted(b, s, func(b []byte, r rune) []byte {
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(b, `\u%04x\u%04x`, high, low)
	})
}

// appendQuoted appends a string in the syntax that JSON and TOML share; wide
// appends the escape of a rune that has more than 16 bits.
func appendQuoted(b []byte, s string, wide func([]byte, rune) []byte) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case strconv.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r < 0x10000:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = wide(b, r)
		}
	}
	return append(b, '"')
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
