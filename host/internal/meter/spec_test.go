package meter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

type specValue struct {
	Type     string          `json:"type"`
	LaneType string          `json:"lane_type"`
	Value    json.RawMessage `json:"value"`
}

type specCommand struct {
	Type     string `json:"type"`
	Line     int    `json:"line"`
	Name     string `json:"name"`
	Filename string `json:"filename"`
	Action   struct {
		Type   string      `json:"type"`
		Module string      `json:"module"`
		Field  string      `json:"field"`
		Args   []specValue `json:"args"`
	} `json:"action"`
}

// words returns a value as wazero takes it.
func (v specValue) words(t *testing.T) []uint64 {
	t.Helper()
	if v.Type != "v128" {
		var s string
		if err := json.Unmarshal(v.Value, &s); err != nil {
			t.Fatal(err)
		}
		if s == "null" {
			return []uint64{0}
		}
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return []uint64{n}
	}
	var lanes []string
	if err := json.Unmarshal(v.Value, &lanes); err != nil {
		t.Fatal(err)
	}
	out := make([]uint64, 2)
	bits := 128 / len(lanes)
	for i, lane := range lanes {
		n, err := strconv.ParseUint(lane, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i*bits/64] |= n << (i * bits % 64)
	}
	return out
}

// specPair is a module of a script, as it is and metered.
type specPair struct{ plain, metered api.Module }

// specScript is the state of one script.
type specScript struct {
	t              *testing.T
	dir            string
	ticks          ticker
	plain, metered wazero.Runtime
	current        *specPair
	named          map[string]*specPair
	stats          *specStats
}

type specStats struct{ modules, apart, calls int }

// TestSpec runs the modules of the core specification's tests as they are and
// metered, and compares what every call returns. Modules that need more than
// functions from elsewhere are counted apart.
func TestSpec(t *testing.T) {
	dir := filepath.Join(wazeroDir(t), "spectest")
	var stats specStats
	for _, version := range []string{"v1", "v2"} {
		scripts, _ := filepath.Glob(filepath.Join(dir, version, "testdata", "*.json"))
		if testing.Short() && version == "v1" {
			continue
		}
		for _, script := range scripts {
			t.Run(version+"/"+strings.TrimSuffix(filepath.Base(script), ".json"), func(t *testing.T) { runScript(t, script, &stats) })
		}
	}
	t.Logf("%d modules, %d that do not apply, %d calls", stats.modules, stats.apart, stats.calls)
	if stats.modules < 500 || stats.calls < 20_000 {
		t.Errorf("only %d modules and %d calls", stats.modules, stats.calls)
	}
}

func runScript(t *testing.T, script string, stats *specStats) {
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	var steps struct {
		Commands []specCommand `json:"commands"`
	}
	if err := json.Unmarshal(text, &steps); err != nil {
		t.Fatal(err)
	}
	s := &specScript{t: t, dir: filepath.Dir(script), ticks: ticker{slice: 1000}, named: map[string]*specPair{}, stats: stats}
	s.plain = s.ticks.runtime(t, wazero.NewRuntimeConfig())
	s.metered = s.ticks.runtime(t, wazero.NewRuntimeConfig())
	s.spectest(s.plain)
	s.spectest(s.metered)
	for _, c := range steps.Commands {
		s.step(c)
	}
}

// spectest makes the functions that scripts import.
func (s *specScript) spectest(r wazero.Runtime) {
	b := r.NewHostModuleBuilder("spectest")
	for name, types := range map[string][]api.ValueType{
		"print": {}, "print_i32": {api.ValueTypeI32}, "print_i64": {api.ValueTypeI64}, "print_f32": {api.ValueTypeF32},
		"print_f64": {api.ValueTypeF64}, "print_i32_f32": {api.ValueTypeI32, api.ValueTypeF32}, "print_f64_f64": {api.ValueTypeF64, api.ValueTypeF64},
	} {
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(context.Context, api.Module, []uint64) {}), types, nil).Export(name)
	}
	if _, err := b.Instantiate(bg); err != nil {
		s.t.Fatal(err)
	}
}

func (s *specScript) step(c specCommand) {
	switch c.Type {
	case "module":
		s.current = nil
		bin, err := os.ReadFile(filepath.Join(s.dir, c.Filename))
		if err != nil {
			s.t.Fatal(err)
		}
		s.current = s.load(c, bin)
		if c.Name != "" {
			s.named[c.Name] = s.current
		}
	case "assert_return", "assert_trap", "assert_exhaustion", "action":
		pair := s.current
		if c.Action.Module != "" {
			pair = s.named[c.Action.Module]
		}
		if pair != nil && c.Action.Type == "invoke" {
			s.compare(c, pair)
		}
	}
}

func (s *specScript) load(c specCommand, bin []byte) *specPair {
	o := options
	o.Slice = 1000
	metered, err := meter.Rewrite(bin, o)
	if err != nil {
		if !strings.Contains(err.Error(), "not a function") {
			s.t.Errorf("%s: %v", c.Filename, err)
		}
		s.stats.apart++
		return nil
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	plain, err := s.plain.InstantiateWithConfig(bg, bin, config)
	if err != nil {
		if _, wrong := s.metered.CompileModule(bg, metered); wrong != nil {
			s.t.Errorf("%s: the metered one does not compile: %v", c.Filename, wrong)
		}
		s.stats.apart++ // imports of another module
		return nil
	}
	p := &specPair{plain: plain}
	if p.metered, err = s.metered.InstantiateWithConfig(bg, metered, config); err != nil {
		s.t.Errorf("%s: metered: %v", c.Filename, err)
		return nil
	}
	s.stats.modules++
	return p
}

func (s *specScript) compare(c specCommand, pair *specPair) {
	var args []uint64
	for _, a := range c.Action.Args {
		args = append(args, a.words(s.t)...)
	}
	want, wantErr := pair.plain.ExportedFunction(c.Action.Field).Call(bg, args...)
	f := pair.metered.ExportedFunction(c.Action.Field)
	s.ticks.given, _ = left(pair.metered)
	got, gotErr := f.Call(bg, args...)
	s.stats.calls++
	for i, typ := range f.Definition().ResultTypes() {
		if typ == 0x70 && i < len(got) && i < len(want) { // a function is a pointer
			got[i], want[i] = min(got[i], 1), min(want[i], 1)
		}
	}
	where := fmt.Sprintf("line %d: %s%v", c.Line, c.Action.Field, args)
	switch {
	case (wantErr == nil) != (gotErr == nil), c.Type != "assert_exhaustion" && wantErr != nil && firstLine(wantErr) != firstLine(gotErr):
		s.t.Errorf("%s: %v, metered %v", where, wantErr, gotErr)
	case !slices.Equal(got, want):
		s.t.Errorf("%s: %x, metered %x", where, want, got)
	}
	fuel, stack := left(pair.metered)
	if gotErr != nil { // the stack is not given back
		setLeft(pair.metered, fuel, options.Stack)
	} else if stack != options.Stack {
		s.t.Errorf("%s: %d bytes of stack are left, not %d", where, stack, options.Stack)
	}
}

// TestFuzzCases compiles what once broke wazero, as it is and metered.
func TestFuzzCases(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(wazeroDir(t), "fuzzcases", "testdata", "*.wasm"))
	r := (&ticker{}).runtime(t, wazero.NewRuntimeConfig())
	n := 0
	for _, file := range files {
		bin, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.CompileModule(bg, bin); err != nil {
			continue // of a feature that is off
		}
		out, err := meter.Rewrite(bin, options)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			continue
		}
		if _, err := r.CompileModule(bg, out); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
		n++
	}
	if n < 20 {
		t.Errorf("only %d modules", n)
	}
}
