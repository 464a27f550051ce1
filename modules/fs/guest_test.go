//go:build !wasip1

package fs_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// most bounds the module's size; a package like fmt or net/http would show.
const most = 3_600_000 // bytes

// compile builds the module as `ambit build` does, but for the manifest.
func compile(out string) ([]byte, error) {
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, "./guest")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, text)
	}
	return os.ReadFile(out)
}

func TestGuest(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for wasip1")
	}
	bin, err := compile(filepath.Join(t.TempDir(), "fs.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(bin, []byte("\x00asm\x01\x00\x00\x00")) {
		t.Fatalf("no Wasm module: %x", bin[:8])
	}
	for _, export := range []string{"ambit_invoke", "ambit_warm", "_initialize"} {
		if !bytes.Contains(bin, []byte(export)) {
			t.Errorf("the module does not export %q", export)
		}
	}
	t.Logf("%d bytes", len(bin))
	if len(bin) > most {
		t.Errorf("the module has %d bytes, more than %d", len(bin), most)
	}
}
