package meter

import "strings"

// appendSection appends the section of an id as it is in the rewritten module,
// if it has one.
func (m *module) appendSection(out []byte, id byte) ([]byte, *Error) {
	var body []byte
	var err *Error
	switch id {
	case idType:
		body = m.vector(id, m.added, typesAdded+len(m.blocks))
	case idImport:
		tick := append(appendName(appendName(nil, TickModule), TickName), 0)
		body = m.vector(id, appendU32(tick, uint32(len(m.types)+typeTick)), 1)
	case idFunction:
		added := appendU32(nil, uint32(len(m.types)+typeRefill))
		if m.bulk {
			added = appendU32(appendU32(added, uint32(len(m.types)+typeBulk)), uint32(len(m.types)+typeBulk))
		}
		body = m.vector(id, added, m.bodies-len(m.funcs)+m.imported)
	case idTable, idMemory:
		body, err = m.limits(id)
	case idGlobal:
		body, err = m.rewriteGlobals()
	case idExport:
		body, err = m.rewriteExports()
	case idStart:
		body, err = m.rewriteStart()
	case idElement:
		body, err = m.rewriteElements()
	case idCode:
		count := appendU32(nil, uint32(m.bodies))
		out = append(appendU32(append(out, id), uint32(len(count)+len(m.code))), count...)
		return append(out, m.code...), nil
	default:
		s := m.sections[id]
		body = m.bin[s.at:s.end]
	}
	if err != nil || len(body) == 0 {
		return out, err
	}
	return append(appendU32(append(out, id), uint32(len(body))), body...), nil
}

// vector returns a section with n elements added at its end.
func (m *module) vector(id byte, added []byte, n int) []byte {
	r, had := m.section(id, 1)
	body := appendU32(make([]byte, 0, r.left()+len(added)+5), uint32(had+n))
	return append(append(body, m.bin[r.at:r.end]...), added...)
}

// limits writes the maximum of memories and tables.
func (m *module) limits(id byte) ([]byte, *Error) {
	r, n := m.section(id, 2)
	if n == 0 {
		return nil, done(r)
	}
	body := appendU32(nil, uint32(n))
	most := m.options.MemoryMax
	for range n {
		if id == idTable {
			body, most = append(body, r.byte()), m.options.TableMax
		}
		flags, least := r.byte(), r.u32()
		top := most
		if flags == 1 {
			top = min(top, r.u32())
		}
		switch {
		case flags > 1:
			r.fail("a memory or table with flags %#x", flags)
		case least > top:
			r.fail("a memory or table starts with %d pages or elements, more than the %d that there may be", least, top)
		}
		body = appendU32(appendU32(append(body, 1), least), top)
	}
	return body, done(r)
}

func (m *module) rewriteGlobals() ([]byte, *Error) {
	r, n := m.section(idGlobal, 4)
	body := appendU32(nil, uint32(n+1))
	for range n {
		at := r.at
		r.skip(2)
		body = m.constant(append(body, r.since(at)...), r)
		if r.err != nil {
			return nil, r.err
		}
	}
	body = append(appendS64(append(body, typeI64, 1, opI64Const), Pack(m.options.Slice, m.options.Stack)), opEnd)
	return body, done(r)
}

// constant copies a constant expression.
func (m *module) constant(out []byte, r *reader) []byte {
	for r.err == nil {
		at := r.at
		op := r.byte()
		code := coreOpcodes[op]
		switch {
		case op == opEnd:
			return append(out, opEnd)
		case op == opRefFunc:
			out = appendU32(append(out, op), m.moved(r.index("function", len(m.funcs))))
			continue
		case op == opGlobalGet:
			r.index("global", m.globals)
		case op == prefixVector:
			r.u32()
			r.skip(16)
		case code.operand == one || code.operand == bytes1 || code.operand == bytes4 || code.operand == bytes8 || code.operand == none:
			r.operand(code.operand)
		default:
			r.fail("instruction %#x in a constant expression", op)
		}
		out = append(out, r.since(at)...)
	}
	return out
}

func (m *module) rewriteExports() ([]byte, *Error) {
	r, n := m.section(idExport, 3)
	body := appendU32(nil, uint32(n+1))
	for range n {
		at := r.at
		name := r.name()
		if strings.HasPrefix(string(name), TickModule) {
			r.fail("it exports %q, a name of the host's own", name)
		}
		kind := r.byte()
		body = append(body, r.since(at)...)
		switch kind {
		case 0:
			body = appendU32(body, m.moved(r.index("function", len(m.funcs))))
		case 3:
			body = appendU32(body, r.index("global", m.globals))
		default:
			body = appendU32(body, r.u32())
		}
		if r.err != nil {
			return nil, r.err
		}
	}
	body = appendU32(append(appendName(body, LeftGlobal), 3), m.left())
	return body, done(r)
}

func (m *module) rewriteStart() ([]byte, *Error) {
	s := m.sections[idStart]
	if s.at == 0 {
		return nil, nil
	}
	r := &reader{bin: m.bin, at: s.at, end: s.end}
	return appendU32(nil, m.moved(r.index("function", len(m.funcs)))), done(r)
}

// rewriteElements moves the functions in the segments that fill tables. The
// bits of a segment's flags: 1 passive or declared, 2 with a table (or
// declared), 4 of expressions.
func (m *module) rewriteElements() ([]byte, *Error) {
	r, n := m.section(idElement, 2)
	if n == 0 {
		return nil, done(r)
	}
	body := appendU32(make([]byte, 0, r.left()+r.left()/4), uint32(n))
	for range n {
		flags := r.u32()
		if flags > 7 {
			r.fail("an element segment with flags %d", flags)
		}
		body = appendU32(body, flags)
		if flags&1 == 0 {
			if flags&2 != 0 {
				body = appendU32(body, r.u32())
			}
			body = m.constant(body, r)
		}
		if flags&3 != 0 {
			body = append(body, r.byte())
		}
		items := r.count(1)
		body = appendU32(body, uint32(items))
		for range items {
			if flags&4 != 0 {
				body = m.constant(body, r)
			} else {
				body = appendU32(body, m.moved(r.index("function", len(m.funcs))))
			}
			if r.err != nil {
				return nil, r.err
			}
		}
	}
	return body, done(r)
}
