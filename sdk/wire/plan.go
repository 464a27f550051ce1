package wire

import (
	"reflect"
	"sync"
	"unsafe"
)

// Plan is the codec of one Go type, made once and used many times. It works
// on memory by offsets, which in a guest is several times faster than
// reflection and touches fewer pages.
//
// The types that can travel:
//
//   - bool, all ints, uints and floats, string, and types made from them
//   - []byte, [N]byte and their like, as bin
//   - slices, arrays, maps with string keys, pointers (nil or the value)
//   - structs: exported fields under the name of their json tag, with
//     omitempty; a struct that is embedded without a name lends its fields
//   - any, with the types of [AppendAny] and [Dec.Any]
//   - [Raw], one value left as it is
//
// Encoding: a nil slice is an empty array, a nil map an empty map; keys of
// maps come in ascending order, fields as declared.
//
// Decoding is strict: an unknown field, a field that occurs twice, a number
// that does not fit, an array of the wrong length or any other type than the
// expected one is an error. A float takes an integer that it holds exactly.
// nil is accepted by pointers, slices, maps and any. Fields that do not occur
// keep their value.
type Plan struct {
	op     op
	size   uintptr
	typ    reflect.Type
	elem   *Plan   // of slice, array, map, pointer
	len    int     // of array
	fields []field // of struct
}

type op uint8

const (
	opBool op = iota
	opInt
	opUint
	opFloat
	opString
	opBytes
	opByteArray
	opRaw
	opAny
	opPointer
	opSlice
	opStrings // []string
	opArray
	opMap
	opAnyMap // map[string]any
	opStruct
)

type field struct {
	name      string
	offset    uintptr
	index     []int // from struct to struct, for reflect
	plan      *Plan
	omitEmpty bool
}

// slice is the layout of every slice.
type slice struct {
	data     unsafe.Pointer
	len, cap int
}

// plans caches what PlanOf built. It only grows, by types of this program.
var plans struct {
	mu sync.Mutex
	m  map[reflect.Type]*Plan
}

// PlanOf returns the plan of t, or an [*Error] that names the type which
// cannot travel and where in t it is.
func PlanOf(t reflect.Type) (*Plan, error) {
	p, err := planOf(t)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func planOf(t reflect.Type) (*Plan, *Error) {
	plans.mu.Lock()
	defer plans.mu.Unlock()
	if p := plans.m[t]; p != nil {
		return p, nil
	}
	b := builder{}
	p, err := b.plan(t)
	if err != nil {
		return nil, err
	}
	if plans.m == nil {
		plans.m = map[reflect.Type]*Plan{}
	}
	for t, p := range b {
		plans.m[t] = p
	}
	return p, nil
}

// Append appends the encoding of the value at v, which must be of the plan's
// type.
func (p *Plan) Append(b []byte, v unsafe.Pointer) ([]byte, error) {
	var e encoder
	b = p.append(&e, b, v, 0)
	return b, e.result()
}

// Decode reads the next value into the memory at v, which must be of the
// plan's type. Strings, byte slices and [Raw] alias the input. After an error
// the memory may be half filled.
func (p *Plan) Decode(d *Dec, v unsafe.Pointer) error {
	p.decode(d, v, 0)
	return d.Err()
}

// Marshal returns the encoding of v by the plan of T.
func Marshal[T any](v T) ([]byte, error) {
	p, err := PlanOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	return p.Append(nil, unsafe.Pointer(&v))
}

// Unmarshal decodes b, exactly one value, into v by the plan of T. Strings and
// byte slices in v alias b.
func Unmarshal[T any](b []byte, v *T) error {
	p, err := PlanOf(reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	d := NewDec(b)
	p.decode(d, unsafe.Pointer(v), 0)
	return d.Done()
}
