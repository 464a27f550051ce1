package wasm

// The opcodes of constant expressions.
const (
	opEnd       = 0x0b
	opGlobalGet = 0x23
	opI32Const  = 0x41
	opI64Const  = 0x42
	opF32Const  = 0x43
	opF64Const  = 0x44
	opRefNull   = 0xd0
	opRefFunc   = 0xd2
	opVector    = 0xfd
	opV128Const = 12
)

// constant skips a constant expression: one instruction and an end.
func (p *parser) constant() {
	at := p.at
	switch op := p.byte("a constant expression"); op {
	case opI32Const:
		p.skipSigned(5, "a constant")
	case opI64Const:
		p.skipSigned(10, "a constant")
	case opF32Const:
		p.bytes(4, "a constant")
	case opF64Const:
		p.bytes(8, "a constant")
	case opGlobalGet:
		p.u32("a global's index")
	case opRefFunc:
		p.function()
	case opRefNull:
		p.valueType("a reference's type")
	case opVector:
		if p.byte("a constant expression") != opV128Const {
			p.failAt(at, "a constant expression holds another vector instruction than v128.const")
		}
		p.bytes(16, "a constant")
	default:
		p.failAt(at, "instruction 0x%02x is not allowed in a constant expression", op)
	}
	at = p.at
	if p.byte("a constant expression") != opEnd {
		p.failAt(at, "a constant expression has more than one instruction")
	}
}

// function skips a function's index.
func (p *parser) function() {
	at := p.at
	i := p.u32("a function's index")
	if p.err == nil && int64(i) >= int64(p.m.count(KindFunc)) {
		p.failAt(at, "there is no function %d", i)
	}
}

// elements reads the segments that fill tables. The bits of a segment's flags:
// 1 passive or declared, 2 with a table (or declared), 4 of expressions.
func (p *parser) elements() {
	all := 0
	for range p.count("element segments", p.limits.Elements, 3) {
		at := p.at
		flags := p.u32("an element segment's flags")
		if flags > 7 {
			p.failAt(at, "an element segment has the unknown flags %d", flags)
			return
		}
		active, explicit, expressions := flags&1 == 0, flags&3 != 0, flags&4 != 0
		if active {
			p.segmentTable(flags&2 != 0)
			p.constant()
		}
		if explicit {
			p.elementType(expressions)
		}
		n := p.count("elements", p.limits.AllElements-all, 1)
		all += n
		for range n {
			if expressions {
				p.constant()
			} else {
				p.function()
			}
			if p.err != nil {
				return
			}
		}
	}
}

// segmentTable checks that the table of an active segment exists; its index is
// written only in some forms.
func (p *parser) segmentTable(written bool) {
	at, table := p.at, uint32(0)
	if written {
		table = p.u32("a table's index")
	}
	if p.err == nil && int64(table) >= int64(p.m.count(KindTable)) {
		p.failAt(at, "there is no table %d", table)
	}
}

// elementType reads what the elements of a segment are.
func (p *parser) elementType(expressions bool) {
	at := p.at
	if expressions {
		if t := p.valueType("an element's type"); p.err == nil && t != FuncRef && t != ExternRef {
			p.failAt(at, "elements of type %s", t)
		}
		return
	}
	if kind := p.byte("an element's kind"); kind != 0 {
		p.failAt(at, "elements of the unknown kind 0x%02x", kind)
	}
}

// code walks the bodies by their sizes and reads their locals.
func (p *parser) code() {
	n := p.count("bodies", p.limits.Functions, 3)
	if p.err == nil && n != len(p.m.Functions) {
		p.fail("%d functions are declared, but %d have a body", len(p.m.Functions), n)
		return
	}
	all, section := uint64(0), p.end
	for ; p.bodies < n && p.err == nil; p.bodies++ {
		at := p.at
		size := int64(p.u32("a body's size"))
		switch {
		case p.err != nil:
			return
		case size > int64(p.left()):
			p.failAt(at, "the body of function %d is cut off", p.bodies)
			return
		case size > int64(p.limits.Body):
			p.failAt(at, "the body of function %d has %d bytes, more than the %d allowed", p.bodies, size, p.limits.Body)
			return
		}
		p.end = p.at + int(size)
		all += p.locals()
		if all > uint64(p.limits.AllLocals) {
			p.failAt(at, "the functions together have more than the %d allowed locals", p.limits.AllLocals)
		}
		if body := p.bytes(p.left(), "a body"); p.err == nil && (len(body) == 0 || body[len(body)-1] != opEnd) {
			p.failAt(at, "the body of function %d has no end", p.bodies)
		}
		p.end = section
	}
}

// locals reads the locals of one body and returns how many there are.
func (p *parser) locals() uint64 {
	at, sum := p.at, uint64(0)
	for range p.count("groups of locals", p.limits.Locals, 2) {
		sum += uint64(p.u32("a number of locals"))
		p.valueType("a local's type")
		if sum > uint64(p.limits.Locals) {
			p.failAt(at, "function %d has more than the %d allowed locals", p.bodies, p.limits.Locals)
		}
		if p.err != nil {
			return 0
		}
	}
	return sum
}

// dataSegments reads the segments that fill memory.
func (p *parser) dataSegments() {
	n := p.count("data segments", p.limits.Data, 2)
	for ; p.data < n && p.err == nil; p.data++ {
		at := p.at
		flags := p.u32("a data segment's flags")
		if flags > 2 {
			p.failAt(at, "a data segment has the unknown flags %d", flags)
			return
		}
		if flags == 2 && p.u32("a memory's index") != 0 {
			p.failAt(at, "there is one memory")
		}
		if flags != 1 {
			if p.err == nil && p.m.count(KindMemory) == 0 {
				p.failAt(at, "a data segment, but no memory")
			}
			p.constant()
		}
		p.bytes(p.count("bytes of data", p.limits.Bytes, 1), "a data segment")
	}
}
