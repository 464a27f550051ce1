package cli

import (
	"context"
	"fmt"

	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/host/internal/typescript"
	"github.com/spf13/cobra"
)

const typesLong = `Types prints a TypeScript module with a function for each command of the app's
modules, typed by the schemas of their arguments, for pages that are written in
TypeScript:

  import { notes } from "./commands"
  await notes.add({ title: "Groceries", text: "milk" })

Modules and files are named as for "ambit docs". With --out it goes to a file.

Exit codes
  0  printed, or written    1  an error    2  wrong usage`

func (c *cli) typesCommand() *cobra.Command {
	var f docsFlags
	var client string
	cmd := &cobra.Command{
		Use:   "types [MODULE | FILE.wasm | FILE.toml]...",
		Short: "Print typed wrappers of commands, for web pages in TypeScript",
		Long:  typesLong,
		Example: `  ambit types --app app --out ui/commands.ts
  ambit types --app app --client @ambit-wasm/ambit notes`,
		RunE: c.run(func(_ context.Context, args []string) (int, error) {
			refs, err := c.references(&f, args)
			if err != nil {
				return exitError, err
			}
			text := typescript.Wrappers(refs, client)
			if f.out == "" {
				fmt.Fprint(c.stdout, text)
				return exitOK, nil
			}
			if err := writeFile(c.path(f.out), []byte(text)); err != nil {
				return exitError, fmt.Errorf("cannot write %q: %w", f.out, cause(err))
			}
			fmt.Fprintf(c.stdout, "wrote %s\n", printable.Line(f.out))
			return exitOK, nil
		}),
	}
	f.addApp(cmd)
	f.addPolicyOnly(cmd)
	cmd.Flags().StringVar(&f.out, "out", "", "the `file` to write")
	cmd.Flags().StringVar(&client, "client", "/_ambit/ambit.js", "from which `path` the client is imported")
	return cmd
}
