package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

const checkLong = `Check reads an app's folder as a host would: ambit.toml, ambit.lock, the
capabilities, the app's permissions and the manifest of each module. It
resolves them for a platform and reports every problem that it finds, each
with its place and, where one is known, what would fix it.

With --policy-only no module is read: every folder permissions/<module>/ is
that module's whole manifest, and ambit.toml may be missing.

Exit codes
  0  no error (there may be warnings)    1  an error    2  wrong usage`

func (c *cli) checkCommand() *cobra.Command {
	var f appFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Report everything that is wrong with an app's folder",
		Long:  checkLong,
		Example: `  ambit check
  ambit check --app examples/notes/app --platform windows
  ambit check --app policy --policy-only --json | jq '.problems[].message'`,
		Args: exactly(),
		RunE: c.run(func(context.Context, []string) (int, error) { return c.check(&f) }),
	}
	f.add(cmd)
	return cmd
}

func (c *cli) check(f *appFlags) (int, error) {
	a, err := c.load(f)
	if err != nil {
		return exitError, err
	}
	count, errs := countProblems(a.problems)
	code := exitOK
	if errs > 0 {
		code = exitError
	}
	if f.json {
		return code, writeJSON(c.stdout, struct {
			Problems []problemJSON `json:"problems"`
		}{problemsJSON(a.problems)})
	}
	c.printProblems(c.stdout, a.problems)
	verdict := c.paint(c.stdout, green, "ok:")
	if errs > 0 {
		verdict = c.paint(c.stdout, red, "not ok:")
	}
	_, err = fmt.Fprintf(c.stdout, "%s %s (%s)\n", verdict, count, a.summary())
	return code, err
}
