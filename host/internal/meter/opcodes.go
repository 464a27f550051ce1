package meter

// operand is what follows an opcode.
type operand byte

const (
	unknown   operand = iota
	none              // nothing
	control           // handled one by one, in scan.go
	one               // one LEB128
	two               // two
	twoLane           // two, and a byte
	bytes1            // a byte
	bytes4            // of f32.const
	bytes8            // of f64.const
	bytes16           // of v128.const and i8x16.shuffle
	localGet          // a local
	localSet          // a local that is written
	global            // a global
	reference         // of ref.func: a function
	fill              // of memory.fill: the byte 0
	copies            // of memory.copy: two
)

// opcode is what is known of an opcode: its operand, how many values it takes
// from the stack and leaves there, and its weight.
type opcode struct {
	operand      operand
	pops, pushes byte
	weight       uint16
}

// The weights. One is a machine instruction or two that do not wait; opening
// and closing blocks costs nothing.
const (
	weightPlain  = 1
	weightMemory = 2  // a load or store
	weightVector = 2  // of most vector instructions
	weightFloat  = 3  // rounding, conversion, minimum
	weightTable  = 4  // an access to a table, a br_table
	weightCall   = 6  // of a function of the module
	weightDivide = 12 // and square roots
	weightHost   = 60 // whatever leaves the compiled code
	weightBulk   = 20 // a bulk operation, apart from its length
	weightGrow   = 400
)

// What the length of a bulk operation costs.
const (
	bytesPerUnit = 4    // 2^4 bytes of memory are a unit; an element of a table is one
	unitsPerPage = 4096 // the same, for a page of 64 KiB that is added
)

type opcodes struct {
	first, last byte
	opcode
}

func table(ranges ...opcodes) (t [256]opcode) {
	for _, r := range ranges {
		for c := int(r.first); c <= int(r.last); c++ {
			t[c] = r.opcode
		}
	}
	return t
}

const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opSelectType   = 0x1c
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opI32GtU       = 0x4b
	opI32GeS       = 0x4e
	opI64GtU       = 0x56
	opI64GeS       = 0x59
	opI32Add       = 0x6a
	opI32Sub       = 0x6b
	opI32LeU       = 0x4d
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Mul       = 0x7e
	opI64Or        = 0x84
	opI64Shl       = 0x86
	opI64ShrU      = 0x88
	opI32WrapI64   = 0xa7
	opI64ExtendU   = 0xad
	opRefFunc      = 0xd2
	prefixMisc     = 0xfc
	prefixVector   = 0xfd

	typeEmpty = 0x40
	typeFunc  = 0x60
	typeI32   = 0x7f
	typeI64   = 0x7e
	typeV128  = 0x7b

	miscMemoryInit = 8
	miscMemoryCopy = 10
	miscMemoryFill = 11
	miscTableInit  = 12
	miscTableCopy  = 14
	miscTableGrow  = 15
	miscTableFill  = 17
)

// The opcodes of the core specification, version 2.
var (
	coreOpcodes = table(
		opcodes{0x00, 0x00, opcode{control, 0, 0, weightPlain}},
		opcodes{0x01, 0x01, opcode{none, 0, 0, 0}},
		opcodes{0x02, 0x03, opcode{control, 0, 0, 0}},
		opcodes{0x04, 0x04, opcode{control, 1, 0, weightPlain}},
		opcodes{0x05, 0x05, opcode{control, 0, 0, 0}},
		opcodes{0x0b, 0x0b, opcode{control, 0, 0, 0}},
		opcodes{0x0c, 0x0c, opcode{control, 0, 0, weightPlain}},
		opcodes{0x0d, 0x0d, opcode{control, 1, 0, weightPlain}},
		opcodes{0x0e, 0x0e, opcode{control, 1, 0, weightTable}},
		opcodes{0x0f, 0x0f, opcode{control, 0, 0, weightPlain}},
		opcodes{0x10, 0x10, opcode{control, 0, 0, 0}},
		opcodes{0x11, 0x11, opcode{control, 1, 0, weightCall + weightTable}},
		opcodes{0x1a, 0x1a, opcode{none, 1, 0, weightPlain}},
		opcodes{0x1b, 0x1b, opcode{none, 3, 1, weightPlain}},
		opcodes{0x1c, 0x1c, opcode{control, 3, 1, weightPlain}},
		opcodes{0x20, 0x20, opcode{localGet, 0, 1, weightPlain}},
		opcodes{0x21, 0x21, opcode{localSet, 1, 0, weightPlain}},
		opcodes{0x22, 0x22, opcode{localSet, 1, 1, weightPlain}},
		opcodes{0x23, 0x23, opcode{global, 0, 1, weightMemory}},
		opcodes{0x24, 0x24, opcode{global, 1, 0, weightMemory}},
		opcodes{0x25, 0x25, opcode{one, 1, 1, weightTable}},
		opcodes{0x26, 0x26, opcode{one, 2, 0, weightTable}},
		opcodes{0x28, 0x35, opcode{two, 1, 1, weightMemory}},
		opcodes{0x36, 0x3e, opcode{two, 2, 0, weightMemory}},
		opcodes{0x3f, 0x3f, opcode{bytes1, 0, 1, weightPlain}},
		opcodes{0x40, 0x40, opcode{control, 1, 1, weightGrow}},
		opcodes{0x41, 0x42, opcode{one, 0, 1, weightPlain}},
		opcodes{0x43, 0x43, opcode{bytes4, 0, 1, weightPlain}},
		opcodes{0x44, 0x44, opcode{bytes8, 0, 1, weightPlain}},
		opcodes{0x45, 0x45, opcode{none, 1, 1, weightPlain}},
		opcodes{0x46, 0x4f, opcode{none, 2, 1, weightPlain}},
		opcodes{0x50, 0x50, opcode{none, 1, 1, weightPlain}},
		opcodes{0x51, 0x66, opcode{none, 2, 1, weightPlain}},
		opcodes{0x67, 0x69, opcode{none, 1, 1, weightPlain}},
		opcodes{0x6a, 0x78, opcode{none, 2, 1, weightPlain}},
		opcodes{0x6d, 0x70, opcode{none, 2, 1, weightDivide}},
		opcodes{0x79, 0x7b, opcode{none, 1, 1, weightPlain}},
		opcodes{0x7c, 0x8a, opcode{none, 2, 1, weightPlain}},
		opcodes{0x7f, 0x82, opcode{none, 2, 1, weightDivide}},
		opcodes{0x8b, 0x8c, opcode{none, 1, 1, weightPlain}}, // f32.abs ...
		opcodes{0x8d, 0x90, opcode{none, 1, 1, weightFloat}},
		opcodes{0x91, 0x91, opcode{none, 1, 1, weightDivide}},
		opcodes{0x92, 0x94, opcode{none, 2, 1, weightPlain}},
		opcodes{0x95, 0x95, opcode{none, 2, 1, weightDivide}},
		opcodes{0x96, 0x98, opcode{none, 2, 1, weightFloat}},
		opcodes{0x99, 0x9a, opcode{none, 1, 1, weightPlain}}, // f64.abs ...
		opcodes{0x9b, 0x9e, opcode{none, 1, 1, weightFloat}},
		opcodes{0x9f, 0x9f, opcode{none, 1, 1, weightDivide}},
		opcodes{0xa0, 0xa2, opcode{none, 2, 1, weightPlain}},
		opcodes{0xa3, 0xa3, opcode{none, 2, 1, weightDivide}},
		opcodes{0xa4, 0xa6, opcode{none, 2, 1, weightFloat}},
		opcodes{0xa7, 0xa7, opcode{none, 1, 1, weightPlain}},
		opcodes{0xa8, 0xab, opcode{none, 1, 1, weightFloat}},
		opcodes{0xac, 0xad, opcode{none, 1, 1, weightPlain}},
		opcodes{0xae, 0xbb, opcode{none, 1, 1, weightFloat}},
		opcodes{0xbc, 0xc4, opcode{none, 1, 1, weightPlain}},
		opcodes{0xd0, 0xd0, opcode{bytes1, 0, 1, weightPlain}},
		opcodes{0xd1, 0xd1, opcode{none, 1, 1, weightPlain}},
		opcodes{0xd2, 0xd2, opcode{reference, 0, 1, weightHost}},
	)

	miscOpcodes = table( // after prefixMisc
		opcodes{0, 7, opcode{none, 1, 1, weightFloat}},
		opcodes{8, 8, opcode{two, 3, 0, weightBulk}},
		opcodes{9, 9, opcode{one, 0, 0, weightBulk}},
		opcodes{10, 10, opcode{copies, 3, 0, weightBulk}},
		opcodes{11, 11, opcode{fill, 3, 0, weightBulk}},
		opcodes{12, 12, opcode{two, 3, 0, weightBulk}},
		opcodes{13, 13, opcode{one, 0, 0, weightBulk}},
		opcodes{14, 14, opcode{two, 3, 0, weightBulk}},
		opcodes{15, 15, opcode{one, 2, 1, weightGrow}},
		opcodes{16, 16, opcode{one, 0, 1, weightTable}},
		opcodes{17, 17, opcode{one, 3, 0, weightBulk}},
	)

	vectorOpcodes = table( // after prefixVector
		opcodes{0x00, 0x0a, opcode{two, 1, 1, weightMemory}},
		opcodes{0x0b, 0x0b, opcode{two, 2, 0, weightMemory}},
		opcodes{0x0c, 0x0c, opcode{bytes16, 0, 1, weightVector}},
		opcodes{0x0d, 0x0d, opcode{bytes16, 2, 1, weightFloat}},
		opcodes{0x0e, 0x0e, opcode{none, 2, 1, weightFloat}},
		opcodes{0x0f, 0x14, opcode{none, 1, 1, weightVector}},
		opcodes{0x15, 0x16, opcode{bytes1, 1, 1, weightVector}},
		opcodes{0x17, 0x17, opcode{bytes1, 2, 1, weightVector}},
		opcodes{0x18, 0x19, opcode{bytes1, 1, 1, weightVector}},
		opcodes{0x1a, 0x1a, opcode{bytes1, 2, 1, weightVector}},
		opcodes{0x1b, 0x1b, opcode{bytes1, 1, 1, weightVector}},
		opcodes{0x1c, 0x1c, opcode{bytes1, 2, 1, weightVector}},
		opcodes{0x1d, 0x1d, opcode{bytes1, 1, 1, weightVector}},
		opcodes{0x1e, 0x1e, opcode{bytes1, 2, 1, weightVector}},
		opcodes{0x1f, 0x1f, opcode{bytes1, 1, 1, weightVector}},
		opcodes{0x20, 0x20, opcode{bytes1, 2, 1, weightVector}},
		opcodes{0x21, 0x21, opcode{bytes1, 1, 1, weightVector}},
		opcodes{0x22, 0x22, opcode{bytes1, 2, 1, weightVector}},
		opcodes{0x23, 0x4c, opcode{none, 2, 1, weightVector}},
		opcodes{0x4d, 0x4d, opcode{none, 1, 1, weightVector}},
		opcodes{0x4e, 0x51, opcode{none, 2, 1, weightVector}},
		opcodes{0x52, 0x52, opcode{none, 3, 1, weightVector}},
		opcodes{0x53, 0x53, opcode{none, 1, 1, weightVector}},
		opcodes{0x54, 0x57, opcode{twoLane, 2, 1, weightMemory}},
		opcodes{0x58, 0x5b, opcode{twoLane, 2, 0, weightMemory}},
		opcodes{0x5c, 0x5d, opcode{two, 1, 1, weightMemory}},
		opcodes{0x5e, 0x64, opcode{none, 1, 1, weightFloat}},
		opcodes{0x65, 0x66, opcode{none, 2, 1, weightVector}},
		opcodes{0x67, 0x6a, opcode{none, 1, 1, weightFloat}},
		opcodes{0x6b, 0x6d, opcode{none, 2, 1, weightTable}}, // shifts of i8x16
		opcodes{0x6e, 0x73, opcode{none, 2, 1, weightVector}},
		opcodes{0x74, 0x75, opcode{none, 1, 1, weightFloat}},
		opcodes{0x76, 0x79, opcode{none, 2, 1, weightVector}},
		opcodes{0x7a, 0x7a, opcode{none, 1, 1, weightFloat}},
		opcodes{0x7b, 0x7b, opcode{none, 2, 1, weightVector}},
		opcodes{0x7c, 0x81, opcode{none, 1, 1, weightVector}},
		opcodes{0x82, 0x82, opcode{none, 2, 1, weightVector}},
		opcodes{0x83, 0x84, opcode{none, 1, 1, weightVector}},
		opcodes{0x85, 0x86, opcode{none, 2, 1, weightVector}},
		opcodes{0x87, 0x8a, opcode{none, 1, 1, weightVector}},
		opcodes{0x8b, 0x93, opcode{none, 2, 1, weightVector}},
		opcodes{0x94, 0x94, opcode{none, 1, 1, weightFloat}},
		opcodes{0x95, 0x99, opcode{none, 2, 1, weightVector}},
		opcodes{0x9b, 0x9f, opcode{none, 2, 1, weightVector}},
		opcodes{0xa0, 0xa1, opcode{none, 1, 1, weightVector}},
		opcodes{0xa3, 0xa4, opcode{none, 1, 1, weightVector}},
		opcodes{0xa7, 0xaa, opcode{none, 1, 1, weightVector}},
		opcodes{0xab, 0xae, opcode{none, 2, 1, weightVector}},
		opcodes{0xb1, 0xb1, opcode{none, 2, 1, weightVector}},
		opcodes{0xb5, 0xba, opcode{none, 2, 1, weightVector}},
		opcodes{0xbc, 0xbf, opcode{none, 2, 1, weightVector}},
		opcodes{0xc0, 0xc1, opcode{none, 1, 1, weightVector}},
		opcodes{0xc3, 0xc4, opcode{none, 1, 1, weightVector}},
		opcodes{0xc7, 0xca, opcode{none, 1, 1, weightVector}},
		opcodes{0xcb, 0xcb, opcode{none, 2, 1, weightVector}},
		opcodes{0xcc, 0xcd, opcode{none, 2, 1, weightTable}}, // i64x2 shifts
		opcodes{0xce, 0xce, opcode{none, 2, 1, weightVector}},
		opcodes{0xd1, 0xd1, opcode{none, 2, 1, weightVector}},
		opcodes{0xd5, 0xd5, opcode{none, 2, 1, weightTable}}, // i64x2.mul
		opcodes{0xd6, 0xdf, opcode{none, 2, 1, weightVector}},
		opcodes{0xe0, 0xe1, opcode{none, 1, 1, weightVector}},
		opcodes{0xe3, 0xe3, opcode{none, 1, 1, 2 * weightDivide}},
		opcodes{0xe4, 0xe6, opcode{none, 2, 1, weightVector}},
		opcodes{0xe7, 0xe7, opcode{none, 2, 1, weightDivide}},
		opcodes{0xe8, 0xeb, opcode{none, 2, 1, weightFloat}},
		opcodes{0xec, 0xed, opcode{none, 1, 1, weightVector}},
		opcodes{0xef, 0xef, opcode{none, 1, 1, 2 * weightDivide}},
		opcodes{0xf0, 0xf2, opcode{none, 2, 1, weightVector}},
		opcodes{0xf3, 0xf3, opcode{none, 2, 1, weightDivide}},
		opcodes{0xf4, 0xf7, opcode{none, 2, 1, weightFloat}},
		opcodes{0xf8, 0xff, opcode{none, 1, 1, 2 * weightFloat}},
	)
)
