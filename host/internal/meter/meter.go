package meter

import "strings"

// The names of what is added. Guests cannot use the module and the prefix.
const (
	TickModule = "ambit_meter"
	TickName   = "tick" // func(left i64) (left i64)
	LeftGlobal = TickModule + ".left"
)

// Options are what is written into a module.
type Options struct {
	Slice     int64  // fuel that an instance begins with; see [LeastSlice]
	Stack     int64  // bytes of stack that an instance begins with
	MemoryMax uint32 // pages of 64 KiB
	TableMax  uint32 // elements of each table
}

// What memory and tables can have. A length that is more traps, and any other is
// paid for within the 32 bits of fuel.
const (
	mostPages    = 1 << 16
	mostElements = 1 << 28
)

// LeastSlice is what tick must give at least: a loop begins again after a refill,
// and must be able to pay for its beginning then. Less may make it tick for ever.
// The weight there is a stretch and one instruction, which in what passes the gate
// is 8 000 at most: a block of 2 000 values among 30 000 that are alive.
const LeastSlice = 10_000

// Most is how much fuel and how much stack there may be at a time.
const Most = 1 << 30

// Pack returns what the global and tick hold: fuel in the lower half, which may
// be below zero, and stack in the upper one.
func Pack(fuel, stack int64) int64 { return stack<<32 + fuel }

// Unpack returns the fuel and the stack that are left.
func Unpack(left int64) (fuel, stack int64) {
	fuel = int64(int32(left))
	return fuel, (left - fuel) >> 32
}

// The ids of the sections.
const (
	idCustom byte = iota
	idType
	idImport
	idFunction
	idTable
	idMemory
	idGlobal
	idExport
	idStart
	idElement
	idCode
	idData
	idDataCount
)

// sectionOrder is the order in which sections stand.
var sectionOrder = []byte{idType, idImport, idFunction, idTable, idMemory, idGlobal, idExport, idStart, idElement, idDataCount, idCode, idData}

const header = "\x00asm\x01\x00\x00\x00"

// funcType is what is known of the type of a function.
type funcType struct {
	params, results int
	codes           string // of the results
	vector          bool   // one of them is a vector
}

// module is the state of one [Rewrite].
type module struct {
	bin      []byte
	options  Options
	sections [idDataCount + 1]struct{ at, end int } // what is in them; at 0: there is none

	types    []funcType
	funcs    []uint32 // types of all functions, the imported ones first
	imported int      // functions
	globals  int
	blocks   map[string]uint32 // types of blocks without parameters that were added, by their results
	added    []byte            // their types, and that of tick
	scan     scanner
	code     []byte // the bodies of the functions
	bodies   int
	bulk     bool // there are functions that fill and copy
}

// Rewrite returns the metered form of a binary, without its custom sections.
// The error is an [*Error].
func Rewrite(bin []byte, o Options) ([]byte, error) {
	o.Slice, o.Stack = min(max(o.Slice, 0), Most), min(max(o.Stack, 0), Most)
	o.MemoryMax, o.TableMax = min(o.MemoryMax, mostPages), min(o.TableMax, mostElements)
	m := &module{bin: bin, options: o, blocks: make(map[string]uint32)}
	for _, step := range []func() *Error{m.outline, m.readTypes, m.readImports, m.readFunctions, m.countGlobals, m.rewriteCode} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	out := append(make([]byte, 0, len(bin)+len(bin)/4+1024), header...)
	for _, id := range sectionOrder {
		var err *Error
		if out, err = m.appendSection(out, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// outline finds the sections.
func (m *module) outline() *Error {
	r := &reader{bin: m.bin, end: len(m.bin)}
	if !strings.HasPrefix(string(m.bin[:min(len(m.bin), len(header))]), header) {
		return &Error{Text: "not a binary of version 1"}
	}
	r.at = len(header)
	for r.left() > 0 && r.err == nil {
		id := r.byte()
		size := r.count(1)
		if int(id) >= len(m.sections) || id != idCustom && m.sections[id].at != 0 {
			r.fail("section %d is unknown or stands twice", id)
		}
		if r.err == nil && id != idCustom {
			m.sections[id].at, m.sections[id].end = r.at, r.at+size
		}
		r.skip(size)
	}
	return r.err
}

// section returns a reader of what a section holds, which is a count of
// elements of a least size first.
func (m *module) section(id byte, least int) (r *reader, n int) {
	s := m.sections[id]
	r = &reader{bin: m.bin, at: s.at, end: s.end}
	if s.at != 0 {
		n = r.count(least)
	}
	return r, n
}

// done returns the error of a section that was read, which must be at its end.
func done(r *reader) *Error {
	if r.err == nil && r.left() > 0 {
		r.fail("a section has %d bytes too many", r.left())
	}
	return r.err
}

func (m *module) readTypes() *Error {
	r, n := m.section(idType, 3)
	for range n {
		if r.byte() != typeFunc {
			r.fail("a type that is not a function's")
		}
		params := string(r.name())
		t := funcType{params: len(params), codes: string(r.name())}
		t.results = len(t.codes)
		t.vector = strings.ContainsRune(params, typeV128) || strings.ContainsRune(t.codes, typeV128)
		if r.err != nil {
			break
		}
		m.types = append(m.types, t)
	}
	m.added = append(appendTick(m.added), typeFunc, 0, 0, typeFunc, 3, typeI32, typeI32, typeI32, 0)
	return done(r)
}

// The types that are added, after the module's own.
const (
	typeTick   = iota // i64 -> i64
	typeRefill        // () -> ()
	typeBulk          // i32, i32, i32 -> ()
	typesAdded
)

func appendTick(b []byte) []byte {
	return append(b, typeFunc, 1, typeI64, 1, typeI64)
}

func (m *module) readImports() *Error {
	r, n := m.section(idImport, 4)
	for range n {
		at := r.at
		from := r.name()
		if string(from) == TickModule {
			r.at = at
			r.fail("it imports from %q, which is the host's own", TickModule)
		}
		r.name()
		if kind := r.byte(); r.err == nil && kind != 0 {
			r.fail("it imports something that is not a function")
		}
		t := r.index("type", len(m.types))
		if r.err != nil {
			break
		}
		m.funcs = append(m.funcs, t)
	}
	m.imported = len(m.funcs)
	return done(r)
}

func (m *module) readFunctions() *Error {
	r, n := m.section(idFunction, 1)
	for range n {
		t := r.index("type", len(m.types))
		if r.err != nil {
			break
		}
		m.funcs = append(m.funcs, t)
	}
	return done(r)
}

func (m *module) countGlobals() *Error {
	r, n := m.section(idGlobal, 4)
	m.globals = n
	return r.err
}

// The functions and the global that are added: tick is the last import, so the
// module's own functions move by one; the others are the last functions.
func (m *module) tick() uint32   { return uint32(m.imported) }
func (m *module) refill() uint32 { return uint32(len(m.funcs) + 1) }
func (m *module) fill() uint32   { return m.refill() + 1 }
func (m *module) copy() uint32   { return m.refill() + 2 }
func (m *module) left() uint32   { return uint32(m.globals) }

// moved returns the new index of a function.
func (m *module) moved(f uint32) uint32 {
	if int64(f) >= int64(m.imported) {
		f++
	}
	return f
}

// blockResults returns the type of a block without parameters that leaves what
// a function of type t returns.
func (m *module) blockResults(b []byte, t *funcType) []byte {
	switch t.results {
	case 0:
		return append(b, typeEmpty)
	case 1:
		return append(b, t.codes[0])
	}
	i, ok := m.blocks[t.codes]
	if !ok {
		i = uint32(len(m.types) + typesAdded + len(m.blocks))
		m.blocks[t.codes] = i
		m.added = append(appendU32(append(m.added, typeFunc, 0), uint32(t.results)), t.codes...)
	}
	return appendS64(b, int64(i))
}
