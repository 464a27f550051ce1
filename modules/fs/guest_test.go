//go:build !wasip1

package fs_test

import (
	"bytes"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// most bounds the module's size; a package like fmt or net/http would show.
const most = 3_600_000 // bytes, with the manifest

func TestGuest(t *testing.T) {
	bin := sdktest.Build(t, "guest")
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
