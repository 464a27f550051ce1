package host_test

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// raw is an instance of a guest in bare wazero: no authority, no limits, no
// fresh state. Tests use it as a control, benchmarks to compare with.
type raw struct {
	compiled wazero.CompiledModule
	module   api.Module
	invoke   api.Function
	request  []byte
	reply    []byte
}

// instantiateRaw offers the functions of ABI 1 that the guests of wasmtest
// import, and instantiates one.
func instantiateRaw(t testing.TB, r wazero.Runtime, bin []byte) *raw {
	t.Helper()
	x := &raw{}
	i32 := api.ValueTypeI32
	none := api.GoModuleFunc(func(context.Context, api.Module, []uint64) {})
	b := r.NewHostModuleBuilder("ambit")
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, m api.Module, s []uint64) {
		m.Memory().Write(uint32(s[0]), x.request)
	}), []api.ValueType{i32}, nil).Export("request")
	b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, m api.Module, s []uint64) {
		view, _ := m.Memory().Read(uint32(s[0]), uint32(s[1]))
		x.reply = append(x.reply[:0], view...)
	}), []api.ValueType{i32, i32}, nil).Export("reply")
	b.NewFunctionBuilder().WithGoModuleFunction(none, []api.ValueType{i32}, nil).Export("result")
	b.NewFunctionBuilder().WithGoModuleFunction(none, []api.ValueType{i32, i32, i32}, nil).Export("log")
	wasi := r.NewHostModuleBuilder("wasi_snapshot_preview1")
	wasi.NewFunctionBuilder().WithGoModuleFunction(none, []api.ValueType{i32}, nil).Export("proc_exit")
	for _, m := range []wazero.HostModuleBuilder{b, wasi} {
		if _, err := m.Instantiate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if x.compiled, err = r.CompileModule(t.Context(), bin); err != nil {
		t.Fatal(err)
	}
	x.fresh(t, r)
	return x
}

// fresh instantiates anew.
func (x *raw) fresh(t testing.TB, r wazero.Runtime) {
	m, err := r.InstantiateModule(t.Context(), x.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		t.Fatal(err)
	}
	x.module, x.invoke = m, m.ExportedFunction("ambit_invoke")
}

// call runs the command in the instance as it is. The reply is good until the
// next call.
func (x *raw) call(t testing.TB, request []byte) []byte {
	x.request = request
	stack := [1]uint64{uint64(len(request))}
	if err := x.invoke.CallWithStack(context.Background(), stack[:]); err != nil {
		t.Fatal(err)
	}
	return x.reply
}
