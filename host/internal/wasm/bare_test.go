package wasm_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// started is how many exports the bare form of a module has more.
func started(m *wasm.Module) int {
	n := 0
	if m.Start != nil {
		n++
	}
	for _, g := range m.Globals {
		if g.Mutable {
			n++
		}
	}
	return n
}

func TestBare(t *testing.T) {
	m := mustParse(t, full().Bytes())
	bare := mustParse(t, m.Bare(100))
	if len(bare.Customs) != 0 || bare.Start != nil {
		t.Errorf("custom sections %v, start %v", bare.Customs, bare.Start)
	}
	if e, ok := bare.Export(wasm.StartExport); !ok || e.Kind != wasm.KindFunc || e.Index != *m.Start {
		t.Errorf("the start function is exported as %+v, want function %d", e, *m.Start)
	}
	if e, ok := bare.Export(wasm.GlobalExport(0)); ok != m.Globals[0].Mutable || ok && (e.Kind != wasm.KindGlobal || e.Index != 0) {
		t.Errorf("the global is exported as %+v, %v", e, ok)
	}
	if !bare.Data(func(uint32, []byte) bool { t.Error("there is data"); return true }) {
		t.Error("data at an unknown place")
	}
	if got := bare.Tables[0]; !got.HasMax || got.Max != 100 || got.Min != 3 || got.Type != wasm.FuncRef {
		t.Errorf("table = %+v", got)
	}
	if got := mustParse(t, m.Bare(2)).Tables[0]; got.Max != 3 {
		t.Errorf("table below its minimum = %+v", got)
	}
	own := mustParse(t, slices.Concat([]byte(wasmtest.Header), []byte{4, 5, 1, 0x70, 1, 1, 5}))
	if got := mustParse(t, own.Bare(100)).Tables[0]; got.Max != 5 {
		t.Errorf("table with a maximum of its own = %+v", got)
	}
	if _, ok := bare.Export("ambit_invoke"); !ok || bare.Memory == nil || len(bare.Exports) != len(m.Exports)+started(m) {
		t.Error("the rest of the module changed")
	}
}

// A module may have a start function and no exports, or only sections that
// stand before them.
func TestBareStart(t *testing.T) {
	start := []byte{8, 1, 0}
	code := []byte{10, 4, 1, 2, 0, 0x0b}
	types := []byte{1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0}
	bin := slices.Concat([]byte(wasmtest.Header), types, start, code)
	bare := mustParse(t, mustParse(t, bin).Bare(0))
	if e, ok := bare.Export(wasm.StartExport); !ok || e.Index != 0 || len(bare.Exports) != 1 || bare.Start != nil {
		t.Errorf("exports = %+v, start %v", bare.Exports, bare.Start)
	}
	without := slices.Concat([]byte(wasmtest.Header), types, code)
	if got := mustParse(t, without).Bare(0); !bytes.Equal(got, without) {
		t.Errorf("a module without a start became %x", got)
	}
}

// withData has three data segments, of which the second is passive, and the
// body of a function.
func withData(body ...byte) []byte {
	data := []byte{0, 0x41, 8, 0x0b, 1, 'a', 1, 2, 'b', 'c', 2, 0, 0x41, 0x7f, 0x0b, 1, 'd'}
	body = append(append([]byte{0}, body...), 0x0b)
	return slices.Concat([]byte(wasmtest.Header), []byte{1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 4, 4, 1, 0x70, 0, 1, 5, 3, 1, 0, 1, 12, 1, 3},
		[]byte{10, byte(len(body) + 2), 1, byte(len(body))}, body, []byte{11, byte(len(data) + 1), 3}, data)
}

var (
	memoryInit = []byte{0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 1, 0}
	dataDrop   = []byte{0xfc, 9, 0}
)

func TestData(t *testing.T) {
	type segment struct {
		offset uint32
		bytes  string
	}
	m := mustParse(t, withData())
	var got []segment
	if !m.Data(func(offset uint32, bytes []byte) bool { got = append(got, segment{offset, string(bytes)}); return true }) {
		t.Error("a place is not known")
	}
	if want := []segment{{8, "a"}, {1<<32 - 1, "d"}}; !slices.Equal(got, want) {
		t.Errorf("data = %v, want %v", got, want)
	}
	if n := 0; m.Data(func(uint32, []byte) bool { n++; return false }) || n != 1 {
		t.Errorf("yield was called %d times", n)
	}
	imported := slices.Concat([]byte(wasmtest.Header), []byte{2, 8, 1, 1, 'm', 1, 'g', 3, 0x7f, 0}, []byte{5, 3, 1, 0, 1, 11, 7, 1, 0, 0x23, 0, 0x0b, 1, 'x'})
	if mustParse(t, imported).Data(func(uint32, []byte) bool { return true }) {
		t.Error("data at a place that an imported global says is taken for known")
	}
}

func TestBareData(t *testing.T) {
	for name, tt := range map[string]struct {
		body []byte
		kept bool
	}{
		"not named": {nil, false}, "memory.init": {memoryInit, true}, "data.drop": {dataDrop, true},
	} {
		bare := mustParse(t, withData(tt.body...)).Bare(1)
		if bytes.Contains(bare, []byte{'b', 'c'}) != tt.kept {
			t.Errorf("%s: the passive segment: %x", name, bare)
		}
		want := []byte{11, 9, 3, 1, 0, 1, 2, 'b', 'c', 1, 0}
		if bytes.HasSuffix(bare, want) != tt.kept {
			t.Errorf("%s: %x does not end in %x", name, bare, want)
		}
		mustParse(t, bare)
	}
}

func TestChanges(t *testing.T) {
	i32, null := []byte{0x41, 0}, []byte{0xd0, 0x70}
	for name, tt := range map[string]struct {
		body []byte
		want bool
	}{
		"nothing":     {nil, false},
		"memory.init": {memoryInit, false},
		"table.get":   {slices.Concat(i32, []byte{0x25, 0, 0x1a}), false},
		"table.size":  {[]byte{0xfc, 16, 0, 0x1a}, false},
		"data.drop":   {dataDrop, true},
		"table.set":   {slices.Concat(i32, null, []byte{0x26, 0}), true},
		"table.copy":  {slices.Concat(i32, i32, i32, []byte{0xfc, 14, 0, 0}), true},
		"table.grow":  {slices.Concat(null, i32, []byte{0xfc, 15, 0, 0x1a}), true},
		"table.fill":  {slices.Concat(i32, null, i32, []byte{0xfc, 17, 0}), true},
	} {
		if got := mustParse(t, withData(tt.body...)).Changes; got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
