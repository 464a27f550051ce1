package wasm_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestHostile are the binaries of the hostile catalogue.
func TestHostile(t *testing.T) {
	c := engine(t)
	for _, b := range hostile.Binaries() {
		t.Run(b.Name, func(t *testing.T) {
			if got := refusedCheaply(t, b.Bytes); !strings.Contains(got.Text, b.Why) {
				t.Errorf("refused with %q, want %q", got.Text, b.Why)
			}
			if b.Control != nil {
				c.accept(t, b.Control)
			}
		})
	}
}

// refusedCheaply asserts that a refusal takes less than 1 MiB.
func refusedCheaply(t *testing.T, bin []byte) *wasm.Error {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := parseError(t, bin)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated before %v", n, err)
	}
	return err
}

// TestRefusedAtTheEnd refuses a module that has as much as it may of all that
// is kept, for its last byte.
func TestRefusedAtTheEnd(t *testing.T) {
	vector := func(id byte, n int, entry func(i int) []byte) []byte {
		b := wasmtest.U32(nil, uint32(n))
		for i := range n {
			b = append(b, entry(i)...)
		}
		return section(id, b...)
	}
	name := func(i int) []byte { return wasmtest.Name(nil, fmt.Sprintf("a-longer-name-%06d", i)) }
	same := func(b ...byte) func(int) []byte { return func(int) []byte { return b } }
	parts := [][]byte{
		vector(1, 5_000, same(0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f)),
		vector(2, 1_000, func(i int) []byte { return append(slices.Concat(name(i), name(i)), 0, 0) }),
		vector(3, 100_000, same(0)),
		section(5, 1, 0, 1),
		vector(6, 10_000, same(0x7f, 0, 0x41, 0, 0x0b)),
		vector(7, 1_000, func(i int) []byte { return append(name(i), 0, 0) }),
		vector(10, 100_000, same(3, 0, 0x00, 0x0b)),
		vector(11, 100_000, same(1, 0)),
	}
	mustParse(t, join(parts...))
	refusedCheaply(t, append(join(parts...), 14))
}

// TestImportKinds is row 019: the gate reads imports of other kinds, so that
// the host can say what it refuses; and row 023: names never reach wazero.
func TestImportKinds(t *testing.T) {
	for name, desc := range map[string][]byte{"memory": {2, 0, 1}, "table": {1, 0x70, 0, 1}, "global": {3, 0x7f, 1}} {
		m := mustParse(t, section(2, append([]byte{1, 1, 'm', 1, 'n'}, desc...)...))
		if len(m.Imports) != 1 || m.Imports[0].Kind.String() != name {
			t.Errorf("%s: imports = %v", name, m.Imports)
		}
	}
	for _, name := range []string{"host", "env", "wasi_snapshot_preview1", "../x", "", strings.Repeat("x", 1<<20)} {
		var m wasmtest.Module
		m.Custom("name", append([]byte{0}, wasmtest.Name(nil, string(wasmtest.Name(nil, name)))...))
		core := mustParse(t, m.Bytes()).Bare(1)
		if !bytes.Equal(core, []byte(wasmtest.Header)) {
			t.Errorf("a module named %.20q leaves %q", name, core)
		}
	}
}
