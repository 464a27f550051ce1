package host

import (
	"testing"

	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/tetratelabs/wazero"
)

// TestCodeOfRefused: nothing is left in the runtime of a module that was
// compiled and then refused.
func TestCodeOfRefused(t *testing.T) {
	t.Setenv(cacheVariable, cacheOff)
	h := newHost(&acl.App{}, nil, Config{})
	if err := h.openSandbox(t.Context(), Config{}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.abandon(); err != nil {
			t.Error(err)
		}
	}()
	for name, start := range map[string]wasmtest.Code{"refused": wasmtest.Code{}.Unreachable(), "": nil} {
		g := wasmtest.NewGuest()
		g.Export(exportInit, 0, g.Func("", "", "", start))
		m := newModule("m", "", h.log)
		m.limits = h.limits
		bin := g.Invoke(wasmtest.Code{}.I32(0)).Manifest(`{"module":{"name":"m","version":"1.0.0","abi":1},"command":[{"name":"run"}]}`).Bytes()
		if refused := m.inspect(bin); refused != nil {
			t.Fatal(refused)
		}
		if refused := h.prepare(t.Context(), m); (refused != nil) != (name != "") {
			t.Fatalf("%s: %v", name, refused)
		}
		_, err := h.sandbox.runtime.InstantiateModule(t.Context(), m.compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
		if (err != nil) != (name != "") {
			t.Errorf("%s: instantiating it: %v", name, err)
		}
		m.retire()
	}
}
