package acl

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// draft is a policy file that is being edited. What is to become of its
// text is noted in edits, and the same is done to the tree; result then
// compares the two.
type draft struct {
	format
	src   *source
	root  *node
	edits []splice
}

// splice puts text in place of a part of the file.
type splice struct {
	span
	text string
}

// span is a part of a file, from the first offset up to the second.
type span struct{ at, end int }

// parseDraft reads a file that is to be edited. It must be without fault,
// so that all of it is understood.
func parseDraft(file string, data []byte) (*draft, error) {
	d := &draft{src: newSource(file, data)}
	var err error
	if d.format, err = formatOf(file); err == nil {
		d.root, err = d.read(d.src)
	}
	return d, err
}

// formatOf returns the format in which a file is changed or written anew.
func formatOf(file string) (format, error) {
	switch path.Ext(file) {
	case ".toml":
		return formatTOML, nil
	case ".json":
		return formatJSON, nil
	case ".json5":
		return 0, fmt.Errorf("%s: JSON5 is read only: change the file by hand, or convert it to .json or .toml", file)
	}
	return 0, fmt.Errorf("%s: the ending is not that of a policy file", file)
}

// read reads a file as it is loaded.
func (f format) read(src *source) (*node, error) {
	k := &sink{}
	parse := parseTOML
	if f == formatJSON {
		parse = parseJSON
	}
	root := parse(src, k)
	if root != nil {
		switch top, _, _ := strings.Cut(src.file, "/"); top {
		case capabilitiesDir:
			k.capabilityFile(root)
		case permissionsDir:
			newRules(k, true).permissionFile(root)
		case appName:
			k.ambit(root, &App{})
		default:
			return nil, fmt.Errorf("%s is no policy file", src.file)
		}
	}
	return root, k.sorted().Err()
}

// result returns the file after the edits. It is an error if they do not make
// of the file exactly what they made of the tree.
func (d *draft) result() ([]byte, error) {
	slices.SortStableFunc(d.edits, func(a, b splice) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.end, b.end)) })
	var out []byte
	at := 0
	for _, e := range d.edits {
		from := max(e.at, at) // parts may overlap
		out = append(append(out, d.src.data[at:from]...), e.text...)
		at = max(e.end, from)
	}
	out = append(out, d.src.data[at:]...)
	root, err := d.read(newSource(d.src.file, out))
	if err != nil || !sameNode(root, d.root) {
		return nil, d.notUnderstood()
	}
	return out, nil
}

// notUnderstood is the error for a layout that an edit does not master.
func (d *draft) notUnderstood() error {
	return fmt.Errorf("%s: the change cannot be made in this text: make it by hand", d.src.file)
}

// sameNode reports whether two trees say the same, wherever it stands.
func sameNode(a, b *node) bool {
	if a.kind != b.kind || a.flag != b.flag || a.integer != b.integer || a.float != b.float || a.text != b.text ||
		len(a.members) != len(b.members) {
		return false
	}
	for _, m := range a.members {
		if o := b.child(m.key); o == nil || !sameNode(m.value, o.value) {
			return false
		}
	}
	return slices.EqualFunc(a.items, b.items, sameNode)
}

// remove takes a part of the text out.
func (d *draft) remove(from, to int) { d.edits = append(d.edits, splice{span: span{from, to}}) }

// insert puts text into the file.
func (d *draft) insert(at int, text string) {
	d.edits = append(d.edits, splice{span{at, at}, text})
}

// offset is the reverse of at: where the position is in the data.
func (s *source) offset(p authority.Position) int { return s.starts[p.Line-1] + p.Column - 1 }

// lineStart returns the offset of the first byte of the line.
func (s *source) lineStart(at int) int { return bytes.LastIndexByte(s.data[:at], '\n') + 1 }

// lineEnd returns the offset behind the line and its line end.
func (s *source) lineEnd(at int) int {
	if n := bytes.IndexByte(s.data[at:], '\n'); n >= 0 {
		return at + n + 1
	}
	return len(s.data)
}

// textEnd returns the offset behind the line without its line end.
func (s *source) textEnd(at int) int {
	line := bytes.TrimSuffix(s.data[:s.lineEnd(at)], []byte("\n"))
	return len(bytes.TrimSuffix(line, []byte("\r")))
}

// eol is the line end that the file uses.
func (s *source) eol() string {
	if n := bytes.IndexByte(s.data, '\n'); n > 0 && s.data[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// indent returns the space at the start of the line.
func (s *source) indent(at int) string {
	line := string(s.data[s.lineStart(at):s.lineEnd(at)])
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// unit is one step of the file's indentation: the first that it has.
func (s *source) unit() string {
	for _, start := range s.starts {
		if in := s.indent(start); in != "" && !blank(s.data[start:s.lineEnd(start)]) {
			return in
		}
	}
	return "  "
}

// before goes back over spaces and tabs.
func (s *source) before(at int) int {
	return len(bytes.TrimRight(s.data[:at], " \t"))
}

// after goes on over spaces and tabs.
func (s *source) after(at int) int {
	return len(s.data) - len(bytes.TrimLeft(s.data[at:], " \t"))
}

// blank reports whether there is nothing but space.
func blank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// insertLine puts lines behind the line of the offset. Where that is the last
// one and has no line end, the new ones have none either.
func (d *draft) insertLine(at int, lines string) {
	d.insert(d.src.textEnd(at), d.src.eol()+lines)
}

// removeLines takes out the lines from one offset to the other. Where they are
// the last and have no line end, the one before is left without, too.
func (d *draft) removeLines(from, to int) {
	from, to = d.src.lineStart(from), d.src.lineEnd(to)
	if to == len(d.src.data) && to > 0 && d.src.data[to-1] != '\n' {
		from = d.src.textEnd(max(from-1, 0))
	}
	d.remove(from, to)
}
