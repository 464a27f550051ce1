package cli_test

import (
	"os"
	"testing"

	"github.com/ambit-wasm/ambit/host/hosttest"
	"github.com/ambit-wasm/ambit/host/internal/cli"
)

// TestMain is the command line itself in a child of "ambit attack".
func TestMain(m *testing.M) {
	if hosttest.IsChild() {
		os.Exit(cli.Main(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
