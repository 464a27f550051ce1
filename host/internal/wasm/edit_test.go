package wasm_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

func TestCustomSection(t *testing.T) {
	g := wasmtest.NewGuest()
	_, err := wasm.CustomSection(g.Bytes(), "ambit")
	if e, ok := errors.AsType[*wasm.NoSectionError](err); !ok || e.Count != 0 {
		t.Errorf("none: %v", err)
	}
	g.Custom("ambit", []byte("one"))
	if data, err := wasm.CustomSection(g.Bytes(), "ambit"); err != nil || string(data) != "one" {
		t.Errorf("one: %q, %v", data, err)
	}
	g.Custom("ambit", []byte("two"))
	_, err = wasm.CustomSection(g.Bytes(), "ambit")
	if e, ok := errors.AsType[*wasm.NoSectionError](err); !ok || e.Count != 2 {
		t.Errorf("two: %v", err)
	}
}

func TestSetCustomSection(t *testing.T) {
	bin := full().Bytes()
	out, err := wasm.SetCustomSection(bin, "ambit", []byte("new"))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := wasm.CustomSection(out, "ambit"); err != nil || string(data) != "new" {
		t.Errorf("section = %q, %v", data, err)
	}
	if m := mustParse(t, out); len(m.Customs) != 2 || m.Customs[0].Name != "name" {
		t.Errorf("custom sections = %v", m.Customs)
	}
	again, err := wasm.SetCustomSection(out, "ambit", []byte("new"))
	if err != nil || !bytes.Equal(out, again) {
		t.Errorf("setting the same section again changed the binary (%v)", err)
	}
	if _, err := wasm.SetCustomSection([]byte("no"), "ambit", nil); err == nil {
		t.Error("wrote into what is no module")
	}
}
