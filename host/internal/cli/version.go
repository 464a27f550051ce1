package cli

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// abiVersion is the version of the interface between host and modules.
const abiVersion = 1

// version is the version of the module that this program was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func (c *cli) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of ambit",
		Long:    "Version prints the version of ambit, of the Go that built it, and of the\nmodule interface (ABI) that it speaks.",
		Example: "  ambit version\n  ambit version --json",
		Args:    exactly(),
		RunE: c.run(func(context.Context, []string) (int, error) {
			if asJSON {
				return exitOK, writeJSON(c.stdout, map[string]any{
					"version": version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH, "abi": abiVersion,
				})
			}
			_, err := fmt.Fprintf(c.stdout, "ambit %s (%s, %s/%s, abi %d)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, abiVersion)
			return exitOK, err
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
