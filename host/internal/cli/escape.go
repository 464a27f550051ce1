package cli

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// escape makes foreign text safe to print on one line of a terminal: what does
// not show as itself (control characters, so ANSI sequences too, line breaks,
// bidi and invisible characters, broken UTF-8) is printed as a Go escape.
func escape(s string) string { return escapeKeeping(s, "") }

// escapeText is [escape] for text of several lines: it keeps line breaks and
// tabs.
func escapeText(s string) string { return escapeKeeping(s, "\n\t") }

func escapeKeeping(s, keep string) string {
	if isClean(s, keep) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case strconv.IsPrint(r) || strings.ContainsRune(keep, r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String()
}

func isClean(s, keep string) bool {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			return false
		}
		if !strconv.IsPrint(r) && !strings.ContainsRune(keep, r) {
			return false
		}
	}
	return true
}

// escapeJSON makes encoded JSON safe to print: the characters that encoding/json
// leaves as they are but a terminal does not show as themselves become \u
// escapes. Outside strings JSON has no such characters, so the value stays.
func escapeJSON(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case strconv.IsPrint(r) || r == '\n' || r == '\t':
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
