package meter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// doubling is a tree of calls without a loop: 2^depth of them.
func doubling(depth int) []byte {
	m := &wasmtest.Module{}
	last := m.Func("", "", "", wasmtest.Code{}.Op(0x01))
	for range depth {
		last = m.Func("", "", "", wasmtest.Code{}.Call(last).Call(last))
	}
	m.Export("run", 0, last)
	return m.Bytes()
}

func repeat(c wasmtest.Code, n int) wasmtest.Code {
	var out wasmtest.Code
	for range n {
		out = append(out, c...)
	}
	return out
}

// TestStops runs what would run for ever, or nearly, under a budget.
func TestStops(t *testing.T) {
	memory := func(m *wasmtest.Module) { m.Memory(1000) }
	table := func(m *wasmtest.Module) { m.Table(9_000_000) }
	fill := wasmtest.Code{}.I32(0).I32(0).I32(60<<20).Op(0xfc, 11, 0)
	for name, bin := range map[string][]byte{
		"br":        module(wasmtest.Code{}.Loop(nil)),
		"br_if":     module(wasmtest.Code{}.Op(0x03, 0x40).I32(1).Op(0x0d, 0, 0x0b)),
		"br_table":  module(wasmtest.Code{}.Op(0x03, 0x40).I32(0).Op(0x0e, 1, 0, 0, 0x0b)),
		"around":    module(wasmtest.Code{}.Op(0x03, 0x40, 0x02, 0x40).I32(1).Op(0x0d, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b).Op(repeat(wasmtest.Code{}.I32(1).Drop(), 300)...).Op(0x0c, 0, 0x0b)),
		"recursion": doubling(60),
		"fills":     module(repeat(fill, 100), memory),
		"copies":    module(repeat(wasmtest.Code{}.I32(0).I32(1).I32(60<<20).Op(0xfc, 10, 0, 0), 100), memory),
		"tables":    module(repeat(wasmtest.Code{}.I32(0).Op(0xd0, 0x70).I32(9_000_000).Op(0xfc, 17, 0), 100), table),
		"grows":     module(wasmtest.Code{}.Loop(wasmtest.Code{}.Op(0x3f, 0).Grow().Drop()), memory),
	} {
		t.Run(name, func(t *testing.T) {
			o := options
			o.MemoryMax = 2000
			metered, err := meter.Rewrite(bin, o)
			if err != nil {
				t.Fatal(err)
			}
			k := &ticker{slice: options.Slice, given: options.Slice, budget: 50_000_000}
			m, err := k.runtime(t, wazero.NewRuntimeConfig()).Instantiate(bg, metered)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if _, err := m.ExportedFunction("run").Call(bg); !errors.Is(err, cpuLimit) {
				t.Errorf("%v", err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if k.used > k.budget+9_000_000+options.Slice {
				t.Errorf("%d units were used", k.used)
			}
		})
	}
}

// TestRecursion holds that deep calls end by the stack, and those that return
// give back what they took.
func TestRecursion(t *testing.T) {
	self := wasmtest.Code{}.Call(0)
	indirect := &wasmtest.Module{}
	indirect.Table(1)
	indirect.Element(0, 0)
	indirect.Export("run", 0, indirect.Func("", "", "", wasmtest.Code{}.I32(0).Op(0x11, 0, 0)))
	mutual := &wasmtest.Module{}
	mutual.Export("run", 0, mutual.Func("", "", "", wasmtest.Code{}.Call(1)))
	mutual.Func("", "", i32, wasmtest.Code{}.Call(0))
	loop := module(wasmtest.Code{}.Op(0x03, 0x40).Call(0).Op(0x0c, 0, 0x0b))
	for name, bin := range map[string][]byte{"self": module(self), "indirect": indirect.Bytes(), "mutual": mutual.Bytes(), "loop": loop} {
		metered, err := meter.Rewrite(bin, options)
		if err != nil {
			t.Fatal(err)
		}
		k := &ticker{slice: options.Slice}
		m, err := k.runtime(t, wazero.NewRuntimeConfig()).Instantiate(bg, metered)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.ExportedFunction("run").Call(bg); !errors.Is(err, stackLimit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWideFrames holds the estimate of frames against code that keeps many
// values alive across its calls.
func TestWideFrames(t *testing.T) {
	const n = 500
	body := wasmtest.Code{}.Op(repeat(wasmtest.Code{}.Op(0x23, 0), n)...).Call(0).Op(repeat(wasmtest.Code{}.Add(), n-1)...).Drop()
	bin := module(body, func(m *wasmtest.Module) { m.Global(1) })
	metered, err := meter.Rewrite(bin, options)
	if err != nil {
		t.Fatal(err)
	}
	k := &ticker{slice: options.Slice}
	m, err := k.runtime(t, wazero.NewRuntimeConfig()).Instantiate(bg, metered)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.ExportedFunction("run").Call(bg)
	if !errors.Is(err, stackLimit) || strings.Contains(err.Error(), "overflow") {
		t.Errorf("%v", err)
	}
}

// FuzzRewrite gives the meter anything: it must not panic, and what it makes
// of valid modules must be valid.
func FuzzRewrite(f *testing.F) {
	f.Add(kernels())
	f.Add(doubling(3))
	f.Add(generate([]byte("anything at all that makes a module with some blocks")))
	f.Add(module(wasmtest.Code{}.Op(0xfd, 12).Op(make([]byte, 16)...).Op(0x1a)))
	f.Fuzz(func(t *testing.T, bin []byte) {
		out, err := meter.Rewrite(bin, options)
		if err != nil || len(bin) > 4096 {
			return
		}
		if len(out) > 40*len(bin)+1024 {
			t.Errorf("%d bytes became %d", len(bin), len(out))
		}
	})
}

// TestReturns holds that calls which return one after another, each with a long
// way to its end, are not without ticks.
func TestReturns(t *testing.T) {
	m := &wasmtest.Module{}
	deepest := m.Global(0)
	tail := repeat(wasmtest.Code{}.I32(1).Drop(), 1000)
	down := wasmtest.Code{}.Get(0).Op(0x04, 0x40).Get(0).I32(1).Op(0x6b).Call(0).Op(0x05).I32(1).GlobalSet(deepest).Op(0x0b)
	m.Export("run", 0, m.Func(i32, "", "", down.Op(tail...)))
	m.Export("deepest", 3, deepest)
	metered, err := meter.Rewrite(m.Bytes(), options)
	if err != nil {
		t.Fatal(err)
	}
	after := 0
	k := &ticker{slice: meter.LeastSlice, at: func(m api.Module) { after += int(m.ExportedGlobal("deepest").Get()) }}
	mod, err := k.runtime(t, wazero.NewRuntimeConfig()).Instantiate(bg, metered)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mod.ExportedFunction("run").Call(bg, 1000); err != nil {
		t.Fatal(err)
	}
	if after < 50 {
		t.Errorf("%d ticks while 2 000 000 instructions ran", after)
	}
}
