package cli

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const matrixLong = `Matrix prints a table of all callers that the app names and all commands of its
modules, or of those given: "yes", "-" where nothing is granted to the caller,
else the code. The callers are the declared windows, and the windows, webviews
and modules that a rule names without a wildcard; with --origin also a page of
that URL in each window. Nothing is run.

Exit codes
  0  printed    1  the policy does not load    2  wrong usage`

func (c *cli) matrixCommand() *cobra.Command {
	var f appFlags
	var origins []string
	cmd := &cobra.Command{
		Use:   "matrix [MODULE...]",
		Short: "Print a table of who may call what",
		Long:  matrixLong,
		Example: `  ambit matrix --app app
  ambit matrix --app app --origin https://example.com fs
  ambit matrix --json | jq '.rows[] | select(.codes | index("allowed"))'`,
		Args: cobra.ArbitraryArgs,
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.matrix(&f, origins, args) }),
	}
	f.add(cmd)
	cmd.Flags().StringArrayVar(&origins, "origin", nil, "add a remote page of this `URL` in each window (repeatable)")
	return cmd
}

func (c *cli) matrix(f *appFlags, origins, modules []string) (int, error) {
	for _, url := range origins {
		if _, err := pattern.ParseURL(url); err != nil {
			return exitUsage, usagef("--origin %q is no absolute URL: %v", url, err)
		}
	}
	a, err := c.authorityOf(f)
	if err != nil {
		return exitError, err
	}
	var known []string
	for _, m := range a.authority.Manifests() {
		known = append(known, m.Name)
	}
	for _, name := range modules {
		if !slices.Contains(known, name) {
			return exitUsage, noModule(name, known)
		}
	}
	resolved := a.authority.Resolved()
	callers := a.callersOf(slices.Concat(resolved.Allow, resolved.Deny, resolved.Global))
	for _, page := range callers[:len(callers):len(callers)] {
		for _, url := range origins {
			if page.Origin.IsLocal() {
				page.Origin = authority.RemoteOrigin(url)
				callers = append(callers, page)
			}
		}
	}
	m := a.authority.Matrix(time.Now().UnixNano(), callers...)
	if len(modules) > 0 {
		m.Rows = slices.DeleteFunc(m.Rows, func(r authority.MatrixRow) bool {
			module, _, _ := authority.ParseCommand(r.Command)
			return !slices.Contains(modules, module)
		})
	}
	if f.json {
		return exitOK, writeJSON(c.stdout, m)
	}
	_, err = fmt.Fprint(c.stdout, printable.Text(m.String()))
	return exitOK, err
}
