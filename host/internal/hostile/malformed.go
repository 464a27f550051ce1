package hostile

import (
	"bytes"
	"strings"

	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

func malformed() []Binary {
	types := section(1, 1, 0x60, 0, 0)
	raw := func(b ...byte) []byte { return append([]byte(wasmtest.Header), b...) }
	code := func(b ...byte) []byte { return withBody(append([]byte{0}, b...)...) }
	return []Binary{
		{"empty", nil, "not a WebAssembly binary", []byte(wasmtest.Header)},
		{"script", []byte("#!/bin/sh\n"), "not a WebAssembly binary", nil},
		{"version", []byte("\x00asm\x02\x00\x00\x00"), "not version 1", nil},
		{"cut off", types[:len(types)-1], "cut off", types},
		{"section past the end", raw(1, 100, 0), "cut off", nil},
		{"trailing", raw(1, 2, 0, 0), "1 bytes too many", raw(1, 1, 0)},
		{"order", join(section(3, 0), section(1, 0)), "in the wrong place", join(section(1, 0), section(3, 0))},
		{"twice", join(types, types), "stands twice", nil},
		{"unknown section", section(14), "section 14 is not known", nil},
		{"long u32", raw(1, 0x80, 0x80, 0x80, 0x80, 0x80, 0), "longer than five bytes", raw(1, 0x81, 0x80, 0x80, 0x80, 0, 0)},
		{"overflowing u32", raw(1, 0xff, 0xff, 0xff, 0xff, 0x1f), "does not fit 32 bits", nil},
		{"long i32", code(0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 0x1a, 0x0b), "longer than 32 bits", code(0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x1a, 0x0b)},
		{"overflowing i32", code(0x41, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a, 0x0b), "does not fit 32 bits", code(0x41, 0xff, 0xff, 0xff, 0xff, 0x07, 0x1a, 0x0b)},
		{"overflowing i64", code(0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x1a, 0x0b), "does not fit 64 bits",
			code(0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x1a, 0x0b)},
		{"body without end", code(0x02, 0x40, 0x0b), "has no end", code(0x02, 0x40, 0x0b, 0x0b)},
		{"body after its end", code(0x0b, 0x0b), "goes on after its end", code(0x0b)},
		{"else without if", code(0x02, 0x40, 0x05, 0x0b, 0x0b), "else without an if", code(0x41, 0, 0x04, 0x40, 0x05, 0x0b, 0x0b)},
		{"two elses", code(0x41, 0, 0x04, 0x40, 0x05, 0x05, 0x0b, 0x0b), "else without an if", nil},
		{"if that needs an else", code(0x41, 0, 0x04, 0x7f, 0x41, 0, 0x0b, 0x1a, 0x0b), "has no else", code(0x41, 0, 0x04, 0x7f, 0x41, 0, 0x05, 0x41, 0, 0x0b, 0x1a, 0x0b)},
		{"empty stack", code(0x1a, 0x0b), "more values than the block has", code(0x41, 0, 0x1a, 0x0b)},
		{"value too many", code(0x41, 0, 0x0b), "leaves 1 values instead of 0", nil},
		{"value from outside a block", code(0x41, 0, 0x02, 0x40, 0x1a, 0x0b, 0x0b), "more values than the block has", nil},
		{"no such local", code(0x20, 0, 0x1a, 0x0b), "no local 0", withBody(1, 1, 0x7f, 0x20, 0, 0x1a, 0x0b)},
		{"no such global", code(0x23, 0, 0x1a, 0x0b), "no global 0", nil},
		{"no such function", code(0x10, 1, 0x0b), "no function 1", code(0x10, 0, 0x0b)},
		{"no such block", code(0x0c, 1, 0x0b), "no block to branch to 1", code(0x0c, 0, 0x0b)},
		{"no such type", code(0x02, 1, 0x0b, 0x0b), "no type 1", code(0x02, 0, 0x0b, 0x0b)},
		{"no memory", code(0x3f, 0, 0x1a, 0x0b), "there is none", withMemory(wasmtest.Code{0x3f, 0, 0x1a})},
		{"no table", code(0x41, 0, 0x11, 0, 0, 0x0b), "no table 0", nil},
		{"alignment", withMemory(wasmtest.Code{0x41, 0, 0x28, 3, 0, 0x1a}), "alignment of 2^3", withMemory(wasmtest.Code{0x41, 0, 0x28, 2, 0, 0x1a})},
		{"lane", code(0x41, 0, 0xfd, 17, 0xfd, 27, 4, 0x1a, 0x0b), "no lane 4", code(0x41, 0, 0xfd, 17, 0xfd, 27, 3, 0x1a, 0x0b)},
		{"import not UTF-8", join(types, section(2, 1, 1, 0xff, 1, 'n', 0, 0)), "not valid UTF-8", join(types, section(2, 1, 1, 'm', 1, 'n', 0, 0))},
		{"immutable global written", join(types, section(3, 1, 0), section(6, 1, 0x7f, 0, 0x41, 0, 0x0b), section(10, 1, 6, 0, 0x41, 0, 0x24, 0, 0x0b)),
			"not mutable", join(types, section(3, 1, 0), section(6, 1, 0x7f, 1, 0x41, 0, 0x0b), section(10, 1, 6, 0, 0x41, 0, 0x24, 0, 0x0b))},
		{"constant of a mutable global", join(section(2, 1, 1, 'm', 1, 'g', 3, 0x7f, 1), section(6, 1, 0x7f, 0, 0x23, 0, 0x0b)), "which is mutable",
			join(section(2, 1, 1, 'm', 1, 'g', 3, 0x7f, 0), section(6, 1, 0x7f, 0, 0x23, 0, 0x0b))},
		{"constant of the module's own global", section(6, 2, 0x7f, 0, 0x41, 0, 0x0b, 0x7f, 0, 0x23, 0, 0x0b), "no imported global 0", nil},
		{"constant by another vector instruction", section(6, 1, 0x7b, 0, 0xfd, 15, 0x0b), "another vector instruction", nil},
		{"constant cut off", section(6, 1, 0x7d, 0, 0x43, 0), "cut off", section(6, 1, 0x7d, 0, 0x43, 0, 0, 0, 0, 0x0b)},
		{"constant of an instruction too many", section(6, 1, 0x7f, 0, 0x41, 0, 0x01, 0x0b), "more than one instruction", nil},
		{"constant that calls", section(6, 1, 0x7f, 0, 0x10, 0, 0x0b), "not allowed in a constant expression", nil},
		{"global of another type", section(6, 1, 0x7e, 0, 0x41, 0, 0x0b), "type i32 instead of i64", section(6, 1, 0x7e, 0, 0x42, 0, 0x0b)},
		{"start with parameters", join(section(1, 1, 0x60, 1, 0x7f, 0), section(3, 1, 0), section(8, 0), section(10, 1, 2, 0, 0x0b)),
			"start function has the type", join(types, section(3, 1, 0), section(8, 0), section(10, 1, 2, 0, 0x0b))},
	}
}

func features() (cases []Binary) {
	for name, bin := range featured() {
		feature, _, _ := strings.Cut(name, ":")
		cases = append(cases, Binary{name, bin, "of the feature " + feature + ", which is not granted", nil})
	}
	return cases
}

// featured are modules that use what is not granted, by the name of the
// feature, a colon and words.
func featured() map[string][]byte {
	types := section(1, 1, 0x60, 0, 0)
	code := func(b ...byte) []byte { return withMemory(append(wasmtest.Code{}, b...)) }
	return map[string][]byte{
		"threads:load":                       code(0xfe, 0x10, 2, 0),
		"threads:fence":                      code(0xfe, 0x03, 0),
		"threads:shared memory":              section(5, 1, 3, 1, 1),
		"tail-call:return_call":              code(0x12, 0),
		"tail-call:return_call_indirect":     code(0x13, 0, 0),
		"exception-handling:throw":           code(0x08, 0),
		"exception-handling:throw_ref":       code(0x0a),
		"exception-handling:try_table":       code(0x1f, 0x40, 0),
		"exception-handling:try":             code(0x06, 0x40),
		"exception-handling:tags":            section(13, 1, 0, 0),
		"exception-handling:import":          join(types, section(2, 1, 1, 'm', 1, 'n', 4, 0, 0)),
		"exception-handling:exnref":          section(6, 1, 0x69, 0, 0xd0, 0x69, 0x0b),
		"gc:struct.new":                      code(0xfb, 0, 0),
		"gc:ref.eq":                          code(0xd3),
		"gc:struct type":                     section(1, 1, 0x5f, 0, 0),
		"gc:recursive types":                 section(1, 1, 0x4e, 1, 0x60, 0, 0),
		"gc:anyref":                          section(1, 1, 0x60, 1, 0x6e, 0),
		"typed-function-references:call":     code(0x14, 0),
		"typed-function-references:type":     section(1, 1, 0x60, 1, 0x64, 0x70),
		"typed-function-references:table":    section(4, 1, 0x40, 0, 0x70, 0, 0, 0xd0, 0x70, 0x0b),
		"extended-const:i32.add":             section(6, 1, 0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b),
		"extended-const:first":               section(6, 1, 0x7f, 0, 0x6a, 0x0b),
		"memory64:memory":                    section(5, 1, 4, 1),
		"multi-memory:two":                   section(5, 2, 0, 0, 0, 0),
		"multi-memory:imported and own":      join(section(2, 1, 1, 'm', 1, 'm', 2, 0, 0), section(5, 1, 0, 0)),
		"multi-memory:memory.size 1":         code(0x3f, 1),
		"multi-memory:load of 1":             code(0x41, 0, 0x28, 0x42, 1, 0, 0x1a),
		"relaxed-simd:i8x16.swizzle":         code(0xfd, 0x80, 0x02),
		"wide-arithmetic:i64.add128":         code(0xfc, 19),
		"multi-memory:data":                  join(section(5, 1, 0, 1), section(11, 1, 2, 1, 0x41, 0, 0x0b, 0)),
		"exception-handling:block of exnref": code(0x02, 0x69, 0x0b),
	}
}

func dearToCompile() []Binary {
	loops := func(depth, locals int) []byte {
		body := strings.Repeat("\x03\x40", depth) + strings.Repeat("\x0b", depth)
		var m wasmtest.Module
		m.Func("", "", strings.Repeat(wasmtest.I32, locals), wasmtest.Code(body))
		return m.Bytes()
	}
	alive := func(values, ifs int) []byte {
		body := strings.Repeat("\x41\x00", values) + strings.Repeat("\x41\x00\x04\x40\x0b", ifs) + strings.Repeat("\x1a", values)
		return withBody(append(append([]byte{0}, body...), 0x0b)...)
	}
	calls := func(results, n int) []byte {
		var m wasmtest.Module
		f := m.Func("", strings.Repeat(wasmtest.I32, results), "", bytes.Repeat([]byte{0x41, 0}, results))
		m.Func("", "", "", append(bytes.Repeat(wasmtest.Code{}.Call(f), n), 0x00))
		return m.Bytes()
	}
	bodies := func(n int) []byte {
		var m wasmtest.Module
		for range n {
			m.Func("", "", "", bytes.Repeat([]byte{0x02, 0x40, 0x0b}, 4096))
		}
		return m.Bytes()
	}
	return []Binary{
		{"locals in nested loops", loops(200, 200), "too many locals for its loops", loops(90, 100)},
		{"values alive over blocks", alive(600, 1000), "too many values for its blocks", alive(400, 1000)},
		{"results of calls", calls(1000, 140), "more than the 131072 allowed values", calls(1000, 100)},
		{"many dear functions", bodies(6), "add up to more than", bodies(5)},
	}
}
