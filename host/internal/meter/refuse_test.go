package meter_test

import (
	"bytes"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/tetratelabs/wazero"
)

const i32 = wasmtest.I32

// module returns one whose function run, of no parameters, has a body.
func module(body wasmtest.Code, prepare ...func(m *wasmtest.Module)) []byte {
	m := &wasmtest.Module{}
	for _, p := range prepare {
		p(m)
	}
	m.Export("run", 0, m.Func("", "", i32+i32, body))
	return m.Bytes()
}

// TestRefused holds what a guest may not do, each with what it may do instead.
func TestRefused(t *testing.T) {
	globals := func(m *wasmtest.Module) { m.Global(1) }
	table := func(m *wasmtest.Module) { m.Table(3) }
	set := func(i uint32) []byte { return module(wasmtest.Code{}.I64(1<<40).GlobalSet(i), globals) }
	for _, test := range []struct {
		name         string
		bad, control []byte
		want         string
	}{
		{"the global of the meter", set(1), module(wasmtest.Code{}.I32(1).GlobalSet(0), globals), "there is no global 1"},
		{"reading it", module(wasmtest.Code{}.GlobalGet(1).Drop(), globals), module(wasmtest.Code{}.GlobalGet(0).Drop(), globals), "there is no global 1"},
		{"the function that refills", module(wasmtest.Code{}.Call(1)), module(wasmtest.Code{}.Call(0)), "there is no function 1"},
		{"a reference to it", module(wasmtest.Code{}.Op(0xd2, 2).Drop(), table), module(wasmtest.Code{}.Op(0xd2, 0).Drop(), table), "there is no function 2"},
		{
			"in a table", module(nil, table, func(m *wasmtest.Module) { m.Element(0, 1) }),
			module(nil, table, func(m *wasmtest.Module) { m.Element(0, 0) }), "there is no function 1",
		},
		{"in a global", initial(6, 0x70, 0, 0xd2, 1, 0x0b), initial(6, 0x70, 0, 0xd2, 0, 0x0b), "there is no function 1"},
		{"in an expression of a segment", initial(9, 5, 0x70, 1, 0xd2, 1, 0x0b), initial(9, 5, 0x70, 1, 0xd2, 0, 0x0b), "there is no function 1"},
		{"a global that begins as its own", initial(6, 0x7e, 0, 0x23, 1, 0x0b), initial(6, 0x7e, 0, 0x23, 0, 0x0b), "there is no global 1"},
		{
			"exporting it", module(nil, func(m *wasmtest.Module) { m.Export("x", 0, 1) }),
			module(nil, func(m *wasmtest.Module) { m.Export("x", 0, 0) }), "there is no function 1",
		},
		{
			"exporting the global", module(nil, globals, func(m *wasmtest.Module) { m.Export("x", 3, 1) }),
			module(nil, globals, func(m *wasmtest.Module) { m.Export("x", 3, 0) }), "there is no global 1",
		},
		{
			"starting with it", module(nil, func(m *wasmtest.Module) { m.Start(1) }),
			module(nil, func(m *wasmtest.Module) { m.Start(0) }), "there is no function 1",
		},
		{
			"the name of the global", module(nil, globals, func(m *wasmtest.Module) { m.Export(meter.LeftGlobal, 3, 0) }),
			module(nil, globals, func(m *wasmtest.Module) { m.Export("left", 3, 0) }), `it exports "ambit_meter.left", a name of the host's own`,
		},
		{
			"importing tick", module(nil, func(m *wasmtest.Module) { m.Import(meter.TickModule, meter.TickName, wasmtest.I64, wasmtest.I64) }),
			module(nil, func(m *wasmtest.Module) { m.Import("ambit", "log", i32, "") }), `it imports from "ambit_meter", which is the host's own`,
		},
		{
			"importing a memory", module(nil, func(m *wasmtest.Module) { m.ImportRaw("env", "memory", 2, 0, 1) }),
			module(nil, func(m *wasmtest.Module) { m.Memory(1) }), "it imports something that is not a function",
		},
		{
			"a memory over the maximum", module(nil, func(m *wasmtest.Module) { m.Memory(11) }),
			module(nil, func(m *wasmtest.Module) { m.Memory(10) }), "a memory or table starts with 11 pages or elements, more than the 10 that there may be",
		},
		{
			"a table over the maximum", module(nil, func(m *wasmtest.Module) { m.Table(21) }),
			module(nil, func(m *wasmtest.Module) { m.Table(20) }), "a memory or table starts with 21 pages or elements, more than the 20 that there may be",
		},
		{"tail calls", module(wasmtest.Code{}.Op(0x12, 0)), module(wasmtest.Code{}.Op(0x10, 0)), "instruction 0x12 is not known"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := meter.Options{Slice: 100, Stack: 1000, MemoryMax: 10, TableMax: 20}
			if _, err := meter.Rewrite(test.control, o); err != nil {
				t.Errorf("control: %v", err)
			}
			_, err := meter.Rewrite(test.bad, o)
			if err == nil {
				t.Fatal("accepted")
			}
			if e := err.(*meter.Error); e.Text != test.want {
				t.Errorf("%q instead of %q", e.Text, test.want)
			}
		})
	}
}

// initial is a module of a function and a section with one entry.
func initial(id byte, entry ...byte) []byte {
	b := wasmtest.Section(wasmtest.Section([]byte(wasmtest.Header), 1, []byte{1, 0x60, 0, 0}), 3, []byte{1, 0})
	b = wasmtest.Section(b, id, append([]byte{1}, entry...))
	return wasmtest.Section(b, 10, []byte{1, 2, 0, 0x0b})
}

// TestDropsNames holds that no custom section is left.
func TestDropsNames(t *testing.T) {
	bin := module(nil, func(m *wasmtest.Module) { m.Custom("name", []byte("hijack")) })
	out, err := meter.Rewrite(bin, options)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(bin, []byte("hijack")) || bytes.Contains(out, []byte("hijack")) {
		t.Error("the custom section is still there")
	}
}

// TestMaxima holds that memory and tables grow to their maxima and not beyond.
func TestMaxima(t *testing.T) {
	m := &wasmtest.Module{}
	m.Memory(1)
	m.Table(2)
	grow := wasmtest.Code{}.Get(0).Grow()
	m.Export("memory", 0, m.Func(i32, i32, "", grow))
	m.Export("table", 0, m.Func(i32, i32, "", wasmtest.Code{}.Op(0xd0, 0x70).Get(0).Op(0xfc, 15, 0)))
	out, err := meter.Rewrite(m.Bytes(), meter.Options{Slice: 1, Stack: 1000, MemoryMax: 10, TableMax: 20})
	if err != nil {
		t.Fatal(err)
	}
	k := &ticker{slice: 1000}
	mod, err := k.runtime(t, wazero.NewRuntimeConfig()).Instantiate(bg, out)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name    string
		by      uint64
		want    int32
		charged int64 // at least
	}{
		{"memory", 1 << 31, -1, 0}, {"memory", 10, -1, 10 * 4096}, {"memory", 9, 1, 9 * 4096}, {"memory", 1, -1, 4096}, {"memory", 0, 10, 0},
		{"table", 1<<32 - 1, -1, 0}, {"table", 19, -1, 0}, {"table", 18, 2, 18}, {"table", 1, -1, 1}, {"table", 0, 20, 0},
	} {
		before, _ := left(mod)
		k.used, k.given = 0, before
		got, err := mod.ExportedFunction(step.name).Call(bg, step.by)
		if err != nil {
			t.Fatal(err)
		}
		fuel, _ := left(mod)
		charged := k.used + k.given - fuel
		if int32(got[0]) != step.want || charged < step.charged || charged > step.charged+1200 {
			t.Errorf("%s by %d: %d, charged %d instead of %d, %d", step.name, step.by, int32(got[0]), charged, step.want, step.charged)
		}
	}
}
