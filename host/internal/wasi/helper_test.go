package wasi_test

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

// The error numbers that guests see.
const (
	ok           = 0
	eACCES       = 2
	eBADF        = 8
	eDQUOT       = 19
	eEXIST       = 20
	eFAULT       = 21
	eILSEQ       = 25
	eINVAL       = 28
	eISDIR       = 31
	eLOOP        = 32
	eMFILE       = 33
	eNAMETOOLONG = 37
	eNOENT       = 44
	eNOTDIR      = 54
	eNOTEMPTY    = 55
	eNOTSOCK     = 57
	eNOTSUP      = 58
	eSPIPE       = 70
	eXDEV        = 75
)

const pages = 4 // of the test guest's memory

const memorySize = pages << 16

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// leb encodes an unsigned number.
func leb(v int) []byte { return binary.AppendUvarint(nil, uint64(v)) }

func section(id byte, n int, items []byte) []byte {
	body := append(leb(n), items...)
	return append(append([]byte{id}, leb(len(body))...), body...)
}

func name(s string) []byte { return append(leb(len(s)), s...) }

// trampolines assembles a guest that exports each function under its own name:
// it passes its parameters on. Without memory it has none.
func trampolines(fs []wasi.Function, memory bool) []byte {
	var types, imports, funcs, exports, code []byte
	for i, f := range fs {
		types = append(append(types, 0x60), leb(len(f.Params))...)
		types = append(append(types, f.Params...), leb(len(f.Results))...)
		types = append(types, f.Results...)
		imports = append(append(append(append(imports, name(wasi.Module)...), name(f.Name)...), 0), leb(i)...)
		funcs = append(funcs, leb(i)...)
		exports = append(append(append(exports, name(f.Name)...), 0), leb(len(fs)+i)...)
		body := []byte{0} // no locals
		for p := range f.Params {
			body = append(append(body, 0x20), leb(p)...)
		}
		body = append(append(append(body, 0x10), leb(i)...), 0x0b)
		code = append(append(code, leb(len(body))...), body...)
	}
	n := len(fs)
	out := []byte("\x00asm\x01\x00\x00\x00")
	out = append(out, section(1, n, types)...)
	out = append(out, section(2, n, imports)...)
	out = append(out, section(3, n, funcs)...)
	if memory {
		out = append(out, section(5, 1, []byte{1, pages, pages})...)
		exports = append(append(exports, name("memory")...), 2, 0)
		n++
	}
	out = append(out, section(7, n, exports)...)
	return append(out, section(10, len(fs), code)...)
}

// engines runs a test with wazero's compiler and its interpreter.
func engines(t *testing.T, f func(t *testing.T, c wazero.RuntimeConfig)) {
	t.Helper()
	t.Run("compiler", func(t *testing.T) { f(t, wazero.NewRuntimeConfigCompiler()) })
	t.Run("interpreter", func(t *testing.T) { f(t, wazero.NewRuntimeConfigInterpreter()) })
}

// guest is an instance of the trampolines with the state of a call.
type guest struct {
	testing.TB
	module api.Module
	ctx    context.Context
}

func newGuest(t testing.TB, c wazero.RuntimeConfig, st *wasi.State) *guest {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, c)
	t.Cleanup(func() { must(t, r.Close(ctx)) })
	must(t, wasi.Register(ctx, r))
	m, err := r.InstantiateWithConfig(ctx, trampolines(wasi.Functions(), true), wazero.NewModuleConfig().WithName(""))
	must(t, err)
	return &guest{t, m, with(ctx, st)}
}

// quick is a guest for tests in which the engine does not matter.
func quick(t testing.TB, st *wasi.State) *guest {
	t.Helper()
	return newGuest(t, wazero.NewRuntimeConfigInterpreter(), st)
}

func with(ctx context.Context, st *wasi.State) context.Context {
	return context.WithValue(ctx, wasi.Key{}, st)
}

// try calls a function.
func (g *guest) try(f string, args ...uint64) (uint32, error) {
	g.Helper()
	out, err := g.module.ExportedFunction(f).Call(g.ctx, args...)
	if err != nil || len(out) == 0 {
		return 0, err
	}
	return uint32(out[0]), nil
}

// call calls a function that must not end the call.
func (g *guest) call(f string, args ...uint64) uint32 {
	g.Helper()
	e, err := g.try(f, args...)
	must(g, err)
	return e
}

// want calls a function and checks the error number.
func (g *guest) want(e uint32, f string, args ...uint64) {
	g.Helper()
	if got := g.call(f, args...); got != e {
		g.Errorf("%s%v: got errno %d, want %d", f, args, got, e)
	}
}

func (g *guest) put(at uint64, b ...byte) uint64 {
	g.Helper()
	if !g.module.Memory().Write(uint32(at), b) {
		g.Fatal("no memory at", at)
	}
	return uint64(len(b))
}

func (g *guest) str(at uint64, s string) uint64 { g.Helper(); return g.put(at, []byte(s)...) }

func (g *guest) u32(at uint64) uint32 {
	v, _ := g.module.Memory().ReadUint32Le(uint32(at))
	return v
}

func (g *guest) u64(at uint64) uint64 {
	v, _ := g.module.Memory().ReadUint64Le(uint32(at))
	return v
}

func (g *guest) bytes(at, n uint64) []byte {
	g.Helper()
	b, in := g.module.Memory().Read(uint32(at), uint32(n))
	if !in {
		g.Fatal("no memory at", at)
	}
	return b
}

// vectors writes pairs of pointer and length.
func (g *guest) vectors(at uint64, pairs ...uint32) (p, n uint64) {
	g.Helper()
	var b []byte
	for _, v := range pairs {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	g.put(at, b...)
	return at, uint64(len(pairs) / 2)
}

// open opens a path, which is written at 0, and puts the descriptor at 2000.
func (g *guest) open(path string, oflags, rights, fdflags uint64) (fd uint64, e uint32) {
	g.Helper()
	n := g.str(0, path)
	e = g.call("path_open", 3, 1, 0, n, oflags, rights, 0, fdflags, 2000)
	return uint64(g.u32(2000)), e
}

const (
	rightRead  = 1 << 1
	rightWrite = 1 << 6
)

// scoped is the state of a call that may do anything below dir.
func scoped(t testing.TB, dir string, l files.Limits) *wasi.State {
	t.Helper()
	b, err := files.Open(map[string]string{"A": dir}, files.Options{})
	must(t, err)
	p, err := pattern.ParsePath("$A/**")
	must(t, err)
	all := []files.Rule{{Pattern: p}}
	s, err := b.Scope(files.Rules{ReadAllow: all, WriteAllow: all})
	must(t, err)
	table := files.NewTable(s, files.Config{Limits: l})
	t.Cleanup(func() { must(t, table.Close()); must(t, b.Close()) })
	return &wasi.State{Files: table}
}

// charge makes a payer of a function.
type charge func(units int) error

func (f charge) Charge(units int) error { return f(units) }

// sink makes a sink of a function.
type sink func(stream int, p []byte)

func (f sink) Output(stream int, p []byte) { f(stream, p) }
