package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/spf13/cobra"
)

const checkLong = `Check reads an app's folder as a host would: ambit.toml, ambit.lock, the
capabilities, the app's permissions and the manifest of each module. It
resolves them for a platform and reports every problem that it finds, each
with its place and, where one is known, what would fix it. Modules are looked
into as "ambit inspect --static" does; none is run.

With --policy-only no module is read: every folder permissions/<module>/ is
that module's whole manifest, and ambit.toml may be missing.

A policy without errors is also looked over for what it allows and probably
does not mean. In ambit.toml, [lint.severity] makes an error of such a finding
or switches its rule off, and [[lint.silence]] takes one finding for what it is:

  [lint.severity]
  broad-glob = "error"              # or "warning", "off"

  [[lint.silence]]
  code = "exfiltration"
  capability = "main"
  permission = "sync:allow-push"    # where there are several findings, the one
  about = "sync"                    # of this permission, about this text
  reason = "sending notes away is what it is for"

Its rules
%s
Exit codes
  0  no error (there may be warnings)    1  an error    2  wrong usage`

// lintHelp lists the linter's rules for people.
func lintHelp() string {
	var b strings.Builder
	for _, r := range authority.LintRules() {
		fmt.Fprintf(&b, "  %-17s %s\n", r.Code, r.Why)
	}
	return b.String()
}

func (c *cli) checkCommand() *cobra.Command {
	var f appFlags
	var silenced bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Report everything that is wrong with an app's folder",
		Long:  fmt.Sprintf(checkLong, lintHelp()),
		Example: `  ambit check
  ambit check --app examples/notes/app --platform windows
  ambit check --silenced
  ambit check --app policy --policy-only --json | jq '.problems[].message'`,
		Args: exactly(),
		RunE: c.run(func(context.Context, []string) (int, error) { return c.check(&f, silenced) }),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&silenced, "silenced", false, "also print what is silenced, with the reasons")
	return cmd
}

func (c *cli) check(f *appFlags, silenced bool) (int, error) {
	a, err := c.load(f)
	if err != nil {
		return c.checkFailed(f, err)
	}
	a.lint(c.path(f.folder))
	count, errs := countProblems(a.problems)
	code := exitOK
	if errs > 0 {
		code = exitError
	}
	if f.json {
		return code, writeJSON(c.stdout, checkJSON{problemsJSON(a.problems)})
	}
	c.printProblems(c.stdout, a.problems)
	if silenced {
		c.printSilenced(a.silenced)
	}
	if len(a.silenced) > 0 {
		count += fmt.Sprintf(", %d silenced", len(a.silenced))
	}
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
