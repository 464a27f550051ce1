package pattern

import "math/bits"

// Includes reports whether every path that o matches is certain to be matched
// by m, too. It may say no where the answer is yes; it never does the
// opposite. Of folded patterns it knows nothing.
func (m *PathMatcher) Includes(o *PathMatcher) bool {
	if m == nil || o == nil || !m.started || !o.started || o.deny && !m.deny {
		return false
	}
	// state holds the states of m that every path is certain to reach that
	// brings o to its step j.
	state := m.settle(1)
	for j := range o.steps {
		s := &o.steps[j]
		if s.kind != pathDeep {
			state = m.readAll(state, s)
			continue
		}
		for {
			next := state & m.readAll(state, s)
			if next == state {
				break
			}
			state = next
		}
	}
	return state&(1<<len(m.steps)) != 0
}

// readAll is read for all names that a step of another pattern takes.
func (m *PathMatcher) readAll(state uint64, o *pathStep) (next uint64) {
	for todo := state &^ (1 << len(m.steps)); todo != 0; todo &= todo - 1 {
		i := bits.TrailingZeros64(todo)
		switch s := &m.steps[i]; {
		case !s.takesAll(o):
		case s.kind == pathDeep:
			next |= 1 << i
		default:
			next |= 1 << (i + 1)
		}
	}
	return m.settle(next)
}

// takesAll reports whether the step is certain to take every name that the
// other takes.
func (s *pathStep) takesAll(o *pathStep) bool {
	if o.kind == pathLiteral {
		return s.takes(o.text)
	}
	if o.hidden && !s.hidden {
		return false
	}
	switch s.kind {
	case pathAll, pathDeep:
		return true
	case pathGlob:
		return o.kind == pathGlob && s.text == o.text
	}
	return false
}
