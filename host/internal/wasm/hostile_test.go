package wasm_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// hostile is a binary that must be refused, and one just inside the limit that
// must be accepted, by wazero too.
type hostile struct {
	name    string
	bad     []byte
	want    string // words of the reason
	control []byte // nil: there is none of the same form
}

// TestHostile are the rows of the hostile catalogue that are about the binary.
func TestHostile(t *testing.T) {
	c := engine(t)
	for row, cases := range map[string][]hostile{
		"001-counts":     falseCounts(),
		"003-locals":     hostileLocals(),
		"005-nesting":    hostileNesting(),
		"006-br_table":   hostileTargets(),
		"007-bodies":     hostileBodies(),
		"008-many":       hostileNumbers(),
		"009-custom":     hostileCustoms(),
		"010-memory":     hostileMemories(),
		"011-tables":     hostileTables(),
		"012-data":       hostileData(),
		"013-elements":   hostileElements(),
		"014-malformed":  malformed(),
		"015-features":   hostileFeatures(),
		"F4-compilation": hostileCompilation(),
	} {
		t.Run(row, func(t *testing.T) {
			for _, h := range cases {
				t.Run(h.name, func(t *testing.T) {
					if got := refusedCheaply(t, h.bad); !strings.Contains(got.Text, h.want) {
						t.Errorf("refused with %q, want %q", got.Text, h.want)
					}
					if h.control != nil {
						c.accept(t, h.control)
					}
				})
			}
		})
	}
}

// refusedCheaply asserts that a refusal takes less than 1 MiB.
func refusedCheaply(t *testing.T, bin []byte) *wasm.Error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := parseError(t, bin)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated before %v", n, err)
	}
	return err
}

func falseCounts() (cases []hostile) {
	for _, id := range []byte{1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12} {
		want := "do not fit"
		if id == 12 { // says how many data segments there are
			want = "more than"
		}
		for _, n := range []uint32{1<<32 - 1, 1 << 27, 100_001} { // the second is row 002
			cases = append(cases, hostile{fmt.Sprintf("section %d, %d", id, n), section(id, wasmtest.U32(nil, n)...), want, section(id, 0)})
		}
	}
	return cases
}

func hostileLocals() []hostile {
	group := func(n uint32) []byte { return append(wasmtest.U32(nil, n), 0x7f) }
	groups := func(n byte, g ...[]byte) []byte {
		return withBody(append(append([]byte{n}, bytes.Join(g, nil)...), 0x0b)...)
	}
	many := func(bodies int) []byte {
		var m wasmtest.Module
		for range bodies {
			m.Func("", "", strings.Repeat(wasmtest.I32, 1000), nil)
		}
		return m.Bytes()
	}
	return []hostile{
		{"four billion", groups(1, group(1<<32-1)), "more than the 50000 allowed locals", groups(1, group(50_000))},
		{"five million", groups(1, group(5_000_000)), "more than the 50000 allowed locals", nil}, // row 004
		{"one too many", groups(1, group(50_001)), "more than the 50000 allowed locals", nil},
		{"overflowing sum", groups(2, group(1<<32-1), group(1<<32-1)), "more than the 50000 allowed locals", nil},
		{"two groups", groups(2, group(30_000), group(20_001)), "more than", groups(2, group(30_000), group(20_000))},
		{"all functions", many(2001), "functions together", nil},
	}
}

// nested is a body of nested blocks.
func nested(open string, n int) []byte {
	return withBody(append(append([]byte{0}, strings.Repeat(open, n)...), bytes.Repeat([]byte{0x0b}, n+1)...)...)
}

func hostileNesting() (cases []hostile) {
	for name, open := range map[string]string{"block": "\x02\x40", "loop": "\x03\x40", "if": "\x41\x00\x04\x40"} {
		cases = append(cases,
			hostile{name + " 2001", nested(open, 2001), "nested deeper than the 2000 allowed", nested(open, 2000)},
			hostile{name + " 10 000", nested(open, 10_000), "nested deeper", nil})
	}
	return append(cases, hostile{"block 100 000", nested("\x02\x40", 100_000), "bytes, more than", nil})
}

// branching is a body with a br_table of n targets and a default.
func branching(n uint32, targets int) []byte {
	return withBody(append(wasmtest.U32([]byte{0, 0x41, 0, 0x0e}, n), append(make([]byte, targets+1), 0x0b)...)...)
}

func hostileTargets() []hostile {
	return []hostile{
		{"one too many", branching(65_521, 65_521), "more than the 65520 allowed", branching(65_520, 65_520)},
		{"a million", branching(1_000_000, 1_000_000), "bytes, more than", nil},
		{"false count", branching(1<<32-1, 5), "do not fit", branching(5, 5)},
		{"two of them", withBody(twoTables(40_000)...), "blocks and branches", withBody(twoTables(32_000)...)},
		{"no such block", withBody(0, 0x41, 0, 0x0e, 1, 1, 0, 0x0b), "no block to branch to 1", withBody(0, 0x41, 0, 0x0e, 1, 0, 0, 0x0b)},
	}
}

// twoTables is a body with two br_tables of n targets each.
func twoTables(n uint32) []byte {
	one := append(wasmtest.U32([]byte{0x02, 0x40, 0x41, 0, 0x0e}, n), append(make([]byte, n+1), 0x0b)...)
	return append(append(append([]byte{0}, one...), one...), 0x0b)
}

// withMemory is a module with a page of memory and one function.
func withMemory(body wasmtest.Code) []byte {
	var m wasmtest.Module
	m.Memory(1)
	m.Func("", "", "", body)
	return m.Bytes()
}

func hostileBodies() []hostile {
	nops := func(n int) []byte {
		return withBody(append(append([]byte{0}, bytes.Repeat([]byte{0x01}, n)...), 0x0b)...)
	}
	fill := wasmtest.Code{}.I32(0).I32(0).I32(0).Op(0xfc, 11, 0)
	return []hostile{
		{"one byte too many", nops(128<<10 - 1), "more than the 131072 allowed", nops(128<<10 - 2)},
		{"20 000 fills", withMemory(wasmtest.Fills(180_000)), "more than the 131072 allowed", nil},
		{"14 000 fills", withMemory(wasmtest.Fills(128 << 10)), "more than the 4096 allowed blocks", withMemory(bytes.Repeat(fill, 4096))},
		{"4097 fills", withMemory(bytes.Repeat(fill, 4097)), "more than the 4096 allowed blocks", nil},
	}
}

func hostileNumbers() []hostile {
	vector := func(id byte, n int, entry ...byte) []byte {
		return section(id, append(wasmtest.U32(nil, uint32(n)), bytes.Repeat(entry, n)...)...)
	}
	types := section(1, 1, 0x60, 0, 0)
	funcs := func(n int) []byte { return join(types, vector(3, n, 0), vector(10, n, 2, 0, 0x0b)) }
	imports := func(n int) []byte { return join(types, vector(2, n, 1, 'm', 1, 'f', 0, 0)) }
	exports := func(n int) []byte {
		b := wasmtest.U32(nil, uint32(n))
		for i := range n {
			b = append(b, 2, byte('0'+i%64), byte('0'+i/64), 2, 0)
		}
		return join(section(5, 1, 0, 0), section(7, b...))
	}
	return []hostile{
		{"functions", funcs(100_001), "more than the 100000 allowed", nil},
		{"globals", vector(6, 10_001, 0x7f, 0, 0x41, 0, 0x0b), "more than the 10000 allowed", vector(6, 10_000, 0x7f, 0, 0x41, 0, 0x0b)},
		{"types", vector(1, 10_001, 0x60, 0, 0), "more than the 10000 allowed", vector(1, 10_000, 0x60, 0, 0)},
		{"tables", vector(4, 50_000, 0x70, 0, 0), "more than the 1 allowed", vector(4, 1, 0x70, 0, 0)},
		{"imports", imports(1001), "more than the 1000 allowed", imports(1000)},
		{"exports", exports(1001), "more than the 1000 allowed", exports(1000)},
		{"exports of one name", join(section(5, 1, 0, 0), section(7, 2, 1, 'a', 2, 0, 1, 'a', 2, 0)), "stands twice", exports(2)},
	}
}

func hostileCustoms() []hostile {
	name := func(n int) []byte { return section(0, wasmtest.Name(nil, strings.Repeat("n", n))...) }
	var many []byte
	for range 1001 {
		many = append(many, section(0, 1, 'x')[8:]...)
	}
	return []hostile{
		{"over the size of a module", section(0, make([]byte, 16<<20)...), "larger than the limit", nil},
		{"a name of 1 MiB", name(1 << 20), "more than the 1024 allowed", name(1 << 10)},
		{"false name length", section(0, 0xff, 0xff, 0xff, 0xff, 0x0f), "cut off", nil},
		{"many", append([]byte(wasmtest.Header), many...), "more than the 1000 allowed custom sections", nil},
	}
}

func hostileMemories() []hostile {
	return []hostile{
		{"over 4 GiB", section(5, 1, 0, 0x81, 0x80, 4), "larger than there can be", section(5, 1, 0, 0x80, 0x80, 4)},
		{"maximum over 4 GiB", section(5, 1, 1, 1, 0x81, 0x80, 4), "larger than there can be", section(5, 1, 1, 1, 0x80, 0x80, 4)},
		{"min over max", section(5, 1, 1, 2, 1), "less than its minimum", section(5, 1, 1, 2, 2)},
	}
}

func hostileTables() []hostile {
	return []hostile{
		{"min over max", section(4, 1, 0x70, 1, 2, 1), "less than its minimum", section(4, 1, 0x70, 1, 2, 2)},
		{"imported and defined", join(section(2, 1, 1, 'm', 1, 't', 1, 0x70, 0, 1), section(4, 1, 0x70, 0, 1)), "more than the 0 allowed",
			section(2, 1, 1, 'm', 1, 't', 1, 0x70, 0, 1)},
		{"two imported", section(2, 2, 1, 'm', 1, 't', 1, 0x70, 0, 1, 1, 'm', 1, 't', 1, 0x70, 0, 1), "more than the 1 allowed", nil},
	}
}

func hostileData() []hostile {
	passive := func(n int) []byte {
		return section(11, append(wasmtest.U32(nil, uint32(n)), bytes.Repeat([]byte{1, 0}, n)...)...)
	}
	mem := section(5, 1, 0, 1)
	return []hostile{
		{"segments", passive(100_001), "more than the 100000 allowed", passive(100_000)},
		{"false length", section(11, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f), "do not fit", section(11, 1, 1, 1, 'x')},
		{"no memory", section(11, 1, 0, 0x41, 0, 0x0b, 0), "no memory", join(mem, section(11, 1, 0, 0x41, 0, 0x0b, 0))},
		{"offset of i64", join(mem, section(11, 1, 0, 0x42, 0, 0x0b, 0)), "type i64 instead of i32", nil},
		{"fewer than announced", join(section(12, 2), section(11, 1, 1, 0)), "2 data segments are announced", join(section(12, 1), section(11, 1, 1, 0))},
		{"announced and absent", section(12, 1), "1 data segments are announced", section(12, 0)},
	}
}

func hostileElements() []hostile {
	types, fn, code := section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, 2, 0, 0x0b)
	tab := section(4, 1, 0x70, 0, 1)
	elems := func(b ...byte) []byte { return join(types, fn, tab, section(9, b...), code) }
	refFunc := func(declared ...byte) []byte {
		return join(types, fn, section(9, declared...), section(10, 1, 5, 0, 0xd2, 0, 0x1a, 0x0b))
	}
	return []hostile{
		{"no such function", elems(1, 0, 0x41, 0, 0x0b, 1, 1), "no function 1", elems(1, 0, 0x41, 0, 0x0b, 1, 0)},
		{"no such function, passive", elems(1, 1, 0, 1, 1), "no function 1", elems(1, 1, 0, 1, 0)},
		{"no such function, expression", elems(1, 5, 0x70, 1, 0xd2, 1, 0x0b), "no function 1", elems(1, 5, 0x70, 1, 0xd2, 0, 0x0b)},
		{"no such table", elems(1, 2, 1, 0x41, 0, 0x0b, 0, 1, 0), "no table 1", elems(1, 2, 0, 0x41, 0, 0x0b, 0, 1, 0)},
		{"expression of another type", elems(1, 5, 0x70, 1, 0x41, 0, 0x0b), "type i32 instead of funcref", nil},
		{"reference to undeclared", refFunc(0), "nowhere declared", refFunc(1, 3, 0, 1, 0)},
		{"false count", elems(1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f), "do not fit", nil},
	}
}

func malformed() []hostile {
	types := section(1, 1, 0x60, 0, 0)
	raw := func(b ...byte) []byte { return append([]byte(wasmtest.Header), b...) }
	code := func(b ...byte) []byte { return withBody(append([]byte{0}, b...)...) }
	return []hostile{
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
		{"global of another type", section(6, 1, 0x7e, 0, 0x41, 0, 0x0b), "type i32 instead of i64", section(6, 1, 0x7e, 0, 0x42, 0, 0x0b)},
		{"start with parameters", join(section(1, 1, 0x60, 1, 0x7f, 0), section(3, 1, 0), section(8, 0), section(10, 1, 2, 0, 0x0b)),
			"start function has the type", join(types, section(3, 1, 0), section(8, 0), section(10, 1, 2, 0, 0x0b))},
	}
}

func hostileFeatures() (cases []hostile) {
	for name, bin := range featured() {
		feature, _, _ := strings.Cut(name, ":")
		cases = append(cases, hostile{name, bin, "of the feature " + feature + ", which is not granted", nil})
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

func hostileCompilation() []hostile {
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
	return []hostile{
		{"locals in nested loops", loops(200, 200), "too many locals for its loops", loops(90, 100)},
		{"values alive over blocks", alive(600, 1000), "too many values for its blocks", alive(400, 1000)},
		{"results of calls", calls(1000, 140), "more than the 131072 allowed values", calls(1000, 100)},
		{"many dear functions", bodies(6), "add up to more than", bodies(5)},
	}
}

// TestImportKinds is row 019: the gate reads imports of other kinds, so that
// the host can say what it refuses; and row 023: names never reach wazero.
func TestImportKinds(t *testing.T) {
	for name, desc := range map[string][]byte{"memory": {2, 0, 1}, "table": {1, 0x70, 0, 1}, "global": {3, 0x7f, 1}} {
		m := mustParse(t, section(2, append([]byte{1, 1, 'm', 1, 'n'}, desc...)...))
		if len(m.Imports) != 1 || m.Imports[0].Kind.String() != name {
			t.Errorf("%s: imports = %v", name, m.Imports)
		}
	}
	for _, name := range []string{"host", "env", "wasi_snapshot_preview1", "../x", "", strings.Repeat("x", 1<<20)} {
		var m wasmtest.Module
		m.Custom("name", append([]byte{0}, wasmtest.Name(nil, string(wasmtest.Name(nil, name)))...))
		core := mustParse(t, m.Bytes()).Core(1)
		if !bytes.Equal(core, []byte(wasmtest.Header)) {
			t.Errorf("a module named %.20q leaves %q", name, core)
		}
	}
}
