// Command ambit checks, explains and runs the policy of an Ambit app, and
// builds its modules. Run `ambit help` for what it can do.
package main

import (
	"os"

	"github.com/ambit-wasm/ambit/host/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
