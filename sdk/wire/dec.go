package wire

import (
	"math"
	"unicode/utf8"
)

// Dec is a cursor over a message. After the first error it stays there:
// further calls return zero values, counts of 0, and [Dec.Err] tells what was
// wrong, so code can read a whole message and look once. Strings and byte
// slices alias the input, unless the method says otherwise.
//
// Dec checks what it passes as [Scan] does, except that the code which drives
// it by Map and Array has to notice duplicate keys itself.
type Dec struct {
	b        []byte
	i        int
	elements int // budget left
	err      *Error
}

// NewDec returns a cursor at the start of b, with the default budget of
// elements.
func NewDec(b []byte) *Dec { return &Dec{b: b, elements: defaultElements} }

// Err returns the first error, an [*Error], or nil.
func (d *Dec) Err() error {
	if d.err == nil {
		return nil
	}
	return d.err
}

// Done returns the first error, also if bytes are left.
func (d *Dec) Done() error {
	if d.err == nil && d.i < len(d.b) {
		d.fail(textTrailing)
	}
	return d.Err()
}

func (d *Dec) fail(text string) { d.failAt(text, d.i) }

func (d *Dec) failAt(text string, at int) {
	if d.err == nil {
		d.err = &Error{Text: text, At: at}
		d.b = d.b[:d.i] // nothing is left to read
	}
}

// take reads a head of kind k and moves behind it.
func (d *Dec) take(k kind) (h head, ok bool) {
	h = readHead(d.b, d.i)
	if h.kind != k {
		d.unexpected(k, h.kind)
		return head{}, false
	}
	d.i = h.next
	return h, true
}

func (d *Dec) unexpected(want, got kind) {
	if got.bad() {
		d.fail(got.String())
		return
	}
	d.fail("expected " + want.String() + ", found " + got.String())
}

// payload returns the bytes of the scalar h and moves behind them.
func (d *Dec) payload(h head) []byte {
	d.i = h.next + h.n
	return d.b[h.next:d.i:d.i]
}

// Map reads the head of a map and returns the number of its pairs.
func (d *Dec) Map() int { return d.container(kindMap) }

// Array reads the head of an array and returns the number of its elements.
func (d *Dec) Array() int { return d.container(kindArray) }

func (d *Dec) container(k kind) int {
	start := d.i
	h, ok := d.take(k)
	if !ok {
		return 0
	}
	d.elements -= h.n
	if k == kindMap {
		d.elements -= h.n
	}
	if d.elements < 0 {
		d.failAt(textElements, start)
		return 0
	}
	return h.n
}

// Str reads a string.
func (d *Dec) Str() string {
	start := d.i
	s, ok := d.short()
	if !ok {
		h, ok := d.take(kindStr)
		if !ok {
			return ""
		}
		s = alias(d.payload(h))
	}
	return d.checked(s, start)
}

// short reads a string of less than 32 bytes, which nearly all are. It is the
// inlined half of Str: in a guest calls are what costs.
func (d *Dec) short() (s string, ok bool) {
	i := d.i
	if i >= len(d.b) || d.b[i]&0xe0 != 0xa0 {
		return "", false
	}
	end := i + 1 + int(d.b[i]&0x1f)
	if end > len(d.b) {
		return "", false
	}
	d.i = end
	return alias(d.b[i+1 : end]), true
}

// checked returns s, which was read at start, if it is valid UTF-8.
func (d *Dec) checked(s string, start int) string {
	if !validText(s) {
		d.failAt(textUTF8, start)
		return ""
	}
	return s
}

// validText is utf8.ValidString, but faster for what most strings are.
func validText(s string) bool {
	if len(s) > 32 {
		return utf8.ValidString(s)
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return utf8.ValidString(s)
		}
	}
	return true
}

// key reads the key of a pair.
func (d *Dec) key() string {
	start := d.i
	return d.checked(d.keyUnchecked(), start)
}

// keyUnchecked is key for who compares the key with names that are valid.
func (d *Dec) keyUnchecked() string {
	if s, ok := d.short(); ok {
		return s
	}
	h := readHead(d.b, d.i)
	switch {
	case h.kind == kindStr:
		return alias(d.payload(h))
	case h.kind.bad():
		d.fail(h.kind.String())
	default:
		d.fail(textKey)
	}
	return ""
}

// unknown fails because of a key, read at start, that is no field.
func (d *Dec) unknown(key string, start int) {
	if key = d.checked(key, start); d.err == nil {
		d.failAt("unknown field "+quote(key), start)
	}
}

// Bin reads bytes.
func (d *Dec) Bin() []byte {
	h, ok := d.take(kindBin)
	if !ok {
		return nil
	}
	return d.payload(h)
}

// Bool reads a bool.
func (d *Dec) Bool() bool {
	_, ok := d.take(kindBool)
	return ok && d.b[d.i-1] == 0xc3
}

// Nil reports whether the next value is nil, and moves behind it if so.
func (d *Dec) Nil() bool {
	if d.i >= len(d.b) || d.b[d.i] != 0xc0 {
		return false
	}
	d.i++
	return true
}

// Int reads an integer, of either form, that fits an int64.
func (d *Dec) Int() int64 {
	start := d.i
	v, big := d.integer()
	if big {
		d.failAt(textRange, start)
		return 0
	}
	return v
}

// Uint reads an integer, of either form, that fits a uint64.
func (d *Dec) Uint() uint64 {
	start := d.i
	v, big := d.integer()
	if v < 0 && !big {
		d.failAt(textRange, start)
		return 0
	}
	return uint64(v)
}

const textRange = "integer out of range"

// integer reads an integer. If big, it is uint64(v) and above the range of an
// int64.
func (d *Dec) integer() (v int64, big bool) {
	h := readHead(d.b, d.i)
	switch {
	case h.kind == kindUint:
		u := bigEndian(d.payload(h))
		return int64(u), u > math.MaxInt64
	case h.kind != kindInt:
		d.unexpected(kindInt, h.kind)
		return 0, false
	case h.n == 0:
		d.i = h.next
		return int64(int8(d.b[h.next-1])), false
	}
	shift := 64 - 8*h.n // to extend the sign
	return int64(bigEndian(d.payload(h))<<shift) >> shift, false
}

// Float reads a float, or an integer that a float64 holds exactly.
func (d *Dec) Float() float64 {
	h := readHead(d.b, d.i)
	switch {
	case h.kind == kindFloat && h.n == 4:
		return float64(math.Float32frombits(uint32(bigEndian(d.payload(h)))))
	case h.kind == kindFloat:
		return math.Float64frombits(bigEndian(d.payload(h)))
	case h.kind != kindInt && h.kind != kindUint:
		d.unexpected(kindFloat, h.kind)
		return 0
	}
	start := d.i
	v, big := d.integer()
	f := float64(v)
	if big {
		f = float64(uint64(v))
	}
	// 1<<63 and 1<<64 are floats that no longer convert back.
	exact := f < 1<<63 && int64(f) == v
	if big {
		exact = f < 1<<64 && uint64(f) == uint64(v)
	}
	if !exact {
		d.failAt("integer is not exact as a float", start)
		return 0
	}
	return f
}
