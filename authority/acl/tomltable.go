package acl

import (
	"github.com/ambit-wasm/ambit/authority"
	"github.com/pelletier/go-toml/v2/unstable"
)

// made says how a table or list of a TOML document came to be, which decides
// what may still be added to it.
type made uint8

const (
	madeDotted   made = iota // by the keys of a dotted key; more of them may follow
	madeImplied              // on the way to a header's table; its own header may follow
	madeHeader               // by its own [header]
	madeElements             // a list of tables, by [[header]]
	madeValue                // written as a value: closed
)

// duplicate reports a second definition of the thing.
func duplicate(k *sink, at, first authority.Position, thing string) {
	k.errorf(at, codeDuplicate, "first at "+first.String(), "duplicate %s", thing)
}

// put adds a value to a table, or reports that the key is taken.
func (r *tomlReader) put(table *node, key string, pos authority.Position, value *node) {
	if first := table.child(key); first != nil {
		duplicate(r.sink, pos, first.pos, "key "+quote(key))
		return
	}
	switch value.kind {
	case kindTable, kindList:
		value.made = madeValue
	}
	table.add(key, pos, value)
}

// dotted returns the table that a leading part of a dotted key names. Where
// there can be none, it reports that and returns a table of its own, so that
// what follows is still read.
func (r *tomlReader) dotted(table *node, key string, pos authority.Position, depth int) *node {
	if !r.room(pos, depth+1) {
		return table
	}
	if m := table.child(key); m != nil {
		if m.value.kind == kindTable && m.value.made == madeDotted {
			return m.value
		}
		duplicate(r.sink, pos, m.pos, "key "+quote(key))
		return &node{pos: pos, kind: kindTable}
	}
	n := &node{pos: pos, kind: kindTable, made: madeDotted}
	table.add(key, pos, n)
	return n
}

// header opens the table of a [header] or [[header]].
func (r *tomlReader) header(e *unstable.Node) {
	table, depth, keys := r.root, 1, e.Key()
	var pos authority.Position
	var end int
	for first := true; keys.Next(); first = false {
		key := keys.Node()
		if first {
			pos = r.src.at(r.bracket(int(key.Raw.Offset)))
		}
		if depth++; !r.room(pos, depth) {
			return
		}
		end = int(key.Raw.Offset + key.Raw.Length)
		switch name := string(key.Data); {
		case !keys.IsLast():
			table = r.through(table, name, pos)
		case e.Kind == unstable.ArrayTable:
			depth++
			table = r.element(table, name, pos)
		default:
			table = r.open(table, name, pos)
		}
	}
	r.table, r.depth = table, depth
	table.head = r.skip(end, " \t") + len("]")
	if e.Kind == unstable.ArrayTable {
		table.head += len("]")
	}
	table.end = table.head
}

// bracket goes back from the first key of a header to its first bracket.
func (r *tomlReader) bracket(at int) int {
	for at > 0 {
		switch r.src.data[at-1] {
		case ' ', '\t', '[':
			at--
		default:
			return r.skip(at, " \t")
		}
	}
	return r.skip(at, " \t")
}

// through returns the table that a leading part of a header's key names: of a
// list of tables, the last.
func (r *tomlReader) through(table *node, key string, pos authority.Position) *node {
	m := table.child(key)
	if m == nil {
		n := &node{pos: pos, kind: kindTable, made: madeImplied}
		table.add(key, pos, n)
		return n
	}
	switch {
	case m.value.made == madeElements:
		return m.value.items[len(m.value.items)-1]
	case m.value.kind == kindTable && m.value.made != madeValue:
		return m.value
	}
	duplicate(r.sink, pos, m.pos, "key "+quote(key))
	return &node{pos: pos, kind: kindTable}
}

func (r *tomlReader) open(table *node, key string, pos authority.Position) *node {
	m := table.child(key)
	if m != nil && m.value.made == madeImplied {
		m.value.made, m.value.pos, m.pos = madeHeader, pos, pos
		return m.value
	}
	n := &node{pos: pos, kind: kindTable, made: madeHeader}
	if m != nil {
		duplicate(r.sink, pos, m.pos, "table "+quote(key))
		return n
	}
	table.add(key, pos, n)
	return n
}

func (r *tomlReader) element(table *node, key string, pos authority.Position) *node {
	n := &node{pos: pos, kind: kindTable, made: madeHeader}
	m := table.child(key)
	if m == nil {
		list := &node{pos: pos, kind: kindList, made: madeElements}
		table.add(key, pos, list)
		m = table.child(key)
	}
	if m.value.made != madeElements {
		duplicate(r.sink, pos, m.pos, "key "+quote(key))
		return n
	}
	m.value.items = append(m.value.items, n)
	return n
}
