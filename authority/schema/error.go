package schema

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Error is what is wrong with a schema or with a value, and where.
type Error struct {
	Pointer string // JSON pointer (RFC 6901) into the schema or value; "" is its root
	Text    string // lower case, no final stop; foreign text is quoted and clipped
}

// Error prints the text, with the quoted pointer in front unless the fault is
// at the root.
func (e *Error) Error() string {
	if e.Pointer == "" {
		return e.Text
	}
	return "at " + quote(e.Pointer) + ": " + e.Text
}

// under returns e with one more level of the pointer in front.
func (e *Error) under(key string) *Error {
	e.Pointer = "/" + pointerEscaper.Replace(key) + e.Pointer
	return e
}

func (e *Error) underIndex(i int) *Error { return e.under(strconv.Itoa(i)) }

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func fault(text string) *Error { return &Error{Text: text} }

// maxQuoted is how many bytes of foreign text an error repeats.
const maxQuoted = 80

// quote quotes foreign text, clipped.
func quote(s string) string {
	if len(s) <= maxQuoted {
		return strconv.Quote(s)
	}
	cut := maxQuoted
	for cut > maxQuoted-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(s[:cut]) + "…"
}

// maxListed is how many bytes of a list an error repeats.
const maxListed = 200

// listed joins texts with commas, clipped after a whole one.
func listed(texts []string) string {
	var b strings.Builder
	for i, t := range texts {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len()+len(t) > maxListed {
			b.WriteString("…")
			break
		}
		b.WriteString(t)
	}
	return b.String()
}
