package acl

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// In TOML a table may also stand below a [header], on lines of its own. A new
// [[table]] follows the last of its list; one that is taken out takes along
// what belongs to it, wherever it stands, the comment lines right above its
// header, and the empty lines above them. A comment at the top of the file
// stays, and so do comments below the last key.

// appendTable puts a [[table]] behind the others.
func (d *draft) appendTable(list *node, value object) {
	last := list.items[len(list.items)-1]
	list.items = append(list.items, nodeOf(value))
	at := d.src.offset(last.pos)
	indent := d.src.indent(at)
	lines := []string{"", indent + string(d.src.data[at:last.head])}
	for _, m := range value {
		lines = append(lines, indent+d.key(m.key)+d.inline(m.value))
	}
	d.insertLine(lastEnd(last), strings.Join(lines, d.src.eol()))
}

// lastEnd returns where the last line that belongs to a table ends.
func lastEnd(n *node) int {
	end := n.end
	for _, s := range sections(n, nil) {
		end = max(end, s.end)
	}
	return end
}

// sections collects the tables below headers of their own that belong to a
// table, itself included.
func sections(n *node, out []*node) []*node {
	if n.kind == kindTable && n.made == madeHeader && n.head > 0 {
		out = append(out, n)
	}
	for _, m := range n.members {
		if m.value.made != madeValue {
			out = sections(m.value, out)
		}
	}
	if n.made == madeElements {
		for _, item := range n.items {
			out = sections(item, out)
		}
	}
	return out
}

// removeItem takes the i-th item out of a list that is a member of a table. If
// the list must stay, it stays empty.
func (d *draft) removeItem(parent *node, key string, i int, must bool) {
	list := parent.get(key)
	if list.made != madeElements {
		d.cut(list, i)
	} else {
		d.removeTable(list.items[i])
	}
	list.items = slices.Delete(list.items, i, i+1)
	if list.made != madeElements || len(list.items) > 0 {
		return
	}
	if must {
		d.insertLine(parent.end, d.src.indent(parent.end)+key+" = []")
	} else {
		parent.drop(key)
	}
}

// removeTable takes out the headers that belong to a table, with their keys and
// with what belongs to them above.
func (d *draft) removeTable(n *node) {
	all := sections(n, nil)
	slices.SortFunc(all, func(a, b *node) int { return cmp.Compare(a.head, b.head) })
	var run span
	for i, s := range all {
		from := d.src.lineStart(d.src.offset(s.pos))
		if top := d.commentsAbove(from); top > 0 {
			from = top
		}
		apart := d.blanksAbove(from) > d.src.lineEnd(run.end)
		if i > 0 && apart {
			d.removeRun(run)
		}
		if i == 0 || apart {
			run.at = from
		}
		run.end = s.end
	}
	d.removeRun(run)
}

// removeRun takes lines out that stand together, and the empty lines on one
// side of them.
func (d *draft) removeRun(run span) {
	next := d.src.lineEnd(run.end)
	below := next
	for below < len(d.src.data) && blank(d.src.data[below:d.src.lineEnd(below)]) {
		below = d.src.lineEnd(below)
	}
	above := d.blanksAbove(run.at)
	switch {
	case above == 0 && below > next: // the file begins with it
		d.remove(run.at, below)
	case below > next || below == len(d.src.data):
		d.removeLines(above, run.end)
	default:
		d.removeLines(run.at, run.end)
	}
}

// blanksAbove returns where the empty lines right above a line begin.
func (d *draft) blanksAbove(line int) int {
	for line > 0 && blank(d.src.data[d.src.lineStart(line-1):line]) {
		line = d.src.lineStart(line - 1)
	}
	return line
}

// commentsAbove returns where the comment lines right above a line begin.
func (d *draft) commentsAbove(line int) int {
	for line > 0 {
		above := d.src.lineStart(line - 1)
		if !bytes.HasPrefix(bytes.TrimLeft(d.src.data[above:line], " \t"), []byte("#")) {
			break
		}
		line = above
	}
	return line
}

// setKey gives a key of a table a new value, or puts it behind another key.
func (d *draft) setKey(table *node, key string, value any, behind string) {
	text := d.inline(value)
	if m := table.child(key); m != nil {
		d.edits = append(d.edits, splice{span{d.src.offset(m.value.pos), m.value.end}, text})
		m.value = nodeOf(value)
		return
	}
	near := table.child(behind)
	at := d.src.offset(near.pos)
	pair := d.key(key) + text
	switch {
	case table.made == madeHeader:
		d.insertLine(near.value.end, d.src.indent(at)+pair)
	case d.src.before(at) == d.src.lineStart(at):
		d.insert(near.value.end, ","+d.src.eol()+d.src.indent(at)+pair)
	default:
		d.insert(near.value.end, ", "+pair)
	}
	table.add(key, authority.Position{}, nodeOf(value))
}

// removeKey takes a key with its value out of a table.
func (d *draft) removeKey(table *node, key string) {
	m := table.child(key)
	at := d.src.offset(m.pos)
	if table.made == madeHeader {
		d.removeLines(at, m.value.end)
	} else {
		d.cut(table, slices.IndexFunc(d.items(table), func(s span) bool { return s.at == at }))
	}
	table.drop(key)
}
