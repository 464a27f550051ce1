package wire

import (
	"reflect"
	"unsafe"
)

// mapAt returns the map at v. (reflect.NewAt would be shorter, but TinyGo has
// none.)
func (p *Plan) mapAt(v unsafe.Pointer) reflect.Value {
	m := reflect.New(p.typ).Elem()
	*(*unsafe.Pointer)(addr(m)) = *(*unsafe.Pointer)(v)
	return m
}

func (p *Plan) appendMap(e *encoder, b []byte, m reflect.Value, depth int) []byte {
	if !e.enter(depth) {
		return b
	}
	names := make([]string, 0, m.Len())
	values := make(map[string]reflect.Value, m.Len())
	for it := m.MapRange(); it.Next(); {
		name := it.Key().String()
		names = append(names, name)
		values[name] = it.Value()
	}
	sortStrings(names)
	b = AppendMap(b, len(names))
	for _, name := range names {
		b = e.str(b, name)
		if e.err != nil {
			return b
		}
		b = p.elem.appendValue(e, b, values[name], depth+1)
		if e.err != nil {
			e.err.inKey(name)
			return b
		}
	}
	return b
}
