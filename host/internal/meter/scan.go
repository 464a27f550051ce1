package meter

// scanner is the state of the function whose body is being read. Its slices
// are kept for the next one.
type scanner struct {
	reader
	m       *module
	typ     *funcType
	locals  int // parameters included
	start   int // of the instructions
	frames  []frame
	points  []point
	changes []change
	height  int  // of the stack of operands
	highest int  // that it was
	vector  bool // there are vectors
	calls   bool // functions of the module
	loops   bool
	checks  int   // that are not at the entry
	begins  int32 // the head of the loop that the body begins with, or 0
	total   int64 // weight of the body
	passed  int64 // the most that was executed on a way here since a check
	bulk    bool

	// Values that are alive across calls, or loops.
	crossed  int     // how many
	spilled  int     // of the stack of operands, from its bottom, that are among them
	crossing int     // how many calls and loops there were; never reset
	set      []int32 // when each local was last written, as crossing
	first    int     // crossing at the beginning of the function
}

// frame is a block that is open; the first one is the function itself.
type frame struct {
	op       byte // 0 of the function
	dead     bool // the code that follows cannot be reached
	targeted bool // there is a branch to its label
	params   int
	results  int
	base     int   // the height below the parameters
	owner    int32 // the point that pays for the code that follows
	head     int32 // of a loop: its point
	passed   int64 // scanner.passed where it begins
	leaves   int64 // the most of those who branch to its end
}

// change is something that the rewritten body has instead of bin[at:end].
type change struct {
	at, end int
	kind    changeKind
	arg     uint32
}

type changeKind byte

const (
	changePoint  changeKind = iota // arg: the point
	changeCall                     // arg: the new index
	changeRef                      // arg: the new index
	changeReturn                   // arg: the depth of the body
	changeFill
	changeCopy
	changeByLength // arg: the shift of the length
	changeMemoryGrow
	changeTableGrow
)

// scanBody reads a body.
func (s *scanner) scanBody(t *funcType) {
	s.begin(t)
	for s.err == nil && len(s.frames) > 0 {
		s.instruction()
	}
	if s.err == nil && s.left() > 0 {
		s.fail("a body goes on after its end")
	}
	s.settle()
}

// begin makes the scanner ready for the instructions of a body, whose locals
// were read.
func (s *scanner) begin(t *funcType) {
	*s = scanner{
		reader: s.reader, m: s.m, typ: t, start: s.at, locals: s.locals, vector: t.vector || s.vector,
		crossing: s.crossing + 1, first: s.crossing + 1,
		frames: s.frames[:0], points: s.points[:0], changes: s.changes[:0], set: s.set,
	}
	s.points = append(s.points, point{parent: -1, check: true})
	s.frames = append(s.frames, frame{results: t.results})
	s.pay(int64((s.locals - t.params) / localsPerUnit))
}

// settle decides which points stay, and where the checks stand.
func (s *scanner) settle() {
	settle(s.points)
	entry := &s.points[0]
	switch {
	case s.total > maxWeight:
		s.fail("a body of more than %d instructions", maxWeight)
	case s.calls && s.begins > 0 && !s.points[s.begins].gone && s.points[s.begins].check:
		entry.check = false
		s.points[s.begins].all = true
	case !s.calls && !s.loops && entry.weight <= small:
		entry.check = false
	}
}

// maxWeight is the weight of a body that keeps the fuel far from the end of
// its 32 bits. With the gate's limits there is none.
const maxWeight = 1 << 28

// small is the weight of a function that calls nothing, up to which its entry
// has no check.
const small = 32

// readLocals reads the groups of locals.
func (s *scanner) readLocals(params int) {
	n := int64(params)
	s.vector = false
	for range s.count(2) {
		n += int64(s.u32())
		s.vector = s.byte() == typeV128 || s.vector
		if n > maxLocals {
			s.fail("a function has more than %d locals", maxLocals)
		}
		if s.err != nil {
			return
		}
	}
	s.locals = int(n)
	for len(s.set) < s.locals {
		s.set = append(s.set, 0)
	}
}

// localsPerUnit is how many locals cost a unit, to be made zero.
const localsPerUnit = 4

// maxLocals is how many locals a function may have. The gate allows no more.
const maxLocals = 50_000

func (s *scanner) top() *frame { return &s.frames[len(s.frames)-1] }

// instruction reads one instruction.
func (s *scanner) instruction() {
	at := s.at
	op := s.byte()
	code := coreOpcodes[op]
	switch op {
	case prefixMisc:
		sub := s.u32()
		if sub > 0xff {
			sub = 0xff
		}
		code = miscOpcodes[sub]
		s.misc(at, sub)
	case prefixVector:
		sub := s.u32()
		if sub > 0xff {
			s.fail("vector instruction %d is not known", sub)
			return
		}
		code = vectorOpcodes[sub]
		s.vector = true
	}
	s.pay(int64(code.weight))
	s.pop(int(code.pops))
	switch code.operand {
	case unknown:
		s.at = at
		s.fail("instruction %#x is not known", op)
	case control:
		s.control(at, op)
	case reference:
		f := s.index("function", len(s.m.funcs))
		s.change(at, changeRef, s.m.moved(f))
	case global:
		s.index("global", s.m.globals)
	case localGet, localSet:
		s.local(int(s.index("local", s.locals)), code.operand == localSet)
	case fill:
		s.skip(1)
		s.inPieces(at, changeFill)
	case copies:
		s.skip(2)
		s.inPieces(at, changeCopy)
	default:
		s.operand(code.operand)
	}
	s.push(int(code.pushes))
	s.force()
}

// operand skips a plain operand.
func (r *reader) operand(what operand) {
	switch what {
	case one:
		r.leb()
	case two:
		r.leb()
		r.leb()
	case twoLane:
		r.leb()
		r.leb()
		r.skip(1)
	case bytes1:
		r.skip(1)
	case bytes4:
		r.skip(4)
	case bytes8:
		r.skip(8)
	case bytes16:
		r.skip(16)
	}
}

// misc notes what is to be paid for by its length, which is on the stack.
func (s *scanner) misc(at int, sub uint32) {
	switch sub {
	case miscMemoryInit:
		s.lengthChange(at, changeByLength, bytesPerUnit)
	case miscTableInit, miscTableCopy, miscTableFill:
		s.lengthChange(at, changeByLength, 0)
	case miscTableGrow:
		s.lengthChange(at, changeTableGrow, 0)
	}
}

// inPieces has a function of the meter do what works on memory of any length.
func (s *scanner) inPieces(at int, kind changeKind) {
	s.m.bulk, s.passed = true, 0
	s.change(at, kind, 0)
	s.cross(0)
}

func (s *scanner) lengthChange(at int, kind changeKind, arg uint32) {
	s.bulk, s.passed = true, 0
	s.checks++
	s.changes = append(s.changes, change{at: at, end: at, kind: kind, arg: arg})
	s.cross(0)
}

func (s *scanner) change(at int, kind changeKind, arg uint32) {
	s.changes = append(s.changes, change{at: at, end: s.at, kind: kind, arg: arg})
}

// pay adds to what the point pays for that dominates the code.
func (s *scanner) pay(weight int64) {
	if f := s.top(); !f.dead {
		s.points[f.owner].weight += weight
		s.total += weight
		s.passed += weight
	}
}

// force puts a check where a long way without one ends, since the rest of a
// function runs on without a check after its calls have returned.
func (s *scanner) force() {
	if s.passed <= longest || s.err != nil || len(s.frames) == 0 || s.top().dead {
		return
	}
	i := s.newPoint(-1)
	s.points[i].weight, s.points[i].check = 1, true
	s.checks++
	s.top().owner, s.passed = i, 0
}

// longest is the weight of a way without a check.
const longest = 512

// newPoint puts a point here, dominated by another.
func (s *scanner) newPoint(parent int32) int32 {
	i := int32(len(s.points))
	s.points = append(s.points, point{parent: parent})
	s.changes = append(s.changes, change{at: s.at, end: s.at, kind: changePoint, arg: uint32(i)})
	return i
}

func (s *scanner) push(n int) {
	s.height += n
	s.highest = max(s.highest, s.height)
}

func (s *scanner) pop(n int) {
	s.height = max(s.height-n, s.top().base)
	s.spilled = min(s.spilled, s.height)
}

// cross notes that what is on the stack, but for the topmost values, and the
// locals must survive a call.
func (s *scanner) cross(but int) {
	s.crossing++
	if below := s.height - but; below > s.spilled {
		s.crossed += below - s.spilled
		s.spilled = below
	}
}

// local notes that a local is read or written.
func (s *scanner) local(i int, written bool) {
	if s.err != nil {
		return
	}
	switch {
	case written:
		s.set[i] = int32(s.crossing)
	case int(s.set[i]) >= s.first && int(s.set[i]) < s.crossing:
		s.crossed++
		s.set[i] = 0
	}
}
