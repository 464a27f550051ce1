package wasm

// instruction reads one instruction and checks its operand.
func (p *parser) instruction() {
	at := p.at
	op := p.bin[at] // there is one
	p.at++
	code := p.opcode(at, op)
	if code.bound == bulk {
		p.block(at)
	}
	p.pop(at, int(code.pops))
	p.b.height += int(code.pushes)
	switch code.operand {
	case notAllowed, nothing:
	case blockType, elseOfIf, endOfBlock, label, labels, leave:
		p.control(at, op, code.operand)
	case function, typeInTable, refFunction:
		p.callOrRef(at, code.operand)
	case local:
		p.index("local", p.b.locals)
	case globalRead, globalWrite:
		p.global(at, code.operand == globalWrite)
	case table, tables, dataSegment, dataMemory, elemSegment, elemTable:
		p.m.Changes = p.m.Changes || changes(code)
		p.segmentOrTable(at, code.operand)
	case memory, memories, access, accessLane:
		p.memoryAccess(at, code)
	case lane:
		p.lanes(1, code.bound)
	case shuffle:
		p.lanes(16, 32)
	case selectType:
		if n := p.byte("the types of select"); n != 1 {
			p.failAt(at, "select has %d types", n)
		}
		p.valueType("the type of select")
	case refType:
		p.referenceType()
	default:
		p.literal(code.operand)
	}
}

// changes reports whether an instruction of segments or tables changes them.
// Of those that name one table, table.get and table.size do not.
func changes(code opcode) bool {
	return code.operand != dataMemory && (code.operand != table || code.pops > 1)
}

// opcode reads the rest of an opcode and looks it up. Those of vectors must have their
// shortest form: wazero reads one byte of them and takes the 0x01 that may
// follow for a nop, and two readers must not see two instructions.
func (p *parser) opcode(at int, op byte) opcode {
	if op != prefixMisc && op != prefixVector {
		code := coreOpcodes[op]
		if code.operand == notAllowed {
			p.refuse(at, coreFeatures[op], "instruction 0x%02x", op)
		}
		return code
	}
	sub := p.u32("an instruction")
	table := &miscOpcodes
	if op == prefixVector {
		table = &vectorOpcodes
		if length := p.at - at - 1; length > 1 && sub>>(7*(length-1)) == 0 {
			p.failAt(at, "the code of a vector instruction is longer than it must be")
		}
	}
	if sub > 0xff || table[sub].operand == notAllowed {
		p.refuse(at, prefixedFeature(op, sub), "instruction 0x%02x %d", op, sub)
		return opcode{}
	}
	return table[sub]
}

// typeOf returns a type by its index, which stands at an offset.
func (p *parser) typeOf(at int, i int64) FuncType {
	if p.err == nil && (i < 0 || i >= int64(len(p.m.Types))) {
		p.failAt(at, "there is no type %d", i)
	}
	if p.err != nil {
		return FuncType{}
	}
	return p.m.Types[i]
}

// index reads the index of one of n things.
func (p *parser) index(what string, n int) (int, bool) {
	at := p.at
	i := int64(p.u32("an index"))
	if p.err == nil && i >= int64(n) {
		p.failAt(at, "there is no %s %d", what, i)
	}
	return int(i), p.err == nil
}

// callOrRef checks what names a function.
func (p *parser) callOrRef(at int, what operand) {
	switch what {
	case function:
		if i, ok := p.index("function", p.m.count(KindFunc)); ok {
			t := p.m.funcType(i)
			p.move(at, len(t.Params), len(t.Results))
		}
	case typeInTable:
		place := p.at
		t := p.typeOf(place, int64(p.u32("a type index")))
		p.pop(at, 1)
		p.move(at, len(t.Params), len(t.Results))
		place = p.at
		if i, ok := p.index("table", p.m.count(KindTable)); ok && p.m.tableType(i) != FuncRef {
			p.failAt(place, "table %d holds no functions to call", i)
		}
	default:
		p.m.Refers = true
		if i, ok := p.index("function", p.m.count(KindFunc)); ok && (p.declared == nil || !p.declared[i]) {
			p.failAt(at, "a reference to function %d, which is nowhere declared", i)
		}
	}
}

// global checks what reads or writes a global.
func (p *parser) global(at int, write bool) {
	if i, ok := p.index("global", p.m.count(KindGlobal)); ok && write && !p.m.global(i).Mutable {
		p.failAt(at, "global %d is written, but not mutable", i)
	}
}

// segmentOrTable checks what names segments and tables.
func (p *parser) segmentOrTable(at int, what operand) {
	p.m.namesData = p.m.namesData || what == dataSegment || what == dataMemory
	switch what {
	case dataSegment, dataMemory:
		if p.dataCount < 0 {
			p.failAt(at, "an instruction names a data segment, but there is no data count section")
		}
		p.index("data segment", p.dataCount)
		if what == dataMemory {
			p.memoryAccess(at, opcode{operand: memory})
		}
	case elemSegment, elemTable:
		p.index("element segment", p.elems)
	case tables:
		p.index("table", p.m.count(KindTable))
	}
	if what == table || what == tables || what == elemTable {
		p.index("table", p.m.count(KindTable))
	}
}

// memoryAccess checks what reads or writes memory.
func (p *parser) memoryAccess(at int, code opcode) {
	if p.m.count(KindMemory) == 0 {
		p.failAt(at, "an instruction uses memory, but there is none")
	}
	switch code.operand {
	case memory, memories:
		p.onlyMemory()
		if code.operand == memories {
			p.onlyMemory()
		}
		return
	}
	place := p.at
	switch align := p.u32("an alignment"); {
	case align >= 0x40 && align < 0x80:
		p.refuse(place, multiMemory, "an access to a numbered memory")
	case align > uint32(code.bound):
		p.failAt(place, "an alignment of 2^%d is more than the access has", align)
	}
	p.u32("an offset")
	if code.operand == accessLane {
		p.lanes(1, 16>>code.bound)
	}
}

// onlyMemory reads the index of a memory, which must be one byte.
func (p *parser) onlyMemory() {
	at := p.at
	if p.byte("a memory's index") != 0 {
		p.refuse(at, multiMemory, "a memory's index other than 0")
	}
}

// lanes reads n numbers of lanes, of which there are count.
func (p *parser) lanes(n int, count byte) {
	for range n {
		at := p.at
		if i := p.byte("a lane"); i >= count {
			p.failAt(at, "there is no lane %d", i)
		}
	}
}

// referenceType reads the type of a reference.
func (p *parser) referenceType() ValueType {
	at := p.at
	t := p.valueType("a reference's type")
	if p.err == nil && t != FuncRef && t != ExternRef {
		p.failAt(at, "%s is no type of references", t)
	}
	return t
}

// literal skips a number.
func (p *parser) literal(what operand) {
	switch what {
	case const32:
		p.signed(32, "a constant")
	case const64:
		p.signed(64, "a constant")
	case bytes4:
		p.bytes(4, "a constant")
	case bytes8:
		p.bytes(8, "a constant")
	case bytes16:
		p.bytes(16, "a constant")
	}
}
