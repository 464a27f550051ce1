package wire

import (
	"reflect"
	"unsafe"
)

// appendValue is append for a value without an address: an element of a map,
// or what an interface holds. From the first slice or pointer on there is one.
//
// Copying v to where it has one would be shorter. But Value.Set, and with it
// all that assigns, links reflect's code for calling methods, which makes a
// guest 0.1 MB larger.
func (p *Plan) appendValue(e *encoder, b []byte, v reflect.Value, depth int) []byte {
	switch p.op {
	case opBool:
		return AppendBool(b, v.Bool())
	case opInt:
		return AppendInt(b, v.Int())
	case opUint:
		return AppendUint(b, v.Uint())
	case opFloat:
		if p.size == 4 {
			return appendFloat32(b, float32(v.Float()))
		}
		return AppendFloat(b, v.Float())
	case opString:
		return e.str(b, v.String())
	case opBytes:
		return AppendBin(b, v.Bytes())
	case opRaw:
		return e.raw(b, v.Bytes())
	case opAny:
		if v.IsNil() {
			return AppendNil(b)
		}
		return e.planned(b, v.Elem(), depth)
	case opPointer:
		if v.IsNil() {
			return AppendNil(b)
		}
		return p.elem.append(e, b, addr(v.Elem()), depth)
	case opSlice, opStrings:
		if v.Len() == 0 {
			return AppendArray(b, 0)
		}
		return p.appendElems(e, b, addr(v.Index(0)), v.Len(), depth)
	case opMap, opAnyMap:
		return p.appendMap(e, b, v, depth)
	case opStruct:
		return p.appendStructValue(e, b, v, depth)
	}
	return p.appendArrayValue(e, b, v, depth)
}

func (p *Plan) appendArrayValue(e *encoder, b []byte, v reflect.Value, depth int) []byte {
	if p.op == opByteArray {
		raw := make([]byte, p.len)
		for i := range raw {
			raw[i] = byte(v.Index(i).Uint())
		}
		return AppendBin(b, raw)
	}
	if !e.enter(depth) {
		return b
	}
	b = AppendArray(b, p.len)
	for i := range p.len {
		b = p.elem.appendValue(e, b, v.Index(i), depth+1)
		if e.err != nil {
			e.err.inElem(i)
			return b
		}
	}
	return b
}

func (p *Plan) appendStructValue(e *encoder, b []byte, v reflect.Value, depth int) []byte {
	if !e.enter(depth) {
		return b
	}
	values := make([]reflect.Value, len(p.fields))
	n := 0
	for i := range p.fields {
		f := &p.fields[i]
		w := v
		for _, j := range f.index {
			w = w.Field(j)
		}
		if f.omitEmpty && f.plan.emptyValue(w) {
			continue
		}
		values[i] = w
		n++
	}
	b = AppendMap(b, n)
	for i := range p.fields {
		f := &p.fields[i]
		if !values[i].IsValid() {
			continue
		}
		b = f.plan.appendValue(e, AppendStr(b, f.name), values[i], depth+1)
		if e.err != nil {
			e.err.inField(f.name)
			return b
		}
	}
	return b
}

// emptyValue is empty for a value without an address.
func (p *Plan) emptyValue(v reflect.Value) bool {
	switch p.op {
	case opBool:
		return !v.Bool()
	case opInt:
		return v.Int() == 0
	case opUint:
		return v.Uint() == 0
	case opFloat:
		return v.Float() == 0
	case opAny, opPointer:
		return v.IsNil()
	case opStruct:
		return false
	}
	return v.Len() == 0
}

// addr returns the address of v, which must have one. (Value.UnsafePointer
// links as much as Value.Set.)
func addr(v reflect.Value) unsafe.Pointer { return unsafe.Pointer(v.UnsafeAddr()) }
