package wasi_test

import (
	"os"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

// One call of a function from a guest.
func BenchmarkCall(b *testing.B) {
	for _, name := range []string{"sched_yield", "clock_time_get", "fd_fdstat_get"} {
		b.Run(name, func(b *testing.B) {
			st := &wasi.State{Files: files.NewTable(nil, files.Config{}), Payer: charge(func(int) error { return nil })}
			g := newGuest(b, wazero.NewRuntimeConfigCompiler(), st)
			f := g.module.ExportedFunction(name)
			stack := make([]uint64, 4)
			b.ReportAllocs()
			for b.Loop() {
				stack[0], stack[1], stack[2] = 3, 0, 100
				must(b, f.CallWithStack(g.ctx, stack))
			}
		})
	}
}

func BenchmarkOpenReadClose(b *testing.B) {
	dir := b.TempDir()
	must(b, os.WriteFile(dir+"/f", make([]byte, 4096), 0o600))
	g := newGuest(b, wazero.NewRuntimeConfigCompiler(), scoped(b, dir, noLimits))
	open, read, shut := g.module.ExportedFunction("path_open"), g.module.ExportedFunction("fd_read"), g.module.ExportedFunction("fd_close")
	n := g.str(0, "A/f")
	p, vn := g.vectors(1000, 8192, 4096)
	stack := make([]uint64, 9)
	b.ReportAllocs()
	for b.Loop() {
		copy(stack, []uint64{3, 0, 0, n, 0, rightRead, 0, 0, 2000})
		must(b, open.CallWithStack(g.ctx, stack))
		fd := uint64(g.u32(2000))
		copy(stack, []uint64{fd, p, vn, 500})
		must(b, read.CallWithStack(g.ctx, stack))
		stack[0] = fd
		must(b, shut.CallWithStack(g.ctx, stack))
	}
}
