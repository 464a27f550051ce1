package meter_test

import "github.com/ambit-wasm/ambit/host/internal/wasmtest"

// generator makes modules from bytes: valid ones that end, with all that
// control flow can do. The guest itself counts its steps and traps when there
// were too many.
type generator struct {
	data   []byte
	m      *wasmtest.Module
	types  []uint32 // types of functions and blocks: i32s to i32s
	shapes [][2]int
	code   []byte
	labels []int // how many values each passes
	size   int   // how much may still be made
}

const (
	genSteps  = 400
	genLocals = 5
	genFuncs  = 4
)

func (g *generator) byte() int {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return int(b)
}

func (g *generator) pick(n int) int { return g.byte() % n }

func (g *generator) op(b ...byte) { g.code = append(g.code, b...) }

func (g *generator) u32(op byte, v int) { g.code = wasmtest.U32(append(g.code, op), uint32(v)) }

func (g *generator) constant() { g.code = wasmtest.S64(append(g.code, 0x41), int64(int8(g.byte()))) }

func i32s(n int) string { return "\x7f\x7f\x7f"[:n] }

// generate returns a module that exports run, a memory and a table.
func generate(data []byte) []byte {
	g := &generator{data: data, m: &wasmtest.Module{}}
	m := g.m
	m.Import("env", "probe", i32s(1), i32s(1))
	m.Memory(1)
	m.Table(8)
	steps := m.Global(genSteps)
	m.Global(7)
	for params := range 3 {
		for results := range 3 {
			g.shapes = append(g.shapes, [2]int{params, results})
			g.types = append(g.types, m.Type(i32s(params), i32s(results)))
		}
	}
	var funcs []uint32
	var shapes [][2]int
	for range genFuncs {
		shapes = append(shapes, g.shapes[g.pick(len(g.shapes))])
	}
	for _, s := range shapes {
		g.code, g.labels, g.size = nil, []int{s[1]}, 60
		g.step(steps)
		g.statements(shapes)
		for range s[1] {
			g.expression(shapes)
		}
		funcs = append(funcs, m.Func(i32s(s[0]), i32s(s[1]), i32s(3)+i32s(genLocals-3), g.code))
	}
	run := wasmtest.Code{}
	for range shapes[0][0] {
		run = run.I32(3)
	}
	run = run.Call(funcs[0])
	for range shapes[0][1] {
		run = run.Drop()
	}
	m.Element(1, funcs...)
	m.PassiveElement(funcs...)
	m.Passive([]byte("what memory.init takes"))
	m.Export("run", 0, m.Func("", "", "", run))
	m.Export("memory", 2, 0)
	m.Export("global", 3, 1)
	return m.Bytes()
}

// step counts down and traps at the end.
func (g *generator) step(global uint32) {
	c := wasmtest.Code{}.GlobalGet(global).I32(1).Op(0x6b).GlobalSet(global).GlobalGet(global).Op(0x45).If(wasmtest.Code{}.Unreachable())
	g.op(c...)
}

// statements leave the stack as it is.
func (g *generator) statements(shapes [][2]int) {
	for n := g.pick(4); n >= 0 && g.size > 0; n-- {
		g.statement(shapes)
	}
}

func (g *generator) statement(shapes [][2]int) {
	g.size--
	switch g.pick(22) {
	case 0, 1:
		g.expression(shapes)
		g.u32(0x21, g.pick(genLocals))
	case 2:
		g.expression(shapes)
		g.op(0x24, 1)
	case 3: // store
		g.expression(shapes)
		g.op(0x41, 0xff, 0x1f, 0x71)
		g.expression(shapes)
		g.op(0x36, 2, 0)
	case 4, 5, 6, 14:
		g.block(shapes)
	case 15:
		g.call(shapes)
	case 7: // fill
		g.op(0x41, 16)
		g.constant()
		g.expression(shapes)
		g.op(0x41, 0x3f, 0x71, 0xfc, 11, 0)
	case 8:
		g.op(0x41, byte(g.pick(3)), 0x40, 0, 0x1a)
	case 9:
		g.op(0xd0, 0x70, 0x41, byte(g.pick(3)), 0xfc, 15, 0, 0x1a)
	case 16, 17:
		g.memories(shapes)
	case 18, 19:
		g.tables()
	case 20:
		g.address(shapes)
		g.expression(shapes)
		g.op(0xfd, 0x11, 0xfd, 11, 0, 0) // splat, store
	case 11, 12:
		g.branch(shapes, true)
	case 13:
		g.branch(shapes, false)
		g.dead()
	case 10:
		g.op(0x01, 0xd2, byte(1+g.pick(genFuncs)), 0x1a)
	default:
		g.expression(shapes)
		g.op(0x10, 0, 0x1a) // probe
	}
}

// address leaves an i32 within the part of memory that is compared.
func (g *generator) address(shapes [][2]int) {
	g.expression(shapes)
	g.op(0x41, 0xff, 0x1f, 0x71)
}

// memories are bulk operations on memory and its segment.
func (g *generator) memories(shapes [][2]int) {
	g.address(shapes)
	switch g.pick(4) {
	case 0:
		g.op(0x1a, 0xfc, 9, 0) // drop the segment
	case 1:
		g.op(0x41, byte(g.pick(8)), 0x41, byte(g.pick(20)), 0xfc, 8, 0, 0)
	default:
		g.address(shapes)
		g.expression(shapes)
		g.op(0x41, 0x3f, 0x71, 0xfc, 10, 0, 0)
	}
}

// tables are operations on the table and its segment.
func (g *generator) tables() {
	at, from, n := byte(g.pick(10)), byte(g.pick(4)), byte(g.pick(5))
	switch g.pick(6) {
	case 0:
		g.op(0xfc, 13, 1) // drop the segment
	case 1:
		g.op(0x41, at, 0x41, from, 0x41, n, 0xfc, 12, 1, 0)
	case 2:
		g.op(0x41, at, 0x41, from, 0x41, n, 0xfc, 14, 0, 0)
	case 3:
		g.op(0x41, at, 0xd2, byte(1+g.pick(genFuncs)), 0x41, n, 0xfc, 17, 0)
	case 4:
		g.op(0x41, at, 0x41, from, 0x25, 0, 0x26, 0)
	default:
		g.op(0xfc, 16, 0, 0x1a)
	}
}

// dead is code that cannot be reached, up to the end of its block.
func (g *generator) dead() {
	switch g.pick(4) {
	case 0:
		g.op(0x6a, 0x1a)
	case 1:
		g.op(0x03, 0x40, 0x0c, 0, 0x0b)
	case 2:
		g.op(0x02, 0x40, 0x41, 1, 0x10, 0, 0x21, 0, 0x0b)
	}
	g.op(0x00)
}

// branch goes to a label, if a value is not zero.
func (g *generator) branch(shapes [][2]int, maybe bool) {
	to := g.pick(len(g.labels))
	passes := g.labels[len(g.labels)-1-to]
	for range passes {
		g.expression(shapes)
	}
	switch {
	case maybe:
		g.expression(shapes)
		g.u32(0x0d, to)
		for range passes {
			g.op(0x1a)
		}
	case g.pick(3) == 0: // br_table, to labels that pass as much
		g.expression(shapes)
		var same []int
		for i := range g.labels {
			if g.labels[len(g.labels)-1-i] == passes {
				same = append(same, i)
			}
		}
		n := g.pick(4)
		g.op(0x0e, byte(n))
		for range n + 1 {
			g.op(byte(same[g.pick(len(same))]))
		}
	case g.pick(4) == 0 && g.labels[0] == passes:
		g.op(0x0f)
	default:
		g.u32(0x0c, to)
	}
}

// block is a block, loop or if of any type, whose results are dropped.
func (g *generator) block(shapes [][2]int) {
	i := g.pick(len(g.shapes))
	s := g.shapes[i]
	for range s[0] {
		g.expression(shapes)
	}
	kind := []byte{2, 3, 3, 3, 4, 4}[g.pick(6)]
	if kind == 4 {
		g.expression(shapes)
	}
	g.code = wasmtest.S64(append(g.code, kind), int64(g.types[i]))
	passes := s[1]
	if kind == 3 {
		passes = s[0]
	}
	g.labels = append(g.labels, passes)
	arms := 1
	if kind == 4 && (s[0] != s[1] || g.pick(2) == 0) {
		arms = 2
	}
	for arm := range arms {
		if arm == 1 {
			g.op(0x05)
		}
		if kind == 3 {
			g.step(0)
		}
		for range s[0] {
			g.u32(0x21, g.pick(genLocals))
		}
		g.statements(shapes)
		if kind == 3 && g.pick(2) == 0 { // most loops begin again
			g.again(shapes, s[0])
		}
		if g.pick(4) == 0 {
			g.branch(shapes, false)
			g.op(0x00)
			continue
		}
		for range s[1] {
			g.expression(shapes)
		}
	}
	g.op(0x0b)
	g.labels = g.labels[:len(g.labels)-1]
	for range s[1] {
		g.op(0x1a)
	}
}

// again begins the innermost loop again, often.
func (g *generator) again(shapes [][2]int, passes int) {
	for range passes {
		g.expression(shapes)
	}
	g.expression(shapes)
	g.op(0x0d, 0)
	for range passes {
		g.op(0x1a)
	}
}

// call calls a function, directly or not, and drops its results.
func (g *generator) call(shapes [][2]int) {
	i := g.pick(genFuncs)
	for range shapes[i][0] {
		g.expression(shapes)
	}
	if g.pick(2) == 0 {
		g.u32(0x10, 1+i)
	} else {
		g.op(0x41, byte(1+i))
		for j, s := range g.shapes {
			if s == shapes[i] {
				g.u32(0x11, int(g.types[j]))
				break
			}
		}
		g.op(0)
	}
	for range shapes[i][1] {
		g.op(0x1a)
	}
}

// expression leaves an i32.
func (g *generator) expression(shapes [][2]int) {
	if g.size--; g.size < 0 {
		g.constant()
		return
	}
	switch g.pick(16) {
	case 10:
		g.expression(shapes)
		g.op(0xac)
		g.expression(shapes)
		g.op(0xad)
		g.op([]byte{0x7c, 0x7d, 0x7e, 0x7f, 0x82, 0x86, 0x89}[g.pick(7)], 0xa7)
	case 11:
		g.expression(shapes)
		g.op(0xb7)
		g.expression(shapes)
		g.op(0xb8)
		g.op([]byte{0xa0, 0xa3, 0xa4, 0xa6}[g.pick(4)])
		g.op([]byte{0x99, 0x9b, 0x9e, 0x9f}[g.pick(4)])
		g.op([][]byte{{0xaa}, {0xfc, 2}, {0xb6, 0xa8}, {0xb6, 0xfc, 1}}[g.pick(4)]...)
	case 12, 13:
		g.expression(shapes)
		g.op(0xfd, 0x11)
		g.expression(shapes)
		g.op(0xfd, 0x11)
		g.vector()
		g.op(0xfd, 0x1b, byte(g.pick(4)))
	case 14:
		g.address(shapes)
		g.op(0xfd, 0, 0, 0, 0xfd, 0x64) // load, bitmask
	case 15:
		g.op(0x3f, 0)
	case 0, 1:
		g.constant()
	case 2, 3:
		g.u32(0x20, g.pick(genLocals))
	case 4:
		g.expression(shapes)
		g.expression(shapes)
		g.op([]byte{0x6a, 0x6b, 0x6c, 0x6d, 0x71, 0x73, 0x4a}[g.pick(7)])
	case 5:
		g.expression(shapes)
		g.op(0x41, 0xff, 0x1f, 0x71, 0x28, 2, 0)
	case 6:
		g.op(0x23, 1)
	case 7:
		g.expression(shapes)
		g.u32(0x22, g.pick(genLocals))
	case 8:
		g.expression(shapes)
		g.expression(shapes)
		g.expression(shapes)
		g.op(0x1b)
	default:
		g.expression(shapes)
		g.op(0x10, 0)
	}
}

// vector leaves a vector for two.
func (g *generator) vector() {
	switch g.pick(6) {
	case 0:
		g.op(0xfd, 0x0d, 0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12, 29, 14, 31) // shuffle
	case 1:
		g.op(0xfd, 0x0c, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0xfd, 0x52) // bitselect
	case 2:
		g.op(0xfd, 0xfa, 1, 0xfd, 0x0e) // i32x4 to f32x4, swizzle
	case 3:
		g.op(0xfd, 0xef, 1, 0xfd, 0xf3, 1) // f64x2.sqrt, div
	default:
		g.op(0xfd)
		g.op([][]byte{{0x6e}, {0x51}, {0xae, 1}, {0xb5, 1}, {0xd5, 1}, {0xe7, 1}, {0x37}, {0xba, 1}}[g.pick(8)]...)
	}
}
