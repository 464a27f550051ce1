package wire

import "math"

// Raw is one encoded value. An empty Raw stands for nil.
type Raw []byte

// AppendNil appends nil.
func AppendNil(b []byte) []byte { return append(b, 0xc0) }

// AppendBool appends a bool.
func AppendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
}

// AppendInt appends an integer in its shortest form.
func AppendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0:
		return AppendUint(b, uint64(v))
	case v >= -32:
		return append(b, byte(v))
	case v >= math.MinInt8:
		return appendSized(b, 0xd0, uint64(v), 1)
	case v >= math.MinInt16:
		return appendSized(b, 0xd1, uint64(v), 2)
	case v >= math.MinInt32:
		return appendSized(b, 0xd2, uint64(v), 4)
	}
	return appendSized(b, 0xd3, uint64(v), 8)
}

// AppendUint appends an unsigned integer in its shortest form.
func AppendUint(b []byte, v uint64) []byte {
	switch {
	case v < 1<<7:
		return append(b, byte(v))
	case v < 1<<8:
		return appendSized(b, 0xcc, v, 1)
	case v < 1<<16:
		return appendSized(b, 0xcd, v, 2)
	case v < 1<<32:
		return appendSized(b, 0xce, v, 4)
	}
	return appendSized(b, 0xcf, v, 8)
}

// AppendFloat appends a float of 64 bits.
func AppendFloat(b []byte, v float64) []byte {
	return appendSized(b, 0xcb, math.Float64bits(v), 8)
}

func appendFloat32(b []byte, v float32) []byte {
	return appendSized(b, 0xca, uint64(math.Float32bits(v)), 4)
}

// AppendStr appends a string, which must be valid UTF-8: it is not checked
// here ([AppendAny] and [Plan] do).
//
// The counts and lengths of msgpack have 32 bits. For one that does not fit,
// AppendStr, [AppendBin], [AppendArray] and [AppendMap] write the reserved
// byte 0xc1 instead of a wrong length, so that no reader accepts the message.
func AppendStr(b []byte, s string) []byte {
	if len(s) < 32 {
		return append(append(b, 0xa0|byte(len(s))), s...)
	}
	b, ok := appendLength(b, len(s), 0xd9, 0xda)
	if !ok {
		return b
	}
	return append(b, s...)
}

// AppendBin appends bytes.
func AppendBin(b, v []byte) []byte {
	b, ok := appendLength(b, len(v), 0xc4, 0xc5)
	if !ok {
		return b
	}
	return append(b, v...)
}

// AppendArray appends the head of an array; n values must follow.
func AppendArray(b []byte, n int) []byte {
	if uint(n) < 16 {
		return append(b, 0x90|byte(n))
	}
	b, _ = appendLength(b, n, 0, 0xdc)
	return b
}

// AppendMap appends the head of a map; n pairs of a string and a value must
// follow.
func AppendMap(b []byte, n int) []byte {
	if uint(n) < 16 {
		return append(b, 0x80|byte(n))
	}
	b, _ = appendLength(b, n, 0, 0xde)
	return b
}

// AppendRaw appends a value that is encoded already, unchecked.
func AppendRaw(b []byte, v Raw) []byte {
	if len(v) == 0 {
		return AppendNil(b)
	}
	return append(b, v...)
}

// appendLength appends the head of something with n bytes, elements or pairs:
// c8 (0 if the type has none) or c16 with a length of one or two bytes, or the
// type byte after c16 with one of four.
func appendLength(b []byte, n int, c8, c16 byte) ([]byte, bool) {
	switch n := uint64(n); { // a negative n is above every limit
	case n < 1<<8 && c8 != 0:
		return appendSized(b, c8, n, 1), true
	case n < 1<<16:
		return appendSized(b, c16, n, 2), true
	case n < 1<<32:
		return appendSized(b, c16+1, n, 4), true
	}
	return append(b, 0xc1), false
}

// appendSized appends the type byte c and the low bytes of v, big end first.
func appendSized(b []byte, c byte, v uint64, bytes int) []byte {
	b = append(b, c)
	for shift := 8 * (bytes - 1); shift >= 0; shift -= 8 {
		b = append(b, byte(v>>shift))
	}
	return b
}
