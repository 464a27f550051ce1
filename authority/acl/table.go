package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// table reads the keys of one table. What it was not asked for by the time of
// [table.done] is an unknown key: nothing is ever ignored.
type table struct {
	*sink
	n     *node  // nil if the value is missing or no table; then every key is absent
	what  string // the table's name in messages: `capability "main"`
	known []string
}

// table wraps a value that has to be a table.
func (k *sink) table(n *node, what string) *table {
	t := &table{sink: k, n: n, what: what}
	if n != nil && n.kind != kindTable {
		k.errorf(n.pos, codeWrongType, "", "%s must be a table, not %s", what, n.kind)
		t.n = nil
	}
	return t
}

// get returns the value of a key, nil if it is absent.
func (t *table) get(key string) *node {
	t.known = append(t.known, key)
	if m := t.n.child(key); m != nil {
		return m.value
	}
	return nil
}

// need is get for a key that has to be there.
func (t *table) need(key, hint string) *node {
	n := t.get(key)
	if n == nil && t.n != nil {
		t.errorf(t.n.pos, codeMissingKey, hint, "%s lacks the key %q", t.what, key)
	}
	return n
}

// skip accepts keys that have no meaning: "$schema" and "version".
func (t *table) skip() {
	t.text("$schema")
	if n := t.get("version"); n != nil && n.kind != kindInt && n.kind != kindString {
		t.wrongType(n, "version", "an integer or a string", "")
	}
}

// done reports the keys that nothing asked for.
func (t *table) done() {
	if t.n == nil {
		return
	}
	for _, m := range t.n.members {
		if !slices.Contains(t.known, m.key) {
			t.errorf(m.pos, codeUnknownKey, t.suggestOr(m.key, t.known, "known keys: "+t.keys()), "unknown key %s in %s", quote(m.key), t.what)
		}
	}
}

func (t *table) keys() string {
	var keys []string
	for _, key := range t.known {
		if key != "$schema" && key != "version" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return quoteAll(keys)
}

func (t *table) wrongType(n *node, key, want, hint string) {
	t.errorf(n.pos, codeWrongType, hint, "%q in %s must be %s, not %s", key, t.what, want, n.kind)
}

func (t *table) badValue(n *node, key, hint, format string, args ...any) {
	t.errorf(n.pos, codeBadValue, hint, "%q in %s %s", key, t.what, fmt.Sprintf(format, args...))
}

// typed returns the value of a key if it has the kind; a wrong one is
// reported and counts as absent.
func (t *table) typed(key string, want kind, hint string) *node {
	n := t.get(key)
	if n != nil && n.kind != want {
		t.wrongType(n, key, want.String(), hint)
		return nil
	}
	return n
}

// text returns a string, "" if it is absent.
func (t *table) text(key string) string {
	if n := t.typed(key, kindString, ""); n != nil {
		return n.text
	}
	return ""
}

// name returns a string that has to be there and not be empty, and its place:
// the table's if there is none.
func (t *table) name(key, hint string) (string, authority.Position) {
	n := t.need(key, hint)
	switch {
	case n == nil:
		return "", t.pos()
	case n.kind != kindString:
		t.wrongType(n, key, "a string", "")
	case n.text == "":
		t.badValue(n, key, "", "is empty")
	}
	return n.text, n.pos
}

// pos is where the table stands.
func (t *table) pos() authority.Position {
	if t.n == nil {
		return authority.Position{}
	}
	return t.n.pos
}

// flag returns a boolean.
func (t *table) flag(key string, absent bool) bool {
	if n := t.typed(key, kindBool, ""); n != nil {
		return n.flag
	}
	return absent
}

// choice returns one of the words, "" if it is absent or another.
func (t *table) choice(key string, words ...string) string {
	n := t.typed(key, kindString, "")
	if n == nil {
		return ""
	}
	if !slices.Contains(words, n.text) {
		t.badValue(n, key, t.suggestOr(n.text, words, "one of "+quoteAll(words)), "cannot be %s", quote(n.text))
		return ""
	}
	return n.text
}

// count returns an integer from 1 to most, 0 if it is absent.
func (t *table) count(key string, most int64) int64 {
	n := t.typed(key, kindInt, "")
	if n == nil {
		return 0
	}
	if n.integer < 1 || n.integer > most {
		t.badValue(n, key, "", "is %d, which is not between 1 and %d", n.integer, most)
		return 0
	}
	return n.integer
}

// list returns the items of a list.
func (t *table) list(key, hint string) []*node {
	if n := t.typed(key, kindList, hint); n != nil {
		return n.items
	}
	return nil
}

// tables returns the items of a list of tables, named by the function for
// messages.
func (t *table) tables(key string, name func(*node) string) []*table {
	n := t.get(key)
	if n == nil {
		return nil
	}
	if n.kind != kindList {
		header := key
		if outer, ok := strings.CutPrefix(t.what, "["); ok {
			header = strings.TrimSuffix(outer, "]") + "." + key
		}
		t.wrongType(n, key, "a list of tables", "in TOML, write [["+header+"]]")
		return nil
	}
	var out []*table
	for _, item := range n.items {
		if sub := t.table(item, name(item)); sub.n != nil {
			out = append(out, sub)
		}
	}
	return out
}

// sub returns the table under a key; one without keys if it is absent.
func (t *table) sub(key, what, hint string) *table {
	return &table{sink: t.sink, n: t.typed(key, kindTable, hint), what: what}
}

// word is one string of a list.
type word struct {
	text string
	pos  authority.Position
}

// words returns a list of strings, none of them empty.
func (t *table) words(key string) []word {
	return t.wordsOf(t.get(key), key)
}

func (t *table) wordsOf(n *node, key string) []word {
	if n == nil {
		return nil
	}
	if n.kind != kindList {
		t.wrongType(n, key, "a list of strings", n.listHint())
		return nil
	}
	var out []word
	for _, item := range n.items {
		switch {
		case item.kind != kindString:
			t.errorf(item.pos, codeWrongType, "", "%q in %s holds %s among its strings", key, t.what, item.kind)
		case item.text == "":
			t.errorf(item.pos, codeBadValue, "", "%q in %s holds an empty string", key, t.what)
		default:
			out = append(out, word{text: item.text, pos: item.pos})
		}
	}
	return out
}

// listHint says how a value that stands alone is written as a list.
func (n *node) listHint() string {
	if n.kind == kindString {
		return "write [" + quote(n.text) + "]"
	}
	return ""
}

// called names a table for messages by one of its strings: `window "main"`,
// or only "a window" if the string is not there.
func called(thing, article, key string) func(*node) string {
	return func(n *node) string {
		if m := n.child(key); m != nil && m.value.kind == kindString {
			return thing + " " + quote(m.value.text)
		}
		return article + " " + thing
	}
}
