package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/hosttest"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const attackLong = `Attack opens an app as a host does, with its own policy and limits, and runs the
hostile catalogue against it: binaries that are wrong, modules that take too
much, that lie, that want out of their scope, callers who pass for others, and
policies that change meanwhile. Nothing of the app is called, and no file of it
is touched: modules get their own folders and keys in a temporary one.

Each line is an attack: its name, which begins with the row of the catalogue,
what the host answered, and what was tried. Also asked is which commands of the
app a stranger may call: a page from elsewhere, a module that nobody knows.

What would take a process down if the host did not hold runs in a child process
with limits of its own. It takes some twenty seconds.

Exit codes
  0  the host held    1  a breach, or the app does not load    2  wrong usage`

type attackFlags struct {
	appFlags
	only string
	list bool
}

func (c *cli) attackCommand() *cobra.Command {
	var f attackFlags
	cmd := &cobra.Command{
		Use:   "attack",
		Short: "Attack an app's host with the hostile catalogue",
		Long:  attackLong,
		Example: `  ambit attack --app app
  ambit attack --app app --only '^03'     what takes too much
  ambit attack --app app --only stranger  what may anybody call?
  ambit attack --list --json              what is tried, without trying it`,
		Args: exactly(),
		RunE: c.run(func(ctx context.Context, _ []string) (int, error) { return c.attack(ctx, &f) }),
	}
	f.addFolder(cmd)
	cmd.Flags().StringVar(&f.only, "only", "", "run attacks whose names match this regular `expression`")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the attacks, and what a host must answer, instead of running them")
	return cmd
}

// attackJSON is one attack in what `ambit attack --json` prints.
type attackJSON struct {
	Name     string   `json:"name"`
	Tries    string   `json:"tries"`
	Expect   []string `json:"expect"` // codes of which the host answers one; none: it answers as ever
	Happened string   `json:"happened,omitempty"`
	Breaches []string `json:"breaches"`
}

func (c *cli) attack(ctx context.Context, f *attackFlags) (int, error) {
	only, err := regexp.Compile(f.only)
	if err != nil {
		return exitUsage, usagef("--only: %v", err)
	}
	open := func(ctx context.Context, config host.Config) (*host.Host, error) {
		config.Profile = f.profile
		config.Cache = host.NewCache(host.CacheOptions{Off: true}) // nobody wants to keep the attackers' code
		h, err := c.openHost(ctx, &f.appFlags, config)
		if err != nil {
			return nil, errors.Join(err, config.Cache.Close(ctx))
		}
		return h, nil
	}
	if hosttest.IsChild() {
		return exitOK, hosttest.Serve(ctx, open, c.stdin, c.stdout)
	}
	var chosen []hosttest.Case
	for _, a := range hosttest.Cases() {
		if only.MatchString(a.Name) {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) == 0 {
		return exitUsage, usagef("--only %q matches none of the attacks (ambit attack --list shows them)", f.only)
	}
	if f.list {
		return exitOK, c.listAttacks(chosen, f.json)
	}
	return c.runAttacks(ctx, f, open, chosen)
}

func (c *cli) listAttacks(chosen []hosttest.Case, asJSON bool) error {
	list := make([]attackJSON, len(chosen))
	for i, a := range chosen {
		list[i] = asAttack(a)
	}
	if asJSON {
		return writeJSON(c.stdout, list)
	}
	for _, a := range list {
		expect := strings.Join(a.Expect, ", ")
		if expect == "" {
			expect = "nothing is reached"
		}
		fmt.Fprintf(c.stdout, "%s: %s (%s)\n", printable.Line(a.Name), a.Tries, expect)
	}
	return nil
}

func asAttack(a hosttest.Case) attackJSON {
	out := attackJSON{Name: a.Name, Tries: a.Tries, Expect: []string{}, Breaches: []string{}}
	for _, code := range a.Expect {
		out.Expect = append(out.Expect, string(code))
	}
	return out
}

func (c *cli) runAttacks(ctx context.Context, f *attackFlags, open hosttest.Open, chosen []hosttest.Case) (int, error) {
	// An app that does not load is no breach: say so before anything runs.
	h, err := open(ctx, host.Config{DataDir: os.TempDir()})
	if err != nil {
		return exitError, err
	}
	if err := h.Close(ctx); err != nil {
		return exitError, err
	}
	attacker := hosttest.NewAttacker(open, c.attackElsewhere(f))
	breached := 0
	var list []attackJSON
	for _, a := range chosen {
		if ctx.Err() != nil {
			break
		}
		r := attacker.Attack(ctx, a)
		out := asAttack(a)
		out.Happened, out.Breaches = r.Happened, append(out.Breaches, r.Breaches...)
		list = append(list, out)
		if len(r.Breaches) > 0 {
			breached++
		}
		if !f.json {
			c.printAttack(out)
		}
	}
	if err := errors.Join(attacker.Close(), context.Cause(ctx)); err != nil {
		return exitError, err
	}
	code := exitOK
	if breached > 0 {
		code = exitError
	}
	if f.json {
		return code, writeJSON(c.stdout, list)
	}
	verdict := c.paint(c.stdout, green, "the host held")
	if breached > 0 {
		verdict = c.paint(c.stdout, red, fmt.Sprintf("it did not hold against %d", breached))
	}
	attacks := "attacks"
	if len(list) == 1 {
		attacks = "attack"
	}
	fmt.Fprintf(c.stdout, "%d %s: %s\n", len(list), attacks, verdict)
	return code, nil
}

// attackElsewhere starts this program again, for the same app.
func (c *cli) attackElsewhere(f *attackFlags) func(context.Context) *exec.Cmd {
	return func(ctx context.Context) *exec.Cmd {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		cmd := exec.CommandContext(ctx, self, "attack", "--app", f.folder, "--profile", f.profile)
		cmd.Dir, cmd.Env = c.dir, append([]string{}, c.env...)
		return cmd
	}
}

func (c *cli) printAttack(a attackJSON) {
	verdict := c.paint(c.stdout, green, "pass")
	if len(a.Breaches) > 0 {
		verdict = c.paint(c.stdout, red, "FAIL")
	}
	fmt.Fprintf(c.stdout, "%s  %-44s  %-32s  %s\n", verdict, printable.Line(a.Name), printable.Cut(a.Happened, 60), a.Tries)
	for _, b := range a.Breaches {
		fmt.Fprintf(c.stdout, "        %s\n", printable.Cut(b, 2000))
	}
}
