package pattern

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// PathOptions say how a path pattern is read. The zero value is the narrowest:
// an allow without dotfiles.
type PathOptions struct {
	// Deny reads the pattern as widely as it can be meant: wildcards match
	// dotfiles, d/** also matches d itself, and what is no clean path matches.
	Deny bool
	// Dotfiles lets wildcards match names that start with a dot.
	Dotfiles bool
	// Fold, with Deny, ignores case, marks and normal form. Without Deny it
	// has no effect: allows compare bytes.
	Fold bool
}

// PathMatcher is a path pattern bound to a place. It is immutable and safe for
// concurrent use. A nil or zero PathMatcher matches nothing.
//
// Its methods take clean absolute paths: "/" or components after a slash each,
// valid UTF-8, none empty, "." or "..", no NUL, no backslash, no final slash.
// What is no clean path is denied: an allow does not match it, a deny does.
// Paths are not looked up; the caller must have resolved them.
type PathMatcher struct {
	steps   []pathStep
	deeps   uint64 // the steps that are "**"; never two in a row
	covers  uint64 // the steps from which everything matches
	deny    bool
	started bool // false in the zero PathMatcher
}

// pathStep matches one component, or any number if deep.
type pathStep struct {
	kind   pathKind
	hidden bool   // also takes names that start with a dot
	text   string // pathLiteral; of pathGlob as written
	glob   glob   // pathGlob
	folded []rune // pathFolded
	nfa    nfa    // pathFoldedGlob
}

type pathKind uint8

const (
	pathLiteral pathKind = iota
	pathFolded
	pathGlob
	pathFoldedGlob
	pathAll  // "*"
	pathDeep // "**"
)

// Bind binds the pattern to prefix, the clean absolute path that its variable
// stands for, not "/". The characters of prefix mean themselves. For a pattern
// without a variable prefix must be empty. The error is an [*Error].
func (p *Path) Bind(prefix string, o PathOptions) (*PathMatcher, error) {
	o.Dotfiles = o.Dotfiles || o.Deny
	o.Fold = o.Fold && o.Deny
	m := &PathMatcher{deny: o.Deny, started: true}
	switch {
	case p == nil || p.text == "":
		return nil, fault(0, "no pattern")
	case p.variable == "" && prefix != "":
		return nil, fault(0, "the pattern has no variable that could stand for "+strconv.Quote(clip(prefix)))
	case p.variable != "" && (prefix == "/" || !clean(prefix)):
		return nil, fault(0, "$"+p.variable+" stands for "+strconv.Quote(clip(prefix))+", which is not a clean absolute path below the root")
	case p.variable != "":
		for name := range strings.SplitSeq(prefix[1:], "/") {
			m.steps = append(m.steps, literalStep(name, o))
		}
	}
	for i := range p.components {
		c := &p.components[i]
		if c.deep && i == len(p.components)-1 && !o.Deny {
			// As an allow, d/** is what is below d: at least one component.
			m.steps = append(m.steps, pathStep{kind: pathAll, hidden: o.Dotfiles})
		}
		m.steps = append(m.steps, componentStep(c, o))
	}
	if len(m.steps) > maxComponents {
		return nil, fault(0, strconv.Quote(clip(p.text))+" has more than "+strconv.Itoa(maxComponents)+" components with those of its variable")
	}
	m.index()
	return m, nil
}

func literalStep(name string, o PathOptions) pathStep {
	if o.Fold {
		return pathStep{kind: pathFolded, folded: foldText(name), hidden: true}
	}
	return pathStep{kind: pathLiteral, text: name, hidden: true}
}

func componentStep(c *component, o PathOptions) pathStep {
	hidden := o.Dotfiles || c.text[0] == '.'
	switch {
	case c.deep:
		return pathStep{kind: pathDeep, hidden: hidden}
	case c.all():
		return pathStep{kind: pathAll, hidden: hidden}
	case c.literal():
		return literalStep(c.text, o)
	case o.Fold:
		return pathStep{kind: pathFoldedGlob, nfa: foldGlob(c.glob), hidden: true}
	default:
		return pathStep{kind: pathGlob, text: c.text, glob: c.glob, hidden: hidden}
	}
}

// index fills in deeps and covers. Everything matches from a step on if there
// are only "**" and at most one "*", dotfiles included.
func (m *PathMatcher) index() {
	alls, deeps := 0, 0
	for i := len(m.steps) - 1; i >= 0; i-- {
		switch s := &m.steps[i]; {
		case s.kind == pathDeep:
			m.deeps |= 1 << i
			deeps++
			if !s.hidden {
				alls = 2
			}
		case s.kind == pathAll && s.hidden:
			alls++
		default:
			alls = 2
		}
		if alls <= 1 && deeps > 0 {
			m.covers |= 1 << i
		}
	}
}

// Match reports whether the whole path matches. It allocates nothing; its cost
// is at most proportional to the product of the lengths of pattern and path.
func (m *PathMatcher) Match(path string) bool {
	return m.matches(path, clean(path))
}

func (m *PathMatcher) matches(path string, clean bool) bool {
	state, ok := m.walk(path, clean)
	if !ok {
		return m != nil && m.deny
	}
	return state&(1<<len(m.steps)) != 0
}

// MatchAny reports whether the path matches any of the matchers. It is faster than
// to ask each.
func MatchAny(ms []*PathMatcher, path string) bool {
	clean := clean(path)
	for _, m := range ms {
		if m.matches(path, clean) {
			return true
		}
	}
	return false
}

// Beneath reports whether some path strictly below dir could match, so that
// dir is on the way to one. It is exact, but for components that no clean name
// matches ("[.]" as a whole component): there it says yes.
func (m *PathMatcher) Beneath(dir string) bool {
	state, ok := m.walk(dir, clean(dir))
	if !ok {
		return m != nil && m.deny
	}
	return state&(1<<len(m.steps)-1) != 0
}

// Covers reports whether every clean path strictly below dir, dotfiles
// included, is certain to match. It may say no where the answer is yes.
func (m *PathMatcher) Covers(dir string) bool {
	state, ok := m.walk(dir, clean(dir))
	return ok && state&m.covers != 0
}

// walk returns the state after path: bit i is set if the first i steps can
// match it. ok is false if path is not clean or there is no pattern.
func (m *PathMatcher) walk(path string, clean bool) (state uint64, ok bool) {
	if m == nil || !m.started || !clean {
		return 0, false
	}
	state = m.settle(1)
	for rest := path[1:]; rest != "" && state != 0; {
		name := rest
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			name, rest = rest[:i], rest[i+1:]
		} else {
			rest = ""
		}
		state = m.read(state, name)
	}
	return state, true
}

// settle adds what "**" can reach by matching nothing.
func (m *PathMatcher) settle(state uint64) uint64 { return state | state&m.deeps<<1 }

func (m *PathMatcher) read(state uint64, name string) (next uint64) {
	for todo := state &^ (1 << len(m.steps)); todo != 0; todo &= todo - 1 {
		i := bits.TrailingZeros64(todo)
		switch s := &m.steps[i]; {
		case !s.takes(name):
		case s.kind == pathDeep:
			next |= 1 << i
		default:
			next |= 1 << (i + 1)
		}
	}
	return m.settle(next)
}

func (s *pathStep) takes(name string) bool {
	if name[0] == '.' && !s.hidden {
		return false
	}
	switch s.kind {
	case pathLiteral:
		return name == s.text
	case pathFolded:
		return foldedEqual(name, s.folded)
	case pathGlob:
		return s.glob.match(name)
	case pathFoldedGlob:
		return foldedMatch(name, s.nfa)
	default:
		return true
	}
}

// clean reports whether a path is what [PathMatcher] takes.
func clean(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	if path == "/" {
		return true
	}
	start := 1
	for i := 1; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' {
			if path[i] == 0 || path[i] == '\\' {
				return false
			}
			continue
		}
		switch path[start:i] {
		case "", ".", "..":
			return false
		}
		start = i + 1
	}
	return utf8.ValidString(path)
}
