package wasmtest

// The value types, as they stand in [Module.Func] and [Module.Import].
const (
	I32 = "\x7f"
	I64 = "\x7e"
	F64 = "\x7c"
)

// Header is the first eight bytes of a core module.
const Header = "\x00asm\x01\x00\x00\x00"

// Module collects what a binary holds. The zero Module is empty and valid.
type Module struct {
	types, imports, functions, tables, memories, globals, exports, elements, codes, datas [][]byte
	start                                                                                 []byte
	customs                                                                               [][]byte
	imported                                                                              uint32
	counted                                                                               bool // there is a data count section
}

// Type adds a function type and returns its index.
func (m *Module) Type(params, results string) uint32 {
	b := append(U32([]byte{0x60}, uint32(len(params))), params...)
	m.types = append(m.types, append(U32(b, uint32(len(results))), results...))
	return uint32(len(m.types) - 1)
}

// Import adds an imported function and returns its index. All imports must be
// added before the first function.
func (m *Module) Import(module, name, params, results string) uint32 {
	m.imports = append(m.imports, U32(append(Name(Name(nil, module), name), 0), m.Type(params, results)))
	m.imported++
	return m.imported - 1
}

// ImportRaw adds an import of another kind: the kind's byte and what follows.
func (m *Module) ImportRaw(module, name string, desc ...byte) {
	m.imports = append(m.imports, append(Name(Name(nil, module), name), desc...))
}

// Func adds a function and returns its index. The locals are value types, the
// end of the body is added.
func (m *Module) Func(params, results, locals string, body Code) uint32 {
	m.functions = append(m.functions, U32(nil, m.Type(params, results)))
	b := U32(nil, uint32(len(locals)))
	for i := range len(locals) {
		b = append(b, 1, locals[i])
	}
	b = append(append(b, body...), 0x0b)
	m.codes = append(m.codes, append(U32(nil, uint32(len(b))), b...))
	return m.imported + uint32(len(m.functions)) - 1
}

// Memory adds a memory with a minimum of pages, and no maximum.
func (m *Module) Memory(pages uint32) { m.memories = append(m.memories, U32([]byte{0}, pages)) }

// Resize gives the memory another minimum of pages.
func (m *Module) Resize(pages uint32) {
	m.memories = nil
	m.Memory(pages)
}

// Table adds a table of functions with a minimum, and no maximum.
func (m *Module) Table(least uint32) { m.tables = append(m.tables, U32([]byte{0x70, 0}, least)) }

// Global adds a mutable i32 and returns its index.
func (m *Module) Global(v int32) uint32 {
	b := S64([]byte{0x7f, 1, 0x41}, int64(v))
	m.globals = append(m.globals, append(b, 0x0b))
	return uint32(len(m.globals) - 1)
}

// Data adds an active data segment.
func (m *Module) Data(offset int32, data []byte) {
	b := append(S64([]byte{0, 0x41}, int64(offset)), 0x0b)
	m.datas = append(m.datas, append(U32(b, uint32(len(data))), data...))
}

// Passive adds a data segment for memory.init.
func (m *Module) Passive(data []byte) {
	m.datas = append(m.datas, append(U32([]byte{1}, uint32(len(data))), data...))
	m.counted = true
}

// Export adds an export; kind 0 is a function, 1 a table, 2 a memory, 3 a global.
func (m *Module) Export(name string, kind byte, index uint32) {
	m.exports = append(m.exports, U32(append(Name(nil, name), kind), index))
}

// Element puts functions into table 0, from an offset.
func (m *Module) Element(offset int32, functions ...uint32) {
	b := U32(append(S64([]byte{0, 0x41}, int64(offset)), 0x0b), uint32(len(functions)))
	for _, f := range functions {
		b = U32(b, f)
	}
	m.elements = append(m.elements, b)
}

// PassiveElement adds functions for table.init.
func (m *Module) PassiveElement(functions ...uint32) {
	b := U32([]byte{1, 0}, uint32(len(functions)))
	for _, f := range functions {
		b = U32(b, f)
	}
	m.elements = append(m.elements, b)
}

// Start names the start function.
func (m *Module) Start(function uint32) { m.start = U32(nil, function) }

// Custom adds a custom section.
func (m *Module) Custom(name string, data []byte) {
	m.customs = append(m.customs, append(Name(nil, name), data...))
}

// Bytes returns the binary.
func (m *Module) Bytes() []byte {
	b := []byte(Header)
	for i, entries := range [][][]byte{m.types, m.imports, m.functions, m.tables, m.memories, m.globals, m.exports} {
		b = vector(b, byte(i+1), entries)
	}
	if m.start != nil {
		b = Section(b, 8, m.start)
	}
	b = vector(b, 9, m.elements)
	if m.counted {
		b = Section(b, 12, U32(nil, uint32(len(m.datas))))
	}
	b = vector(b, 10, m.codes)
	b = vector(b, 11, m.datas)
	for _, c := range m.customs {
		b = Section(b, 0, c)
	}
	return b
}

func vector(b []byte, id byte, entries [][]byte) []byte {
	if len(entries) == 0 {
		return b
	}
	body := U32(nil, uint32(len(entries)))
	for _, e := range entries {
		body = append(body, e...)
	}
	return Section(b, id, body)
}

// Section appends a section with its size.
func Section(b []byte, id byte, body []byte) []byte {
	return append(U32(append(b, id), uint32(len(body))), body...)
}

// Name appends a name with its length.
func Name(b []byte, name string) []byte {
	return append(U32(b, uint32(len(name))), name...)
}
