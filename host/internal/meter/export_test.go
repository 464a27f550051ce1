package meter

// Counted returns a binary in which every instruction adds its weight to the
// exported global before it runs, as simply as can be: what debits are held
// against. It imports tick, but does not call it.
func Counted(bin []byte) ([]byte, error) {
	m := &module{bin: bin, blocks: make(map[string]uint32), options: Options{MemoryMax: 1 << 16, TableMax: 1 << 24}}
	for _, step := range []func() *Error{m.outline, m.readTypes, m.readImports, m.readFunctions, m.countGlobals, m.countCode} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	out := []byte(header)
	for _, id := range sectionOrder {
		var err *Error
		if out, err = m.appendSection(out, id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (m *module) countCode() *Error {
	r, n := m.section(idCode, 2)
	s := &m.scan
	s.m = m
	for i := range n {
		size := r.count(1)
		s.reader = reader{bin: m.bin, at: r.at, end: r.at + size}
		r.skip(size)
		t := &m.types[m.funcs[m.imported+i]]
		at := s.at
		s.readLocals(t.params)
		body := append([]byte(nil), s.since(at)...)
		s.begin(t)
		body = m.adjust(body, opI64Add, s.total)
		for s.err == nil && len(s.frames) > 0 {
			at, total, changes := s.at, s.total, len(s.changes)
			s.instruction()
			if w := s.total - total; w > 0 {
				body = m.adjust(body, opI64Add, w)
			}
			whole := true
			for _, c := range s.changes[changes:] {
				if c.kind == changeCall || c.kind == changeRef {
					body = s.emitChange(body, &c)
					whole = false
				}
			}
			if whole {
				body = append(body, s.since(at)...)
			}
		}
		if s.err != nil {
			return s.err
		}
		m.code = append(appendU32(m.code, uint32(len(body))), body...)
	}
	m.bodies, m.bulk = n, false
	m.addFunctions()
	return done(r)
}
