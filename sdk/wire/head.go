package wire

// kind is the msgpack type of a value, as far as this package tells them
// apart; those from kindTruncated on say why there is no value.
type kind uint8

const (
	kindNil kind = iota
	kindBool
	kindInt  // fixint, int8 … int64
	kindUint // uint8 … uint64
	kindFloat
	kindStr
	kindBin
	kindArray
	kindMap

	kindTruncated
	kindCount
	kindReserved
	kindExt
)

// bad reports whether k is not the kind of a value.
func (k kind) bad() bool { return k >= kindTruncated }

// String returns a name with its article, or the error text of a bad kind.
func (k kind) String() string {
	switch k {
	case kindNil:
		return "nil"
	case kindBool:
		return "a bool"
	case kindInt, kindUint:
		return "an integer"
	case kindFloat:
		return "a float"
	case kindStr:
		return "a string"
	case kindBin:
		return "bytes"
	case kindArray:
		return "an array"
	case kindMap:
		return "a map"
	case kindTruncated:
		return textTruncated
	case kindCount:
		return textCount
	case kindReserved:
		return textReserved
	}
	return textExt
}

// head is the first part of a value: its type byte and the length that may
// follow, up to the payload, the elements or the end.
type head struct {
	n    int // payload bytes of a scalar, elements of an array, pairs of a map
	next int // offset after the head
	kind kind
}

// readHead reads the head at b[i:]. It checks that the payload of a scalar is
// inside b, and that each claimed element can have its byte there.
func readHead(b []byte, i int) head {
	if i >= len(b) {
		return head{kind: kindTruncated}
	}
	c := b[i]
	i++
	switch {
	case c < 0x80 || c >= 0xe0:
		return head{kind: kindInt, next: i}
	case c < 0x90:
		return checkHead(b, kindMap, int(c&0x0f), i)
	case c < 0xa0:
		return checkHead(b, kindArray, int(c&0x0f), i)
	case c < 0xc0:
		return checkHead(b, kindStr, int(c&0x1f), i)
	}
	switch c {
	case 0xc0:
		return head{kind: kindNil, next: i}
	case 0xc2, 0xc3:
		return head{kind: kindBool, next: i}
	case 0xc4, 0xc5, 0xc6:
		return sizedHead(b, kindBin, 1<<(c-0xc4), i)
	case 0xca, 0xcb:
		return checkHead(b, kindFloat, 4<<(c-0xca), i)
	case 0xcc, 0xcd, 0xce, 0xcf:
		return checkHead(b, kindUint, 1<<(c-0xcc), i)
	case 0xd0, 0xd1, 0xd2, 0xd3:
		return checkHead(b, kindInt, 1<<(c-0xd0), i)
	case 0xd9, 0xda, 0xdb:
		return sizedHead(b, kindStr, 1<<(c-0xd9), i)
	case 0xdc, 0xdd:
		return sizedHead(b, kindArray, 2<<(c-0xdc), i)
	case 0xde, 0xdf:
		return sizedHead(b, kindMap, 2<<(c-0xde), i)
	case 0xc1:
		return head{kind: kindReserved}
	}
	return head{kind: kindExt}
}

// sizedHead reads a length of size bytes.
func sizedHead(b []byte, k kind, size, i int) head {
	if len(b)-i < size {
		return head{kind: kindTruncated}
	}
	n := bigEndian(b[i : i+size])
	if n > uint64(len(b)) { // also keeps n inside an int of 32 bits
		return head{kind: excess(k)}
	}
	return checkHead(b, k, int(n), i+size)
}

// checkHead holds n against the bytes that are left: one for each byte of a
// payload and each element, two for each pair of a map.
func checkHead(b []byte, k kind, n, i int) head {
	left := len(b) - i
	if k == kindMap {
		left /= 2
	}
	if n > left {
		return head{kind: excess(k)}
	}
	return head{kind: k, n: n, next: i}
}

func excess(k kind) kind {
	if k == kindArray || k == kindMap {
		return kindCount
	}
	return kindTruncated
}

func bigEndian(b []byte) (v uint64) {
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}
