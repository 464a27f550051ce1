package pattern

import (
	"strings"
	"unicode/utf8"
)

// glob is a compiled glob over characters. It is used for labels, names and
// single components of paths.
type glob struct {
	tokens []token
}

type tokenKind uint8

const (
	tokLiteral tokenKind = iota // the text
	tokAny                      // any one character
	tokClass                    // one character of the class
	tokStar                     // any run of characters
	tokDeep                     // nothing, or any run that ends in "/"
)

type token struct {
	kind  tokenKind
	text  string // tokLiteral: one or more characters
	class *class // tokClass
}

func (k tokenKind) repeats() bool { return k == tokStar || k == tokDeep }

// globMode says which grammar a glob has.
type globMode uint8

const (
	modeLabel     globMode = iota // as Rust's glob crate
	modeName                      // strict, and "**" never
	modeComponent                 // the same, within a path
)

// compileGlob compiles text, which starts at the byte at of the pattern.
func compileGlob(text string, at int, mode globMode) (glob, *Error) {
	var g glob
	strict := mode != modeLabel
	literal := 0 // where the literal text before i starts
	flush := func(i int) {
		if i > literal {
			g.tokens = append(g.tokens, token{kind: tokLiteral, text: text[literal:i]})
		}
	}
	for i := 0; i < len(text); {
		var t token
		size := 1
		switch c := text[i]; {
		case c == '?':
			t.kind = tokAny
		case c == '*':
			var err *Error
			if t.kind, size, err = parseStars(text, i, at, mode); err != nil {
				return glob{}, err
			}
		case c == '[':
			var err *Error
			t.kind = tokClass
			if t.class, size, err = parseClass(text[i:], at+i, strict); err != nil {
				return glob{}, err
			}
		case strict && (c == '{' || c == '}'):
			return glob{}, fault(at+i, "there are no alternatives in braces (write one pattern for each; for the character itself write ["+string(c)+"])")
		default:
			i++
			continue
		}
		flush(i)
		i += size
		literal = i
		g.tokens = append(g.tokens, t)
	}
	flush(len(text))
	return g, nil
}

// parseStars reads the run of stars at text[i:].
func parseStars(text string, i, at int, mode globMode) (tokenKind, int, *Error) {
	n := len(text[i:]) - len(strings.TrimLeft(text[i:], "*"))
	whole := (i == 0 || text[i-1] == '/') && (i+n == len(text) || text[i+n] == '/')
	switch {
	case n == 1:
		return tokStar, 1, nil
	case mode == modeName:
		return 0, 0, fault(at+i, `"**" is for paths (write *, which matches any characters)`)
	case n > 2:
		return 0, 0, fault(at+i+2, `more than two "*" in a row (write * or **)`)
	case !whole || mode == modeComponent:
		return 0, 0, fault(at+i, `"**" must stand alone between slashes (for any run of characters write *)`)
	case i+n == len(text):
		return tokStar, n, nil
	case i+n+1 == len(text): // "a/**/" is the same as "a/**"
		return tokStar, n + 1, nil
	default:
		return tokDeep, n + 1, nil
	}
}

// shortest returns how many characters a text must have to match.
func (g *glob) shortest() int {
	n := 0
	for i := range g.tokens {
		switch t := &g.tokens[i]; t.kind {
		case tokLiteral:
			n += utf8.RuneCountInString(t.text)
		case tokAny, tokClass:
			n++
		}
	}
	return n
}

// match reports whether s matches.
func (g *glob) match(s string) bool {
	switch {
	case len(g.tokens) == 0: // the zero glob
		return false
	case len(g.tokens) == 1 && g.tokens[0].kind == tokLiteral:
		return s == g.tokens[0].text
	case len(g.tokens) == 1 && g.tokens[0].kind == tokStar:
		return true
	}
	matched, _ := g.run(s)
	return matched
}

// run reports whether s matches. It keeps one place to go back to, the last
// token that repeats: whatever an earlier one could still reach, the last one
// can reach too. So steps, the characters of the pattern that it looked at, are
// at most a small multiple of len(pattern)*len(s), to which tests hold it.
func (g *glob) run(s string) (matched bool, steps int) {
	tokens := g.tokens
	t, i := 0, 0           // the next token, the next byte
	backT, backI := -1, -1 // the last repeating token, and where its run ends
	for {
		switch {
		case t == len(tokens):
			if i == len(s) || tokens[t-1].kind == tokStar {
				return true, steps
			}
		case tokens[t].kind.repeats():
			backT, backI = t, i
			t++
			continue
		default:
			steps += 1 + len(tokens[t].text)
			if n := tokens[t].take(s[i:]); n >= 0 {
				t++
				i += n
				continue
			}
		}
		if backT < 0 {
			return false, steps
		}
		if backI = tokens[backT].lengthen(s, backI); backI < 0 {
			return false, steps
		}
		t, i = backT+1, backI
		steps++
	}
}

// take returns how many bytes of s the token takes, or -1.
func (t *token) take(s string) int {
	if t.kind == tokLiteral {
		if strings.HasPrefix(s, t.text) {
			return len(t.text)
		}
		return -1
	}
	if s == "" {
		return -1
	}
	r, n := decode(s)
	if t.kind == tokClass && !t.class.has(r) {
		return -1
	}
	return n
}

// lengthen returns the end of the next longer run of a repeating token whose
// run ended at i, or -1.
func (t *token) lengthen(s string, i int) int {
	if i == len(s) {
		return -1
	}
	if t.kind == tokStar {
		_, n := decode(s[i:])
		return i + n
	}
	if n := strings.IndexByte(s[i:], '/'); n >= 0 {
		return i + n + 1
	}
	return -1
}

// decode returns the first character of s, which is not empty, and its length.
// A byte that is not UTF-8 is the character -1.
func decode(s string) (rune, int) {
	if c := s[0]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	r, n := utf8.DecodeRuneInString(s)
	if n == 1 {
		r = -1
	}
	return r, n
}
