package acl

import "slices"

// Between brackets, the items of a list or the members of a table stand in
// any layout. A new item comes last: on a line of its own if the bracket that
// closes does not stand on the last item's line. An item that is taken out
// takes along one comma; if it stood alone on its line, the line and the
// comment on it; if something else stands before it on the line, the comment
// still, provided that no other item is on the line. Comments on lines of
// their own stay.

// brackets returns where the list's or table's brackets stand.
func (d *draft) brackets(n *node) (first, last int) {
	return d.src.offset(n.pos), n.end - 1
}

// items returns where the items or members between the brackets stand.
func (d *draft) items(n *node) []span {
	ends := d.ends(n, nil)
	slices.Sort(ends)
	at, _ := d.brackets(n)
	out := make([]span, len(ends))
	for i, end := range ends {
		for at++; ; at++ {
			at = d.skipSpace(at)
			if d.src.data[at] != ',' {
				break
			}
		}
		out[i] = span{at, end}
		at = end - 1
	}
	return out
}

// ends collects where the items or members end; of a dotted key, each value.
func (d *draft) ends(n *node, ends []int) []int {
	for _, item := range n.items {
		ends = append(ends, item.end)
	}
	for _, m := range n.members {
		if m.value.end == 0 {
			ends = d.ends(m.value, ends)
			continue
		}
		ends = append(ends, m.value.end)
	}
	return ends
}

// skipSpace goes on over space, line ends and comments.
func (d *draft) skipSpace(at int) int {
	for at < len(d.src.data) {
		c := d.src.data[at]
		if c == '#' && d.format == formatTOML {
			at = d.src.lineEnd(at)
			continue
		}
		if !blank([]byte{c}) {
			break
		}
		at++
	}
	return at
}

// comma returns where the comma behind an item stands, -1 if there is none.
func (d *draft) comma(item span) int {
	if at := d.skipSpace(item.end); d.src.data[at] == ',' {
		return at
	}
	return -1
}

// appendItem puts an item at the end of a list.
func (d *draft) appendItem(list *node, value any) {
	text := d.inline(value)
	first, last := d.brackets(list)
	items := d.items(list)
	list.items = append(list.items, nodeOf(value))
	line := d.src.lineStart(last)
	if len(items) == 0 {
		d.appendFirst(first, last, text)
		return
	}
	end := items[len(items)-1]
	comma := d.comma(end)
	if line <= max(end.end, comma) {
		d.insert(end.end, ","+d.gap(items)+text)
		return
	}
	at := max(end.end, comma+1)
	if comma < 0 {
		d.insert(end.end, ",")
	} else {
		text += ","
	}
	indent := d.src.indent(end.at)
	if d.src.lineStart(first) == d.src.lineStart(end.at) {
		indent += d.src.unit()
	}
	d.insert(d.src.lineEnd(at), indent+text+d.src.eol())
}

// appendFirst puts an item into an empty list.
func (d *draft) appendFirst(first, last int, text string) {
	line := d.src.lineStart(last)
	switch {
	case line > first:
		if d.format == formatTOML {
			text += ","
		}
		d.insert(line, d.src.indent(last)+d.src.unit()+text+d.src.eol())
	case last > first+1:
		d.insert(first+1, " "+text)
	default:
		d.insert(first+1, text)
	}
}

// gap is what stands between a comma and the next item on a line.
func (d *draft) gap(items []span) string {
	for _, item := range items[:len(items)-1] {
		if comma := d.comma(item); !blank(d.src.data[comma+1 : comma+2]) {
			return ""
		}
	}
	return " "
}

// cut takes the i-th item out from between brackets.
func (d *draft) cut(n *node, i int) {
	items := d.items(n)
	it := items[i]
	after, before := d.comma(it), -1
	start, line := d.src.lineStart(it.at), d.src.lineEnd(it.end)
	others := false // on the lines of the item
	if i > 0 {
		before = d.comma(items[i-1])
		others = items[i-1].end > start
	}
	if i < len(items)-1 {
		others = others || items[i+1].at < line
	}
	comma := after
	if after < 0 || after >= line && before >= start {
		comma = before
	}
	head, tail := d.without(span{start, it.at}, comma), d.without(span{it.end, line}, comma)
	switch {
	case blank(head) && d.onlyComment(tail):
		d.remove(start, line)
		if comma >= 0 && (comma < start || comma >= line) {
			d.cutComma(comma)
		}
	case i == len(items)-1 && before >= 0:
		d.cutLast(before, it)
	default:
		d.cutInline(it, after)
	}
	if !others && !blank(head) && !blank(tail) && d.onlyComment(tail) {
		from := it.end
		if after < line {
			from = max(from, after+1)
		}
		d.remove(from, d.src.textEnd(from))
	}
}

// without returns a part of the text, less a comma that may be in it.
func (d *draft) without(s span, comma int) []byte {
	text := slices.Clone(d.src.data[s.at:s.end])
	if s.at <= comma && comma < s.end {
		text[comma-s.at] = ' '
	}
	return text
}

// onlyComment reports whether the rest of a line is empty, but for a comment.
func (d *draft) onlyComment(rest []byte) bool {
	for _, c := range rest {
		switch c {
		case ' ', '\t', '\r', '\n':
		case '#':
			return d.format == formatTOML
		default:
			return false
		}
	}
	return true
}

// cutComma takes a comma out, and the space behind one that begins a line.
func (d *draft) cutComma(comma int) {
	end := comma + 1
	if d.src.before(comma) == d.src.lineStart(comma) {
		end = d.src.after(end)
	}
	d.remove(comma, end)
}

// cutLast takes out the last item and the comma before it.
func (d *draft) cutLast(comma int, it span) {
	if d.src.before(it.at) == comma+1 {
		d.remove(comma, it.end)
		return
	}
	d.cutComma(comma)
	d.remove(d.src.before(it.at), it.end)
}

// cutInline takes out an item and the comma behind it, if there is one.
func (d *draft) cutInline(it span, comma int) {
	if comma < 0 {
		d.remove(d.src.before(it.at), it.end)
		return
	}
	if d.src.after(it.end) != comma {
		d.remove(d.src.before(it.at), it.end)
		d.cutComma(comma)
		return
	}
	next := d.src.after(comma + 1)
	switch d.src.data[next] {
	case '\r', '\n', '#', ']', '}':
		d.remove(d.src.before(it.at), comma+1)
	default:
		d.remove(it.at, next)
	}
}
