package wasm

// operand is what follows an opcode, and so what is to be checked of it. The
// zero operand is that of opcodes that are not allowed.
type operand byte

const (
	notAllowed operand = iota
	nothing
	blockType   // of block, loop, if
	elseOfIf    // else
	endOfBlock  // end
	label       // of br and br_if: a depth
	labels      // of br_table
	leave       // of return and unreachable: nothing, but no code follows
	function    // of call
	typeInTable // of call_indirect: a type and a table
	selectType  // of select with a type
	local
	globalRead
	globalWrite
	table
	tables     // of table.copy
	access     // an alignment and an offset; bound is the alignment's largest exponent
	accessLane // the same, and a lane of that size
	memory     // the byte 0
	memories   // of memory.copy
	const32    // signed LEB128
	const64    // signed LEB128
	bytes4
	bytes8
	bytes16
	refType     // of ref.null
	refFunction // of ref.func: a function that is declared
	dataSegment // of data.drop
	dataMemory  // of memory.init: a data segment and a memory
	elemSegment // of elem.drop
	elemTable   // of table.init: an element segment and a table
	lane        // bound is how many there are
	shuffle     // 16 lanes of 32
)

// opcode is what is known of an opcode: its operand, and how many values it
// takes from the stack and leaves there. Those of control instructions and
// calls depend on types.
type opcode struct {
	operand      operand
	bound        byte // of an alignment's exponent or of lanes; or bulk
	pops, pushes byte
}

// bulk marks an instruction that works on more than one value, for which the
// compiler makes blocks.
const bulk = 0xff

// opcodes is what a range of opcodes has in common.
type opcodes struct {
	first, last byte
	opcode
}

func opcodeTable(ranges []opcodes) (t [256]opcode) {
	for _, r := range ranges {
		for c := int(r.first); c <= int(r.last); c++ {
			t[c] = r.opcode
		}
	}
	return t
}

const (
	prefixMisc   = 0xfc
	prefixVector = 0xfd
)

// The opcodes that are allowed: all of the core specification, version 2.
var (
	coreOpcodes = opcodeTable([]opcodes{
		{0x01, 0x01, opcode{nothing, 0, 0, 0}},
		{0x00, 0x00, opcode{leave, 0, 0, 0}},
		{0x02, 0x04, opcode{blockType, 0, 0, 0}},
		{0x05, 0x05, opcode{elseOfIf, 0, 0, 0}},
		{0x0b, 0x0b, opcode{endOfBlock, 0, 0, 0}},
		{0x0c, 0x0d, opcode{label, 0, 0, 0}},
		{0x0e, 0x0e, opcode{labels, 0, 0, 0}},
		{0x0f, 0x0f, opcode{leave, 0, 0, 0}},
		{0x10, 0x10, opcode{function, 0, 0, 0}},
		{0x11, 0x11, opcode{typeInTable, 0, 0, 0}},
		{0x1a, 0x1a, opcode{nothing, 0, 1, 0}},
		{0x1b, 0x1b, opcode{nothing, 0, 3, 1}},
		{0x1c, 0x1c, opcode{selectType, 0, 3, 1}},
		{0x20, 0x20, opcode{local, 0, 0, 1}},
		{0x21, 0x21, opcode{local, 0, 1, 0}},
		{0x22, 0x22, opcode{local, 0, 1, 1}},
		{0x23, 0x23, opcode{globalRead, 0, 0, 1}},
		{0x24, 0x24, opcode{globalWrite, 0, 1, 0}},
		{0x25, 0x25, opcode{table, 0, 1, 1}},
		{0x26, 0x26, opcode{table, 0, 2, 0}},
		{0x28, 0x28, opcode{access, 2, 1, 1}},
		{0x29, 0x29, opcode{access, 3, 1, 1}},
		{0x2a, 0x2a, opcode{access, 2, 1, 1}},
		{0x2b, 0x2b, opcode{access, 3, 1, 1}},
		{0x2c, 0x2d, opcode{access, 0, 1, 1}},
		{0x2e, 0x2f, opcode{access, 1, 1, 1}},
		{0x30, 0x31, opcode{access, 0, 1, 1}},
		{0x32, 0x33, opcode{access, 1, 1, 1}},
		{0x34, 0x35, opcode{access, 2, 1, 1}},
		{0x36, 0x36, opcode{access, 2, 2, 0}},
		{0x37, 0x37, opcode{access, 3, 2, 0}},
		{0x38, 0x38, opcode{access, 2, 2, 0}},
		{0x39, 0x39, opcode{access, 3, 2, 0}},
		{0x3a, 0x3a, opcode{access, 0, 2, 0}},
		{0x3b, 0x3b, opcode{access, 1, 2, 0}},
		{0x3c, 0x3c, opcode{access, 0, 2, 0}},
		{0x3d, 0x3d, opcode{access, 1, 2, 0}},
		{0x3e, 0x3e, opcode{access, 2, 2, 0}},
		{0x3f, 0x3f, opcode{memory, 0, 0, 1}},
		{0x40, 0x40, opcode{memory, 0, 1, 1}},
		{0x41, 0x41, opcode{const32, 0, 0, 1}},
		{0x42, 0x42, opcode{const64, 0, 0, 1}},
		{0x43, 0x43, opcode{bytes4, 0, 0, 1}},
		{0x44, 0x44, opcode{bytes8, 0, 0, 1}},
		{0x45, 0x45, opcode{nothing, 0, 1, 1}},
		{0x46, 0x4f, opcode{nothing, 0, 2, 1}},
		{0x50, 0x50, opcode{nothing, 0, 1, 1}},
		{0x51, 0x66, opcode{nothing, 0, 2, 1}},
		{0x67, 0x69, opcode{nothing, 0, 1, 1}},
		{0x6a, 0x78, opcode{nothing, 0, 2, 1}},
		{0x79, 0x7b, opcode{nothing, 0, 1, 1}},
		{0x7c, 0x8a, opcode{nothing, 0, 2, 1}},
		{0x8b, 0x91, opcode{nothing, 0, 1, 1}},
		{0x92, 0x98, opcode{nothing, 0, 2, 1}},
		{0x99, 0x9f, opcode{nothing, 0, 1, 1}},
		{0xa0, 0xa6, opcode{nothing, 0, 2, 1}},
		{0xa7, 0xc4, opcode{nothing, 0, 1, 1}},
		{0xd0, 0xd0, opcode{refType, 0, 0, 1}},
		{0xd1, 0xd1, opcode{nothing, 0, 1, 1}},
		{0xd2, 0xd2, opcode{refFunction, 0, 0, 1}},
	})

	miscOpcodes = opcodeTable([]opcodes{ // after prefixMisc
		{0x00, 0x07, opcode{nothing, 0, 1, 1}},
		{0x08, 0x08, opcode{dataMemory, bulk, 3, 0}},
		{0x09, 0x09, opcode{dataSegment, 0, 0, 0}},
		{0x0a, 0x0a, opcode{memories, bulk, 3, 0}},
		{0x0b, 0x0b, opcode{memory, bulk, 3, 0}},
		{0x0c, 0x0c, opcode{elemTable, bulk, 3, 0}},
		{0x0d, 0x0d, opcode{elemSegment, 0, 0, 0}},
		{0x0e, 0x0e, opcode{tables, bulk, 3, 0}},
		{0x0f, 0x0f, opcode{table, bulk, 2, 1}},
		{0x10, 0x10, opcode{table, 0, 0, 1}},
		{0x11, 0x11, opcode{table, bulk, 3, 0}},
	})

	vectorOpcodes = opcodeTable([]opcodes{ // after prefixVector
		{0x00, 0x00, opcode{access, 4, 1, 1}},
		{0x01, 0x06, opcode{access, 3, 1, 1}},
		{0x07, 0x07, opcode{access, 0, 1, 1}},
		{0x08, 0x08, opcode{access, 1, 1, 1}},
		{0x09, 0x09, opcode{access, 2, 1, 1}},
		{0x0a, 0x0a, opcode{access, 3, 1, 1}},
		{0x0b, 0x0b, opcode{access, 4, 2, 0}},
		{0x0c, 0x0c, opcode{bytes16, 0, 0, 1}},
		{0x0d, 0x0d, opcode{shuffle, 0, 2, 1}},
		{0x0e, 0x0e, opcode{nothing, 0, 2, 1}},
		{0x0f, 0x14, opcode{nothing, 0, 1, 1}},
		{0x15, 0x16, opcode{lane, 16, 1, 1}},
		{0x17, 0x17, opcode{lane, 16, 2, 1}},
		{0x18, 0x19, opcode{lane, 8, 1, 1}},
		{0x1a, 0x1a, opcode{lane, 8, 2, 1}},
		{0x1b, 0x1b, opcode{lane, 4, 1, 1}},
		{0x1c, 0x1c, opcode{lane, 4, 2, 1}},
		{0x1d, 0x1d, opcode{lane, 2, 1, 1}},
		{0x1e, 0x1e, opcode{lane, 2, 2, 1}},
		{0x1f, 0x1f, opcode{lane, 4, 1, 1}},
		{0x20, 0x20, opcode{lane, 4, 2, 1}},
		{0x21, 0x21, opcode{lane, 2, 1, 1}},
		{0x22, 0x22, opcode{lane, 2, 2, 1}},
		{0x23, 0x4c, opcode{nothing, 0, 2, 1}},
		{0x4d, 0x4d, opcode{nothing, 0, 1, 1}},
		{0x4e, 0x51, opcode{nothing, 0, 2, 1}},
		{0x52, 0x52, opcode{nothing, 0, 3, 1}},
		{0x53, 0x53, opcode{nothing, 0, 1, 1}},
		{0x54, 0x54, opcode{accessLane, 0, 2, 1}},
		{0x55, 0x55, opcode{accessLane, 1, 2, 1}},
		{0x56, 0x56, opcode{accessLane, 2, 2, 1}},
		{0x57, 0x57, opcode{accessLane, 3, 2, 1}},
		{0x58, 0x58, opcode{accessLane, 0, 2, 0}},
		{0x59, 0x59, opcode{accessLane, 1, 2, 0}},
		{0x5a, 0x5a, opcode{accessLane, 2, 2, 0}},
		{0x5b, 0x5b, opcode{accessLane, 3, 2, 0}},
		{0x5c, 0x5c, opcode{access, 2, 1, 1}},
		{0x5d, 0x5d, opcode{access, 3, 1, 1}},
		{0x5e, 0x64, opcode{nothing, 0, 1, 1}},
		{0x65, 0x66, opcode{nothing, 0, 2, 1}},
		{0x67, 0x6a, opcode{nothing, 0, 1, 1}},
		{0x6b, 0x73, opcode{nothing, 0, 2, 1}},
		{0x74, 0x75, opcode{nothing, 0, 1, 1}},
		{0x76, 0x79, opcode{nothing, 0, 2, 1}},
		{0x7a, 0x7a, opcode{nothing, 0, 1, 1}},
		{0x7b, 0x7b, opcode{nothing, 0, 2, 1}},
		{0x7c, 0x81, opcode{nothing, 0, 1, 1}},
		{0x82, 0x82, opcode{nothing, 0, 2, 1}},
		{0x83, 0x84, opcode{nothing, 0, 1, 1}},
		{0x85, 0x86, opcode{nothing, 0, 2, 1}},
		{0x87, 0x8a, opcode{nothing, 0, 1, 1}},
		{0x8b, 0x93, opcode{nothing, 0, 2, 1}},
		{0x94, 0x94, opcode{nothing, 0, 1, 1}},
		{0x95, 0x99, opcode{nothing, 0, 2, 1}},
		{0x9b, 0x9f, opcode{nothing, 0, 2, 1}},
		{0xa0, 0xa1, opcode{nothing, 0, 1, 1}},
		{0xa3, 0xa4, opcode{nothing, 0, 1, 1}},
		{0xa7, 0xaa, opcode{nothing, 0, 1, 1}},
		{0xab, 0xae, opcode{nothing, 0, 2, 1}},
		{0xb1, 0xb1, opcode{nothing, 0, 2, 1}},
		{0xb5, 0xba, opcode{nothing, 0, 2, 1}},
		{0xbc, 0xbf, opcode{nothing, 0, 2, 1}},
		{0xc0, 0xc1, opcode{nothing, 0, 1, 1}},
		{0xc3, 0xc4, opcode{nothing, 0, 1, 1}},
		{0xc7, 0xca, opcode{nothing, 0, 1, 1}},
		{0xcb, 0xce, opcode{nothing, 0, 2, 1}},
		{0xd1, 0xd1, opcode{nothing, 0, 2, 1}},
		{0xd5, 0xdf, opcode{nothing, 0, 2, 1}},
		{0xe0, 0xe1, opcode{nothing, 0, 1, 1}},
		{0xe3, 0xe3, opcode{nothing, 0, 1, 1}},
		{0xe4, 0xeb, opcode{nothing, 0, 2, 1}},
		{0xec, 0xed, opcode{nothing, 0, 1, 1}},
		{0xef, 0xef, opcode{nothing, 0, 1, 1}},
		{0xf0, 0xf7, opcode{nothing, 0, 2, 1}},
		{0xf8, 0xff, opcode{nothing, 0, 1, 1}},
	})
)
