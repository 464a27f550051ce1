package wire

import (
	"math"
	"reflect"
	"unsafe"
)

func (p *Plan) decode(d *Dec, v unsafe.Pointer, depth int) {
	switch p.op {
	case opBool:
		*(*bool)(v) = d.Bool()
	case opInt:
		p.decodeInt(d, v)
	case opUint:
		p.decodeUint(d, v)
	case opFloat:
		p.decodeFloat(d, v)
	case opString:
		*(*string)(v) = d.Str()
	case opBytes:
		if d.Nil() {
			*(*[]byte)(v) = nil
			return
		}
		*(*[]byte)(v) = d.Bin()
	case opByteArray:
		s := d.Bin()
		if d.err == nil && len(s) != p.len {
			d.failAt(textLength, d.i-len(s))
		}
		copy(unsafe.Slice((*byte)(v), p.len), s)
	case opRaw:
		*(*Raw)(v) = d.Raw()
	case opAny:
		*(*any)(v) = d.any(depth)
	case opPointer:
		if d.Nil() {
			*(*unsafe.Pointer)(v) = nil
			return
		}
		q := newAt(p.elem.typ)
		p.elem.decode(d, q, depth)
		*(*unsafe.Pointer)(v) = q
	default:
		p.decodeContainer(d, v, depth)
	}
}

const textLength = "wrong number of elements"

func (p *Plan) decodeContainer(d *Dec, v unsafe.Pointer, depth int) {
	if depth >= MaxDepth {
		d.fail(textDepth)
		return
	}
	switch p.op {
	case opSlice:
		p.decodeSlice(d, (*slice)(v), depth)
	case opStrings:
		*(*[]string)(v) = d.strings()
	case opArray:
		p.decodeArray(d, v, depth)
	case opAnyMap:
		if !d.Nil() {
			*(*map[string]any)(v) = d.anyMap(depth)
			return
		}
		*(*map[string]any)(v) = nil
	case opMap:
		p.decodeMap(d, v, depth)
	case opStruct:
		p.decodeStruct(d, v, depth)
	}
}

func (p *Plan) decodeInt(d *Dec, v unsafe.Pointer) {
	at := d.i
	i := d.Int()
	if shift := 64 - 8*p.size; i<<shift>>shift != i {
		d.failAt(textRange, at)
		return
	}
	switch p.size {
	case 1:
		*(*int8)(v) = int8(i)
	case 2:
		*(*int16)(v) = int16(i)
	case 4:
		*(*int32)(v) = int32(i)
	default:
		*(*int64)(v) = i
	}
}

func (p *Plan) decodeUint(d *Dec, v unsafe.Pointer) {
	at := d.i
	u := d.Uint()
	if shift := 64 - 8*p.size; u<<shift>>shift != u {
		d.failAt(textRange, at)
		return
	}
	switch p.size {
	case 1:
		*(*uint8)(v) = uint8(u)
	case 2:
		*(*uint16)(v) = uint16(u)
	case 4:
		*(*uint32)(v) = uint32(u)
	default:
		*(*uint64)(v) = u
	}
}

func (p *Plan) decodeFloat(d *Dec, v unsafe.Pointer) {
	at := d.i
	isInt := false
	if k := readHead(d.b, d.i).kind; k == kindInt || k == kindUint {
		isInt = true
	}
	f := d.Float()
	if p.size == 8 {
		*(*float64)(v) = f
		return
	}
	g := float32(f) // a float is rounded, an integer has to be exact
	if isInt && float64(g) != f || math.IsInf(float64(g), 0) && !math.IsInf(f, 0) {
		d.failAt("number out of range", at)
		return
	}
	*(*float32)(v) = g
}

func (p *Plan) decodeSlice(d *Dec, v *slice, depth int) {
	if d.Nil() {
		*v = slice{}
		return
	}
	const firstBytes = 4 << 10 // memory before the first element is there
	n := d.Array()
	grower := reflect.New(p.typ).Elem()
	s := (*slice)(addr(grower))
	grower.Grow(max(1, min(n, firstBytes/int(max(p.elem.size, 1)))))
	for s.len < n && d.err == nil {
		if s.len == s.cap {
			grower.Grow(min(n-s.len, s.cap))
		}
		// Grow has zeroed the memory up to cap.
		p.elem.decode(d, unsafe.Add(s.data, uintptr(s.len)*p.elem.size), depth+1)
		if d.err != nil {
			d.err.inElem(s.len)
		}
		s.len++
	}
	*v = *s
}

// strings is decodeSlice without reflection.
func (d *Dec) strings() []string {
	if d.Nil() {
		return nil
	}
	n := d.Array()
	list := make([]string, 0, min(n, firstRoom))
	for i := 0; i < n && d.err == nil; i++ {
		list = append(list, d.Str())
		if d.err != nil {
			d.err.inElem(i)
		}
	}
	return list
}

func (p *Plan) decodeArray(d *Dec, v unsafe.Pointer, depth int) {
	at := d.i
	n := d.Array()
	if d.err == nil && n != p.len {
		d.failAt(textLength, at)
		return
	}
	for i := range n {
		p.elem.decode(d, unsafe.Add(v, uintptr(i)*p.elem.size), depth+1)
		if d.err != nil {
			d.err.inElem(i)
			return
		}
	}
}

func (p *Plan) decodeMap(d *Dec, v unsafe.Pointer, depth int) {
	if d.Nil() {
		*(*unsafe.Pointer)(v) = nil
		return
	}
	n := d.Map()
	if d.err != nil {
		return
	}
	m := p.makeMap(min(n, firstRoom))
	for i := range n {
		at := d.i
		name := d.key()
		if d.err != nil {
			return
		}
		p.elem.decode(d, m.next(), depth+1)
		if d.err != nil {
			d.err.inKey(name)
			return
		}
		m.put(name)
		if m.len() != i+1 {
			d.failAt(textDuplicate, at)
			return
		}
	}
	*(*unsafe.Pointer)(v) = m.word()
}

func (p *Plan) decodeStruct(d *Dec, v unsafe.Pointer, depth int) {
	var seen [maxFields / 64]uint64
	next := 0
	for n := d.Map(); n > 0; n-- {
		at := d.i
		name := d.keyUnchecked()
		if d.err != nil {
			return
		}
		i := p.find(name, next)
		if i < 0 {
			d.unknown(name, at)
			return
		}
		word, bit := &seen[i/64], uint64(1)<<(i%64)
		if *word&bit != 0 {
			d.failAt(textDuplicate, at)
			return
		}
		*word |= bit
		f := &p.fields[i]
		f.plan.decode(d, unsafe.Add(v, f.offset), depth+1)
		if d.err != nil {
			d.err.inField(f.name)
			return
		}
		next = i + 1
	}
}

// find returns the index of the field, or -1. Most senders write the fields in
// the order of the struct, so it begins at next.
func (p *Plan) find(name string, next int) int {
	for i := next; i < len(p.fields); i++ {
		if p.fields[i].name == name {
			return i
		}
	}
	for i := range min(next, len(p.fields)) {
		if p.fields[i].name == name {
			return i
		}
	}
	return -1
}

// newAt returns zeroed memory for a value of type t.
func newAt(t reflect.Type) unsafe.Pointer { return addr(reflect.New(t).Elem()) }
