package acl

import (
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string that starts at the quote at hand.
func (p *jsonParser) string() string {
	start, quotes := p.at, p.peek()
	var text []byte
	for p.at++; p.at < len(p.src.data); {
		switch c := p.src.data[p.at]; {
		case c == quotes:
			p.at++
			return string(text)
		case c == '\n':
			p.fail(start, "", "the string has no end on its line")
			return ""
		case c < ' ' && (c != '\t' || !p.five):
			p.fail(p.at, "write it as an escape", "a control character stands in a string")
			return ""
		case c == '\\':
			if text = p.escape(text); p.failed {
				return ""
			}
		default:
			text = append(text, c)
			p.at++
		}
	}
	p.fail(start, "", "the string has no end")
	return ""
}

var jsonEscapes = map[byte]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

func (p *jsonParser) escape(text []byte) []byte {
	start := p.at
	p.at++
	c := p.peek()
	if plain, ok := jsonEscapes[c]; ok {
		p.at++
		return append(text, plain)
	}
	if c != 'u' {
		if !p.five || !p.escape5(&text) {
			p.fail(start, `a backslash is written \\`, "unknown escape in a string")
		}
		return text
	}
	r := p.hex(4)
	if utf16.IsSurrogate(r) {
		low := rune(-1)
		if p.word(`\`) && p.peek() == 'u' {
			low = p.hex(4)
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			p.fail(start, "", "half of a surrogate pair stands alone")
		}
	}
	if r < 0 {
		p.fail(start, `four hexadecimal digits follow \u`, "unknown escape in a string")
	}
	return utf8.AppendRune(text, r)
}

// hex reads the letter at hand and so many digits; -1 if they are none.
func (p *jsonParser) hex(digits int) rune {
	p.at++
	if len(p.src.data)-p.at < digits {
		return -1
	}
	var r rune
	for _, c := range p.src.data[p.at : p.at+digits] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	p.at += digits
	return r
}
