package meter

// addFunctions appends the functions that are added: refill, which calls tick,
// and those that fill and copy, if they are used.
func (m *module) addFunctions() {
	refill := appendU32([]byte{0, opGlobalGet}, m.left())
	refill = appendU32(append(refill, opCall), m.tick())
	m.addFunction(append(appendU32(append(refill, opGlobalSet), m.left()), opEnd))
	if m.bulk {
		m.addFunction(m.fillInPieces())
		m.addFunction(m.copyInPieces())
	}
}

func (m *module) addFunction(body []byte) {
	m.code = append(appendU32(m.code, uint32(len(body))), body...)
	m.bodies++
}

// piece is how many bytes are filled or copied at a time: nothing can stop the
// guest meanwhile. It takes 100 µs, and some ms where all of it is touched for
// the first time.
const piece = 1 << 20

// The parameters of the functions that fill and copy.
const (
	localTo     = iota
	localFrom   // or the value
	localLength // what is left
)

// fillInPieces is a function that does what memory.fill does.
func (m *module) fillInPieces() []byte {
	fill := []byte{prefixMisc, miscMemoryFill, 0}
	b := ifLong([]byte{0}, localTo)
	b = m.eachPiece(b, func(b []byte) []byte {
		b = append(pushPiece(append(b, opLocalGet, localTo, opLocalGet, localFrom)), fill...)
		return byPiece(byPiece(b, localTo, opI32Add), localLength, opI32Sub)
	})
	return m.rest(append(b, opEnd), fill)
}

// copyInPieces is a function that does what memory.copy does: from the end, if
// it copies upwards, since the ranges may overlap.
func (m *module) copyInPieces() []byte {
	copies := []byte{prefixMisc, miscMemoryCopy, 0, 0}
	b := ifLong([]byte{0}, localTo, localFrom)
	b = append(b, opLocalGet, localTo, opLocalGet, localFrom, opI32GtU, opIf, typeEmpty)
	b = m.eachPiece(b, func(b []byte) []byte {
		b = byPiece(b, localLength, opI32Sub)
		b = append(b, opLocalGet, localTo, opLocalGet, localLength, opI32Add, opLocalGet, localFrom, opLocalGet, localLength, opI32Add)
		return append(pushPiece(b), copies...)
	})
	b = m.eachPiece(append(b, opElse), func(b []byte) []byte {
		b = append(pushPiece(append(b, opLocalGet, localTo, opLocalGet, localFrom)), copies...)
		return byPiece(byPiece(byPiece(b, localTo, opI32Add), localFrom, opI32Add), localLength, opI32Sub)
	})
	return m.rest(append(b, opEnd, opEnd), copies)
}

// ifLong begins a block for what is longer than a piece, and leaves it at once
// if that is not within memory: such a thing traps before it changes anything.
func ifLong(b []byte, places ...byte) []byte {
	b = append(pushPiece(append(b, opLocalGet, localLength)), opI32GtU, opIf, typeEmpty)
	for _, p := range places {
		b = append(b, opLocalGet, p, opI64ExtendU, opLocalGet, localLength, opI64ExtendU, opI64Add)
		b = append(b, opMemorySize, 0, opI64ExtendU, opI64Const, 16, opI64Shl, opI64GtU, opBrIf, 0)
	}
	return b
}

// eachPiece repeats body, which handles a piece that is paid for, until no more
// than one is left.
func (m *module) eachPiece(b []byte, body func([]byte) []byte) []byte {
	b = m.adjust(append(b, opLoop, typeEmpty), opI64Sub, piece>>bytesPerUnit)
	b = body(m.check(b, false))
	return append(pushPiece(append(b, opLocalGet, localLength)), opI32GtU, opBrIf, 0, opEnd)
}

// rest pays for what is left and does it.
func (m *module) rest(b, what []byte) []byte {
	b = append(appendU32(append(b, opGlobalGet), m.left()), opLocalGet, localLength, opI64ExtendU, opI64Const, bytesPerUnit, opI64ShrU, opI64Sub)
	b = m.check(appendU32(append(b, opGlobalSet), m.left()), false)
	return append(append(append(b, opLocalGet, localTo, opLocalGet, localFrom, opLocalGet, localLength), what...), opEnd)
}

// byPiece adds a piece to a local, or subtracts it.
func byPiece(b []byte, local, op byte) []byte {
	return append(pushPiece(append(b, opLocalGet, local)), op, opLocalSet, local)
}

func pushPiece(b []byte) []byte { return appendS64(append(b, opI32Const), piece) }
