//go:build !wasip1

package wire_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// Guests run code that native builds do not (map_guest.go), so the tests of
// this package run a second time inside wazero.
func TestInWasm(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test binary for wasip1")
	}
	file := filepath.Join(t.TempDir(), "wire.test.wasm")
	cmd := exec.Command("go", "test", "-c", "-o", file, ".")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %v\n%s", err, out)
	}
	binary, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	r := wazero.NewRuntime(ctx)
	defer r.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	var out bytes.Buffer
	_, err = r.InstantiateWithConfig(ctx, binary, wazero.NewModuleConfig().
		WithArgs("wire.test", "-test.v", "-test.short").WithEnv("PWD", "/").
		WithFSConfig(wazero.NewFSConfig().WithReadOnlyDirMount(".", "/")).
		WithSysWalltime().WithSysNanotime().WithStdout(&out).WithStderr(&out))
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if n := strings.Count(out.String(), "--- PASS: Test"); n < 20 {
		t.Errorf("only %d tests passed:\n%s", n, out.String())
	}
}
