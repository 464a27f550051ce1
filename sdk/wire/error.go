package wire

import "strconv"

// Error is the one error type of this package.
type Error struct {
	Text string // what is wrong, e.g. "expected a string"
	Path string // the value inside the message, e.g. `tags[2]` or `env["HOME"]`; may be empty
	At   int    // offset of the first byte of that value; -1 when encoding
}

// Error returns "path: text (byte n)" with what is known.
func (e *Error) Error() string {
	s := e.Text
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	if e.At >= 0 {
		s += " (byte " + strconv.Itoa(e.At) + ")"
	}
	return s
}

// inField says that the error happened below a field of a struct.
func (e *Error) inField(name string) { e.join(name) }

// inKey says that the error happened below a key of a map.
func (e *Error) inKey(name string) { e.join("[" + quote(name) + "]") }

// inElem says that the error happened below element i of an array.
func (e *Error) inElem(i int) { e.join("[" + strconv.Itoa(i) + "]") }

func (e *Error) join(outer string) {
	const enough = 256 // a path is for people
	switch {
	case len(e.Path) > enough:
	case e.Path == "" || e.Path[0] == '[':
		e.Path = outer + e.Path
	default:
		e.Path = outer + "." + e.Path
	}
}

// quote makes s, which is somebody's input, fit for an error text. In a guest
// strconv.Quote would cost 18 KB.
func quote(s string) string {
	const enough = 64
	q := make([]byte, 0, enough+2)
	q = append(q, '"')
	for i := range min(len(s), enough) {
		c := s[i]
		if c < ' ' || c > '~' || c == '"' {
			c = '?'
		}
		q = append(q, c)
	}
	return string(append(q, '"'))
}

// The texts of the errors in the encoding itself; vectors.json names them.
const (
	textTruncated = "truncated"
	textTrailing  = "trailing bytes"
	textCount     = "count exceeds the input"
	textDepth     = "nested too deep"
	textElements  = "too many elements"
	textTooLarge  = "message too large"
	textReserved  = "reserved byte"
	textExt       = "ext type"
	textKey       = "map key is not a string"
	textDuplicate = "duplicate key"
	textUTF8      = "string is not valid UTF-8"
)
