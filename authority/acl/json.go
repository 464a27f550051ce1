package acl

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// parseJSON reads one JSON value, exactly as RFC 8259 has it: no duplicate
// members, no invalid UTF-8 or lone surrogates, nothing behind the value, no
// number that does not fit. It returns nil after a problem.
func parseJSON(src *source, k *sink) *node {
	p := jsonParser{src: src, sink: k}
	return p.document()
}

func (p *jsonParser) document() *node {
	if !p.src.plainText(p.sink) {
		return nil
	}
	p.space()
	root := p.value(1)
	p.space()
	if !p.failed && p.at < len(p.src.data) {
		p.fail(p.at, "", "something follows the value")
	}
	if p.failed {
		return nil
	}
	return root
}

// jsonParser reads JSON, and JSON5 too if five is set. It stops at the first
// problem of grammar; duplicate members are reported and passed.
type jsonParser struct {
	src    *source
	sink   *sink
	five   bool
	at     int
	values int
	failed bool
}

func (p *jsonParser) fail(at int, hint, message string) {
	if !p.failed {
		p.failed = true
		p.sink.errorf(p.src.at(at), codeSyntax, hint, "not valid %s: %s", p.language(), message)
	}
}

func (p *jsonParser) language() string {
	if p.five {
		return "JSON5"
	}
	return "JSON"
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
			if !p.five || !p.space5() {
				return
			}
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
	case c == '"' || c == '\'' && p.five:
		n.kind, n.text = kindString, p.string()
	case c == '-' || isDigit(c) || p.five && p.number5():
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
	n.end = p.at
	return n
}

// unexpected complains about the byte at hand.
func (p *jsonParser) unexpected(want string) {
	if p.at >= len(p.src.data) {
		p.fail(p.at, "", "it ends where "+want+" should stand")
		return
	}
	r, _ := utf8.DecodeRune(p.src.data[p.at:])
	p.fail(p.at, p.slip(r), "found "+strconv.QuoteRune(r)+" where "+want+" should stand")
}

// slip returns a hint for a character that other languages have there.
func (p *jsonParser) slip(r rune) string {
	switch before := bytes.TrimRight(p.src.data[:p.at], " \t\r\n"); {
	case r == '#' && p.five:
		return "a comment starts with //"
	case (r == '-' || r == '.') && p.five:
		return "a key that is no plain word stands in quotes"
	case p.five:
	case r == '/' || r == '#':
		return "JSON has no comments"
	case r == '\'':
		return "strings stand in double quotes"
	case (r == '}' || r == ']') && bytes.HasSuffix(before, []byte(",")):
		return "JSON allows no comma before a closing bracket"
	}
	return ""
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
		key := p.key()
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

func (p *jsonParser) key() string {
	switch c := p.peek(); {
	case c == '"' || c == '\'' && p.five:
		return p.string()
	case p.five:
		return p.identifier()
	}
	p.unexpected("a key in double quotes")
	return ""
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

// closed reads what follows an item: a comma, or the bracket that closes. In
// JSON5 both may stand there.
func (p *jsonParser) closed(bracket byte) bool {
	p.space()
	comma := !p.failed && p.word(",")
	if comma {
		p.space()
	}
	switch {
	case p.failed:
	case p.peek() == bracket && (!comma || p.five):
		p.at++
		return true
	case !comma:
		p.unexpected("a comma or '" + string(rune(bracket)) + "'")
	}
	return false
}

// number reads an integer that fits 64 bits, or a finite float.
func (p *jsonParser) number(n *node) {
	start := p.at
	if !p.word("-") && p.five {
		p.word("+")
	}
	var integer, ok bool
	switch {
	case p.five && (p.word("Infinity") || p.word("NaN")):
		p.fail(start, "", "the number "+quote(string(p.src.data[start:p.at]))+" is not finite")
		return
	case p.five && (p.word("0x") || p.word("0X")):
		integer, ok = true, p.digits(isHexDigit) > 0
	default:
		integer, ok = p.decimal()
	}
	text := string(p.src.data[start:p.at])
	if !ok {
		p.fail(start, "", "malformed number")
		return
	}
	var err error
	if integer {
		n.kind = kindInt
		n.integer, err = strconv.ParseInt(text, 0, 64)
	} else {
		n.kind = kindFloat
		n.float, err = strconv.ParseFloat(text, 64)
	}
	if err != nil {
		p.fail(start, "", "the number "+quote(text)+" does not fit 64 bits")
	}
}

// decimal reads a number without its sign, and reports whether it is an
// integer and whether it is well formed. JSON5 wants digits only on one side
// of the point.
func (p *jsonParser) decimal() (integer, ok bool) {
	whole := p.digits(isDigit)
	ok, integer = whole == 1 || whole > 1 && p.src.data[p.at-whole] != '0', true
	if p.word(".") {
		integer = false
		switch fraction := p.digits(isDigit); {
		case whole == 0:
			ok = p.five && fraction > 0
		case fraction == 0:
			ok = p.five && ok
		}
	}
	if p.word("e") || p.word("E") {
		integer = false
		if !p.word("+") {
			p.word("-")
		}
		ok = p.digits(isDigit) > 0 && ok
	}
	return integer, ok
}

func (p *jsonParser) digits(isDigit func(byte) bool) int {
	start := p.at
	for isDigit(p.peek()) {
		p.at++
	}
	return p.at - start
}
