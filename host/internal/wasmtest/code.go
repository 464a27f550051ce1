package wasmtest

import (
	"bytes"
	"slices"
)

// Code is the body of a function, built by chaining. Every method returns a
// longer copy, so that bodies may share a beginning.
type Code []byte

// Op appends raw bytes.
func (c Code) Op(b ...byte) Code { return append(slices.Clip(c), b...) }

func (c Code) u32(op byte, v uint32) Code { return Code(U32(c.Op(op), v)) }

// I32 pushes a constant.
func (c Code) I32(v int32) Code { return Code(S64(c.Op(0x41), int64(v))) }

// I64 pushes a constant.
func (c Code) I64(v int64) Code { return Code(S64(c.Op(0x42), v)) }

// Get pushes a local.
func (c Code) Get(local uint32) Code { return c.u32(0x20, local) }

// Set pops into a local.
func (c Code) Set(local uint32) Code { return c.u32(0x21, local) }

// GlobalGet pushes a global.
func (c Code) GlobalGet(global uint32) Code { return c.u32(0x23, global) }

// GlobalSet pops into a global.
func (c Code) GlobalSet(global uint32) Code { return c.u32(0x24, global) }

// Call calls a function by its index.
func (c Code) Call(function uint32) Code { return c.u32(0x10, function) }

// Drop drops a value.
func (c Code) Drop() Code { return c.Op(0x1a) }

// Add adds two i32.
func (c Code) Add() Code { return c.Op(0x6a) }

// Load8 pops an address and pushes the byte there.
func (c Code) Load8() Code { return c.Op(0x2d, 0, 0) }

// Load32 pops an address and pushes the i32 there.
func (c Code) Load32() Code { return c.Op(0x28, 2, 0) }

// Store8 pops a value and an address and writes the byte.
func (c Code) Store8() Code { return c.Op(0x3a, 0, 0) }

// Store32 pops a value and an address and writes the i32.
func (c Code) Store32() Code { return c.Op(0x36, 2, 0) }

// Grow pops a number of pages and pushes the result of memory.grow.
func (c Code) Grow() Code { return c.Op(0x40, 0) }

// TableGrow pops a number, pushes a null of table 0 below it, grows the table
// and pushes the result.
func (c Code) TableGrow(n int32) Code { return c.Op(0xd0, 0x70).I32(n).Op(0xfc, 15, 0) }

// Loop repeats body for ever.
func (c Code) Loop(body Code) Code { return c.Op(0x03, 0x40).Op(body...).Op(0x0c, 0, 0x0b) }

// If runs body if the popped value is not zero.
func (c Code) If(body Code) Code { return c.Op(0x04, 0x40).Op(body...).Op(0x0b) }

// Unreachable traps.
func (c Code) Unreachable() Code { return c.Op(0x00) }

// Fills is a body of so many bytes, its locals and its end included, that fills
// memory again and again: small to read and dear to compile.
func Fills(size int) Code {
	fill := Code{}.I32(0).I32(0).I32(0).Op(0xfc, 11, 0)
	n := (size - 2) / len(fill)
	return Code(bytes.Repeat(fill, n)).Op(bytes.Repeat([]byte{0x01}, size-2-n*len(fill))...)
}

// U32 appends an unsigned LEB128.
func U32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// S64 appends a signed LEB128.
func S64(b []byte, v int64) []byte {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}
