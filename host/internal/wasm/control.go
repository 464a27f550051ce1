package wasm

// control checks what opens, closes or leaves blocks.
func (p *parser) control(at int, op byte, what operand) {
	switch what {
	case blockType:
		p.openBlock(at, op)
	case elseOfIf:
		top := p.top()
		if top.op != opIf {
			p.failAt(at, "an else without an if")
		}
		p.closeBlock(at)
		top.op, top.dead = op, false
		p.b.height = top.base + top.params
	case endOfBlock:
		p.endBlock(at)
	case label:
		if op == opBrIf {
			p.pop(at, 1)
		}
		p.block(at)
		passes := p.label()
		p.move(at, passes, passes)
		if op != opBrIf {
			p.dead()
		}
	case labels:
		p.branchTable(at)
	default:
		if op == opReturn {
			p.move(at, p.b.frames[0].results, 0)
		}
		p.dead()
	}
}

// top is the innermost block.
func (p *parser) top() *frame { return &p.b.frames[len(p.b.frames)-1] }

// openBlock begins a block.
func (p *parser) openBlock(at int, op byte) {
	b := &p.b
	params, results := p.blockType()
	if op == opIf {
		p.pop(at, 1)
	}
	p.move(at, params, 0)
	if len(b.frames) > p.limits.Nesting {
		p.failAt(at, "function %d has blocks nested deeper than the %d allowed", p.bodies, p.limits.Nesting)
	}
	b.frames = append(b.frames, frame{op: op, params: params, results: results, base: b.height})
	b.height += params
	p.block(at)
	if op == opLoop {
		p.loop(at, params)
	}
}

// closeBlock checks that a block leaves what its type says.
func (p *parser) closeBlock(at int) {
	top, h := p.top(), p.b.height
	if want := top.base + top.results; h > want || h < want && !top.dead {
		p.failAt(at, "a block leaves %d values instead of %d", h-top.base, top.results)
	}
}

// endBlock ends a block, or the body.
func (p *parser) endBlock(at int) {
	b, top := &p.b, p.top()
	p.closeBlock(at)
	if top.op == opIf && top.params != top.results {
		p.failAt(at, "an if that changes the number of values has no else")
	}
	if top.op == opLoop {
		b.loops--
	}
	b.height = top.base
	p.move(at, 0, top.results)
	b.frames = b.frames[:len(b.frames)-1]
}

// branchTable reads the targets of a br_table, the default last. Branches to
// all of them pass the same number of values.
func (p *parser) branchTable(at int) {
	p.pop(at, 1)
	n := p.count("targets of a branch", p.limits.Targets, 1)
	p.block(at)
	passes := p.label()
	for range n {
		place := p.at
		if other := p.label(); p.err == nil && other != passes {
			p.failAt(place, "a branch passes %d values to one target and %d to another", passes, other)
		}
		p.target(at)
		p.pass(at, passes)
		if p.err != nil {
			return
		}
	}
	p.move(at, passes, 0)
	p.dead()
}

// label reads the depth of a block and returns how many values a branch to it
// passes.
func (p *parser) label() int {
	if i, ok := p.index("block to branch to", len(p.b.frames)); ok {
		return p.b.frames[len(p.b.frames)-1-i].passes()
	}
	return 0
}

// dead notes that what follows in the block is not reached: there the stack
// holds whatever is wanted.
func (p *parser) dead() {
	top := p.top()
	p.b.height, top.dead = top.base, true
}

// pop takes values from the stack.
func (p *parser) pop(at, n int) {
	top := p.top()
	if p.b.height -= n; p.b.height < top.base {
		if !top.dead {
			p.failAt(at, "an instruction takes more values than the block has")
		}
		p.b.height = top.base
	}
}

// move takes values from the stack and puts others there, which a call, a
// block or a branch passes.
func (p *parser) move(at, pops, pushes int) {
	p.pop(at, pops)
	p.b.height += pushes
	p.pass(at, pops+pushes)
}

// blockType reads the type of a block, which is none, one value, or a type by
// its index. It returns the numbers of its parameters and results.
func (p *parser) blockType() (params, results int) {
	at := p.at
	switch b := p.byte("a block's type"); {
	case b == typeEmpty:
		return 0, 0
	case b >= 0x40 && b < 0x80: // a negative number, which is no index
		p.at = at
		p.valueType("a block's type")
		return 0, 1
	}
	p.at = at
	t := p.typeOf(at, p.signed(33, "a block's type"))
	return len(t.Params), len(t.Results)
}
