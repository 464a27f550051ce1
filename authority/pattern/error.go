package pattern

import "strconv"

// Error is what is wrong with a pattern, path or URL, and where.
type Error struct {
	Offset int    // the byte at which it goes wrong, from 0
	Text   string // lower case, no final stop; says what to write instead
}

// Error prints the text and the offset.
func (e *Error) Error() string { return e.Text + " (at byte " + strconv.Itoa(e.Offset) + ")" }

func fault(offset int, text string) *Error { return &Error{Offset: offset, Text: text} }
