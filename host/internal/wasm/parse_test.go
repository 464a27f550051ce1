package wasm_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// full uses every section that a module may have.
func full() *wasmtest.Guest {
	g := wasmtest.NewGuest()
	g.Table(3)
	g.Global(-7)
	g.Data(64, []byte("hello"))
	g.Custom("name", []byte{0, 5, 4, 'h', 'o', 's', 't'})
	g.Custom("ambit", []byte("{}"))
	g.Invoke(wasmtest.EchoCode())
	g.Export("table", 1, 0)
	g.Export("global", 3, 0)
	g.Start(g.Func("", "", "", nil))
	return g
}

func mustParse(t *testing.T, bin []byte) *wasm.Module {
	t.Helper()
	m, err := wasm.Parse(bin, wasm.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestParse(t *testing.T) {
	m := mustParse(t, full().Bytes())
	if len(m.Imports) != 5 || m.Imports[1].Module != "ambit" || m.Imports[1].Name != "reply" ||
		m.Imports[1].Kind != wasm.KindFunc || m.Imports[1].Type != wasm.Func([]wasm.ValueType{wasm.I32, wasm.I32}, nil) {
		t.Errorf("imports = %v", m.Imports)
	}
	e, ok := m.Export("ambit_invoke")
	if !ok || e.Type.String() != "(i32) -> (i32)" {
		t.Errorf("ambit_invoke = %v, %t", e, ok)
	}
	if _, ok := m.Export("Memory"); ok {
		t.Error("an export was found under another name")
	}
	if m.Memory == nil || m.Memory.Min != 1 || m.Memory.HasMax {
		t.Errorf("memory = %v", m.Memory)
	}
	if len(m.Tables) != 1 || m.Tables[0].Min != 3 || m.Tables[0].Type != wasm.FuncRef {
		t.Errorf("tables = %v", m.Tables)
	}
	if len(m.Globals) != 1 || !m.Globals[0].Mutable || m.Globals[0].Type != wasm.I32 {
		t.Errorf("globals = %v", m.Globals)
	}
	if m.Start == nil || *m.Start != 6 {
		t.Errorf("start = %v", m.Start)
	}
	if data, err := m.Custom("ambit"); err != nil || string(data) != "{}" {
		t.Errorf("custom section = %q, %v", data, err)
	}
}

// parseError parses what must be refused.
func parseError(t *testing.T, bin []byte) *wasm.Error {
	t.Helper()
	m, err := wasm.Parse(bin, wasm.Limits{})
	if err == nil {
		t.Fatalf("accepted: %+v", m)
	}
	e, ok := errors.AsType[*wasm.Error](err)
	if !ok {
		t.Fatalf("error %T, want *wasm.Error", err)
	}
	if e.Offset < 0 || e.Offset > len(bin) {
		t.Errorf("offset %d of %d bytes", e.Offset, len(bin))
	}
	return e
}

func TestParseHeader(t *testing.T) {
	for _, test := range []struct{ name, bin, want string }{
		{"empty", "", "not a WebAssembly binary"},
		{"script", "#!/bin/sh\necho", "not a WebAssembly binary"},
		{"ELF", "\x7fELF\x02\x01\x01\x00", "not a WebAssembly binary"},
		{"cut off", "\x00asm\x01", "header is cut off"},
		{"version 2", "\x00asm\x02\x00\x00\x00", "not version 1"},
		{"component", "\x00asm\x0d\x00\x01\x00", "component"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if e := parseError(t, []byte(test.bin)); !strings.Contains(e.Text, test.want) {
				t.Errorf("error %q, want %q", e.Text, test.want)
			}
		})
	}
	mustParse(t, []byte(wasmtest.Header)) // control
}

// withBody builds a module with one function whose body, locals included, is
// given.
func withBody(body ...byte) []byte {
	b := wasmtest.Section([]byte(wasmtest.Header), 1, []byte{1, 0x60, 0, 0})
	b = wasmtest.Section(b, 3, []byte{1, 0})
	return wasmtest.Section(b, 10, append(wasmtest.U32([]byte{1}, uint32(len(body))), body...))
}

func TestParseLocals(t *testing.T) {
	mustParse(t, withBody(1, 10, 0x7f, 0x0b)) // control
	for name, body := range map[string][]byte{
		"groups":            {0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b},
		"type":              {1, 1, 0x40, 0x0b},
		"no end":            {0, 0x01},
		"empty":             {},
		"locals past end":   {1, 1},
		"overlong group":    {1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x7f, 0x0b},
		"more than 32 bits": {1, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x7f, 0x0b},
	} {
		t.Run(name, func(t *testing.T) { parseError(t, withBody(body...)) })
	}
}

func TestParseLocalsTogether(t *testing.T) {
	var m wasmtest.Module
	for range 50 {
		m.Func("", "", strings.Repeat(wasmtest.I32, 1000), nil)
	}
	if _, err := wasm.Parse(m.Bytes(), wasm.Limits{AllLocals: 50_000}); err != nil {
		t.Error(err)
	}
	if _, err := wasm.Parse(m.Bytes(), wasm.Limits{AllLocals: 49_999}); err == nil {
		t.Error("accepted more locals than allowed")
	}
}

// section returns the header and one section.
func section(id byte, body ...byte) []byte {
	return wasmtest.Section([]byte(wasmtest.Header), id, body)
}

func join(parts ...[]byte) []byte {
	out := []byte(wasmtest.Header)
	for _, p := range parts {
		out = append(out, bytes.TrimPrefix(p, []byte(wasmtest.Header))...)
	}
	return out
}

func TestParseRefuses(t *testing.T) {
	types := section(1, 1, 0x60, 0, 0)
	for name, bin := range map[string][]byte{
		"unknown section":             section(14),
		"tag section":                 section(13, 1, 0, 0),
		"section past the end":        append([]byte(wasmtest.Header), 1, 100, 0),
		"section size of six bytes":   append([]byte(wasmtest.Header), 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0),
		"bytes after the entries":     section(1, 0, 0),
		"sections out of order":       join(section(3, 0), section(1, 0)),
		"section twice":               join(types, types),
		"data count after code":       join(section(10, 0), section(12, 0)),
		"type form":                   section(1, 1, 0x5f, 0, 0),
		"recursive types":             section(1, 1, 0x4e, 1, 0x60, 0, 0),
		"value type":                  section(1, 1, 0x60, 1, 0x40, 0),
		"typed reference":             section(1, 1, 0x60, 1, 0x64, 0x70),
		"type index":                  join(types, section(3, 1, 1)),
		"functions without code":      join(types, section(3, 1, 0)),
		"code without functions":      section(10, 1, 2, 0, 0x0b),
		"import kind":                 section(2, 1, 1, 'm', 1, 'n', 4, 0),
		"import type index":           section(2, 1, 1, 'm', 1, 'n', 0, 0),
		"import name not UTF-8":       join(types, section(2, 1, 1, 0xff, 1, 'n', 0, 0)),
		"import name past the end":    join(types, section(2, 1, 0xff, 0xff, 0xff, 0xff, 0x0f)),
		"two tables":                  section(4, 2, 0x70, 0, 0, 0x70, 0, 0),
		"table of i32":                section(4, 1, 0x7f, 0, 0),
		"table with initializer":      section(4, 1, 0x40, 0, 0x70, 0, 0, 0xd0, 0x70, 0x0b),
		"table min over max":          section(4, 1, 0x70, 1, 2, 1),
		"two memories":                section(5, 2, 0, 0, 0, 0),
		"shared memory":               section(5, 1, 3, 1, 1),
		"64-bit memory":               section(5, 1, 4, 1),
		"memory over 4 GiB":           section(5, 1, 0, 0x81, 0x80, 4),
		"memory min over max":         section(5, 1, 1, 2, 1),
		"global mutability":           section(6, 1, 0x7f, 2, 0x41, 0, 0x0b),
		"global without initializer":  section(6, 1, 0x7f, 0, 0x0b),
		"initializer of two":          section(6, 1, 0x7f, 0, 0x41, 0, 0x41, 0, 0x6a, 0x0b),
		"initializer never ends":      section(6, 1, 0x7f, 0, 0x41, 0x80, 0x80),
		"initializer calls":           section(6, 1, 0x7f, 0, 0x10, 0, 0x0b),
		"export twice":                join(section(5, 1, 0, 0), section(7, 2, 1, 'a', 2, 0, 1, 'a', 2, 0)),
		"export of nothing":           section(7, 1, 1, 'a', 0, 0),
		"export kind":                 section(7, 1, 1, 'a', 4, 0),
		"start of nothing":            section(8, 0),
		"start with parameters":       join(section(1, 1, 0x60, 1, 0x7f, 0), section(3, 1, 0), section(8, 0), section(10, 1, 2, 0, 0x0b)),
		"elements without table":      section(9, 1, 0, 0x41, 0, 0x0b, 0),
		"element flags":               section(9, 1, 8, 0, 0),
		"element of no function":      join(section(4, 1, 0x70, 0, 1), section(9, 1, 0, 0x41, 0, 0x0b, 1, 0)),
		"element count":               section(9, 1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0x0f),
		"element kind":                section(9, 1, 1, 1, 0),
		"element type":                section(9, 1, 5, 0x7f, 0),
		"data without memory":         section(11, 1, 0, 0x41, 0, 0x0b, 0),
		"data flags":                  section(11, 1, 3, 0),
		"data in memory 1":            join(section(5, 1, 0, 1), section(11, 1, 2, 1, 0x41, 0, 0x0b, 0)),
		"passive data past the end":   section(11, 1, 1, 0xff, 0xff, 0xff, 0xff, 0x0f),
		"data count differs":          join(section(12, 2), section(11, 1, 1, 0)),
		"custom name past the end":    section(0, 5, 'a'),
		"custom section without name": section(0),
	} {
		t.Run(name, func(t *testing.T) { parseError(t, bin) })
	}
}

// TestParseAccepts are the controls: the same forms, done right.
func TestParseAccepts(t *testing.T) {
	types := section(1, 1, 0x60, 0, 0)
	table, code := section(4, 1, 0x70, 0, 1), section(10, 1, 2, 0, 0x0b)
	fn := section(3, 1, 0)
	for name, bin := range map[string][]byte{
		"passive functions":    join(types, fn, section(9, 1, 1, 0, 1, 0), code),
		"declared functions":   join(types, fn, section(9, 1, 3, 0, 1, 0), code),
		"active functions":     join(types, fn, table, section(9, 1, 0, 0x41, 0, 0x0b, 1, 0), code),
		"active in table 0":    join(types, fn, table, section(9, 1, 2, 0, 0x41, 0, 0x0b, 0, 1, 0), code),
		"active expressions":   join(types, fn, table, section(9, 1, 4, 0x41, 0, 0x0b, 1, 0xd2, 0, 0x0b), code),
		"passive expressions":  join(types, fn, section(9, 1, 5, 0x70, 1, 0xd0, 0x70, 0x0b), code),
		"typed expressions":    join(types, fn, table, section(9, 1, 6, 0, 0x41, 0, 0x0b, 0x70, 1, 0xd2, 0, 0x0b), code),
		"declared expressions": join(types, fn, section(9, 1, 7, 0x70, 1, 0xd2, 0, 0x0b), code),
		"passive data":         join(section(12, 1), section(11, 1, 1, 1, 'x')),
		"data in memory 0":     join(section(5, 1, 0, 1), section(11, 1, 2, 0, 0x41, 0, 0x0b, 1, 'x')),
		"constants": section(6, 5, 0x7e, 0, 0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x0b,
			0x7d, 0, 0x43, 0, 0, 0, 0, 0x0b, 0x7c, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b,
			0x7b, 0, 0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b, 0x6f, 0, 0xd0, 0x6f, 0x0b),
		"imports of all kinds": join(types, section(2, 4, 1, 'm', 1, 'f', 0, 0, 1, 'm', 1, 't', 1, 0x70, 0, 1,
			1, 'm', 1, 'm', 2, 0, 1, 1, 'm', 1, 'g', 3, 0x7f, 0), section(6, 1, 0x7f, 0, 0x23, 0, 0x0b)),
	} {
		t.Run(name, func(t *testing.T) { mustParse(t, bin) })
	}
}

// TestParsePrefixes cuts a module at every byte: none of the parts is a module,
// except where a section ends and all that is declared is there.
func TestParsePrefixes(t *testing.T) {
	bin := full().Bytes()
	accepted := 0
	for n := range bin {
		if _, err := wasm.Parse(bin[:n], wasm.Limits{}); err == nil {
			accepted++
		}
	}
	if accepted > 12 {
		t.Errorf("%d prefixes accepted", accepted)
	}
}

func TestParseLimits(t *testing.T) {
	bin := full().Bytes()
	for name, l := range map[string]wasm.Limits{
		"bytes":   {Bytes: len(bin) - 1},
		"types":   {Types: 6},
		"values":  {Values: 2},
		"all":     {AllValues: 9},
		"imports": {Imports: 4},
		"exports": {Exports: 3},
		"name":    {Name: 21}, // wasi_snapshot_preview1
		"names":   {AllNames: 100},
		"customs": {Customs: 1},
		"body":    {Body: 3},
		"funcs":   {Functions: 1},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := wasm.Parse(bin, l); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := wasm.Parse(bin, wasm.Limits{Bytes: len(bin), Types: 7, Values: 3, AllValues: 10, Imports: 5, Exports: 4,
		Name: 22, Customs: 2, Body: 33, Functions: 2}); err != nil { // control
		t.Error(err)
	}
}
