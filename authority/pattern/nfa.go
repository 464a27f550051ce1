package pattern

import "math/bits"

// nfa is a pattern as a list of steps, of which any number can be under way
// at once: input is read once, and each character costs at most one look at
// each step. Folded components and parts of URLs that hold more than one
// wildcard are matched this way, since a group that may be absent leaves no
// single place to go back to.
type nfa []nfaStep

// maxSteps is how many steps an nfa may have.
const maxSteps = 1023

type nfaKind uint8

const (
	stepRune  nfaKind = iota // the character r
	stepAny                  // any character but r
	stepClass                // a character of the class
	stepRun                  // any run, also empty, of characters but r
	stepSkip                 // nothing, or go on n steps further
)

// none as an nfaStep's r excepts no character.
const none rune = -2

type nfaStep struct {
	kind     nfaKind
	optional bool // the step may be left out
	r        rune
	class    *class
	n        int
}

// stepSet is a set of steps; step i is about to be taken. The step after the
// last stands for a match.
type stepSet [(maxSteps + 1) / 64]uint64

func (s *stepSet) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s *stepSet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// nfaRun is one run of an nfa over an input.
type nfaRun struct {
	steps nfa
	words int
	now   stepSet
	looks int // how often it looked at a step, which tests hold to the bound
}

func (r *nfaRun) start(n nfa) {
	r.steps, r.words = n, len(n)/64+1
	r.now.add(0)
	r.settle()
}

// settle adds the steps that can be reached without reading. All lead onwards,
// so one pass suffices.
func (r *nfaRun) settle() {
	for w := range r.words {
		seen := uint64(0)
		for todo := r.now[w]; todo != 0; todo = r.now[w] &^ seen {
			bit := bits.TrailingZeros64(todo)
			seen |= 1 << bit
			i := w*64 + bit
			if i == len(r.steps) {
				continue
			}
			r.looks++
			s := &r.steps[i]
			if s.optional || s.kind == stepRun || s.kind == stepSkip {
				r.now.add(i + 1)
			}
			if s.kind == stepSkip {
				r.now.add(i + s.n)
			}
		}
	}
}

// read takes one character and reports whether a match is still possible.
func (r *nfaRun) read(c rune) bool {
	var next stepSet
	alive := false
	for w := range r.words {
		for todo := r.now[w]; todo != 0; todo &= todo - 1 {
			i := w*64 + bits.TrailingZeros64(todo)
			r.looks++
			if i == len(r.steps) || !r.steps[i].takes(c) {
				continue
			}
			if r.steps[i].kind != stepRun {
				i++
			}
			next.add(i)
			alive = true
		}
	}
	r.now = next
	r.settle()
	return alive
}

func (s *nfaStep) takes(c rune) bool {
	switch s.kind {
	case stepRune:
		return c == s.r
	case stepAny, stepRun:
		return c != s.r
	case stepClass:
		return s.class.has(c)
	default:
		return false
	}
}

// matched reports whether what was read so far is a match.
func (r *nfaRun) matched() bool { return r.now.has(len(r.steps)) }
