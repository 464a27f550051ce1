package wasm_test

import (
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// withAll is a module that has one of everything that code can name, and a
// function with that body, without locals of its own but a parameter.
func withAll(body ...byte) []byte {
	code := append(append([]byte{0}, body...), 0x0b)
	return join(
		section(1, 2, 0x60, 1, 0x7f, 0, 0x60, 0, 0),
		section(3, 1, 0),
		section(4, 1, 0x70, 0, 1),
		section(5, 1, 0, 1),
		section(6, 1, 0x7f, 1, 0x41, 0, 0x0b),
		section(9, 1, 1, 0, 1, 0),
		section(12, 1),
		section(10, append(wasmtest.U32([]byte{1}, uint32(len(code))), code...)...),
		section(11, 1, 1, 0),
	)
}

// operands are operands that make an instruction valid where the stack holds
// whatever is wanted.
func operands(op byte, sub uint32) []byte {
	zeros := func(n int) []byte { return make([]byte, n) }
	switch {
	case op == 0x02 || op == 0x03:
		return []byte{0x40, 0x0b}
	case op == 0x04:
		return []byte{0x40, 0x05, 0x0b}
	case op == 0x0c || op == 0x0d || op == 0x10 || 0x20 <= op && op <= 0x26 || op == 0x3f || op == 0x40 || op == 0x41 || op == 0x42 || op == 0xd2:
		return zeros(1)
	case op == 0x0e || op == 0x11 || 0x28 <= op && op <= 0x3e:
		return zeros(2)
	case op == 0x1c:
		return []byte{1, 0x7f}
	case op == 0x43:
		return zeros(4)
	case op == 0x44:
		return zeros(8)
	case op == 0xd0:
		return []byte{0x70}
	case op == 0xfc && (sub == 8 || sub == 10 || sub == 12 || sub == 14):
		return zeros(2)
	case op == 0xfc && 9 <= sub && sub <= 17:
		return zeros(1)
	case op == 0xfd && (sub <= 11 || sub == 92 || sub == 93):
		return zeros(2)
	case op == 0xfd && (sub == 12 || sub == 13):
		return zeros(16)
	case op == 0xfd && 21 <= sub && sub <= 34:
		return zeros(1)
	case op == 0xfd && 84 <= sub && sub <= 91:
		return zeros(3)
	}
	return nil
}

// TestOpcodes tries every opcode there can be: the gate and wazero, with its
// default features, agree on which there are.
func TestOpcodes(t *testing.T) {
	c := newCompiler(t, wazero.NewRuntimeConfigInterpreter())
	accepted := 0
	try := func(op byte, sub uint32, code []byte) {
		bin := withAll(append(append([]byte{0x00}, code...), append(operands(op, sub), 0x00)...)...)
		_, err := wasm.Parse(bin, wasm.Limits{})
		if theirs := c.compile(bin); (err == nil) != (theirs == nil) {
			t.Errorf("opcode 0x%02x %d: %v, but wazero says %v", op, sub, err, theirs)
		}
		if err == nil {
			accepted++
		}
	}
	for op := range 256 {
		if op != 0xfc && op != 0xfd && op != 0x05 && op != 0x0b { // else and end are tried with if
			try(byte(op), 0, []byte{byte(op)})
		}
	}
	for sub := range uint32(256) {
		try(0xfc, sub, wasmtest.U32([]byte{0xfc}, sub))
		try(0xfd, sub, wasmtest.U32([]byte{0xfd}, sub))
	}
	if accepted != 181+18+236 {
		t.Errorf("%d opcodes accepted", accepted)
	}
	for sub := uint32(256); sub < 1024; sub++ { // wazero reads one byte
		parseError(t, withAll(append(wasmtest.U32([]byte{0x00, 0xfd}, sub), 0x00)...))
	}
	parseError(t, withAll(0x00, 0xfd, 0x8f, 0x00, 0x00)) // i8x16.splat, longer than it must be
	mustParse(t, withAll(0x00, 0xfd, 0x0f, 0x00))
}
