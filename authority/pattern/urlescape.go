package pattern

import (
	"bytes"
	"strings"
)

// The characters that parts of a URL hold only percent-encoded, besides
// control characters and what is beyond ASCII (URL standard, §1.3). "'" is
// encoded in queries of all schemes here, so that patterns need not know the
// scheme.
const (
	escapePath     = " \"#<>?^`{}"
	escapeQuery    = " \"#<>'"
	escapeFragment = " \"<>`"
)

// appendEscaped appends s in the one spelling that we compare: what must be
// percent-encoded is, in capital digits; letters, digits and "-._~" are not
// (RFC 3986 §6.2.2.2 holds the two for the same). A "%" without two digits is
// refused.
func appendEscaped(b []byte, s string, at int, set string) ([]byte, *Error) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '%' {
			if c <= ' ' || c >= 0x7f || strings.IndexByte(set, c) >= 0 {
				b = appendPercent(b, c)
			} else {
				b = append(b, c)
			}
			continue
		}
		d, ok := decodePercent(s[i:])
		if !ok {
			return nil, fault(at+i, `"%" without two hexadecimal digits (write %25 for the character itself)`)
		}
		if unreserved(d) {
			b = append(b, d)
		} else {
			b = appendPercent(b, d)
		}
		i += 2
	}
	return b, nil
}

func appendPercent(b []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(b, '%', hex[c>>4], hex[c&15])
}

func decodePercent(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	hi, ok1 := hexDigit(s[1])
	lo, ok2 := hexDigit(s[2])
	return hi<<4 | lo, ok1 && ok2
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// appendPath appends a path, which is empty or starts with "/", in canonical
// form: escaped, without dot segments, never empty.
func appendPath(b []byte, s string, at int) ([]byte, *Error) {
	escaped, err := appendEscaped(nil, s, at, escapePath)
	if err != nil {
		return nil, err
	}
	if len(escaped) == 0 {
		return append(b, '/'), nil
	}
	root := len(b)
	rest, more := string(escaped[1:]), true
	for more {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		switch {
		case segment == "..":
			b = b[:root+max(bytes.LastIndexByte(b[root:], '/'), 0)]
			fallthrough
		case segment == ".":
			if !more {
				b = append(b, '/')
			}
		case hidesDots(segment):
			return nil, fault(at, `path with a hidden ".." (an encoded slash or ";" next to dots), which servers read differently`)
		default:
			b = append(b, '/')
			b = append(b, segment...)
		}
	}
	return b, nil
}

var slashDecoder = strings.NewReplacer("%2F", "/", "%5C", "/", "%3B", ";")

// hidesDots reports whether a server that decodes slashes, or cuts parameters
// off, would find a dot segment in the segment.
func hidesDots(segment string) bool {
	if strings.IndexByte(segment, '.') < 0 {
		return false
	}
	for piece := range strings.SplitSeq(slashDecoder.Replace(segment), "/") {
		if piece, _, _ = strings.Cut(piece, ";"); piece == "." || piece == ".." {
			return true
		}
	}
	return false
}
