package wasm

// elements reads the segments that fill tables. The bits of a segment's flags:
// 1 passive or declared, 2 with a table (or declared), 4 of expressions.
func (p *parser) elements() {
	all := 0
	p.elems = p.count("element segments", p.limits.Elements, 3)
	for range p.elems {
		at := p.at
		flags := p.u32("an element segment's flags")
		if flags > 7 {
			p.failAt(at, "an element segment has the unknown flags %d", flags)
			return
		}
		active, explicit, expressions := flags&1 == 0, flags&3 != 0, flags&4 != 0
		if active {
			p.segmentTable(flags&2 != 0)
			p.constant(I32)
		}
		t := FuncRef
		if explicit {
			t = p.elementType(expressions)
		}
		n := p.count("elements", p.limits.AllElements-all, 1)
		all += n
		for range n {
			if expressions {
				p.constant(t)
			} else {
				p.reference()
			}
			if p.err != nil {
				return
			}
		}
	}
}

// declare notes that there may be references to a function that exists.
func (p *parser) declare(function int) {
	if p.declared == nil {
		p.declared = make([]bool, p.m.count(KindFunc))
	}
	p.declared[function] = true
}

// segmentTable checks that the table of an active segment exists; its index is
// written only in some forms.
func (p *parser) segmentTable(written bool) {
	if written {
		p.index("table", p.m.count(KindTable))
	} else if p.m.count(KindTable) == 0 {
		p.fail("there is no table 0")
	}
}

// elementType reads what the elements of a segment are.
func (p *parser) elementType(expressions bool) ValueType {
	if expressions {
		return p.referenceType()
	}
	at := p.at
	if kind := p.byte("an element's kind"); kind != 0 {
		p.refuse(at, "", "elements of the kind 0x%02x", kind)
	}
	return FuncRef
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
			p.refuse(at, multiMemory, "a data segment of a numbered memory")
		}
		if flags != 1 {
			if p.err == nil && p.m.count(KindMemory) == 0 {
				p.failAt(at, "a data segment, but no memory")
			}
			p.constant(I32)
		}
		p.bytes(p.count("bytes of data", p.limits.Bytes, 1), "a data segment")
	}
}
