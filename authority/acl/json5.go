package acl

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// parseJSON5 reads one value of JSON5 (https://spec.json5.org), as strictly as
// [parseJSON] reads JSON. Of JSON5 it refuses what a reader and a parser may
// take for different things: an escape that only drops its backslash ('\.'),
// control characters in strings and comments, line ends that editors do not
// show as such, and numbers that are not finite.
func parseJSON5(src *source, k *sink) *node {
	p := jsonParser{src: src, sink: k, five: true}
	return p.document()
}

// space5 passes over a comment, or a space that JSON does not have.
func (p *jsonParser) space5() bool {
	rest := p.src.data[p.at:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		if n := bytes.IndexByte(rest, '\n'); n >= 0 {
			rest = rest[:n]
		}
		return p.comment(bytes.TrimSuffix(rest, []byte("\r")), true)
	case bytes.HasPrefix(rest, []byte("/*")):
		n := bytes.Index(rest[2:], []byte("*/"))
		if n < 0 {
			p.fail(p.at, "", "the comment has no end")
			return false
		}
		return p.comment(rest[:2+n+2], false)
	}
	r, size := utf8.DecodeRune(rest)
	if r == '\v' || r == '\f' || r == '\ufeff' || unicode.Is(unicode.Zs, r) {
		p.at += size
		return true
	}
	return false
}

// comment passes over a comment of one line, or of several. For JSON5 a lone
// carriage return ends a line, too, but not for those who read it: what follows
// would look like a comment and be none.
func (p *jsonParser) comment(text []byte, line bool) bool {
	for i, r := range string(text) {
		switch {
		case line && r == '\r':
			p.fail(p.at+i, "end the line with a line feed", "a comment holds "+strconv.QuoteRune(r)+", which ends it without showing")
		case r < ' ' && r != '\t' && r != '\n' && r != '\r':
			p.fail(p.at+i, "take it out", "a control character stands in a comment")
		}
	}
	p.at += len(text)
	return !p.failed
}

// identifier reads a key without quotes, an IdentifierName of ECMAScript 5.1.
func (p *jsonParser) identifier() string {
	var name []byte
	for p.at < len(p.src.data) {
		start := p.at
		r, size := utf8.DecodeRune(p.src.data[p.at:])
		if p.at += size; r == '\\' {
			if r = -1; p.peek() == 'u' {
				r = p.hex(4)
			}
			if !inIdentifier(r, name == nil) {
				p.fail(start, "put the key in quotes", `only \u with a letter or digit can be in a key without quotes`)
				return ""
			}
		}
		if !inIdentifier(r, name == nil) {
			p.at = start
			break
		}
		name = utf8.AppendRune(name, r)
	}
	if name == nil {
		p.unexpected("a key")
	}
	return string(name)
}

// inIdentifier reports whether the character can stand in an IdentifierName.
func inIdentifier(r rune, first bool) bool {
	switch {
	case r == '$' || r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r):
		return true
	case first:
		return false
	}
	return r == '\u200c' || r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc)
}

// escape5 reads an escape that only JSON5 has, from the character behind the
// backslash on; false if it is none.
func (p *jsonParser) escape5(text *[]byte) bool {
	r, size := utf8.DecodeRune(p.src.data[p.at:])
	plain := rune(-1)
	switch r {
	case '\n': // the string goes on in the next line
		p.at += size
		return true
	case '\r':
		p.at++
		p.word("\n")
		return true
	case 'x':
		plain, size = p.hex(2), 0
	case '\'':
		plain = r
	case 'v':
		plain = '\v'
	case '0':
		plain = 0
	}
	p.at += size
	if c := p.peek(); plain < 0 || r == '0' && isDigit(c) {
		return false
	}
	*text = utf8.AppendRune(*text, plain)
	return true
}

// number5 reports whether a number comes next that only JSON5 has.
func (p *jsonParser) number5() bool {
	rest := p.src.data[p.at:]
	c := p.peek()
	return c == '+' || c == '.' || bytes.HasPrefix(rest, []byte("Infinity")) || bytes.HasPrefix(rest, []byte("NaN"))
}

func isHexDigit(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
