package host_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// FuzzLoad loads any binary and calls it: the host answers with a typed error
// or a result, and goes on. (The interpreter, since it shares the checks before
// it and what a call may do with the compiler, but is ready sooner.)
func FuzzLoad(f *testing.F) {
	m := manifest("m", "run")
	for _, bad := range hostile.Modules("m") {
		if len(bad.Bytes) < 10_000 {
			f.Add(bad.Bytes)
		}
	}
	f.Add(wasmtest.Echo(m))
	f.Add(counting().Bytes())
	f.Add(guest(growUntilRefused(1).Op(count()...)))
	c := host.Config{Limits: host.Limits{Deadline: 20 * time.Millisecond, Load: time.Second, Memory: 1 << 20, Tables: 1000}}
	host.UseInterpreter(&c)
	h := open(f, app(f, map[string]string{"ambit.toml": "[[module]]\nname = \"m\"\n", "capabilities/main.toml": grantTest}, nil), c)
	f.Fuzz(func(t *testing.T, bin []byte) {
		if with, err := wasm.SetCustomSection(bin, "ambit", []byte(m)); err == nil {
			bin = with
		}
		if err := h.Load(context.Background(), "m", bin); err != nil {
			if _, ok := errors.AsType[*host.LoadError](err); !ok {
				t.Fatalf("error %T: %v", err, err)
			}
			return
		}
		if _, err := h.Invoke(context.Background(), main, "m.run", nil); err != nil {
			e, ok := errors.AsType[*host.Error](err)
			if !ok || e.Code == authority.CodeHostError {
				t.Fatalf("error %T: %v (%v)", err, err, e)
			}
		}
		if s := h.Stats(); s.Memory != s.Kept || s.Running != 0 {
			t.Fatalf("left behind: %+v", s)
		}
	})
}
