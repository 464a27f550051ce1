package authority

import "strconv"

// Position is a place in a policy file. Line and Column count from 1; a zero
// Line means that the place is not known. Column counts bytes.
type Position struct {
	File   string // slash-separated, relative to the app's folder
	Line   int
	Column int
}

// String prints "file:line:column", leaving out what is not known.
func (p Position) String() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
		if p.Column > 0 {
			s += ":" + strconv.Itoa(p.Column)
		}
	}
	return s
}

// FileLine prints "file:line", leaving out what is not known.
func (p Position) FileLine() string {
	p.Column = 0
	return p.String()
}
