//go:build !wasip1

package http_test

import (
	"os"
	"testing"

	"github.com/ambit-wasm/ambit/modules/http/command"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// registered are the commands that the guest registers.
var registered []string

func TestMain(m *testing.M) {
	registered = command.Register()
	os.Exit(m.Run())
}

func TestManifest(t *testing.T) {
	if m := sdktest.CheckManifest(t, "manifest.toml", registered); m.Name != "http" || m.Default == nil {
		t.Errorf("module %q, default %v", m.Name, m.Default)
	}
}
