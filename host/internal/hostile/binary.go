package hostile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// Binary is one that the gate must refuse, before anything is allocated for what it
// claims to have.
type Binary struct {
	Name    string // "001/section 1, 134217728": the row, and what it is
	Bytes   []byte
	Why     string // words of the reason
	Control []byte // the same, just inside the limit: must be accepted; nil if there is no such thing
}

// Binaries returns them, sorted by name.
func Binaries() (all []Binary) {
	for _, group := range []struct {
		row      string
		binaries []Binary
	}{
		{"001", falseCounts()},
		{"003", locals()},
		{"005", nesting()},
		{"006", targets()},
		{"007", bodies()},
		{"008", numbers()},
		{"009", customs()},
		{"010", memories()},
		{"011", tables()},
		{"012", data()},
		{"013", elements()},
		{"014", malformed()},
		{"015", features()},
		{"007", dearToCompile()},
	} {
		for _, b := range group.binaries {
			if _, _, own := strings.Cut(b.Name, "/"); !own { // a row of its own
				b.Name = group.row + "/" + b.Name
			}
			all = append(all, b)
		}
	}
	slices.SortFunc(all, func(a, b Binary) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func falseCounts() (cases []Binary) {
	for _, id := range []byte{1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12} {
		want := "do not fit"
		if id == 12 { // says how many data segments there are
			want = "more than"
		}
		for _, n := range []uint32{1<<32 - 1, 1 << 27, 100_001} {
			row := "001"
			if n == 1<<27 {
				row = "002"
			}
			cases = append(cases, Binary{fmt.Sprintf("%s/section %d, %d", row, id, n), section(id, wasmtest.U32(nil, n)...), want, section(id, 0)})
		}
	}
	return cases
}

func locals() []Binary {
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
	return []Binary{
		{"four billion", groups(1, group(1<<32-1)), "more than the 50000 allowed locals", groups(1, group(50_000))},
		{"004/five million", groups(1, group(5_000_000)), "more than the 50000 allowed locals", nil},
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

func nesting() (cases []Binary) {
	for name, open := range map[string]string{"block": "\x02\x40", "loop": "\x03\x40", "if": "\x41\x00\x04\x40"} {
		cases = append(cases,
			Binary{name + " 2001", nested(open, 2001), "nested deeper than the 2000 allowed", nested(open, 2000)},
			Binary{name + " 10 000", nested(open, 10_000), "nested deeper", nil})
	}
	return append(cases, Binary{"block 100 000", nested("\x02\x40", 100_000), "bytes, more than", nil})
}

// branching is a body with a br_table of n targets and a default.
func branching(n uint32, targets int) []byte {
	return withBody(append(wasmtest.U32([]byte{0, 0x41, 0, 0x0e}, n), append(make([]byte, targets+1), 0x0b)...)...)
}

func targets() []Binary {
	return []Binary{
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

func bodies() []Binary {
	nops := func(n int) []byte {
		return withBody(append(append([]byte{0}, bytes.Repeat([]byte{0x01}, n)...), 0x0b)...)
	}
	fill := wasmtest.Code{}.I32(0).I32(0).I32(0).Op(0xfc, 11, 0)
	return []Binary{
		{"one byte too many", nops(128<<10 - 1), "more than the 131072 allowed", nops(128<<10 - 2)},
		{"20 000 fills", withMemory(wasmtest.Fills(180_000)), "more than the 131072 allowed", nil},
		{"14 000 fills", withMemory(wasmtest.Fills(128 << 10)), "more than the 4096 allowed blocks", withMemory(bytes.Repeat(fill, 4096))},
		{"4097 fills", withMemory(bytes.Repeat(fill, 4097)), "more than the 4096 allowed blocks", nil},
	}
}

func numbers() []Binary {
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
	return []Binary{
		{"functions", funcs(100_001), "more than the 100000 allowed", nil},
		{"globals", vector(6, 10_001, 0x7f, 0, 0x41, 0, 0x0b), "more than the 10000 allowed", vector(6, 10_000, 0x7f, 0, 0x41, 0, 0x0b)},
		{"types", vector(1, 5001, 0x60, 0, 0), "more than the 5000 allowed", vector(1, 5000, 0x60, 0, 0)},
		{"a million types", vector(1, 1_000_000, 0x60, 0, 0), "more than the 5000 allowed", nil},
		{"tables", vector(4, 50_000, 0x70, 0, 0), "more than the 1 allowed", vector(4, 1, 0x70, 0, 0)},
		{"imports", imports(1001), "more than the 1000 allowed", imports(1000)},
		{"exports", exports(1001), "more than the 1000 allowed", exports(1000)},
		{"exports of one name", join(section(5, 1, 0, 0), section(7, 2, 1, 'a', 2, 0, 1, 'a', 2, 0)), "stands twice", exports(2)},
	}
}

func customs() []Binary {
	name := func(n int) []byte { return section(0, wasmtest.Name(nil, strings.Repeat("n", n))...) }
	var many []byte
	for range 1001 {
		many = append(many, section(0, 1, 'x')[8:]...)
	}
	return []Binary{
		{"over the size of a module", section(0, make([]byte, 16<<20)...), "larger than the limit", nil},
		{"a name of 1 MiB", name(1 << 20), "more than the 1024 allowed", name(1 << 10)},
		{"long names", join(bytes.Repeat(name(1 << 10)[8:], 65)), "names together", join(bytes.Repeat(name(1 << 10)[8:], 64))},
		{"false name length", section(0, 0xff, 0xff, 0xff, 0xff, 0x0f), "cut off", nil},
		{"many", append([]byte(wasmtest.Header), many...), "more than the 1000 allowed custom sections", nil},
	}
}

func memories() []Binary {
	return []Binary{
		{"over 4 GiB", section(5, 1, 0, 0x81, 0x80, 4), "larger than there can be", section(5, 1, 0, 0x80, 0x80, 4)},
		{"maximum over 4 GiB", section(5, 1, 1, 1, 0x81, 0x80, 4), "larger than there can be", section(5, 1, 1, 1, 0x80, 0x80, 4)},
		{"min over max", section(5, 1, 1, 2, 1), "less than its minimum", section(5, 1, 1, 2, 2)},
	}
}

func tables() []Binary {
	return []Binary{
		{"min over max", section(4, 1, 0x70, 1, 2, 1), "less than its minimum", section(4, 1, 0x70, 1, 2, 2)},
		{"imported and defined", join(section(2, 1, 1, 'm', 1, 't', 1, 0x70, 0, 1), section(4, 1, 0x70, 0, 1)), "more than the 0 allowed",
			section(2, 1, 1, 'm', 1, 't', 1, 0x70, 0, 1)},
		{"two imported", section(2, 2, 1, 'm', 1, 't', 1, 0x70, 0, 1, 1, 'm', 1, 't', 1, 0x70, 0, 1), "more than the 1 allowed", nil},
	}
}

func data() []Binary {
	passive := func(n int) []byte {
		return section(11, append(wasmtest.U32(nil, uint32(n)), bytes.Repeat([]byte{1, 0}, n)...)...)
	}
	mem := section(5, 1, 0, 1)
	return []Binary{
		{"segments", passive(100_001), "more than the 100000 allowed", passive(100_000)},
		{"false length", section(11, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f), "do not fit", section(11, 1, 1, 1, 'x')},
		{"no memory", section(11, 1, 0, 0x41, 0, 0x0b, 0), "no memory", join(mem, section(11, 1, 0, 0x41, 0, 0x0b, 0))},
		{"offset of i64", join(mem, section(11, 1, 0, 0x42, 0, 0x0b, 0)), "type i64 instead of i32", nil},
		{"fewer than announced", join(section(12, 2), section(11, 1, 1, 0)), "2 data segments are announced", join(section(12, 1), section(11, 1, 1, 0))},
		{"announced and absent", section(12, 1), "1 data segments are announced", section(12, 0)},
	}
}

func elements() []Binary {
	types, fn, code := section(1, 1, 0x60, 0, 0), section(3, 1, 0), section(10, 1, 2, 0, 0x0b)
	tab := section(4, 1, 0x70, 0, 1)
	elems := func(b ...byte) []byte { return join(types, fn, tab, section(9, b...), code) }
	refFunc := func(declared ...byte) []byte {
		return join(types, fn, section(9, declared...), section(10, 1, 5, 0, 0xd2, 0, 0x1a, 0x0b))
	}
	return []Binary{
		{"no such function", elems(1, 0, 0x41, 0, 0x0b, 1, 1), "no function 1", elems(1, 0, 0x41, 0, 0x0b, 1, 0)},
		{"no such function, passive", elems(1, 1, 0, 1, 1), "no function 1", elems(1, 1, 0, 1, 0)},
		{"no such function, expression", elems(1, 5, 0x70, 1, 0xd2, 1, 0x0b), "no function 1", elems(1, 5, 0x70, 1, 0xd2, 0, 0x0b)},
		{"no such table", elems(1, 2, 1, 0x41, 0, 0x0b, 0, 1, 0), "no table 1", elems(1, 2, 0, 0x41, 0, 0x0b, 0, 1, 0)},
		{"expression of another type", elems(1, 5, 0x70, 1, 0x41, 0, 0x0b), "type i32 instead of funcref", nil},
		{"reference to undeclared", refFunc(0), "nowhere declared", refFunc(1, 3, 0, 1, 0)},
		{"false count", elems(1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f), "do not fit", nil},
	}
}

// withBody is a module with a function of the given body, its size left out.
func withBody(body ...byte) []byte {
	b := wasmtest.Section([]byte(wasmtest.Header), 1, []byte{1, 0x60, 0, 0})
	b = wasmtest.Section(b, 3, []byte{1, 0})
	return wasmtest.Section(b, 10, append(wasmtest.U32([]byte{1}, uint32(len(body))), body...))
}

// section is a module of one section.
func section(id byte, body ...byte) []byte {
	return wasmtest.Section([]byte(wasmtest.Header), id, body)
}

// join makes one module of the sections of several.
func join(parts ...[]byte) []byte {
	out := []byte(wasmtest.Header)
	for _, p := range parts {
		out = append(out, bytes.TrimPrefix(p, []byte(wasmtest.Header))...)
	}
	return out
}
