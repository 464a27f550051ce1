package meter

// control reads what opens, closes or leaves blocks, and calls.
func (s *scanner) control(at int, op byte) {
	switch op {
	case opBlock, opLoop, opIf:
		s.open(op)
	case opElse:
		s.otherwise()
	case opEnd:
		s.close()
	case opBr:
		s.meet(s.target())
		s.dead()
	case opBrIf:
		s.meet(s.target())
		if f := s.top(); !f.dead {
			f.owner = s.newPoint(f.owner)
		}
	case opBrTable:
		passes := 0
		for n := s.count(1); n >= 0 && s.err == nil; n-- {
			passes = max(passes, s.target())
		}
		s.meet(passes)
		s.dead()
	case opReturn:
		s.change(at, changeReturn, uint32(len(s.frames)-1))
		s.dead()
	case opUnreachable:
		s.dead()
	case opCall:
		s.call(at)
	case opCallIndirect:
		t := s.index("type", len(s.m.types))
		s.leb()
		s.calls = true
		s.passes(t)
	case opSelectType:
		s.skip(s.count(1))
	case opMemoryGrow:
		s.skip(1)
		s.lengthChange(at, changeMemoryGrow, 0)
	}
}

// open begins a block.
func (s *scanner) open(op byte) {
	params, results := s.blockType()
	outer := s.top()
	s.meet(params + results)
	s.pop(params)
	f := frame{op: op, dead: outer.dead, params: params, results: results, base: s.height, owner: outer.owner, passed: s.passed}
	if !f.dead {
		switch op {
		case opLoop:
			f.owner = s.newPoint(f.owner)
			f.head = f.owner
			if len(s.points) == 2 && s.total <= small && !s.calls {
				s.begins = f.head
			}
			s.cross(0)
		case opIf:
			f.owner = s.newPoint(f.owner)
		}
	}
	s.frames = append(s.frames, f)
	s.push(params)
}

// otherwise begins the second arm of an if.
func (s *scanner) otherwise() {
	if len(s.frames) < 2 || s.top().op != opIf {
		s.fail("an else without an if")
		return
	}
	f, outer := s.top(), &s.frames[len(s.frames)-2]
	if !f.dead {
		f.leaves = max(f.leaves, s.passed)
	}
	f.op, f.dead, s.passed = opElse, outer.dead, f.passed
	s.height = f.base
	s.spilled = min(s.spilled, s.height)
	s.push(f.params)
	if !f.dead {
		f.owner = s.newPoint(outer.owner)
	}
}

// close ends a block, or the body. The head of a loop that nothing branches to
// is passed once, like any code.
func (s *scanner) close() {
	f := *s.top()
	if f.op == opLoop && f.targeted {
		head := &s.points[f.head]
		head.weight, head.parent, head.check, head.again = max(head.weight, 1), -1, true, f.params == 0
		s.loops = true
		s.checks++
		s.cross(0)
	}
	s.merge(&f)
	s.frames = s.frames[:len(s.frames)-1]
	if len(s.frames) == 0 {
		return
	}
	s.height = f.base
	s.spilled = min(s.spilled, s.height)
	s.push(f.results)
	if outer := s.top(); !outer.dead {
		outer.owner = s.newPoint(outer.owner)
	}
}

// merge sets what was executed on the worst way to the end of a block.
func (s *scanner) merge(f *frame) {
	worst := f.leaves
	if f.op == opLoop {
		worst = 0
	}
	if !f.dead {
		worst = max(worst, s.passed)
	}
	if f.op == opIf || worst == 0 { // the other arm, or nobody gets there
		worst = max(worst, f.passed)
	}
	s.passed = worst
}

// dead notes that what follows in the block is not reached.
func (s *scanner) dead() {
	f := s.top()
	f.dead, s.height = true, f.base
	s.spilled = min(s.spilled, s.height)
}

// target reads a label and returns how many values a branch to it passes.
func (s *scanner) target() (passes int) {
	i := s.index("block", len(s.frames))
	if s.err != nil {
		return 0
	}
	f := &s.frames[len(s.frames)-1-int(i)]
	if !s.top().dead {
		f.targeted, f.leaves = true, max(f.leaves, s.passed)
	}
	if f.op == opLoop {
		return f.params
	}
	return f.results
}

// meet pays for a place where ways meet, or lead to: each value that is alive
// may have to be moved there. Those of most functions stay in registers.
func (s *scanner) meet(passes int) {
	alive := max(s.locals+s.height-registers, 0)
	s.pay(int64(passes + alive/valuesPerUnit))
}

const (
	registers     = 64
	valuesPerUnit = 8
)

func (s *scanner) call(at int) {
	f := s.index("function", len(s.m.funcs))
	if s.err != nil {
		return
	}
	if int(f) < s.m.imported {
		s.pay(weightHost)
	} else {
		s.calls = true
		s.pay(weightCall)
	}
	s.change(at, changeCall, s.m.moved(f))
	s.passes(s.m.funcs[f])
}

// passes notes that a function of a type is called.
func (s *scanner) passes(t uint32) {
	if s.err != nil {
		return
	}
	typ := &s.m.types[t]
	s.passed += small
	s.pay(int64(typ.params + typ.results))
	s.pop(typ.params)
	s.cross(0)
	s.push(typ.results)
	s.vector = s.vector || typ.vector
}

// blockType reads the type of a block and returns how many parameters and
// results it has.
func (s *scanner) blockType() (params, results int) {
	at := s.at
	switch b := s.byte(); {
	case s.err != nil || b == typeEmpty:
		return 0, 0
	case b > typeEmpty && b < 0x80: // a negative number, which is no index
		return 0, 1
	}
	s.at = at
	t := s.index("type", len(s.m.types))
	if s.err != nil {
		return 0, 0
	}
	return s.m.types[t].params, s.m.types[t].results
}
