package host_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// accepted is an ambit.lock that accepts a module's binary.
func accepted(t *testing.T, bin []byte) string {
	t.Helper()
	info, err := host.Inspect("m.wasm", bin, host.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bin)
	lock := acl.Lock{Modules: []acl.LockEntry{acl.NewLockEntry(info.Manifest, hex.EncodeToString(sum[:]))}}
	return string(lock.Encode())
}

// TestAskingForMore replaces a module that was accepted by one that asks for
// more: it is refused before it is compiled, until it is accepted, too.
func TestAskingForMore(t *testing.T) {
	powers := func(list string) string {
		return strings.Replace(manifest("m", "run"), `{"name":"run"}`, `{"name":"run","powers":[`+list+`]}`, 1)
	}
	// Trying it would fail in another way.
	trap := func(manifest string) []byte {
		g := wasmtest.NewGuest()
		g.Start(g.Func("", "", "", wasmtest.Code{}.I32(0).I32(0).Call(wasmtest.Reply)))
		return g.Invoke(wasmtest.Code{}.I32(0)).Manifest(manifest).Bytes()
	}
	old, less, more := wasmtest.Echo(powers(`"fs.read"`)), wasmtest.Echo(powers(``)), wasmtest.Echo(powers(`"fs.read","fs.write"`))
	moreTrap := trap(powers(`"fs.read","fs.write"`))
	const why = `it asks for more than ambit.lock accepted: command "run" may use fs.write; look at it with "ambit lock --dry-run", then accept it with "ambit lock"`
	const trusted = "[[module]]\nname = \"m\"\ntrusted = true\n"
	for name, c := range map[string]struct {
		bin        []byte
		lock, toml string
		want       string
	}{
		"accepted":               {old, accepted(t, old), "", ""},
		"more":                   {more, accepted(t, old), "", why},
		"more, accepted again":   {more, accepted(t, more), "", ""},
		"more, trusted":          {more, accepted(t, old), trusted, ""},
		"more, never accepted":   {more, "version = 1\n", "", ""},
		"less":                   {less, accepted(t, old), "", ""},
		"more, and it traps":     {moreTrap, accepted(t, old), "", why},
		"accepted, but it traps": {moreTrap, accepted(t, moreTrap), "", "it cannot be initialised"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"capabilities/main.toml": grantTest, "ambit.lock": c.lock}
			if c.toml != "" {
				files["ambit.toml"] = c.toml
			}
			h := open(t, app(t, files, map[string][]byte{"m": c.bin}), host.Config{})
			_, err := h.Invoke(t.Context(), main, "m.run", nil)
			if refused := h.Modules()[0].Refused; c.want == "" {
				if refused != nil || err != nil {
					t.Errorf("refused: %v; invoked: %v", refused, err)
				}
			} else {
				if refused == nil || refused.Code != authority.CodeModuleInvalid || !strings.HasPrefix(refused.Text, c.want) {
					t.Errorf("refused: %v, want %s", refused, c.want)
				}
				wantDenied(t, err, authority.CodeModuleInvalid)
			}
			warned := 0
			for _, p := range h.Problems() {
				if p.Code == string(authority.CodeModuleInvalid) {
					warned++
				}
			}
			if (warned == 1) != (c.want != "") || warned > 1 {
				t.Errorf("%d warnings: %v", warned, h.Problems())
			}
		})
	}

	// The same at run time: what ran goes on.
	h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest, "ambit.lock": accepted(t, old)}, map[string][]byte{"m": old}), host.Config{})
	for _, bin := range [][]byte{more, moreTrap} {
		err := h.Load(t.Context(), "m", bin)
		if e, ok := errors.AsType[*host.LoadError](err); !ok || e.Code != authority.CodeModuleInvalid || e.Text != why {
			t.Errorf("loaded: %v", err)
		}
	}
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil {
		t.Error(err)
	}
	if err := h.Load(t.Context(), "m", less); err != nil {
		t.Error("control:", err)
	}
}
