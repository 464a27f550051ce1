package reference

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Markdown prints the reference as GitHub's Markdown.
func (m Module) Markdown() string {
	w := &writer{m: &m, byID: map[string]*Permission{}}
	for i := range m.Permissions {
		w.byID[m.Permissions[i].Identifier] = &m.Permissions[i]
	}
	w.line("# " + prose(m.Name))
	for _, p := range paragraphs(m.Description) {
		w.line(p)
	}
	if m.Version != "" {
		w.line("Version " + code(m.Version))
	}
	if m.Problem != "" {
		w.line("This module cannot be used: " + prose(m.Problem))
		return w.b.String()
	}
	if m.policyOnly {
		w.line("The module was not read: this is what the files in permissions/ say of it. Which powers its commands have, and which scope keys are its own, is not known.")
	}
	w.commands()
	w.defaults()
	w.sets()
	w.permissions()
	w.generated()
	w.scopeKeys()
	return w.b.String()
}

// paragraphs takes a long description apart.
func paragraphs(text string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p := prose(strings.TrimLeft(part, "# \n\t")); p != "" {
			out = append(out, p)
		}
		if len(out) == maxListed {
			break
		}
	}
	return out
}

// writer writes blocks with an empty line between them.
type writer struct {
	m    *Module
	byID map[string]*Permission
	b    strings.Builder
}

func (w *writer) line(text string) {
	if w.b.Len() > 0 {
		w.b.WriteByte('\n')
	}
	w.b.WriteString(text + "\n")
}

// table writes rows below a heading; nothing without rows.
func (w *writer) table(heading, intro string, columns []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	w.line("## " + heading)
	if intro != "" {
		w.line(intro)
	}
	var b strings.Builder
	b.WriteString("| " + strings.Join(columns, " | ") + " |\n|" + strings.Repeat("---|", len(columns)))
	for _, row := range rows {
		b.WriteString("\n| " + strings.Join(row, " | ") + " |")
	}
	w.line(b.String())
}

// lineBreak separates lines of a cell.
const lineBreak = "<br>"

func (w *writer) commands() {
	var rows [][]string
	for _, c := range w.m.Commands {
		about := prose(c.Description)
		if c.TimeoutMS > 0 {
			about += " (at most " + milliseconds(c.TimeoutMS) + ")"
		}
		row := []string{code(c.Name), strings.TrimSpace(about)}
		if !w.m.policyOnly {
			row = append(row, list(c.Powers, code, ", "), arguments(c.Args))
		}
		rows = append(rows, row)
	}
	columns := []string{"Command", "What it does", "Powers", "Arguments"}
	if w.m.policyOnly {
		columns = columns[:2]
	}
	w.table("Commands", "", columns, rows)
}

// arguments sums up the schema of a command's arguments.
func arguments(schema json.RawMessage) string {
	f := fieldsOf(schema)
	return list(f.names(), func(name string) string {
		kind := prose(f.Properties[name].kind())
		if !slices.Contains(f.Required, name) {
			kind += ", optional"
		}
		return code(name) + " (" + kind + ")"
	}, lineBreak)
}

func (w *writer) sets() {
	var rows [][]string
	for _, p := range w.m.Permissions {
		if p.Kind == kindSet {
			lends := list(p.Risks, prose, lineBreak)
			if p.Incomplete {
				lends += lineBreak + "and more: the sets are too large to list all"
			}
			rows = append(rows, []string{code(p.Identifier), prose(p.Description), list(p.Members, code, lineBreak), commandsOf(p), lends})
		}
	}
	w.table("Sets", "", []string{"Set", "What it is for", "Contains", "Commands", "Lends"}, rows)
}

func (w *writer) permissions() {
	var rows [][]string
	for _, p := range w.m.Permissions {
		if p.Kind != kindPermission {
			continue
		}
		about := prose(p.Description)
		if len(p.Platforms) > 0 {
			about += " (only on " + list(p.Platforms, prose, ", ") + ")"
		}
		rows = append(rows, []string{code(p.Identifier), strings.TrimSpace(about), commandsOf(p), scopeCell(p.Scope), list(p.Risks, prose, lineBreak)})
	}
	w.table("Permissions", "A permission without commands adds its scope to those of all commands that the caller has.",
		[]string{"Permission", "What it is for", "Commands", "Scope", "Lends"}, rows)
}

// commandsOf lists the commands that a permission allows and denies.
func commandsOf(p Permission) string {
	var out []string
	if len(p.Allow) > 0 {
		out = append(out, list(p.Allow, code, ", "))
	}
	if len(p.Deny) > 0 {
		out = append(out, "not "+list(p.Deny, code, ", "))
	}
	return strings.Join(out, lineBreak)
}

func scopeCell(s *Scope) string {
	if s == nil {
		return ""
	}
	show := func(texts []json.RawMessage) []string {
		out := make([]string, len(texts))
		for i, t := range texts {
			out[i] = entry(t)
		}
		return out
	}
	var out []string
	if len(s.Allow) > 0 {
		out = append(out, list(show(s.Allow), code, lineBreak))
	}
	if len(s.Deny) > 0 {
		out = append(out, "not "+list(show(s.Deny), code, lineBreak+"not "))
	}
	return strings.Join(out, lineBreak)
}

// entry prints a scope entry: the value alone where there is only one.
func entry(text json.RawMessage) string {
	var table map[string]any
	if json.Unmarshal(text, &table) == nil && len(table) == 1 {
		for _, v := range table {
			return value(v)
		}
	}
	var bare string
	if json.Unmarshal(text, &bare) == nil {
		return bare
	}
	return string(text)
}

// generated lists the permissions that commands have without anybody having
// written them.
func (w *writer) generated() {
	var rows [][]string
	for _, c := range w.m.Commands {
		row, written := []string{code(c.Name)}, 0
		for _, prefix := range []string{":allow-", ":deny-"} {
			id := w.m.Name + prefix + strings.ReplaceAll(c.short, "_", "-")
			text := code(id)
			if p := w.byID[id]; p != nil && p.Kind != kindGenerated {
				written++
				text += " (see above)"
			}
			row = append(row, text)
		}
		if written < 2 {
			rows = append(rows, row)
		}
	}
	w.table("Permissions of single commands", "They have no scope of their own.", []string{"Command", "Allowed by", "Denied by"}, rows)
}

func (w *writer) scopeKeys() {
	var rows [][]string
	for _, k := range w.m.ScopeKeys {
		var about []string
		if k.Description != "" {
			about = append(about, prose(k.Description))
		}
		switch {
		case k.Required:
			about = append(about, "("+prose(k.Type)+", needed)")
		case k.Own:
			about = append(about, "("+prose(k.Type)+")")
		}
		rows = append(rows, []string{code(k.Key), strings.Join(about, " "), list(k.Powers, code, ", ")})
	}
	w.table("Scope keys", "", []string{"Key", "What it says", "Bounds the powers"}, rows)
}

// milliseconds words a time.
func milliseconds(ms int64) string {
	if ms%1000 == 0 {
		return strconv.FormatInt(ms/1000, 10) + " s"
	}
	return strconv.FormatInt(ms, 10) + " ms"
}
