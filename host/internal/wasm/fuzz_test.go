package wasm_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

func FuzzParse(f *testing.F) {
	f.Add(full().Bytes())
	f.Add(wasmtest.Echo("{}"))
	f.Add([]byte(wasmtest.Header))
	f.Add(section(9, 1, 5, 0x70, 1, 0xd0, 0x70, 0x0b))
	for _, b := range hostile.Binaries() {
		if len(b.Bytes) < 1000 {
			f.Add(b.Bytes)
		}
	}
	f.Fuzz(func(t *testing.T, bin []byte) {
		before := bytes.Clone(bin)
		m, err := wasm.Parse(bin, wasm.Limits{})
		if err != nil {
			if _, ok := errors.AsType[*wasm.Error](err); !ok {
				t.Fatalf("error %T", err)
			}
			return
		}
		bare, err := wasm.Parse(m.Bare(10), wasm.Limits{Exports: 20_000, AllNames: 1 << 20})
		if err != nil {
			t.Fatalf("the bare form of an accepted module: %v", err)
		}
		if len(bare.Exports) != len(m.Exports)+started(m) || bare.Start != nil || len(bare.Imports) != len(m.Imports) || len(bare.Customs) != 0 {
			t.Fatal("the bare form is another module")
		}
		out, err := wasm.SetCustomSection(bin, "ambit", []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Customs) < 1000 {
			if data, err := wasm.CustomSection(out, "ambit"); err != nil || string(data) != "x" {
				t.Fatalf("section = %q, %v", data, err)
			}
		}
		if !bytes.Equal(bin, before) {
			t.Fatal("the input was changed")
		}
	})
}

// FuzzGate gives wazero what the gate accepts: it compiles it or refuses it,
// and never panics. (The worst that it may take is what TestHostile compiles.)
func FuzzGate(f *testing.F) {
	f.Add(full().Bytes())
	f.Add(withAll(0x00, 0x0f))
	n := 0
	forEachSpecModule(f, func(_ string, _ specCommand, bin []byte) {
		if n++; n%20 == 0 && len(bin) < 2000 {
			f.Add(bin)
		}
	})
	c := newCompiler(f, wazero.NewRuntimeConfigCompiler())
	f.Fuzz(func(t *testing.T, bin []byte) {
		if len(bin) > 4096 {
			return
		}
		m, err := wasm.Parse(bin, wasm.Limits{})
		if err != nil {
			return
		}
		if p, ok := errors.AsType[*panicked](c.compile(m.Bare(100))); ok {
			t.Fatal(p)
		}
	})
}

// FuzzBody gives the gate and wazero the same body of a function: what the gate
// accepts makes wazero not panic, and what wazero accepts the gate accepts,
// except where wazero knows more than the features that are switched on, or is
// less strict than the specification.
func FuzzBody(f *testing.F) {
	for _, body := range []string{"\x00", "\x20\x00\x04\x40\x05\x0b", "\x03\x40\x20\x00\x0d\x00\x0b", "\x41\x00\x0e\x01\x00\x00",
		"\x20\x00\x28\x02\x00\x1a", "\x02\x7f\x41\x01\x0b\x1a", "\xd2\x00\x1a", "\x00\xfd\x0c0123456789abcdef\x00", "\x00\xfc\x0b\x00\x00",
		"\x41\x00\x41\x00\x11\x00\x00", "\x23\x00\x24\x00", "\x43abcd\xfc\x00\x1a", "\x02\x00\x0b", "\x41\x01\x02\x00\x1a\x0b"} {
		f.Add([]byte(body))
	}
	c := newCompiler(f, wazero.NewRuntimeConfigInterpreter())
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 1000 {
			return
		}
		bin := withAll(body...)
		_, err := wasm.Parse(bin, generous)
		theirs := c.compile(bin)
		if err == nil {
			if p, ok := errors.AsType[*panicked](theirs); ok {
				t.Fatal(p)
			}
			return
		}
		e, _ := errors.AsType[*wasm.Error](err)
		known := e.Feature != "" ||
			strings.Contains(e.Text, "there is no type -") || // a negative number in more bytes than it needs
			strings.Contains(e.Text, "vector instruction") || strings.Contains(e.Text, "instruction 0xfd") // of which wazero reads one byte
		if theirs == nil && !known {
			t.Fatalf("wazero accepts it, but: %v", err)
		}
	})
}
