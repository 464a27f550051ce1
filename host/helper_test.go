package host_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// shared keeps compiled code for all tests.
var shared = host.NewCache(host.CacheOptions{Off: true})

// manifest is the JSON of a manifest with these commands.
func manifest(name string, commands ...string) string { return wasmtest.Manifest(name, commands...) }

// grantTest lets the window main call the command run of the module m.
const grantTest = `
identifier = "main"
windows = ["main"]
permissions = ["m:allow-run"]
`

// app is the folder of an app: its files by name, modules by the name of the
// module. There is a plain ambit.toml if files has none.
func app(t testing.TB, files map[string]string, modules map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	toml := ""
	for name, bin := range modules {
		toml += "[[module]]\nname = \"" + name + "\"\n"
		write(t, dir, "modules/"+name+".wasm", string(bin))
	}
	if _, ok := files["ambit.toml"]; !ok {
		write(t, dir, "ambit.toml", toml)
	}
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// open opens an app's folder and closes the host after the test.
func open(t testing.TB, dir string, c host.Config) *host.Host {
	t.Helper()
	if c.Cache == nil {
		c.Cache = shared
	}
	h, err := host.Open(t.Context(), dir, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeHost(t, h) })
	return h
}

func closeHost(t testing.TB, h *host.Host) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.Close(ctx); err != nil {
		t.Error(err)
	}
	if s := h.Stats(); s.Running != 0 || s.Memory != 0 {
		t.Errorf("after closing, %d calls run and %d bytes of memory are in use", s.Running, s.Memory)
	}
}

// single opens an app with one module "m", whose command "run" the window main
// may call.
func single(t testing.TB, bin []byte, c host.Config) *host.Host {
	t.Helper()
	return open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, map[string][]byte{"m": bin}), c)
}

// guest returns a guest "m" with a command "run".
func guest(body wasmtest.Code) []byte {
	return wasmtest.NewGuest().Invoke(body).Manifest(manifest("m", "run")).Bytes()
}

var main = host.Window("main")

// wantCode asserts how an invoke failed.
func wantCode(t testing.TB, err error, want authority.Code) *host.Error {
	t.Helper()
	e, ok := errors.AsType[*host.Error](err)
	if !ok {
		t.Fatalf("error %v, want code %s", err, want)
	}
	if e.Code != want {
		t.Fatalf("error %v, want code %s (cause: %v)", err, want, e.Err)
	}
	return e
}

// wantDenied asserts that the authority refused.
func wantDenied(t testing.TB, err error, want authority.Code) *authority.Denial {
	t.Helper()
	d, ok := errors.AsType[*authority.Denial](err)
	if !ok || !errors.Is(err, authority.ErrDenied) {
		t.Fatalf("error %v, want a denial", err)
	}
	if d.Code() != want {
		t.Fatalf("denied with %s, want %s", d.Code(), want)
	}
	return d
}

// field follows keys through a decoded value.
func field(t testing.TB, v any, keys ...string) any {
	t.Helper()
	for _, k := range keys {
		m, ok := v.(map[string]any)
		if !ok {
			t.Fatalf("%v has no field %q", v, k)
		}
		v = m[k]
	}
	return v
}
