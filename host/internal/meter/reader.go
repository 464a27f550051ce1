package meter

import "fmt"

// Error is why a binary cannot be rewritten.
type Error struct {
	Offset int // of the byte in the binary
	Text   string
}

// Error returns "byte n: text".
func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Text) }

// reader is a cursor over bin[at:end] with a sticky error: after the first one
// it reads zeros.
type reader struct {
	bin     []byte
	at, end int
	err     *Error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Offset: r.at, Text: fmt.Sprintf(format, args...)}
	}
	r.at = r.end
}

func (r *reader) left() int { return r.end - r.at }

func (r *reader) byte() byte {
	if r.at < r.end {
		r.at++
		return r.bin[r.at-1]
	}
	return r.cutOff()
}

func (r *reader) cutOff() byte {
	r.fail("the binary is cut off")
	return 0
}

func (r *reader) skip(n int) {
	if n < 0 || n > r.left() {
		r.cutOff()
		return
	}
	r.at += n
}

// since returns what was read since an offset. It aliases the binary.
func (r *reader) since(at int) []byte { return r.bin[at:r.at] }

// u32 reads an unsigned LEB128.
func (r *reader) u32() uint32 {
	if r.at < r.end && r.bin[r.at] < 0x80 {
		r.at++
		return uint32(r.bin[r.at-1])
	}
	return r.longU32()
}

func (r *reader) longU32() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if v>>32 != 0 {
				r.fail("a number does not fit 32 bits")
				return 0
			}
			return uint32(v)
		}
	}
	r.fail("a number is longer than five bytes")
	return 0
}

// leb skips a LEB128 of any kind.
func (r *reader) leb() {
	for range 10 {
		if r.byte() < 0x80 {
			return
		}
	}
	r.fail("a number is longer than ten bytes")
}

// count reads the length of a vector, whose elements have at least least bytes
// each, which must be there.
func (r *reader) count(least int) int {
	n := int64(r.u32())
	if n > int64(r.left()/least) {
		r.fail("%d elements do not fit the %d bytes that are left", n, r.left())
		return 0
	}
	return int(n)
}

// index reads an index that must be less than n.
func (r *reader) index(what string, n int) uint32 {
	i := r.u32()
	if r.err == nil && int64(i) >= int64(n) {
		r.fail("there is no %s %d", what, i)
		return 0
	}
	return i
}

// name skips a name and returns it. It aliases the binary.
func (r *reader) name() []byte {
	n := r.count(1)
	at := r.at
	r.skip(n)
	return r.since(at)[:r.at-at]
}

// appendU32 appends an unsigned LEB128.
func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// appendS64 appends a signed LEB128.
func appendS64(b []byte, v int64) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

func appendName(b []byte, name string) []byte {
	return append(appendU32(b, uint32(len(name))), name...)
}
