package host

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// printable makes foreign text safe for logs and records: at most limit bytes
// of it, on one line, with everything that does not show as itself (control,
// bidi and invisible characters, broken UTF-8) as an escape.
func printable(s string, limit int) string {
	cut := ""
	if len(s) > limit {
		end := limit
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		cut = fmt.Sprintf("… (%d bytes more)", len(s)-end)
		s = s[:end]
	}
	if isPrintable(s) {
		return s + cut
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String() + cut
}

func isPrintable(s string) bool {
	for _, r := range s {
		if !strconv.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}

// escapeJSON replaces the characters that encoding/json leaves alone although
// they do not show as themselves. They occur inside strings only, so the value
// stays what it is.
func escapeJSON(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case strconv.IsPrint(r) || r == '\n':
			out = append(out, b[:n]...)
		case r >= 0x10000:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out
}
