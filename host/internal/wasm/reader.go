package wasm

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Error is what is wrong with a binary, and where.
type Error struct {
	Offset int    // of the byte in the binary
	Text   string // lower case, foreign text quoted

	// Feature is the name of the feature of WebAssembly that it uses and that is
	// not granted, if that is what is wrong.
	Feature string
}

// Error returns "byte n: text".
func (e *Error) Error() string { return "byte " + strconv.Itoa(e.Offset) + ": " + e.Text }

// reader is a cursor over bin[at:end] with a sticky error: after the first one
// it reads zeros.
type reader struct {
	bin     []byte
	at, end int
	err     *Error
}

func (r *reader) fail(format string, args ...any) {
	r.failAt(r.at, format, args...)
}

func (r *reader) failAt(offset int, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{Offset: offset, Text: fmt.Sprintf(format, args...)}
		r.at = r.end
	}
}

func (r *reader) left() int { return r.end - r.at }

func (r *reader) byte(what string) byte {
	if r.left() < 1 {
		r.fail("%s is cut off", what)
		return 0
	}
	b := r.bin[r.at]
	r.at++
	return b
}

// bytes returns the next n bytes, which alias the binary.
func (r *reader) bytes(n int, what string) []byte {
	if n < 0 || r.left() < n {
		r.fail("%s is cut off", what)
		return nil
	}
	b := r.bin[r.at : r.at+n : r.at+n]
	r.at += n
	return b
}

// u32 reads an unsigned LEB128 of at most five bytes and 32 bits.
func (r *reader) u32(what string) uint32 {
	if r.at < r.end && r.bin[r.at] < 0x80 { // most have one byte
		r.at++
		return uint32(r.bin[r.at-1])
	}
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte(what)
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if v>>32 != 0 {
				r.fail("%s does not fit 32 bits", what)
				return 0
			}
			return uint32(v)
		}
	}
	r.fail("%s is longer than five bytes", what)
	return 0
}

// signed reads a signed LEB128 of at most so many bits.
func (r *reader) signed(bits int, what string) int64 {
	var v int64
	for shift := 0; shift < bits; shift += 7 {
		b := r.byte(what)
		v |= int64(b&0x7f) << shift
		if b >= 0x80 {
			continue
		}
		if left := bits - shift; left < 7 { // the rest must repeat the sign
			if rest := int8(b<<1) >> left; rest != 0 && rest != -1 {
				r.fail("%s does not fit %d bits", what, bits)
				return 0
			}
		}
		if shift += 7; shift < 64 && b&0x40 != 0 {
			v |= -1 << shift
		}
		return v
	}
	r.fail("%s is longer than %d bits can be", what, bits)
	return 0
}

// count reads the length of a vector. It is at most limit, and each element
// has at least least bytes, which must still be there.
func (r *reader) count(what string, limit, least int) int {
	at := r.at
	n := r.u32("a count")
	if r.err == nil && int64(n) > int64(r.left())/int64(least) {
		r.failAt(at, "%d %s do not fit the %d bytes that are left", n, what, r.left())
	}
	return r.atMost(at, what, n, limit)
}

// atMost returns a count that stands at an offset, if it is within a limit.
func (r *reader) atMost(at int, what string, n uint32, limit int) int {
	if r.err == nil && int64(n) > int64(limit) {
		r.failAt(at, "%d %s are more than the %d allowed", n, what, limit)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

// name reads a string, which aliases nothing.
func (r *reader) name(what string, limit int) string {
	at := r.at
	n := int64(r.u32("a name's length"))
	if n > int64(r.left()) {
		r.failAt(at, "%s is cut off", what)
		return ""
	}
	if n > int64(limit) {
		r.failAt(at, "%s has %d bytes, more than the %d allowed", what, n, limit)
		return ""
	}
	b := r.bytes(int(n), what)
	if !utf8.Valid(b) {
		r.failAt(at, "%s is not valid UTF-8", what)
		return ""
	}
	return string(b)
}

func (r *reader) valueType(what string) ValueType {
	at := r.at
	b := r.byte(what)
	t := ValueType(b)
	if r.err == nil && !t.known() {
		r.refuse(at, typeFeatures[b], "%s 0x%02x", what, b)
	}
	return t
}
