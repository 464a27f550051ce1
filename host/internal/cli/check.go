package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/spf13/cobra"
)

const checkLong = `Check reads an app's folder as a host would: ambit.toml, ambit.lock, the
capabilities, the app's permissions and the manifest of each module. It
resolves them for a platform and reports every problem that it finds, each
with its place and, where one is known, what would fix it. Modules are looked
into as "ambit inspect" does; none is run.

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
		return c.checkFailed(f, err)
	}
	count, errs := countProblems(a.problems)
	code := exitOK
	if errs > 0 {
		code = exitError
	}
	if f.json {
		return code, writeJSON(c.stdout, checkJSON{problemsJSON(a.problems)})
	}
	c.printProblems(c.stdout, a.problems)
	verdict := c.paint(c.stdout, green, "ok:")
	if errs > 0 {
		verdict = c.paint(c.stdout, red, "not ok:")
	}
	_, err = fmt.Fprintf(c.stdout, "%s %s (%s)\n", verdict, count, a.summary())
	return code, err
}

// checkJSON is what `ambit check --json` prints.
type checkJSON struct {
	Problems []problemJSON `json:"problems"`
}

// checkFailed reports a folder that cannot be read at all: as a problem of its
// own with --json, so that scripts find it where they look.
func (c *cli) checkFailed(f *appFlags, err error) (int, error) {
	if _, usage := errors.AsType[*usageError](err); usage || !f.json {
		return exitError, err
	}
	p := authority.Problem{Position: authority.Position{File: f.folder}, Code: "bad-file", Message: err.Error()}
	return exitError, writeJSON(c.stdout, checkJSON{problemsJSON(authority.Problems{p})})
}
