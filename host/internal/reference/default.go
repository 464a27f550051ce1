package reference

import (
	"strconv"
	"strings"
)

// defaults says what the default contains, with the sets in it taken apart.
func (w *writer) defaults() {
	for _, p := range w.m.Permissions {
		if p.Kind != kindDefault {
			continue
		}
		w.line("## Default permission")
		about := paragraphs(p.Description)
		if len(about) == 0 {
			about = []string{"What the module offers by default"}
		}
		about[0] = code(p.Identifier) + ": " + about[0]
		for _, text := range about {
			w.line(text)
		}
		if len(p.Members) == 0 {
			w.line("It contains nothing.")
			return
		}
		w.line("It contains:")
		w.line(strings.Join(w.tree(nil, p.Members, 0, map[string]bool{}), "\n"))
		if len(p.Risks) > 0 {
			w.line("It lends:")
			w.line("- " + list(p.Risks, prose, "\n- "))
		}
		return
	}
	w.line("## Default permission")
	w.line("The module has none.")
}

// The bounds of the list of what a default contains: how deep sets in sets are
// taken apart, and its lines.
const (
	maxNested = 8
	maxLines  = 500
)

// tree lists members, those of a set below it; a set only once. It returns the
// lines so far and those that it adds.
func (w *writer) tree(lines, members []string, depth int, seen map[string]bool) []string {
	indent := strings.Repeat("  ", depth)
	for i, member := range members {
		if i == maxListed || len(lines) >= maxLines {
			return append(lines, indent+"- and "+strconv.Itoa(len(members)-i)+" more")
		}
		line := indent + "- " + code(member)
		p := w.find(member)
		if p == nil {
			lines = append(lines, line+", of another module")
			continue
		}
		if text := prose(p.Description); text != "" {
			line += ": " + text
		}
		lines = append(lines, line)
		if depth < maxNested && !seen[p.Identifier] {
			seen[p.Identifier] = true
			lines = w.tree(lines, p.Members, depth+1, seen)
		}
	}
	return lines
}

// find returns a permission of the module by the name that a member gives it.
func (w *writer) find(member string) *Permission {
	if p := w.byID[member]; p != nil {
		return p
	}
	return w.byID[w.m.Name+":"+member]
}
