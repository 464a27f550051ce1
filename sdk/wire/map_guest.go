//go:build wasip1 && !tinygo

package wire

import (
	"reflect"
	"unsafe"
)

// These are what reflect.MakeMapWithSize and Value.SetMapIndex call. Through
// reflect they would link its code for calling methods, and make each guest
// 0.1 MB larger (see map_reflect.go, which all other builds use). The runtime
// keeps both signatures for users of linkname, go.dev/issue/67401.

//go:linkname makemap reflect.makemap
func makemap(typ unsafe.Pointer, room int) unsafe.Pointer

//go:linkname mapassign reflect.mapassign0
func mapassign(typ, m, key, elem unsafe.Pointer)

// mapMaker fills a new map: next, decode there, put, and so on.
type mapMaker struct {
	typ  unsafe.Pointer // the runtime's description of the map's type
	plan *Plan
	m    reflect.Value // addressable
	elem unsafe.Pointer
}

func (p *Plan) makeMap(room int) mapMaker {
	// A reflect.Type is an interface whose second word points to the type.
	typ := (*[2]unsafe.Pointer)(unsafe.Pointer(&p.typ))[1]
	m := mapMaker{typ: typ, plan: p, m: reflect.New(p.typ).Elem()}
	*(*unsafe.Pointer)(addr(m.m)) = makemap(typ, room)
	return m
}

// next returns zeroed memory for an element.
func (m *mapMaker) next() unsafe.Pointer {
	m.elem = newAt(m.plan.elem.typ)
	return m.elem
}

// put sets the element of the last next.
func (m *mapMaker) put(key string) {
	mapassign(m.typ, m.word(), unsafe.Pointer(&key), m.elem)
}

func (m *mapMaker) len() int { return m.m.Len() }

// word returns what a variable of the map's type holds.
func (m *mapMaker) word() unsafe.Pointer { return *(*unsafe.Pointer)(addr(m.m)) }
