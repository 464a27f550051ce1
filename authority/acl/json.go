package acl

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// parseJSON reads one JSON value, exactly as RFC 8259 has it: no duplicate
// members, no invalid UTF-8 or lone surrogates, nothing behind the value, no
// number that does not fit. It returns nil after a problem.
func parseJSON(src *source, k *sink) *node {
	if !src.plainText(k) {
		return nil
	}
	p := jsonParser{src: src, sink: k}
	p.space()
	root := p.value(1)
	p.space()
	if !p.failed && p.at < len(src.data) {
		p.fail(p.at, "", "something follows the value")
	}
	if p.failed {
		return nil
	}
	return root
}

// jsonParser stops at the first problem of grammar; duplicate members are
// reported and passed.
type jsonParser struct {
	src    *source
	sink   *sink
	at     int
	values int
	failed bool
}

func (p *jsonParser) fail(at int, hint, message string) {
	if !p.failed {
		p.failed = true
		p.sink.errorf(p.src.at(at), codeSyntax, hint, "not valid JSON: %s", message)
	}
}

// peek returns the next byte, 0 at the end. (A zero byte in the text is an
// error wherever it stands.)
func (p *jsonParser) peek() byte {
	if p.at < len(p.src.data) {
		return p.src.data[p.at]
	}
	return 0
}

func (p *jsonParser) space() {
	for p.at < len(p.src.data) {
		switch p.src.data[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *jsonParser) value(depth int) *node {
	n := &node{pos: p.src.at(p.at)}
	if p.values++; depth > maxDepth || p.values > maxValues {
		p.failed = true
		tooMuch(p.sink, n.pos, depth)
		return n
	}
	switch c := p.peek(); {
	case c == '{':
		p.object(n, depth)
	case c == '[':
		p.array(n, depth)
	case c == '"':
		n.kind, n.text = kindString, p.string()
	case c == '-' || '0' <= c && c <= '9':
		p.number(n)
	case p.word("true"):
		n.kind, n.flag = kindBool, true
	case p.word("false"):
		n.kind = kindBool
	case p.word("null"):
		n.kind = kindNull
	default:
		p.unexpected("a value")
	}
	return n
}

// unexpected complains about the byte at hand.
func (p *jsonParser) unexpected(want string) {
	if p.at >= len(p.src.data) {
		p.fail(p.at, "", "it ends where "+want+" should stand")
		return
	}
	hint := ""
	switch p.src.data[p.at] {
	case '/', '#':
		hint = "JSON has no comments"
	case '\'':
		hint = "strings stand in double quotes"
	case '}', ']':
		if before := bytes.TrimRight(p.src.data[:p.at], " \t\r\n"); bytes.HasSuffix(before, []byte(",")) {
			hint = "JSON allows no comma before a closing bracket"
		}
	}
	r, _ := utf8.DecodeRune(p.src.data[p.at:])
	p.fail(p.at, hint, "found "+strconv.QuoteRune(r)+" where "+want+" should stand")
}

// word consumes the word if it comes next.
func (p *jsonParser) word(w string) bool {
	if len(p.src.data)-p.at < len(w) || string(p.src.data[p.at:p.at+len(w)]) != w {
		return false
	}
	p.at += len(w)
	return true
}

func (p *jsonParser) object(n *node, depth int) {
	n.kind = kindTable
	p.at++
	p.space()
	if p.peek() == '}' {
		p.at++
		return
	}
	for !p.failed {
		pos := p.src.at(p.at)
		if p.peek() != '"' {
			p.unexpected("a key in double quotes")
			return
		}
		key := p.string()
		p.space()
		if !p.failed && p.peek() != ':' {
			p.unexpected("a colon")
		}
		if p.failed {
			return
		}
		p.at++
		p.space()
		value := p.value(depth + 1)
		if first := n.child(key); first != nil {
			duplicate(p.sink, pos, first.pos, "key "+quote(key))
		} else {
			n.add(key, pos, value)
		}
		if p.closed('}') {
			return
		}
	}
}

func (p *jsonParser) array(n *node, depth int) {
	n.kind = kindList
	p.at++
	p.space()
	if p.peek() == ']' {
		p.at++
		return
	}
	for !p.failed {
		n.items = append(n.items, p.value(depth+1))
		if p.closed(']') {
			return
		}
	}
}

// closed reads what follows an item: a comma, or the bracket that closes.
func (p *jsonParser) closed(bracket byte) bool {
	p.space()
	switch {
	case p.failed:
	case p.peek() == bracket:
		p.at++
		return true
	case p.peek() == ',':
		p.at++
		p.space()
	default:
		p.unexpected("a comma or '" + string(rune(bracket)) + "'")
	}
	return false
}

// string reads a string that starts at the double quote at hand.
func (p *jsonParser) string() string {
	start := p.at
	var text []byte
	for p.at++; p.at < len(p.src.data); {
		switch c := p.src.data[p.at]; {
		case c == '"':
			p.at++
			return string(text)
		case c == '\n':
			p.fail(start, "", "the string has no end on its line")
			return ""
		case c < ' ':
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
		p.fail(start, `a backslash is written \\`, "unknown escape in a string")
		return text
	}
	r := p.hex()
	if utf16.IsSurrogate(r) {
		low := rune(-1)
		if p.word(`\`) && p.peek() == 'u' {
			low = p.hex()
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

// hex reads the "u" at hand and four digits; -1 if they are none.
func (p *jsonParser) hex() rune {
	p.at++
	if len(p.src.data)-p.at < 4 {
		return -1
	}
	var r rune
	for _, c := range p.src.data[p.at : p.at+4] {
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
	p.at += 4
	return r
}

// number reads an integer that fits 64 bits, or a finite float.
func (p *jsonParser) number(n *node) {
	start := p.at
	p.word("-")
	whole := p.digits()
	ok := whole == 1 || whole > 1 && p.src.data[p.at-whole] != '0'
	integer := true
	if p.word(".") {
		ok = p.digits() > 0 && ok
		integer = false
	}
	if p.word("e") || p.word("E") {
		if !p.word("+") {
			p.word("-")
		}
		ok = p.digits() > 0 && ok
		integer = false
	}
	text := string(p.src.data[start:p.at])
	if !ok {
		p.fail(start, "", "malformed number")
		return
	}
	var err error
	if integer {
		n.kind = kindInt
		n.integer, err = strconv.ParseInt(text, 10, 64)
	} else {
		n.kind = kindFloat
		n.float, err = strconv.ParseFloat(text, 64)
	}
	if err != nil {
		p.fail(start, "", "the number "+quote(text)+" does not fit 64 bits")
	}
}

func (p *jsonParser) digits() int {
	start := p.at
	for c := p.peek(); '0' <= c && c <= '9'; c = p.peek() {
		p.at++
	}
	return p.at - start
}
