package wasm

const (
	// targetsPerBlock is how many targets of a br_table cost as much as a block.
	targetsPerBlock = 16
	// manyValues is how many values make the compiler's searches among them cost
	// as much again as all else that it does with them.
	manyValues = 2000
)

// block counts what makes the compiler begin another basic block: a block, a
// loop or an if, a branch, a bulk operation.
func (p *parser) block(at int) {
	if p.b.blocks++; p.b.blocks > p.limits.Blocks {
		p.failAt(at, "function %d has more than the %d allowed blocks and branches", p.bodies, p.limits.Blocks)
	}
	p.merge(at)
}

// merge counts the values that are alive where code may go on that is reached
// from elsewhere, too.
func (p *parser) merge(at int) {
	b := &p.b
	alive := int64(b.locals + b.height)
	if b.merges += alive + alive*alive/manyValues; b.merges > int64(p.limits.Merges) {
		p.failAt(at, "function %d has too many values for its blocks: more than the %d allowed, added up", p.bodies, p.limits.Merges)
	}
}

// target counts a target of a br_table.
func (p *parser) target(at int) {
	if p.b.targets++; p.b.targets%targetsPerBlock == 0 {
		p.block(at)
		return
	}
	p.merge(at)
}

// loop counts a loop that was just opened.
func (p *parser) loop(at, params int) {
	b := &p.b
	b.loops++
	values := int64(b.locals + params)
	if b.loopWork += int64(b.loops) * values * values; b.loopWork > int64(p.limits.Loops) {
		p.failAt(at, "function %d has too many locals for its loops: more than the %d allowed, squared and added up", p.bodies, p.limits.Loops)
	}
}

// pass counts values that a call, a block or a branch passes.
func (p *parser) pass(at, n int) {
	if p.b.passed += n; p.b.passed > p.limits.Passed {
		p.failAt(at, "the calls, blocks and branches of function %d pass more than the %d allowed values", p.bodies, p.limits.Passed)
	}
}
