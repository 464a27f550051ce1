package wasm

// The opcodes that are looked at one by one.
const (
	opLoop      = 0x03
	opIf        = 0x04
	opEnd       = 0x0b
	opBrIf      = 0x0d
	opReturn    = 0x0f
	opGlobalGet = 0x23
	opI32Const  = 0x41
	opI64Const  = 0x42
	opF32Const  = 0x43
	opF64Const  = 0x44
	opRefNull   = 0xd0
	opRefFunc   = 0xd2
	opV128Const = 12 // after prefixVector
)

// constants are the instructions of constant expressions that hold their value.
var constants = map[byte]ValueType{opI32Const: I32, opI64Const: I64, opF32Const: F32, opF64Const: F64}

// constant reads a constant expression of a type: one instruction and an end.
func (p *parser) constant(want ValueType) {
	at := p.at
	got := p.constantValue()
	if p.err == nil && got != want {
		p.failAt(at, "a constant expression of type %s instead of %s", got, want)
	}
	at = p.at
	if op := p.byte("a constant expression"); p.err == nil && op != opEnd {
		if constFeatures[op] != "" || constants[op] != 0 {
			p.refuse(at, extendedConst, "a constant expression of more than one instruction")
			return
		}
		p.failAt(at, "a constant expression has more than one instruction")
	}
}

// constantValue reads the instruction and returns the type of its value.
func (p *parser) constantValue() ValueType {
	at := p.at
	op := p.byte("a constant expression")
	switch op {
	case opI32Const, opI64Const, opF32Const, opF64Const:
		p.literal(coreOpcodes[op].operand)
		return constants[op]
	case opGlobalGet:
		if i, ok := p.index("imported global", len(p.m.imported.globals)); ok {
			g := p.m.global(i)
			if g.Mutable {
				p.failAt(at, "a constant expression reads global %d, which is mutable", i)
			}
			return g.Type
		}
	case opRefFunc:
		p.reference()
		return FuncRef
	case opRefNull:
		return p.referenceType()
	case prefixVector:
		if p.byte("a constant expression") != opV128Const {
			p.failAt(at, "a constant expression holds another vector instruction than v128.const")
		}
		p.literal(bytes16)
		return V128
	default:
		if feature := constFeatures[op]; feature != "" {
			p.refuse(at, feature, "instruction 0x%02x in a constant expression", op)
			break
		}
		p.failAt(at, "instruction 0x%02x is not allowed in a constant expression", op)
	}
	return 0
}

// reference reads a function's index and declares that there may be references
// to it.
func (p *parser) reference() {
	if i, ok := p.index("function", p.m.count(KindFunc)); ok {
		p.declare(i)
	}
}
