package meter

// rewriteCode makes the code section.
func (m *module) rewriteCode() *Error {
	r, n := m.section(idCode, 2)
	if r.err == nil && n != len(m.funcs)-m.imported {
		r.fail("%d functions, but %d bodies", len(m.funcs)-m.imported, n)
	}
	if r.err != nil {
		return r.err
	}
	s := &m.scan
	s.m = m
	m.code = make([]byte, 0, r.left()+r.left()/4+512)
	var body []byte
	for i := range n {
		size := r.count(1)
		s.reader = reader{bin: m.bin, at: r.at, end: r.at + size, err: r.err}
		r.skip(size)
		t := &m.types[m.funcs[m.imported+i]]
		at := s.at
		s.readLocals(t.params)
		groups := s.since(at)
		s.scanBody(t)
		if s.err != nil {
			return s.err
		}
		body = s.emit(body[:0], groups)
		m.code = append(appendU32(m.code, uint32(len(body))), body...)
	}
	m.bodies = n
	m.addFunctions()
	return done(r)
}

// emit appends the rewritten body.
func (s *scanner) emit(b, groups []byte) []byte {
	b = s.emitLocals(b, groups)
	if s.calls {
		b = s.enter(b)
	} else {
		b = s.point(b, &s.points[0])
	}
	from := s.start
	for i := range s.changes {
		c := &s.changes[i]
		b = append(b, s.bin[from:c.at]...)
		from = c.end
		b = s.emitChange(b, c)
	}
	b = append(b, s.bin[from:s.end]...)
	if s.calls {
		b = append(s.m.adjust(b, opI64Add, Pack(0, s.frameSize())), opEnd)
	}
	return b
}

// emitLocals appends the locals. If something is paid for by its length there
// is one more, to keep it.
func (s *scanner) emitLocals(b, groups []byte) []byte {
	if !s.bulk {
		return append(b, groups...)
	}
	r := reader{bin: groups, end: len(groups)}
	b = appendU32(b, r.u32()+1)
	return append(append(b, groups[r.at:]...), 1, typeI32)
}

// enter pays for the entry and takes the frame. The check of both stands here,
// or in the loop that the function begins with. The body becomes a block, so
// that all ways out lead to its end.
func (s *scanner) enter(b []byte) []byte {
	entry := &s.points[0]
	b = s.m.adjust(b, opI64Sub, Pack(entry.weight, s.frameSize()))
	if entry.check {
		b = s.m.checkAll(b, false)
	}
	return s.m.blockResults(append(b, opBlock), s.typ)
}

// frameSize estimates the bytes of stack that a call of the function takes.
func (s *scanner) frameSize() int64 {
	size := 8
	if s.vector {
		size = 16
	}
	return int64(min(frameLeast+size*(s.locals+s.highest+s.crossed), frameMost))
}

const (
	frameLeast = 96
	frameMost  = 1 << 29 // so that one call does not leave the 32 bits; beyond the gate's limits
)

// adjust adds to or subtracts from what is left.
func (m *module) adjust(b []byte, op byte, n int64) []byte {
	b = appendU32(append(b, opGlobalGet), m.left())
	b = append(appendS64(append(b, opI64Const), n), op)
	return appendU32(append(b, opGlobalSet), m.left())
}

// check refills if there is no fuel left.
func (m *module) check(b []byte, again bool) []byte {
	b = appendU32(append(b, opGlobalGet), m.left())
	return m.refillUnless(append(b, opI32WrapI64, opI32Const, 0, opI32GeS), again)
}

// checkAll refills if there is no fuel or no stack left.
func (m *module) checkAll(b []byte, again bool) []byte {
	b = appendU32(append(b, opGlobalGet), m.left())
	b = appendU32(append(b, opGlobalGet), m.left())
	return m.refillUnless(append(b, opI64Const, 32, opI64Shl, opI64Or, opI64Const, 0, opI64GeS), again)
}

// refillUnless refills if the value on the stack is 0. In a loop, that begins it
// again. The refill is in the else, since wazero's compiler puts that out of the
// way; measured, it is most of what a check costs.
func (m *module) refillUnless(b []byte, again bool) []byte {
	b = appendU32(append(b, opIf, typeEmpty, opElse, opCall), m.refill())
	if again {
		b = append(b, opBr, 1)
	}
	return append(b, opEnd)
}

// point appends a debit and its check.
func (s *scanner) point(b []byte, p *point) []byte {
	if p.gone || p.weight == 0 {
		return b
	}
	b = s.m.adjust(b, opI64Sub, p.weight)
	switch {
	case p.all:
		return s.m.checkAll(b, p.again)
	case p.check:
		return s.m.check(b, p.again)
	}
	return b
}

func (s *scanner) emitChange(b []byte, c *change) []byte {
	switch c.kind {
	case changePoint:
		return s.point(b, &s.points[c.arg])
	case changeCall:
		return appendU32(append(b, opCall), c.arg)
	case changeRef:
		return appendU32(append(b, opRefFunc), c.arg)
	case changeReturn:
		if !s.calls {
			return append(b, opReturn)
		}
		return appendU32(append(b, opBr), c.arg)
	case changeFill:
		return appendU32(append(b, opCall), s.m.fill())
	case changeCopy:
		return appendU32(append(b, opCall), s.m.copy())
	case changeByLength:
		return s.byLength(b, func(b []byte) []byte { return append(b, opI64Const, byte(c.arg), opI64ShrU) })
	case changeMemoryGrow:
		return s.byLength(b, s.upTo(s.m.options.MemoryMax, unitsPerPage))
	case changeTableGrow:
		return s.byLength(b, s.upTo(s.m.options.TableMax, 1))
	}
	return b
}

// byLength pays for the length on the stack, as an i64, after a price is put
// on it. The length is kept in the last local.
func (s *scanner) byLength(b []byte, price func([]byte) []byte) []byte {
	length := uint32(s.locals)
	b = appendU32(append(b, opLocalSet), length)
	b = appendU32(append(b, opGlobalGet), s.m.left())
	b = append(appendU32(append(b, opLocalGet), length), opI64ExtendU)
	b = append(price(b), opI64Sub, opGlobalSet)
	b = s.m.check(appendU32(b, s.m.left()), false)
	return appendU32(append(b, opLocalGet), length)
}

// upTo is the price of growing. A length that is more than there may be costs
// nothing, since it is refused.
func (s *scanner) upTo(most uint32, each int64) func([]byte) []byte {
	return func(b []byte) []byte {
		b = appendU32(append(b, opLocalGet), uint32(s.locals))
		b = append(appendS64(append(b, opI32Const), int64(int32(most))), opI32LeU, opI64ExtendU, opI64Mul)
		return append(appendS64(append(b, opI64Const), each), opI64Mul)
	}
}
