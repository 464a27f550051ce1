package meter_test

import (
	"bytes"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/tetratelabs/wazero"
)

// TestPieces holds long fills and copies, which are made in pieces, against
// what wazero does in one: within memory and past its end, in both directions.
func TestPieces(t *testing.T) {
	const pages, mib = 80, 1 << 20
	m := &wasmtest.Module{}
	m.Memory(pages)
	m.Export("memory", 2, 0)
	three := i32 + i32 + i32
	m.Export("fill", 0, m.Func(three, "", "", wasmtest.Code{}.Get(0).Get(1).Get(2).Op(0xfc, 11, 0)))
	m.Export("copy", 0, m.Func(three, "", "", wasmtest.Code{}.Get(0).Get(1).Get(2).Op(0xfc, 10, 0, 0)))
	metered, err := meter.Rewrite(m.Bytes(), options)
	if err != nil {
		t.Fatal(err)
	}
	engines := map[string]wazero.RuntimeConfig{"compiler": wazero.NewRuntimeConfig(), "interpreter": wazero.NewRuntimeConfigInterpreter()}
	for name, config := range engines {
		t.Run(name, func(t *testing.T) {
			k := &ticker{slice: 20_000}
			r := k.runtime(t, config)
			run := func(bin []byte, f string, args [3]uint64) (string, []byte) {
				mod, err := r.InstantiateWithConfig(bg, bin, wazero.NewModuleConfig().WithName(""))
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = mod.Close(bg) }()
				view, _ := mod.Memory().Read(0, pages<<16)
				for i := range view {
					view[i] = byte(i ^ i>>8 ^ i>>16)
				}
				failed := ""
				if _, err := mod.ExportedFunction(f).Call(bg, args[:]...); err != nil {
					failed = firstLine(err)
				}
				return failed, bytes.Clone(view)
			}
			const end = pages << 16
			for _, test := range []struct {
				f     string
				args  [3]uint64
				ticks int // at least, of 20 000 units each
			}{
				{"fill", [3]uint64{3, 7, 0}, 0},
				{"fill", [3]uint64{3, 7, mib}, 1},
				{"fill", [3]uint64{3, 7, mib + 1}, 1},
				{"fill", [3]uint64{0, 7, end}, 5},
				{"fill", [3]uint64{1, 7, end}, 0},
				{"fill", [3]uint64{1<<32 - 1, 7, 1<<32 - 1}, 0},
				{"copy", [3]uint64{5, 0, end - 5}, 5},
				{"copy", [3]uint64{0, 5, end - 5}, 5},
				{"copy", [3]uint64{2*mib + 9, 1, 2*mib + 77}, 2},
				{"copy", [3]uint64{1, 2*mib + 9, 2*mib + 77}, 2},
				{"copy", [3]uint64{77, 77, 2 * mib}, 2},
				{"copy", [3]uint64{mib, 0, end - mib + 1}, 0},
				{"copy", [3]uint64{0, mib, end - mib + 1}, 0},
				{"copy", [3]uint64{0, 1<<32 - 1, 1<<32 - 1}, 0},
			} {
				wantErr, want := run(m.Bytes(), test.f, test.args)
				before := k.ticks
				gotErr, got := run(metered, test.f, test.args)
				if gotErr != wantErr || !bytes.Equal(got, want) {
					t.Errorf("%s%v: error %q instead of %q, memory as it should be: %v", test.f, test.args, gotErr, wantErr, bytes.Equal(got, want))
				}
				if k.ticks-before < test.ticks {
					t.Errorf("%s%v: %d ticks", test.f, test.args, k.ticks-before)
				}
			}
		})
	}
}
