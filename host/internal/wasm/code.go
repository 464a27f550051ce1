package wasm

// code reads the bodies of the functions.
func (p *parser) code() {
	n := p.count("bodies", p.limits.Functions, 3)
	if p.err == nil && n != len(p.m.Functions) {
		p.fail("%d functions are declared, but %d have a body", len(p.m.Functions), n)
		return
	}
	locals, blocks, section := 0, 0, p.end
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
		b := p.body()
		if locals += b.locals; locals > p.limits.AllLocals {
			p.failAt(at, "the functions together have more than the %d allowed locals", p.limits.AllLocals)
		}
		if blocks += b.blocks * b.blocks; blocks > p.limits.AllBlocks {
			p.failAt(at, "the squares of the functions' blocks add up to more than the %d allowed", p.limits.AllBlocks)
		}
		p.end = section
	}
}

// body is the state of the function whose body is being read.
type body struct {
	locals int // parameters included
	height int // of the stack of operands
	frames []frame
	loops  int // that are open

	// How much work the body is for the compiler: see [Limits].
	blocks, targets, passed int
	merges, loopWork        int64
}

// frame is a block that is open; the first one is the function itself.
type frame struct {
	op              byte // 0 of the function
	params, results int
	base            int  // the height below the parameters
	dead            bool // the code that follows cannot be reached
}

// passes returns how many values a branch to the frame's label passes.
func (f *frame) passes() int {
	if f.op == opLoop {
		return f.params
	}
	return f.results
}

// body reads one body: its locals and its instructions. All is checked but the
// types of operands, which is what wazero's validation does.
func (p *parser) body() *body {
	b, f := &p.b, p.m.Types[p.m.Functions[p.bodies]]
	*b = body{locals: len(f.Params), frames: append(b.frames[:0], frame{results: len(f.Results)})}
	p.locals()
	for p.err == nil && len(b.frames) > 0 {
		if p.left() == 0 {
			p.fail("the body of function %d has no end", p.bodies)
			break
		}
		p.instruction()
	}
	if p.err == nil && p.left() > 0 {
		p.fail("the body of function %d goes on after its end", p.bodies)
	}
	return b
}

// locals reads the groups of locals. There are few enough that their sum
// cannot overflow when it is looked at.
func (p *parser) locals() {
	at, sum := p.at, int64(p.b.locals)
	for range p.count("groups of locals", p.limits.Locals, 2) {
		sum += int64(p.u32("a number of locals"))
		p.valueType("a local's type")
		if sum > int64(p.limits.Locals) {
			p.failAt(at, "function %d has more than the %d allowed locals", p.bodies, p.limits.Locals)
		}
		if p.err != nil {
			return
		}
	}
	p.b.locals = int(sum)
}
