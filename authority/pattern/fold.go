package pattern

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// folder reads a text folded: with all differences taken out that a file
// system may ignore when it looks up a name. Names that some file system takes
// for the same read the same; some others do too.
//
// Taken out are case (simple and full: "ß" reads "SS"), combining marks and
// characters without width, and the difference between composed and decomposed
// ("é", "e" with an accent, and "e" all read "E").
type folder struct {
	s     string
	ahead [maxFold]rune // characters to deliver before the rest of s
	n     int           // how many
}

// maxFold is how many characters one character folds to at most.
const maxFold = 3

// next returns the next folded character; ok is false at the end.
func (f *folder) next() (r rune, ok bool) {
	for f.n == 0 {
		if f.s == "" {
			return 0, false
		}
		c, size := decode(f.s)
		f.s = f.s[size:]
		if c < utf8.RuneSelf {
			return foldASCII(c), true
		}
		f.ahead, f.n = fold(c)
	}
	r = f.ahead[0]
	f.ahead[0], f.ahead[1] = f.ahead[1], f.ahead[2]
	f.n--
	return r, true
}

func foldASCII(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}

// fold returns the characters that r folds to.
func fold(r rune) (out [maxFold]rune, n int) {
	switch {
	case ignored(r):
		return out, 0
	case hangulBase <= r && r < hangulEnd:
		return foldHangul(r)
	}
	r = foldCase(r)
	if i, ok := slices.BinarySearchFunc(foldSingle[:], r, func(e [2]rune, r rune) int { return int(e[0] - r) }); ok {
		r = foldSingle[i][1]
	} else if i, ok := slices.BinarySearchFunc(foldSeveral, r, func(e foldEntry, r rune) int { return int(e.from - r) }); ok {
		for _, c := range foldSeveral[i].to {
			out[n] = c
			n++
		}
		return out, n
	}
	out[0] = r
	return out, 1
}

// ignored reports whether a character folds to nothing. U+0345 is a mark, but
// its upper case is a letter.
func ignored(r rune) bool {
	return r != 0x345 && unicode.In(r, unicode.M, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
}

// foldCase returns the smallest of the characters that differ from r in case
// only.
func foldCase(r rune) rune {
	least := r
	for c := unicode.SimpleFold(r); c != r; c = unicode.SimpleFold(c) {
		least = min(least, c)
	}
	return least
}

// Hangul syllables decompose by arithmetic (Unicode, section 3.12).
const (
	hangulBase  = 0xAC00
	hangulEnd   = 0xD7A4
	hangulTails = 28
	hangulPerL  = 21 * hangulTails
)

func foldHangul(r rune) (out [maxFold]rune, n int) {
	s := r - hangulBase
	out = [maxFold]rune{0x1100 + s/hangulPerL, 0x1161 + s%hangulPerL/hangulTails, 0x11A7 + s%hangulTails}
	if s%hangulTails == 0 {
		out[2] = 0
		return out, 2
	}
	return out, 3
}

// foldEntry is a character that folds to several, or to one that depends.
type foldEntry struct {
	from rune
	to   string
}

// foldText returns the folded text.
func foldText(s string) []rune {
	var out []rune
	f := folder{s: s}
	for r, ok := f.next(); ok; r, ok = f.next() {
		out = append(out, r)
	}
	return out
}

// foldedEqual reports whether s folds to the characters of want.
func foldedEqual(s string, want []rune) bool {
	f := folder{s: s}
	for _, w := range want {
		if r, ok := f.next(); !ok || r != w {
			return false
		}
	}
	_, more := f.next()
	return !more
}

// foldedMatch reports whether s, folded, matches.
func foldedMatch(s string, n nfa) bool {
	var run nfaRun
	run.start(n)
	f := folder{s: s}
	for r, ok := f.next(); ok; r, ok = f.next() {
		if !run.read(r) {
			return false
		}
	}
	return run.matched()
}

// foldGlob turns a glob into one over folded text that matches at least the
// folded forms of all that the glob matches.
func foldGlob(g glob) nfa {
	var out nfa
	for _, t := range g.tokens {
		switch t.kind {
		case tokLiteral:
			for _, r := range foldText(t.text) {
				out = append(out, nfaStep{kind: stepRune, r: r})
			}
		case tokAny:
			out = appendUpTo(out, nfaStep{kind: stepAny, r: none})
		case tokClass:
			out = appendFoldedClass(out, t.class)
		default:
			out = append(out, nfaStep{kind: stepRun, r: none})
		}
	}
	return out
}

// appendUpTo appends a step for one character before folding: after it, that
// is any number up to maxFold.
func appendUpTo(n nfa, s nfaStep) nfa {
	s.optional = true
	return append(n, s, s, s)
}

// A character of a component becomes at most maxFold steps, and a star, of
// which no two are adjacent, one, so that the nfa of a component is never too
// long.
const _ = uint(maxSteps - (maxComponent*maxFold + maxComponent + 1))

// maxFoldedClass is how many characters of a class are folded one by one.
const maxFoldedClass = 256

// appendFoldedClass appends steps for the folded forms of a class. A negated
// or large one becomes any character.
func appendFoldedClass(n nfa, c *class) nfa {
	size := 0
	for _, g := range c.ranges {
		size += int(g.hi-g.lo) + 1
	}
	if c.not || size > maxFoldedClass {
		return appendUpTo(n, nfaStep{kind: stepAny, r: none})
	}
	var set []rune
	single := true
	for _, g := range c.ranges {
		for r := g.lo; r <= g.hi; r++ {
			folded := foldText(string(r))
			single = single && len(folded) == 1
			set = append(set, folded...)
		}
	}
	s := nfaStep{kind: stepClass, class: classOf(set)}
	if single {
		return append(n, s)
	}
	return appendUpTo(n, s)
}

// classOf returns the class of some characters, in as few ranges as possible.
func classOf(set []rune) *class {
	c := &class{}
	slices.Sort(set)
	for _, r := range set {
		if last := len(c.ranges) - 1; last >= 0 && r <= c.ranges[last].hi+1 {
			c.ranges[last].hi = r
			continue
		}
		c.ranges = append(c.ranges, charRange{r, r})
	}
	return c
}
