package wasm

import "strings"

// Module is the outline of a binary. Its strings and slices may alias the
// bytes given to [Parse].
type Module struct {
	Types     []FuncType
	Imports   []Import
	Functions []uint32 // type indices of the functions that the module defines
	Tables    []Limit
	Memory    *Limit // in pages of 64 KiB; nil: none
	Globals   []Global
	Exports   []Export
	Start     *uint32 // index of the start function
	Customs   []Custom

	// Changes says that there are instructions that change tables or drop
	// segments: an instance has more state than its memory and its globals.
	Changes bool

	// Refers says that there are instructions that make references to functions.
	Refers bool

	namesData bool // there are instructions that name data segments

	bin      []byte
	sections []section // all of them, in order
	imported imported
}

// imported is what a module imports, by kind. It stands before what the module
// defines wherever things are named by their index.
type imported struct {
	funcs    []FuncType
	tables   []ValueType // the types of their elements
	memories int
	globals  []Global
}

// ValueType is a type of the core specification, by its code.
type ValueType byte

// The value types.
const (
	I32       ValueType = 0x7f
	I64       ValueType = 0x7e
	F32       ValueType = 0x7d
	F64       ValueType = 0x7c
	V128      ValueType = 0x7b
	FuncRef   ValueType = 0x70
	ExternRef ValueType = 0x6f
)

// known reports whether t is one of the value types.
func (t ValueType) known() bool { return I32 >= t && t >= V128 || t == FuncRef || t == ExternRef }

func (t ValueType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	}
	return "?"
}

// FuncType is the type of a function. Its strings hold one [ValueType] a byte,
// so that types compare with ==.
type FuncType struct{ Params, Results string }

// Func builds a type from the codes of its parameters and results.
func Func(params, results []ValueType) FuncType {
	return FuncType{Params: codes(params), Results: codes(results)}
}

func codes(types []ValueType) string {
	b := make([]byte, len(types))
	for i, t := range types {
		b[i] = byte(t)
	}
	return string(b)
}

// String prints "(i32, i32) -> (i32)".
func (f FuncType) String() string {
	return typeList(f.Params) + " -> " + typeList(f.Results)
}

func typeList(codes string) string {
	names := make([]string, len(codes))
	for i := range len(codes) {
		names[i] = ValueType(codes[i]).String()
	}
	return "(" + strings.Join(names, ", ") + ")"
}

// Kind is what an import or export is.
type Kind byte

// The kinds, by their codes.
const (
	KindFunc Kind = iota
	KindTable
	KindMemory
	KindGlobal
	kindTag // not allowed
)

func (k Kind) String() string {
	switch k {
	case KindFunc:
		return "func"
	case KindTable:
		return "table"
	case KindMemory:
		return "memory"
	case KindGlobal:
		return "global"
	}
	return "?"
}

// Import is one import. Type is set for functions only.
type Import struct {
	Module, Name string
	Kind         Kind
	Type         FuncType
}

// Export is one export. Type is set for functions only.
type Export struct {
	Name  string
	Kind  Kind
	Index uint32
	Type  FuncType
}

// Limit is the size of a memory in pages, or of a table in elements.
type Limit struct {
	Min    uint32
	Max    uint32 // if HasMax
	HasMax bool
	Type   ValueType // of a table's elements
}

// Global is the type of a global that the module defines.
type Global struct {
	Type    ValueType
	Mutable bool
}

// Custom is a custom section.
type Custom struct {
	Name string
	Data []byte
}

// section is the place of one section, its head included.
type section struct {
	id         byte
	start, end int
}

// Export returns the export of that name.
func (m *Module) Export(name string) (Export, bool) {
	for _, e := range m.Exports {
		if e.Name == name {
			return e, true
		}
	}
	return Export{}, false
}

// funcType returns the type of a function that exists.
func (m *Module) funcType(index int) FuncType {
	if n := len(m.imported.funcs); index >= n {
		return m.Types[m.Functions[index-n]]
	}
	return m.imported.funcs[index]
}

// tableType returns the type of the elements of a table that exists.
func (m *Module) tableType(index int) ValueType {
	if n := len(m.imported.tables); index >= n {
		return m.Tables[index-n].Type
	}
	return m.imported.tables[index]
}

// global returns the type of a global that exists.
func (m *Module) global(index int) Global {
	if n := len(m.imported.globals); index >= n {
		return m.Globals[index-n]
	}
	return m.imported.globals[index]
}

// count returns how many of a kind there are, imports included.
func (m *Module) count(k Kind) int {
	switch k {
	case KindFunc:
		return len(m.imported.funcs) + len(m.Functions)
	case KindTable:
		return len(m.imported.tables) + len(m.Tables)
	case KindMemory:
		if m.Memory != nil {
			return m.imported.memories + 1
		}
		return m.imported.memories
	default:
		return len(m.imported.globals) + len(m.Globals)
	}
}
