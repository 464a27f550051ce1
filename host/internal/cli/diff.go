package cli

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const diffLong = `Diff says what somebody can do under NEW and could not do under OLD (+, it
widened), and the other way round (-, it narrowed), each with the files and
lines that say so. OLD and NEW are two apps' folders, or two versions of a
module: files *.wasm, or manifests *.toml.

Of apps it compares what their policies come down to: who may call which
command, with which scope and powers, until when and how often; whether modules
can be used and are trusted; base dirs, windows and limits. A policy that was
only written in another way has no differences. Rules that differ on some
platforms only say on which. Of modules it compares what they ask for, in the
words of "ambit lock".

What cannot be told has widened: a pattern that became another one is shown as
one that is gone and one that is new. The code of a module, and what is in its
folders, is not looked at.

Exit codes
  0  compared, whatever was found
  1  an error, or what --fail-on names was found
  2  wrong usage`

type diffFlags struct {
	appFlags
	failOn string
	given  func(flag string) bool
}

// failWords are what --fail-on takes; empty is never.
var failWords = []string{"widen", "narrow", "any"}

func (c *cli) diffCommand() *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say what widened and narrowed between two policies or modules",
		Long:  diffLong,
		Example: `  ambit diff app.before app
  ambit diff --json notes-1.wasm notes-2.wasm | jq '.changes[] | select(.direction == "widened")'

  In CI, against the main branch:
  git worktree add /tmp/base origin/main
  ambit diff --fail-on widen /tmp/base/app app`,
		Args: exactly("OLD, a folder or a module,", "NEW, a folder or a module,"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.diff(&f, args[0], args[1]) }),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.failOn, "fail-on", "", "exit with 1 if something did this: `what` is widen, narrow or any")
	f.addPolicyOnly(cmd)
	flags.StringVar(&f.platform, "platform", "", "compare on this `platform` only: "+platformNames())
	flags.StringVar(&f.profile, "profile", "", "the `profile` of both apps' ambit.toml to use (default: prod)")
	flags.BoolVar(&f.json, "json", false, "print JSON, in a shape that scripts can rely on")
	f.given = flags.Changed
	complete(cmd, "fail-on", failWords...)
	complete(cmd, "platform", platforms...)
	return cmd
}

// changeJSON is a change as `ambit diff --json` prints it.
type changeJSON struct {
	authority.Change
	Platforms []authority.Platform `json:"platforms,omitempty"` // none: all that were compared
}

// diffJSON is what `ambit diff --json` prints.
type diffJSON struct {
	Widened  int          `json:"widened"`
	Narrowed int          `json:"narrowed"`
	Changes  []changeJSON `json:"changes"`
}

func (c *cli) diff(f *diffFlags, before, after string) (int, error) {
	if f.given("fail-on") && !slices.Contains(failWords, f.failOn) {
		return exitUsage, usagef("--fail-on %q is not one of widen, narrow, any", f.failOn)
	}
	if _, err := f.target(); err != nil {
		return exitUsage, err
	}
	changes, err := c.changes(f, before, after)
	if err != nil {
		return exitError, err
	}
	out := diffJSON{Changes: changes}
	for i := range changes {
		if changes[i].Direction == authority.Narrowed {
			out.Narrowed++
		} else {
			out.Widened++
		}
	}
	if f.json {
		err = writeJSON(c.stdout, out)
	} else {
		err = c.printDiff(out)
	}
	if err == nil {
		err = f.failure(out)
	}
	if err != nil {
		return exitError, err
	}
	return exitOK, nil
}

// printDiff prints the changes for people, one to a line.
func (c *cli) printDiff(d diffJSON) error {
	for i := range d.Changes {
		line, color := d.Changes[i].String(), yellow
		if d.Changes[i].Direction == authority.Narrowed {
			color = green
		}
		fmt.Fprintf(c.stdout, "%s %s\n", c.paint(c.stdout, color, line[:1]), printable.Line(line[2:]))
	}
	if len(d.Changes) == 0 {
		_, err := fmt.Fprintln(c.stdout, "nothing widened or narrowed")
		return err
	}
	_, err := fmt.Fprintf(c.stdout, "%d widened, %d narrowed\n", d.Widened, d.Narrowed)
	return err
}

// failure is the error that --fail-on asks for, if it does.
func (f *diffFlags) failure(d diffJSON) error {
	widened, narrowed := d.Widened > 0 && f.failOn != "narrow", d.Narrowed > 0 && f.failOn != "widen"
	if f.failOn == "" || !widened && !narrowed {
		return nil
	}
	return fmt.Errorf("%d widened, %d narrowed (--fail-on %s)", d.Widened, d.Narrowed, f.failOn)
}

// changes compares two of a kind.
func (c *cli) changes(f *diffFlags, before, after string) ([]changeJSON, error) {
	apps := [2]bool{}
	for i, name := range []string{before, after} {
		info, err := os.Stat(c.path(name))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, cause(err))
		}
		apps[i] = info.IsDir()
	}
	if apps[0] != apps[1] {
		return nil, usagef("one of %q and %q is a folder and the other is not (give two apps' folders, or two modules)", before, after)
	}
	if apps[0] {
		return c.appChanges(f, before, after)
	}
	for _, flag := range []string{"policy-only", "platform", "profile"} {
		if f.given(flag) {
			return nil, usagef("--%s is for apps' folders, not for modules", flag)
		}
	}
	return c.moduleChanges(before, after)
}
