package pattern

import (
	"math/bits"
	"strings"
)

// FoldText exposes folding to tests.
func FoldText(s string) string { return string(foldText(s)) }

// MaxFold exposes how many characters one folds to.
const MaxFold = maxFold

// Steps counts what matching s costs, and the size of the compiled pattern.
func (l *Label) Steps(s string) (steps, size int) {
	_, steps = l.glob.run(s)
	return steps, l.glob.size()
}

func (g *glob) size() int {
	n := 0
	for _, t := range g.tokens {
		n += 1 + len(t.text)
		if t.class != nil {
			n += len(t.class.ranges)
		}
	}
	return n
}

func (n nfa) size() int {
	size := len(n)
	for _, s := range n {
		if s.class != nil {
			size += len(s.class.ranges)
		}
	}
	return size
}

// Steps counts what matching path costs, and the size of the compiled pattern.
func (m *PathMatcher) Steps(path string) (steps, size int) {
	for _, s := range m.steps {
		size += 1 + len(s.text) + len(s.folded) + s.glob.size() + s.nfa.size()
	}
	state := m.settle(1)
	for name := range strings.SplitSeq(path[1:], "/") {
		for todo := state &^ (1 << len(m.steps)); todo != 0; todo &= todo - 1 {
			steps += m.steps[bits.TrailingZeros64(todo)].cost(name)
		}
		state = m.read(state, name)
	}
	return steps, size
}

func (s *pathStep) cost(name string) int {
	switch s.kind {
	case pathGlob:
		_, steps := s.glob.run(name)
		return 1 + steps
	case pathFoldedGlob:
		f := folder{s: name}
		return 1 + s.nfa.looks(func() (rune, bool) { return f.next() })
	default:
		return 1 + min(len(name), len(s.text)+len(s.folded))
	}
}

// looks counts the looks at steps while next has characters.
func (n nfa) looks(next func() (rune, bool)) int {
	var run nfaRun
	run.start(n)
	for r, ok := next(); ok && run.read(r); r, ok = next() {
	}
	return run.looks
}

// Steps counts what matching p costs, and the size of the compiled pattern.
func (u *URL) Steps(p ParsedURL) (steps, size int) {
	for part, s := range map[*part]string{&u.scheme: p.scheme, &u.host: p.host.text, &u.path: p.path, &u.query: p.query, &u.fragment: p.fragment} {
		size += len(part.text) + part.nfa.size()
		if part.shape != shapeOther {
			steps += 1 + min(len(part.text), len(s))
			continue
		}
		i := -1
		steps += part.nfa.looks(func() (rune, bool) {
			if i++; i >= len(s) {
				return 0, false
			}
			return rune(s[i]), true
		})
	}
	return steps, size
}
