package host_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// perInvoke is how many calls of a function one invoke makes.
const perInvoke = 1000

// repeating is a guest whose command calls a power function perInvoke times, with
// the same arguments, and fetches each result.
func repeating(module, name, args, powers string) []byte {
	g := &wasmtest.Guest{}
	reply := g.Import("ambit", "reply", wasmtest.I32+wasmtest.I32, "")
	result := g.Import("ambit", "result", wasmtest.I32, "")
	f := g.Import(module, name, wasmtest.I32+wasmtest.I32, wasmtest.I32)
	g.Memory(1)
	g.Export("memory", 2, 0)
	g.Data(1024, []byte(args))
	g.Data(512, []byte("\x81\xa2ok\xc0"))
	once := wasmtest.Code{}.I32(1024).I32(int32(len(args))).Call(f).Drop().I32(4096).Call(result)
	return g.Invoke(loop(once).I32(512).I32(5).Call(reply).I32(0)).Manifest(powerManifest(powers)).Bytes()
}

func powerManifest(powers string) string {
	return `{"module":{"name":"m","version":"1.0.0","abi":1},"command":[{"name":"run","powers":[` + powers + `]}]}`
}

// loop runs the body perInvoke times. It uses local 1.
func loop(body wasmtest.Code) wasmtest.Code {
	c := wasmtest.Code{}.I32(perInvoke).Set(1).Op(0x03, 0x40)
	c = append(c, body...)
	return c.Get(1).I32(1).Op(0x6b, 0x22, 1, 0x0d, 0, 0x0b) // local.tee 1, br_if 0
}

// BenchmarkPower is one call of a power function by a guest, its result fetched,
// beside two calls of functions that do nothing, in wazero without anything of
// ours.
func BenchmarkPower(b *testing.B) {
	args := func(v map[string]any) string {
		out, err := wire.AppendAny(nil, v)
		if err != nil {
			b.Fatal(err)
		}
		return string(out)
	}
	perCall := func(b *testing.B, run func() error) {
		b.ReportAllocs()
		for b.Loop() {
			if err := run(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perInvoke, "ns/call")
	}
	b.Run("bare-functions", func(b *testing.B) {
		bin := repeating("ambit_kv", "get", args(map[string]any{"key": "notes/a"}), `"kv.read"`)
		ctx := context.Background()
		r := wazero.NewRuntime(ctx)
		defer r.Close(ctx)
		nothing := api.GoModuleFunc(func(context.Context, api.Module, []uint64) {})
		i32 := []api.ValueType{api.ValueTypeI32}
		two := []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}
		_, err := r.NewHostModuleBuilder("ambit").NewFunctionBuilder().WithGoModuleFunction(nothing, two, nil).Export("reply").
			NewFunctionBuilder().WithGoModuleFunction(nothing, i32, nil).Export("result").Instantiate(ctx)
		if err == nil {
			_, err = r.NewHostModuleBuilder("ambit_kv").NewFunctionBuilder().WithGoModuleFunction(nothing, two, i32).Export("get").Instantiate(ctx)
		}
		if err != nil {
			b.Fatal(err)
		}
		m, err := r.Instantiate(ctx, bin)
		if err != nil {
			b.Fatal(err)
		}
		f := m.ExportedFunction("ambit_invoke")
		perCall(b, func() error { _, err := f.Call(ctx, 0); return err })
	})
	for _, tt := range []struct{ name, module, function, power, entry, args string }{
		{"env.get", "ambit_env", "get", `"env"`, `{ var = "APP_*" }`, args(map[string]any{"var": "APP_HOME"})},
		{"kv.get", "ambit_kv", "get", `"kv.read"`, `{ key = "notes/*" }`, args(map[string]any{"key": "notes/a"})},
	} {
		b.Run(tt.name, func(b *testing.B) {
			dir := app(b, map[string]string{"capabilities/main.toml": "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [{ identifier = \"m:allow-run\", allow = [" + tt.entry + "] }]\n"}, nil)
			write(b, dir, "ambit.toml", "[[module]]\nname = \"m\"\n")
			set := repeating("ambit_kv", "set", args(map[string]any{"key": "notes/a", "value": []byte("a small value")}), `"kv.write"`)
			if tt.name == "kv.get" { // stored by the module of before, once
				write(b, dir, "modules/m.wasm", string(set))
				h := open(b, dir, host.Config{Limits: host.Limits{Deadline: 1e12}})
				if _, err := h.InvokeRaw(b.Context(), main, "m.run", nil, nil); err != nil {
					b.Fatal(err)
				}
				closeHost(b, h)
			}
			write(b, dir, "modules/m.wasm", string(repeating(tt.module, tt.function, tt.args, tt.power)))
			h := open(b, dir, host.Config{Env: appEnv})
			perCall(b, func() error { _, err := h.InvokeRaw(b.Context(), main, "m.run", nil, nil); return err })
		})
	}
}

// BenchmarkPowerStat is a stat by a guest, decided anew each time, beside the
// system calls that it makes.
func BenchmarkPowerStat(b *testing.B) {
	dir := app(b, map[string]string{
		"ambit.toml": "[dirs]\nDATA = \"data\"\n[[module]]\nname = \"m\"\n", "data/notes/a.md": "hello",
		"capabilities/main.toml": "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [{ identifier = \"m:allow-run\", allow = [{ path = \"$DATA/notes/**\" }] }]\n",
	}, nil)
	b.Run("bare-system-calls", func(b *testing.B) {
		base, err := openBase(filepath.Join(dir, "data"))
		if err != nil {
			b.Skip(err)
		}
		defer closeBase(base)
		for b.Loop() {
			for range perInvoke {
				if err := systemStat(base, "notes", "a.md"); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perInvoke, "ns/call")
	})
	b.Run("stat", func(b *testing.B) {
		g := &wasmtest.Guest{}
		reply := g.Import("ambit", "reply", wasmtest.I32+wasmtest.I32, "")
		stat := g.Import("wasi_snapshot_preview1", "path_filestat_get", wasmtest.I32+wasmtest.I32+wasmtest.I32+wasmtest.I32+wasmtest.I32, wasmtest.I32)
		g.Memory(1)
		g.Export("memory", 2, 0)
		g.Data(512, []byte("\x81\xa2ok\xc0DATA/notes/a.md"))
		once := wasmtest.Code{}.I32(3).I32(0).I32(517).I32(15).I32(4096).Call(stat).If(wasmtest.Code{}.Unreachable())
		write(b, dir, "modules/m.wasm", string(g.Invoke(loop(once).I32(512).I32(5).Call(reply).I32(0)).Manifest(powerManifest(`"fs.read"`)).Bytes()))
		h := open(b, dir, host.Config{})
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.InvokeRaw(b.Context(), main, "m.run", nil, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perInvoke, "ns/call")
	})
}
