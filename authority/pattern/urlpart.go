package pattern

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// partKind is which part of a URL it is; the grammar differs a little.
type partKind uint8

const (
	partScheme partKind = iota
	partHost
	partPath
	partQuery
	partFragment
)

// delimiter is what a group :name stops at, 0 where there are no such groups.
func (k partKind) delimiter() rune {
	switch k {
	case partHost:
		return '.'
	case partPath:
		return '/'
	}
	return 0
}

// part is a compiled part of a URL pattern. Most have a shape that needs no
// nfa.
type part struct {
	shape shape
	text  string // literal, prefix, suffix
	nfa   nfa    // shapeOther
}

type shape uint8

const (
	shapeLiteral shape = iota // the text
	shapeAny                  // *
	shapePrefix               // text*
	shapeSuffix               // *text
	shapeOther
)

func (p *part) match(s string) bool {
	switch p.shape {
	case shapeLiteral:
		return s == p.text
	case shapeAny:
		return true
	case shapePrefix:
		return strings.HasPrefix(s, p.text)
	case shapeSuffix:
		return strings.HasSuffix(s, p.text)
	}
	var run nfaRun
	run.start(p.nfa)
	for i := range len(s) {
		if !run.read(rune(s[i])) {
			return false
		}
	}
	return run.matched()
}

// partCompiler compiles the text of one part.
type partCompiler struct {
	kind  partKind
	text  string
	at    int
	i     int // the next byte of text
	steps nfa

	question bool // a "?" follows the text
	open     int  // where the steps of the open group start, -1: none
	fresh    bool // a group :name may start here: at the start of a segment or label
	after    byte // what came last if it cannot take a modifier: '*', 'n' (:name) or 0

	small   bool // capital letters in a host are refused
	letters bool // text outside groups that no IPv4 address has
	digits  bool
}

func compilePart(r rawPart, kind partKind) (part, *Error) {
	c := newPartCompiler(r, kind)
	if err := c.run(); err != nil {
		return part{}, err
	}
	return c.part(), nil
}

func newPartCompiler(r rawPart, kind partKind) *partCompiler {
	return &partCompiler{kind: kind, text: r.text, at: r.at, question: r.question, open: -1, fresh: kind == partHost}
}

func (c *partCompiler) run() *Error {
	for c.i < len(c.text) {
		if err := c.next(); err != nil {
			return err
		}
		if len(c.steps) > maxSteps-8 {
			return c.fault(0, "part of a URL pattern longer than 1000 characters")
		}
	}
	switch {
	case c.open >= 0:
		return c.fault(0, `"{" is not closed`)
	case c.question && c.after != 0:
		return c.modifier('?')
	}
	return nil
}

func (c *partCompiler) fault(offset int, text string) *Error {
	return fault(c.at+c.i+offset, text)
}

func (c *partCompiler) next() *Error {
	b := c.text[c.i]
	switch {
	case b == '*':
		return c.star()
	case b == '{':
		return c.openGroup()
	case b == '}':
		return c.closeGroup()
	case b == '(':
		return c.fault(0, `regular expressions are not supported (use *; for the character itself write \( )`)
	case b == '+' || b == '?':
		return c.modifier(b)
	case b == ':' && (identifierLength(c.text[c.i+1:]) > 0 || startsBeyondASCII(c.text[c.i+1:])):
		return c.name()
	}
	return c.literal()
}

func (c *partCompiler) modifier(b byte) *Error {
	switch {
	case c.after == '*' && b == '?':
		return c.fault(0, `"?" after "*" makes it optional in URLPattern (to start a query write \?)`)
	case c.after != 0:
		return c.fault(0, "modifiers are not supported here (only {…}?)")
	default:
		return c.fault(0, strconv.QuoteRune(rune(b))+` must be escaped (write \`+string(b)+")")
	}
}

func (c *partCompiler) star() *Error {
	if strings.HasPrefix(c.text[c.i+1:], "*") {
		return c.deep()
	}
	c.i++
	c.steps = append(c.steps, nfaStep{kind: stepRun, r: none})
	c.fresh, c.after = false, '*'
	return nil
}

// deep reads "/**", which in URLPattern is an optional "/*".
func (c *partCompiler) deep() *Error {
	last := len(c.steps) - 1
	rest := c.text[c.i+2:]
	if c.kind != partPath || c.open >= 0 || c.i == 0 || c.text[c.i-1] != '/' || rest != "" && rest[0] != '/' {
		return c.fault(0, `"**" must be a whole segment of a path (write *, which also matches slashes)`)
	}
	c.steps = append(c.steps[:last], nfaStep{kind: stepSkip, n: 3}, nfaStep{kind: stepRune, r: '/'}, nfaStep{kind: stepRun, r: none})
	c.i += 2
	c.fresh, c.after = false, '*'
	return nil
}

func (c *partCompiler) openGroup() *Error {
	if c.open >= 0 {
		return c.fault(0, "groups cannot be nested")
	}
	c.open = len(c.steps)
	c.i++
	c.after = 0
	return nil
}

func (c *partCompiler) closeGroup() *Error {
	n := len(c.steps) - c.open
	switch {
	case c.open < 0:
		return c.fault(0, `"}" without "{" (for the character itself write \})`)
	case n == 0:
		return c.fault(0, "empty group")
	}
	c.i++
	c.fresh, c.after = false, 'n'
	if strings.HasPrefix(c.text[c.i:], "*") {
		return c.fault(0, "modifiers are not supported here (only {…}?)")
	}
	if strings.HasPrefix(c.text[c.i:], "?") {
		c.i++
		c.steps = slices.Insert(c.steps, c.open, nfaStep{kind: stepSkip, n: n + 1})
		c.after = 0
	}
	c.open = -1
	return nil
}

// name reads a group :name: one or more characters other than the delimiter.
func (c *partCompiler) name() *Error {
	stop := c.kind.delimiter()
	if stop == 0 || !c.fresh {
		return c.fault(0, `":" starts a group here, which must be a whole segment (for the character itself write \:)`)
	}
	c.i += 1 + identifierLength(c.text[c.i+1:])
	if startsBeyondASCII(c.text[c.i:]) { // in URLPattern, most such characters belong to the name
		return c.fault(0, `the name of a group is ASCII only (for the character itself write \ before it)`)
	}
	c.steps = append(c.steps, nfaStep{kind: stepAny, r: stop}, nfaStep{kind: stepRun, r: stop})
	c.fresh, c.after = false, 'n'
	if strings.HasPrefix(c.text[c.i:], "*") {
		return c.fault(0, "modifiers are not supported here (only {…}?)")
	}
	return nil
}

func startsBeyondASCII(s string) bool { return s != "" && s[0] >= utf8.RuneSelf }

// literal reads one character, escaped or not, or one percent-encoded byte.
func (c *partCompiler) literal() *Error {
	at := c.i
	escaped := c.text[c.i] == '\\'
	if escaped {
		if c.i++; c.i == len(c.text) {
			return c.fault(-1, `"\" with nothing after it`)
		}
	}
	s := c.text[c.i : c.i+1]
	if s == "%" && !escaped {
		s = c.text[c.i:min(c.i+3, len(c.text))]
	}
	out, err := c.canonical(s, c.at+at)
	if err != nil {
		return err
	}
	c.i += len(s)
	for _, b := range out {
		c.steps = append(c.steps, nfaStep{kind: stepRune, r: rune(b)})
	}
	c.fresh, c.after = c.kind.delimiter() == rune(s[0]), 0
	return nil
}

// canonical returns a literal as [ParseURL] would spell it in this part.
func (c *partCompiler) canonical(s string, at int) ([]byte, *Error) {
	switch c.kind {
	case partScheme:
		if !schemeByte(s[0], false) {
			return nil, fault(at, strconv.QuoteRune(rune(s[0]))+" cannot be in the scheme of a URL")
		}
		return []byte(strings.ToLower(s)), nil
	case partHost:
		return c.canonicalHost(s[0], at)
	case partPath:
		if s == "?" || s == "#" {
			return nil, fault(at, strconv.Quote(s)+" cannot be in a path (groups end within their part)")
		}
		return appendEscaped(nil, s, at, escapePath)
	case partQuery:
		if s == "#" {
			return nil, fault(at, `"#" cannot be in a query (groups end within their part)`)
		}
		return appendEscaped(nil, s, at, escapeQuery)
	default:
		return appendEscaped(nil, s, at, escapeFragment)
	}
}

func (c *partCompiler) canonicalHost(b byte, at int) ([]byte, *Error) {
	if err := checkHostByte(b, at); err != nil {
		return nil, err
	}
	switch {
	case c.small && 'A' <= b && b <= 'Z':
		return nil, capitalHost(at)
	case '0' <= b && b <= '9':
		c.digits = true
	case b != '.' && c.open < 0:
		c.letters = true
	}
	return []byte(strings.ToLower(string(rune(b)))), nil
}

// part finds the shape of what was compiled.
func (c *partCompiler) part() part {
	n := c.steps
	head := literalLength(n)
	switch {
	case head == len(n):
		return part{shape: shapeLiteral, text: n.literal()}
	case isRun(n[head]) && head == 0 && len(n) == 1:
		return part{shape: shapeAny}
	case isRun(n[head]) && head == len(n)-1:
		return part{shape: shapePrefix, text: n[:head].literal()}
	case isRun(n[0]) && literalLength(n[1:]) == len(n)-1:
		return part{shape: shapeSuffix, text: n[1:].literal()}
	}
	return part{shape: shapeOther, nfa: n}
}

// wild reports whether the part holds a "*".
func (p *part) wild() bool {
	return p.shape != shapeLiteral && (p.shape != shapeOther || slices.ContainsFunc(p.nfa, isRun))
}

// tail returns the literal text that the part ends in after its last wildcard.
func (p *part) tail() string {
	switch p.shape {
	case shapeLiteral, shapeSuffix:
		return p.text
	case shapeOther:
		i := len(p.nfa)
		for i > 0 && p.nfa[i-1].kind == stepRune {
			i--
		}
		return p.nfa[i:].literal()
	}
	return ""
}

func isRun(s nfaStep) bool { return s.kind == stepRun && s.r == none }

// literalLength returns how many steps at the start are characters.
func literalLength(n nfa) int {
	for i := range n {
		if n[i].kind != stepRune {
			return i
		}
	}
	return len(n)
}

func (n nfa) literal() string {
	b := make([]byte, len(n))
	for i := range n {
		b[i] = byte(n[i].r)
	}
	return string(b)
}
