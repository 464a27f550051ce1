package meter_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

var bg = context.Background()

// options are what a host uses, but for memory and tables as large as can be.
var options = meter.Options{Slice: 20_000, Stack: 1 << 20, MemoryMax: 1 << 16, TableMax: 10_000_000}

// ticker is the host's side of the meter.
type ticker struct {
	slice  int64 // what a tick gives
	budget int64 // what all ticks together may give; 0: no bound
	ticks  int
	used   int64              // what the ticks saw
	at     func(m api.Module) // called by each
	given  int64
}

type stop string

func (s stop) Error() string { return string(s) }

const (
	stackLimit = stop("stack limit")
	cpuLimit   = stop("cpu limit")
)

func (t *ticker) tick(_ context.Context, m api.Module, s []uint64) {
	t.ticks++
	fuel, stack := meter.Unpack(int64(s[0]))
	t.used += t.given - fuel
	if t.at != nil {
		t.at(m)
	}
	if stack < 0 {
		panic(stackLimit)
	}
	if t.budget > 0 && t.used > t.budget {
		panic(cpuLimit)
	}
	t.given = t.slice
	s[0] = uint64(meter.Pack(t.slice, stack))
}

// run returns a runtime with the tick function.
func (t *ticker) runtime(tb testing.TB, rc wazero.RuntimeConfig) wazero.Runtime {
	tb.Helper()
	r := wazero.NewRuntimeWithConfig(bg, rc.WithCoreFeatures(api.CoreFeaturesV2))
	tb.Cleanup(func() { _ = r.Close(bg) })
	i64 := api.ValueTypeI64
	_, err := r.NewHostModuleBuilder(meter.TickModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(t.tick), []api.ValueType{i64}, []api.ValueType{i64}).
		Export(meter.TickName).Instantiate(bg)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func wazeroDir(tb testing.TB) string {
	tb.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		tb.Skipf("the module cache has no source of wazero: %v", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test")
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// left returns what a module has left.
func left(m api.Module) (fuel, stack int64) {
	return meter.Unpack(int64(m.ExportedGlobal(meter.LeftGlobal).Get()))
}

func setLeft(m api.Module, fuel, stack int64) {
	m.ExportedGlobal(meter.LeftGlobal).(api.MutableGlobal).Set(uint64(meter.Pack(fuel, stack)))
}
