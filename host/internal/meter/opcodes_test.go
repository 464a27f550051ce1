package meter_test

import (
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// everything is a module that has one of all that code can name, and a function
// with that body.
func everything(body []byte) []byte {
	b := []byte(wasmtest.Header)
	for _, s := range []struct {
		id   byte
		body []byte
	}{
		{1, []byte{1, 0x60, 1, 0x7f, 0}},
		{3, []byte{1, 0}},
		{4, []byte{1, 0x70, 0, 1}},
		{5, []byte{1, 0, 1}},
		{6, []byte{1, 0x7f, 1, 0x41, 0, 0x0b}},
		{9, []byte{1, 1, 0, 1, 0}},
		{12, []byte{1}},
		{10, append(wasmtest.U32([]byte{1}, uint32(len(body)+2)), append(append([]byte{0}, body...), 0x0b)...)},
		{11, []byte{1, 1, 0}},
	} {
		b = wasmtest.Section(b, s.id, s.body)
	}
	return b
}

// TestOpcodes holds the meter's list of opcodes against the gate's: of every
// opcode it must read the same operands, or know it as little.
func TestOpcodes(t *testing.T) {
	operands := [][]byte{{0x70}, {1, 0x7f}, {0x40, 0x0b}, {0x40, 0x05, 0x0b}}
	for n := range 19 {
		operands = append(operands, make([]byte, n))
	}
	known := 0
	try := func(opcode ...byte) {
		var gate, here []int
		for i, operand := range operands {
			body := slices.Concat([]byte{0x00}, opcode, operand, []byte{0x00}) // around it the stack is as wanted
			bin := everything(body)
			if _, err := wasm.Parse(bin, wasm.Limits{}); err == nil {
				gate = append(gate, i)
			}
			if _, err := meter.Rewrite(bin, options); err == nil {
				here = append(here, i)
			}
		}
		for _, i := range gate {
			if !slices.Contains(here, i) {
				t.Errorf("%x %x: the gate takes it, the meter does not", opcode, operands[i])
			}
		}
		if len(gate) == 0 && len(here) > 0 {
			t.Errorf("%x: the meter takes it, the gate does not", opcode)
		}
		known += min(len(gate), 1)
	}
	for op := range 0x100 {
		if op != 0xfc && op != 0xfd {
			try(byte(op))
		}
	}
	for sub := range uint32(0x140) {
		try(wasmtest.U32([]byte{0xfc}, sub)...)
		try(wasmtest.U32([]byte{0xfd}, sub)...)
	}
	if known < 430 {
		t.Errorf("only %d opcodes are known", known)
	}
}
