package wasi_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	reference "github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

// All functions of preview 1 are there, with the right types: those of
// wazero's own.
func TestFunctions(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(ctx)
	ref, err := reference.Instantiate(ctx, r)
	must(t, err)
	m, isModule := ref.(interface{ Name() string })
	if !isModule || m.Name() != wasi.Module {
		t.Fatal("the reference is another module")
	}
	want := r.Module(wasi.Module).ExportedFunctionDefinitions()
	got := wasi.Functions()
	if len(got) != 46 || len(want) != 46 {
		t.Errorf("%d functions, the reference has %d", len(got), len(want))
	}
	for _, f := range got {
		d := want[f.Name]
		if d == nil || !slices.Equal(d.ParamTypes(), f.Params) || !slices.Equal(d.ResultTypes(), f.Results) {
			t.Errorf("%s%v%v: not like the reference", f.Name, f.Params, f.Results)
		}
	}
}

// Registering twice is an error of the host, not a crash.
func TestRegisterTwice(t *testing.T) {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(ctx)
	must(t, wasi.Register(ctx, r))
	if err := wasi.Register(ctx, r); err == nil {
		t.Error("registered twice")
	}
}

// What is not in the subset says so and does nothing.
func TestUnsupported(t *testing.T) {
	g := quick(t, scoped(t, t.TempDir(), noLimits))
	n := 0
	for _, f := range wasi.Functions() {
		switch f.Name {
		case "fd_fdstat_set_rights", "fd_filestat_set_times", "fd_renumber", "proc_raise":
			g.want(eNOTSUP, f.Name, make([]uint64, len(f.Params))...)
			n++
		}
	}
	if n != 4 {
		t.Errorf("%d functions", n)
	}
}

// TestSmallFunctions: what programs ask for that changes nothing.
func TestSmallFunctions(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "f"), []byte("text"), 0o644))
	st := scoped(t, dir, noLimits)
	st.Resolution = 5 * time.Millisecond
	g := quick(t, st)
	g.want(ok, "clock_res_get", 1, 100)
	if g.u64(100) != 5_000_000 {
		t.Errorf("resolution %d", g.u64(100))
	}
	g.want(eINVAL, "clock_res_get", 9, 100)
	g.want(eFAULT, "clock_res_get", 1, memorySize)
	file, e := g.open("A/f", 0, rightRead|rightWrite, 0)
	if e != ok {
		t.Fatal(e)
	}
	folder, e := g.open("A", 2, 0, 0)
	if e != ok {
		t.Fatal(e)
	}
	g.want(ok, "fd_advise", file, 0, 100, 1)
	g.want(eINVAL, "fd_advise", file, 0, 100, 6)
	g.want(eINVAL, "fd_advise", file, math.MaxUint64, 100, 1)
	g.want(eBADF, "fd_advise", folder, 0, 100, 1)
	g.want(eBADF, "fd_advise", 99, 0, 100, 1)
	g.want(ok, "fd_datasync", file)
	g.want(eBADF, "fd_datasync", 99)
	g.want(eNOTSUP, "fd_allocate", file, 0, 100)
	g.want(eBADF, "fd_allocate", folder, 0, 100)
	g.want(eBADF, "fd_allocate", 99, 0, 100)
	for f, n := range map[string]int{"sock_accept": 3, "sock_recv": 6, "sock_send": 5, "sock_shutdown": 2} {
		args := make([]uint64, n)
		for fd, want := range map[uint64]uint32{0: eNOTSOCK, file: eNOTSOCK, 99: eBADF} {
			args[0] = fd
			g.want(want, f, args...)
		}
	}
}

// Without state there is no power, and what a runtime needs to start works.
func TestPowerless(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		for what, st := range map[string]*wasi.State{"nil": nil, "zero": {}} {
			g := newGuest(t, c, st)
			if what == "nil" {
				g.ctx = context.Background() // not even a key
			}
			n := g.str(100, "A/f")
			g.vectors(200, 300, 10)
			for _, x := range []struct {
				e    uint32
				f    string
				args []uint64
			}{
				{ok, "args_sizes_get", []uint64{0, 4}}, {ok, "args_get", []uint64{0, 4}},
				{ok, "environ_sizes_get", []uint64{0, 4}}, {ok, "environ_get", []uint64{0, 4}},
				{ok, "sched_yield", nil}, {ok, "clock_time_get", []uint64{1, 0, 16}}, {ok, "random_get", []uint64{32, 32}},
				{ok, "fd_prestat_get", []uint64{3, 0}}, {ok, "fd_prestat_dir_name", []uint64{3, 0, 1}},
				{eBADF, "fd_prestat_get", []uint64{4, 0}}, {eBADF, "fd_prestat_dir_name", []uint64{4, 0, 1}},
				{eBADF, "fd_prestat_get", []uint64{0, 0}}, {eNAMETOOLONG, "fd_prestat_dir_name", []uint64{3, 0, 0}},
				{ok, "fd_fdstat_get", []uint64{0, 0}}, {ok, "fd_fdstat_get", []uint64{3, 0}}, {eBADF, "fd_fdstat_get", []uint64{4, 0}},
				{eNOTSUP, "fd_fdstat_set_flags", []uint64{1, 4}}, {eBADF, "fd_fdstat_set_flags", []uint64{4, 4}},
				{ok, "fd_write", []uint64{1, 200, 1, 0}}, {ok, "fd_write", []uint64{2, 200, 1, 0}},
				{eBADF, "fd_write", []uint64{0, 200, 1, 0}}, {eBADF, "fd_write", []uint64{4, 200, 1, 0}}, {eISDIR, "fd_write", []uint64{3, 200, 1, 0}},
				{ok, "fd_read", []uint64{0, 200, 1, 0}}, {eBADF, "fd_read", []uint64{1, 200, 1, 0}}, {eISDIR, "fd_read", []uint64{3, 200, 1, 0}},
				{eBADF, "fd_pwrite", []uint64{1, 200, 1, 0, 0}}, {eBADF, "fd_pread", []uint64{4, 200, 1, 0, 0}},
				{eSPIPE, "fd_seek", []uint64{1, 0, 0, 0}}, {eBADF, "fd_seek", []uint64{3, 0, 0, 0}}, {eSPIPE, "fd_tell", []uint64{0, 0}},
				{eINVAL, "fd_sync", []uint64{1}}, {eBADF, "fd_sync", []uint64{4}},
				{ok, "fd_filestat_get", []uint64{2, 0}}, {ok, "fd_filestat_get", []uint64{3, 0}}, {eBADF, "fd_filestat_get", []uint64{9, 0}},
				{eISDIR, "fd_filestat_set_size", []uint64{3, 0}}, {eBADF, "fd_filestat_set_size", []uint64{2, 0}},
				{eACCES, "fd_readdir", []uint64{3, 300, 100, 0, 0}}, {eBADF, "fd_readdir", []uint64{1, 300, 100, 0, 0}},
				{eBADF, "fd_close", []uint64{0}}, {eBADF, "fd_close", []uint64{3}}, {eBADF, "fd_close", []uint64{4}},
				{eBADF, "fd_close", []uint64{1<<32 - 1}}, {eBADF, "fd_close", []uint64{1 << 31}},
				{eACCES, "path_open", []uint64{3, 0, 100, n, 0, rightRead, 0, 0, 0}}, {eBADF, "path_open", []uint64{4, 0, 100, n, 0, rightRead, 0, 0, 0}},
				{eACCES, "path_filestat_get", []uint64{3, 0, 100, n, 0}}, {eACCES, "path_filestat_set_times", []uint64{3, 0, 100, n, 0, 0, 0}},
				{eACCES, "path_create_directory", []uint64{3, 100, n}}, {eACCES, "path_remove_directory", []uint64{3, 100, n}},
				{eACCES, "path_unlink_file", []uint64{3, 100, n}}, {eACCES, "path_rename", []uint64{3, 100, n, 3, 100, n}},
				{eACCES, "path_link", []uint64{3, 0, 100, n, 3, 100, n}}, {eACCES, "path_symlink", []uint64{100, n, 3, 100, n}},
				{eACCES, "path_readlink", []uint64{3, 100, n, 300, 10, 0}},
				{eBADF, "path_rename", []uint64{1, 100, n, 3, 100, n}}, {eBADF, "path_create_directory", []uint64{1, 100, n}},
			} {
				g.want(x.e, x.f, x.args...)
			}
		}
	})
}

// A guest without memory cannot crash the host.
func TestNoMemory(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		ctx := context.Background()
		r := wazero.NewRuntimeWithConfig(ctx, c)
		defer r.Close(ctx)
		must(t, wasi.Register(ctx, r))
		m, err := r.InstantiateWithConfig(ctx, trampolines(wasi.Functions(), false), wazero.NewModuleConfig().WithName(""))
		must(t, err)
		for _, f := range wasi.Functions() {
			_, err := m.ExportedFunction(f.Name).Call(ctx, make([]uint64, len(f.Params))...)
			t.Logf("%s: %v", f.Name, err != nil) // an error or an error number: both are fine
		}
	})
}

// What ends a call is found in the error of the guest's call, whatever the
// engine wraps around it.
func TestAbort(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		for _, x := range []struct {
			code uint64
			want authority.Code
		}{
			{0, authority.CodeBadResult}, {1, authority.CodeGuestError}, {2, authority.CodeGuestError},
			{0xffffffff, authority.CodeGuestError}, {0xefffffff, authority.CodeGuestError}, // wazero's for cancel and deadline
		} {
			g := newGuest(t, c, &wasi.State{})
			_, err := g.try("proc_exit", x.code)
			var a *wasi.Abort
			if !errors.As(err, &a) || a.Code != x.want {
				t.Errorf("exit %d: %v", x.code, err)
			}
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("exit %d passes for the end of the context", x.code)
			}
		}
	})
}

// Charge is asked before anything happens and can end the call.
func TestCharge(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		spent := errors.New("budget spent")
		units, limit := 0, 1<<30
		st := scoped(t, t.TempDir(), noLimits)
		st.Payer = charge(func(n int) error {
			if units += n; units > limit {
				return spent
			}
			return nil
		})
		g := newGuest(t, c, st)
		g.want(ok, "sched_yield")
		if units != 1 {
			t.Errorf("%d units for a call", units)
		}
		units = 0
		g.want(ok, "random_get", 0, 65536)
		if units != 1+16 {
			t.Errorf("%d units for 64 KiB", units)
		}
		units, limit = 0, 0
		n := g.str(0, "A/new")
		for _, f := range wasi.Functions() {
			_, err := g.try(f.Name, make([]uint64, len(f.Params))...)
			if !errors.Is(err, spent) {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		if _, err := g.try("path_create_directory", 3, 0, n); !errors.Is(err, spent) {
			t.Error(err)
		}
		limit = 1 << 30
		g.want(eNOENT, "path_filestat_get", 3, 0, 0, n, 100)
		g.want(ok, "path_create_directory", 3, 0, n)
	})
}
