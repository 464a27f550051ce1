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
)

var kindNames = [...]string{"null", "a boolean", "an integer", "a float", "a string", "a date-time", "a list", "a table"}

func (k kind) String() string { return kindNames[k] }

// node is one value of a TOML or JSON file, and where it stands.
type node struct {
	pos     authority.Position
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

// add adds a member whose key the table does not have yet.
func (n *node) add(key string, pos authority.Position, value *node) {
	if n.index == nil {
		n.index = make(map[string]int)
	}
	n.index[key] = len(n.members)
	n.members = append(n.members, member{key: key, pos: pos, value: value})
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
