// Package printable makes text from guests, policies and callers safe to print,
// to log and to record: what does not show as itself (control characters, so
// ANSI sequences too, line breaks, bidi and invisible characters, broken UTF-8)
// becomes an escape, so that nobody forges a line or draws on a terminal.
package printable

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Line returns s on one line.
func Line(s string) string { return escape(s, "") }

// Text returns s with its line breaks and tabs, and all else escaped.
func Text(s string) string { return escape(s, "\n\t") }

// Cut is Line of at most limit bytes of s; it says how many are missing.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return Line(s)
	}
	end := limit
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return Line(s[:end]) + fmt.Sprintf("… (%d bytes more)", len(s)-end)
}

func escape(s, keep string) string {
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

// JSON escapes what encoding/json leaves as it is but does not show as itself.
// Outside strings JSON has no such characters, so the value stays.
func JSON(b []byte) []byte {
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
