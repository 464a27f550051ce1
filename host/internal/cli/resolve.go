package cli

import (
	"context"
	"fmt"

	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const resolveLong = `Resolve prints the policy as the authority sees it: sets expanded, platforms
applied, capability scope before permission scope. One rule a line, in
resolution order, each with the capability, the permission, the sets on the
way, and the file and line that gave it.

Exit codes
  0  resolved    1  the policy does not load    2  wrong usage`

func (c *cli) resolveCommand() *cobra.Command {
	var f appFlags
	cmd := &cobra.Command{
		Use:   "resolve",
		Short: "Print the rules that a policy comes down to",
		Long:  resolveLong,
		Example: `  ambit resolve --app app
  ambit resolve --policy-only --platform macOS --json | jq '.deny'`,
		Args: exactly(),
		RunE: c.run(func(context.Context, []string) (int, error) { return c.resolve(&f) }),
	}
	f.add(cmd)
	return cmd
}

func (c *cli) resolve(f *appFlags) (int, error) {
	a, err := c.authorityOf(f)
	if err != nil {
		return exitError, err
	}
	r := a.authority.Resolved()
	if f.json {
		return exitOK, writeJSON(c.stdout, r)
	}
	_, err = fmt.Fprint(c.stdout, printable.Text(r.String()))
	return exitOK, err
}
