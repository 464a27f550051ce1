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

// skipSigned skips a signed LEB128 of at most the given number of bytes.
func (r *reader) skipSigned(most int, what string) {
	for range most {
		if r.byte(what) < 0x80 {
			return
		}
	}
	r.fail("%s is longer than %d bytes", what, most)
}

// count reads the length of a vector. It is at most limit, and each element
// has at least least bytes, which must still be there.
func (r *reader) count(what string, limit, least int) int {
	at := r.at
	n := int64(r.u32("a count"))
	switch {
	case r.err != nil:
		return 0
	case n > int64(r.left())/int64(least):
		r.failAt(at, "%d %s do not fit the %d bytes that are left", n, what, r.left())
		return 0
	case n > int64(limit):
		r.failAt(at, "%d %s are more than the %d allowed", n, what, limit)
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
	if r.err == nil && t.String() == "?" {
		r.failAt(at, "%s 0x%02x is not a known type", what, b)
	}
	return t
}
