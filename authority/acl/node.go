package acl

import (
	"maps"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// kind is the type of a [node].
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindInt
	kindFloat
	kindString
	kindTime // a TOML date, time or date-time; text holds it in RFC 3339's spelling
	kindList
	kindTable
	kindNone // what no file can hold
)

var kindNames = [...]string{"null", "a boolean", "an integer", "a float", "a string", "a date-time", "a list", "a table", "nothing"}

func (k kind) String() string { return kindNames[k] }

// node is one value of a TOML or JSON file, and where it stands.
type node struct {
	pos authority.Position
	// end is the offset behind the value. Of a table that a [header] opened, and
	// of the whole file, it is the end of what follows the header, up to the next
	// one; 0 of a table or list that is nowhere in one piece.
	end     int
	head    int // offset behind the header that opened the table
	kind    kind
	made    made
	flag    bool // kindBool
	integer int64
	float   float64
	text    string // kindString, kindTime
	items   []*node
	members []member       // in the order of the file
	index   map[string]int // key to members
}

// member is one key of a table; pos is the key's place.
type member struct {
	key   string
	pos   authority.Position
	value *node
}

// child returns the member with the key, or nil. A nil node has none.
func (n *node) child(key string) *member {
	if n == nil {
		return nil
	}
	if i, ok := n.index[key]; ok {
		return &n.members[i]
	}
	return nil
}

// get returns the value of a key, or nil. A nil node has none.
func (n *node) get(key string) *node {
	if m := n.child(key); m != nil {
		return m.value
	}
	return nil
}

// add adds a member whose key the table does not have yet.
func (n *node) add(key string, pos authority.Position, value *node) {
	if n.index == nil {
		n.index = make(map[string]int)
	}
	n.index[key] = len(n.members)
	n.members = append(n.members, member{key: key, pos: pos, value: value})
}

// drop takes a member out.
func (n *node) drop(key string) {
	i := n.index[key]
	n.members = slices.Delete(n.members, i, i+1)
	delete(n.index, key)
	for i, m := range n.members {
		n.index[m.key] = i
	}
}

// nodeOf makes a node of Go data, as plain returns it, or of an object.
func nodeOf(value any) *node {
	switch v := value.(type) {
	case bool:
		return &node{kind: kindBool, flag: v}
	case int64:
		return &node{kind: kindInt, integer: v}
	case float64:
		return &node{kind: kindFloat, float: v}
	case string:
		return &node{kind: kindString, text: v}
	case []any:
		n := &node{kind: kindList}
		for _, item := range v {
			n.items = append(n.items, nodeOf(item))
		}
		return n
	case object:
		n := &node{kind: kindTable}
		for _, m := range v {
			n.add(m.key, authority.Position{}, nodeOf(m.value))
		}
		return n
	case map[string]any:
		return nodeOf(sortedObject(v))
	case nil:
		return &node{}
	}
	return &node{kind: kindNone}
}

// plain returns the value as Go data: nil, bool, int64, float64, string,
// []any or map[string]any. Dates are strings.
func (n *node) plain() any {
	switch n.kind {
	case kindBool:
		return n.flag
	case kindInt:
		return n.integer
	case kindFloat:
		return n.float
	case kindString, kindTime:
		return n.text
	case kindList:
		list := make([]any, len(n.items))
		for i, item := range n.items {
			list[i] = item.plain()
		}
		return list
	case kindTable:
		table := make(map[string]any, len(n.members))
		for _, m := range n.members {
			table[m.key] = m.value.plain()
		}
		return table
	default:
		return nil
	}
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
