package meter_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// trace is what a run of a generated module did.
type trace struct {
	err    string
	probes []uint64 // what was asked
	seen   []int64  // what was charged or counted, at each probe and at the end
	memory []byte
	pages  uint32
	global uint64
}

// runGenerated runs a module; count says what was charged or counted so far.
func runGenerated(t *testing.T, engine wazero.RuntimeConfig, bin []byte, k *ticker, count func(m api.Module) int64) trace {
	t.Helper()
	r := k.runtime(t, engine)
	defer func() { _ = r.Close(bg) }()
	var out trace
	_, err := r.NewHostModuleBuilder("env").NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, m api.Module, s []uint64) {
		out.probes = append(out.probes, uint64(uint32(s[0])))
		if count != nil {
			out.seen = append(out.seen, count(m))
		}
		s[0] = uint64(len(out.probes))
	}), []api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32}).Export("probe").Instantiate(bg)
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.InstantiateWithConfig(bg, bin, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatalf("%v\n%x", err, bin)
	}
	if count != nil {
		k.given, _ = left(m)
	}
	if _, err := m.ExportedFunction("run").Call(bg); err != nil {
		out.err = firstLine(err)
	}
	if count != nil {
		out.seen = append(out.seen, count(m))
	}
	out.pages = m.Memory().Size()
	out.memory, _ = m.Memory().Read(0, 8192) // nothing is written beyond
	out.memory = bytes.Clone(out.memory)
	out.global = m.ExportedGlobal("global").Get()
	return out
}

// checkGenerated holds the metered form of a generated module against the
// module, and what it is charged against a count of every instruction.
func checkGenerated(t *testing.T, data []byte) {
	t.Helper()
	bin := generate(data)
	o := meter.Options{Slice: 2000, Stack: 1 << 20, MemoryMax: 1 << 16, TableMax: 1 << 24}
	metered, err := meter.Rewrite(bin, o)
	if err != nil {
		t.Fatalf("%v\n%x", err, bin)
	}
	counted, err := meter.Counted(bin)
	if err != nil {
		t.Fatal(err)
	}
	k := &ticker{slice: 2000}
	engine := wazero.NewRuntimeConfigInterpreter()
	if len(data)%8 == 0 { // it takes longer
		engine = wazero.NewRuntimeConfigCompiler()
	}
	plain := runGenerated(t, engine, bin, &ticker{}, nil)
	got := runGenerated(t, engine, metered, k, func(m api.Module) int64 {
		fuel, _ := left(m)
		return k.used + k.given - fuel
	})
	want := runGenerated(t, engine, counted, &ticker{}, func(m api.Module) int64 { return int64(m.ExportedGlobal(meter.LeftGlobal).Get()) })
	for name, other := range map[string]trace{"metered": got, "counted": want} {
		if other.err != plain.err || !slices.Equal(other.probes, plain.probes) || !bytes.Equal(other.memory, plain.memory) || other.global != plain.global || other.pages != plain.pages {
			t.Fatalf("%s: %q %v %d instead of %q %v %d\n%x", name, other.err, other.probes, other.global, plain.err, plain.probes, plain.global, bin)
		}
	}
	for i, n := range want.seen {
		if got.seen[i] < n {
			t.Fatalf("at probe %d of %d, %d were executed but %d charged\n%x", i, len(want.seen), n, got.seen[i], bin)
		}
	}
	checkGap(t, counted)
}

// checkGap meters a counted module and looks at the count at every tick.
func checkGap(t *testing.T, counted []byte) {
	t.Helper()
	// The counted module has names of the meter's own; they are changed.
	counted = bytes.ReplaceAll(counted, []byte(meter.TickModule), []byte("other_meter"))
	metered, err := meter.Rewrite(counted, meter.Options{Stack: 1 << 20, MemoryMax: 1 << 16, TableMax: 1 << 24})
	if err != nil {
		t.Fatal(err)
	}
	const slice = 2000
	last, most := int64(0), int64(0)
	k := &ticker{slice: slice, at: func(m api.Module) {
		n := int64(m.ExportedGlobal("other_meter.left").Get())
		last, most = n, max(most, n-last)
	}}
	runOther(t, metered, k)
	if most > slice+2500 { // all bodies together have less
		t.Fatalf("%d were executed between two checks", most)
	}
}

func runOther(t *testing.T, bin []byte, k *ticker) {
	t.Helper()
	r := k.runtime(t, wazero.NewRuntimeConfigInterpreter())
	defer func() { _ = r.Close(bg) }()
	nothing := api.GoModuleFunc(func(context.Context, api.Module, []uint64) {})
	i32, i64 := []api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI64}
	for name, f := range map[string][]api.ValueType{"env": i32, "other_meter": i64} {
		export := map[string]string{"env": "probe", "other_meter": "tick"}[name]
		if _, err := r.NewHostModuleBuilder(name).NewFunctionBuilder().WithGoModuleFunction(nothing, f, f).Export(export).Instantiate(bg); err != nil {
			t.Fatal(err)
		}
	}
	m, err := r.InstantiateWithConfig(bg, bin, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = m.ExportedFunction("run").Call(bg) // it may trap
}

// TestGenerated runs many generated modules.
func TestGenerated(t *testing.T) {
	n := 300
	if testing.Short() {
		n = 60
	}
	for seed := range n {
		data := make([]byte, 600+seed%8)
		rand.New(rand.NewSource(int64(seed))).Read(data)
		t.Run(fmt.Sprint(seed), func(t *testing.T) { checkGenerated(t, data) })
	}
}

// FuzzMeter does the same for inputs that the fuzzer makes.
func FuzzMeter(f *testing.F) {
	for seed := range 20 {
		data := make([]byte, 400)
		rand.New(rand.NewSource(int64(seed))).Read(data)
		f.Add(data)
	}
	f.Fuzz(checkGenerated)
}
