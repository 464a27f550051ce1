//go:build !wasip1 || tinygo

package wire

import (
	"reflect"
	"unsafe"
)

// mapMaker fills a new map: next, decode there, put, and so on.
type mapMaker struct {
	m    reflect.Value
	key  reflect.Value // where put takes the key from
	elem reflect.Value
}

func (p *Plan) makeMap(room int) mapMaker {
	return mapMaker{
		m:   reflect.MakeMapWithSize(p.typ, room),
		key: reflect.New(p.typ.Key()).Elem(),
	}
}

// next returns zeroed memory for an element.
func (m *mapMaker) next() unsafe.Pointer {
	m.elem = reflect.New(m.m.Type().Elem()).Elem()
	return addr(m.elem)
}

// put sets the element of the last next.
func (m *mapMaker) put(key string) {
	m.key.SetString(key)
	m.m.SetMapIndex(m.key, m.elem)
}

func (m *mapMaker) len() int { return m.m.Len() }

// word returns what a variable of the map's type holds.
func (m *mapMaker) word() unsafe.Pointer { return m.m.UnsafePointer() }
