package wire

// MaxDepth is how deep containers may nest: [] is 1 deep, [[]] is 2.
const MaxDepth = 32

// Limits bound one message. A zero field means its default.
type Limits struct {
	Depth    int // nested containers; default and at most [MaxDepth]
	Elements int // array elements, map keys and map values together; default 131 072
	Bytes    int // the message; default 4 MiB
}

const (
	defaultElements = 128 << 10
	defaultBytes    = 4 << 20
)

// DefaultLimits returns the limits that the zero Limits stands for.
func DefaultLimits() Limits {
	return Limits{Depth: MaxDepth, Elements: defaultElements, Bytes: defaultBytes}
}

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 || l.Depth > MaxDepth {
		l.Depth = MaxDepth
	}
	if l.Elements <= 0 {
		l.Elements = defaultElements
	}
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	return l
}
