package cli_test

import (
	"os"
	"testing"

	"github.com/ambit-wasm/ambit/host/hosttest"
	"github.com/ambit-wasm/ambit/host/internal/cli"
)

// asCommand makes this test's program the command line.
const asCommand = "AMBIT_TEST_COMMAND"

// TestMain is the command line itself in a child of "ambit attack", and in a process
// of its own for tests that end it.
func TestMain(m *testing.M) {
	if hosttest.IsChild() || os.Getenv(asCommand) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
