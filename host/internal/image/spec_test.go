package image

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// TestSpec starts the modules of the core specification's tests as this package
// does and as wazero does: they must fail alike, and have the same memory, the
// same globals, and so on after a reset. Modules with imports are left out.
func TestSpec(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	if _, missing := os.Stat(dir); err != nil || missing != nil {
		t.Skip("the module cache has no source of wazero with the specification's tests")
	}
	files, err := filepath.Glob(filepath.Join(dir, "v[12]", "testdata", "*.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	r := newRuntime(t, wazero.NewRuntimeConfigInterpreter())
	started, failed := 0, 0
	for _, file := range files {
		bin, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		outline, err := wasm.Parse(bin, wasm.Limits{Tables: 100})
		if err != nil || len(outline.Imports) > 0 || outline.Memory != nil && outline.Memory.Min > 1000 {
			continue
		}
		metered, err := meter.Rewrite(outline.Bare(1<<20), meterOptions)
		if err != nil {
			continue
		}
		plain, err := r.CompileModule(t.Context(), bin)
		if err != nil {
			continue // it is not valid
		}
		code, err := r.CompileModule(t.Context(), metered)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
			continue
		}
		want, wantErr := r.InstantiateModule(t.Context(), plain, unnamed)
		in, err := Start(t.Context(), Module{Runtime: r, Code: code, Outline: outline, Budget: NewBudget(1 << 30), Limit: 1 << 28})
		switch {
		case (err == nil) != (wantErr == nil):
			t.Errorf("%s: %v, want %v", filepath.Base(file), err, wantErr)
		case err != nil:
			failed++
		default:
			started++
			sameState(t, filepath.Base(file), in.Module, want, outline)
			again(t, filepath.Base(file), in, want, outline)
		}
		if in != nil {
			in.Close()
		}
		if want != nil {
			_ = want.Close(t.Context())
		}
		_ = plain.Close(t.Context())
		_ = code.Close(t.Context())
	}
	if started < 500 || failed < 10 {
		t.Errorf("only %d modules started and %d failed", started, failed)
	}
	t.Logf("%d modules started, %d failed", started, failed)
}

// again freezes an instance, writes to one of the image, and looks at it after
// the reset.
func again(t *testing.T, name string, in *Instance, want api.Module, outline *wasm.Module) {
	im, err := Freeze(in, Options{Strategy: Compare})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := im.Close(); err != nil {
			t.Error(err)
		}
	}()
	for range 2 {
		if !im.Frozen() {
			return
		}
		used := take(t, im)
		sameState(t, name, used.Module, want, outline)
		if mem := used.Module.Memory(); outline.Memory != nil && mem.Size() > 0 {
			mem.WriteByte(mem.Size()-1, 0xee)
		}
		for _, g := range used.globals {
			g.Set(0x123456789abcdef0)
		}
		put(t, im, used)
	}
}

func sameState(t *testing.T, name string, got, want api.Module, outline *wasm.Module) {
	t.Helper()
	if outline.Memory != nil {
		a, _ := got.Memory().Read(0, got.Memory().Size())
		b, _ := want.Memory().Read(0, want.Memory().Size())
		if !bytes.Equal(a, b) {
			t.Errorf("%s: another memory", name)
		}
	}
	for _, e := range outline.Exports {
		if e.Kind != wasm.KindGlobal || outline.Globals[e.Index].Type < wasm.V128 || outline.Globals[e.Index].Type == wasm.V128 {
			continue
		}
		if a, b := got.ExportedGlobal(e.Name).Get(), want.ExportedGlobal(e.Name).Get(); a != b {
			t.Errorf("%s: global %q is %#x, want %#x", name, e.Name, a, b)
		}
	}
}
