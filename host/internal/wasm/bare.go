package wasm

import "strconv"

// The exports that [Module.Bare] adds: the start function, and each global that
// can change.
const (
	StartExport  = "ambit_image.start"
	globalExport = "ambit_image.global."
)

// GlobalExport returns how the bare form of a module exports global i of those
// that the module defines.
func GlobalExport(i int) string { return globalExport + strconv.Itoa(i) }

// Bare returns the binary for a host that fills memory, starts the module and
// looks at its state by itself: without custom sections; without active data
// segments ([Module.Data] has them), or with empty ones in their place if the
// code names segments; with the start function exported instead of run, and the
// globals that can change exported; and with every table's maximum at most
// tableMax, or its minimum if that is more.
func (m *Module) Bare(tableMax uint32) []byte {
	out := make([]byte, 0, len(m.bin)+1024)
	out = append(out, m.bin[:headerSize]...)
	added, n := m.addedExports()
	for _, s := range m.sections {
		if n > 0 && sectionRank[s.id] >= sectionRank[idExport] {
			if s.id != idExport {
				out = appendSection(out, idExport, append(appendU32(nil, uint32(n)), added...))
			} else {
				out = appendSection(out, idExport, m.exportSection(s, added, n))
			}
			n = 0
			if s.id == idExport {
				continue
			}
		}
		switch s.id {
		case idCustom, idStart:
		case idTable:
			out = appendSection(out, idTable, m.tableSection(tableMax))
		case idDataCount:
			if m.namesData {
				out = append(out, m.bin[s.start:s.end]...)
			}
		case idData:
			if m.namesData {
				out = appendSection(out, idData, m.passiveData(s))
			}
		default:
			out = append(out, m.bin[s.start:s.end]...)
		}
	}
	if n > 0 { // no section stands behind that of the globals
		out = appendSection(out, idExport, append(appendU32(nil, uint32(n)), added...))
	}
	return out
}

// addedExports returns the exports to add, and how many they are.
func (m *Module) addedExports() (b []byte, n int) {
	add := func(name string, kind Kind, index uint32) {
		b = append(appendU32(b, uint32(len(name))), name...)
		b = appendU32(append(b, byte(kind)), index)
		n++
	}
	if m.Start != nil {
		add(StartExport, KindFunc, *m.Start)
	}
	for i, g := range m.Globals {
		if g.Mutable {
			add(GlobalExport(i), KindGlobal, uint32(len(m.imported.globals)+i))
		}
	}
	return b, n
}

func (m *Module) tableSection(most uint32) []byte {
	b := appendU32(nil, uint32(len(m.Tables)))
	for _, t := range m.Tables {
		top := max(most, t.Min)
		if t.HasMax {
			top = min(top, t.Max)
		}
		b = append(b, byte(t.Type), 1)
		b = appendU32(appendU32(b, t.Min), top)
	}
	return b
}

// body returns a reader of what a section holds, behind its size.
func (m *Module) body(s section) *reader {
	r := &reader{bin: m.bin, at: s.start, end: s.end}
	r.byte("id")
	r.u32("size")
	return r
}

// exportSection returns the exports with n added.
func (m *Module) exportSection(s section, added []byte, n int) []byte {
	r := m.body(s)
	r.u32("count")
	return append(append(appendU32(nil, uint32(len(m.Exports)+n)), m.bin[r.at:s.end]...), added...)
}

// passiveData returns the data section with an empty passive segment in the
// place of each active one: after the start that is what an active one is.
func (m *Module) passiveData(s section) []byte {
	r := m.body(s)
	n := r.u32("count")
	b := appendU32(nil, n)
	for range n {
		d := r.segment()
		if !d.passive {
			d.bytes = nil
		}
		b = append(appendU32(append(b, 1), uint32(len(d.bytes))), d.bytes...)
	}
	return b
}

// data is a data segment. What it holds aliases the binary.
type data struct {
	passive bool
	known   bool // an active one stands at a constant offset
	offset  uint32
	bytes   []byte
}

// segment reads a data segment that was checked.
func (r *reader) segment() data {
	var d data
	flags := r.u32("flags")
	if flags == 2 {
		r.u32("memory")
	}
	if d.passive = flags == 1; !d.passive {
		if d.known = r.byte("instruction") == opI32Const; d.known {
			d.offset = uint32(r.signed(32, "offset"))
		} else {
			r.u32("global")
		}
		r.byte("end")
	}
	n := int(r.u32("size"))
	d.bytes = r.bin[r.at : r.at+n]
	r.at += n
	return d
}

// Data calls yield for each active data segment, in order, with its place in
// memory and what it holds, which aliases the binary, until yield returns
// false. It returns false if yield did, or if a place is not a constant, which
// it can only be in a module that imports globals.
func (m *Module) Data(yield func(offset uint32, bytes []byte) bool) bool {
	for _, s := range m.sections {
		if s.id != idData {
			continue
		}
		r := m.body(s)
		for range r.u32("count") {
			if d := r.segment(); !d.passive && (!d.known || !yield(d.offset, d.bytes)) {
				return false
			}
		}
	}
	return true
}
