package wire

import (
	"unsafe"
)

// encoder keeps the first error of one encoding.
type encoder struct {
	err *Error
}

func (e *encoder) result() error {
	if e.err == nil {
		return nil
	}
	return e.err
}

func (e *encoder) fail(text string) {
	if e.err == nil {
		e.err = &Error{Text: text, At: -1}
	}
}

// enter checks the depth of a container.
func (e *encoder) enter(depth int) bool {
	if depth >= MaxDepth {
		e.fail(textDepth)
	}
	return e.err == nil
}

func (e *encoder) str(b []byte, s string) []byte {
	if !validText(s) {
		e.fail(textUTF8)
		return b
	}
	return AppendStr(b, s)
}

func (e *encoder) raw(b []byte, v Raw) []byte {
	if len(v) == 0 {
		return AppendNil(b)
	}
	d := Dec{b: v}
	d.Raw()
	if d.Done() != nil {
		e.fail("raw value: " + d.err.Text)
		return b
	}
	return append(b, v...)
}

func (p *Plan) append(e *encoder, b []byte, v unsafe.Pointer, depth int) []byte {
	switch p.op {
	case opBool:
		return AppendBool(b, *(*bool)(v))
	case opInt:
		return AppendInt(b, loadInt(v, p.size))
	case opUint:
		return AppendUint(b, loadUint(v, p.size))
	case opFloat:
		if p.size == 4 {
			return appendFloat32(b, *(*float32)(v))
		}
		return AppendFloat(b, *(*float64)(v))
	case opString:
		return e.str(b, *(*string)(v))
	case opBytes:
		return AppendBin(b, *(*[]byte)(v))
	case opByteArray:
		return AppendBin(b, unsafe.Slice((*byte)(v), p.len))
	case opRaw:
		return e.raw(b, *(*Raw)(v))
	case opAny:
		return e.any(b, *(*any)(v), depth)
	case opPointer:
		if q := *(*unsafe.Pointer)(v); q != nil {
			return p.elem.append(e, b, q, depth)
		}
		return AppendNil(b)
	case opSlice, opStrings:
		s := (*slice)(v)
		return p.appendElems(e, b, s.data, s.len, depth)
	case opArray:
		return p.appendElems(e, b, v, p.len, depth)
	case opMap:
		return p.appendMap(e, b, p.mapAt(v), depth)
	case opAnyMap:
		return e.anyMap(b, *(*map[string]any)(v), depth)
	}
	return p.appendStruct(e, b, v, depth)
}

func (p *Plan) appendElems(e *encoder, b []byte, data unsafe.Pointer, n, depth int) []byte {
	if !e.enter(depth) {
		return b
	}
	b = AppendArray(b, n)
	for i := range n {
		b = p.elem.append(e, b, unsafe.Add(data, uintptr(i)*p.elem.size), depth+1)
		if e.err != nil {
			e.err.inElem(i)
			return b
		}
	}
	return b
}

func (p *Plan) appendStruct(e *encoder, b []byte, v unsafe.Pointer, depth int) []byte {
	if !e.enter(depth) {
		return b
	}
	n := 0
	for i := range p.fields {
		if f := &p.fields[i]; !f.omitEmpty || !f.plan.empty(unsafe.Add(v, f.offset)) {
			n++
		}
	}
	b = AppendMap(b, n)
	for i := range p.fields {
		f := &p.fields[i]
		at := unsafe.Add(v, f.offset)
		if f.omitEmpty && f.plan.empty(at) {
			continue
		}
		b = f.plan.append(e, AppendStr(b, f.name), at, depth+1)
		if e.err != nil {
			e.err.inField(f.name)
			return b
		}
	}
	return b
}

// empty reports whether omitempty leaves the value at v out: false, 0, nil,
// and whatever has the length 0, but never a struct.
func (p *Plan) empty(v unsafe.Pointer) bool {
	switch p.op {
	case opBool:
		return !*(*bool)(v)
	case opInt:
		return loadInt(v, p.size) == 0
	case opUint:
		return loadUint(v, p.size) == 0
	case opFloat:
		if p.size == 4 {
			return *(*float32)(v) == 0
		}
		return *(*float64)(v) == 0
	case opString:
		return *(*string)(v) == ""
	case opBytes, opRaw, opSlice, opStrings:
		return (*slice)(v).len == 0
	case opByteArray, opArray:
		return p.len == 0
	case opAny:
		return *(*any)(v) == nil
	case opPointer:
		return *(*unsafe.Pointer)(v) == nil
	case opMap, opAnyMap:
		return p.mapAt(v).Len() == 0
	}
	return false
}

func loadInt(v unsafe.Pointer, size uintptr) int64 {
	switch size {
	case 1:
		return int64(*(*int8)(v))
	case 2:
		return int64(*(*int16)(v))
	case 4:
		return int64(*(*int32)(v))
	}
	return *(*int64)(v)
}

func loadUint(v unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 1:
		return uint64(*(*uint8)(v))
	case 2:
		return uint64(*(*uint16)(v))
	case 4:
		return uint64(*(*uint32)(v))
	}
	return *(*uint64)(v)
}
