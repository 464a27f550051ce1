package host_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
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

// instantiateRaw offers the functions of ABI 1 that guests without powers import,
// and instantiates one.
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
	if _, err := b.Instantiate(t.Context()); err != nil {
		t.Fatal(err)
	}
	wasi_snapshot_preview1.MustInstantiate(t.Context(), r)
	var err error
	if x.compiled, err = r.CompileModule(t.Context(), bin); err != nil {
		t.Fatal(err)
	}
	x.fresh(t, r)
	return x
}

// fresh instantiates anew and initialises.
func (x *raw) fresh(t testing.TB, r wazero.Runtime) {
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions().WithSysNanotime().WithSysWalltime()
	m, err := r.InstantiateModule(t.Context(), x.compiled, config)
	if err != nil {
		t.Fatal(err)
	}
	x.module, x.invoke = m, m.ExportedFunction("ambit_invoke")
	x.run(t, exportInitialize)
}

// run calls an exported function, if there is one.
func (x *raw) run(t testing.TB, export string) {
	if f := x.module.ExportedFunction(export); f != nil {
		if _, err := f.Call(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
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

// pages is how many pages of 4 KiB a call leaves other than it found them.
func (x *raw) pages(t testing.TB, request []byte) int {
	mem := x.module.Memory()
	view, _ := mem.Read(0, mem.Size())
	before := bytes.Clone(view)
	x.call(t, request)
	view, _ = mem.Read(0, mem.Size())
	n := 0
	for at := 0; at < len(before); at += 4096 {
		if !bytes.Equal(before[at:at+4096], view[at:at+4096]) {
			n++
		}
	}
	return n
}
