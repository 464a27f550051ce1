package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const whoCanLong = `Who-can prints the rules that allow a command, and those that deny it, each
with its callers, its scope, and the file and line that gave it; then the
answer for each caller that can be named: the declared windows, and the
windows, webviews and modules that those rules name without a wildcard. A deny
beats every allow for the callers that it names. Nothing is run.

Exit codes
  0  somebody can    3  nobody can    1  the policy does not load    2  wrong usage`

func (c *cli) whoCanCommand() *cobra.Command {
	var f appFlags
	cmd := &cobra.Command{
		Use:   "who-can MODULE.COMMAND",
		Short: "List who may call a command",
		Long:  whoCanLong,
		Example: `  ambit who-can fs.write_file
  ambit who-can --app app --json shell.execute | jq '.callers[] | select(.allowed)'`,
		Args: exactly("the command (MODULE.COMMAND)"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.whoCan(&f, args[0]) }),
	}
	f.add(cmd)
	return cmd
}

// whoCanJSON is what `ambit who-can --json` prints.
type whoCanJSON struct {
	Command string           `json:"command"`
	Allow   []authority.Rule `json:"allow"`
	Deny    []authority.Rule `json:"deny"`
	Callers []answerJSON     `json:"callers"`

	somebody bool
}

// answerJSON is the answer to one caller.
type answerJSON struct {
	Caller  string         `json:"caller"`
	Allowed bool           `json:"allowed"`
	Code    authority.Code `json:"code"`
}

func (c *cli) whoCan(f *appFlags, name string) (int, error) {
	module, command, err := parseCommand(name)
	if err != nil {
		return exitUsage, err
	}
	a, err := c.authorityOf(f)
	if err != nil {
		return exitError, err
	}
	now := time.Now().UnixNano()
	if d := a.authority.Decide(authority.Request{Module: module, Command: command, Now: now}); !known(d) {
		return exitUsage, usagef("%s", d.Explain())
	}
	out := a.whoCan(module, command, now)
	code := exitOK
	if !out.somebody {
		code = exitDenied
	}
	if f.json {
		return code, writeJSON(c.stdout, out)
	}
	c.printWhoCan(out)
	return code, nil
}

// known reports whether the command that was asked for exists.
func known(d authority.Decision) bool {
	_, ok := d.Command()
	return ok || d.Code() == authority.CodeModuleInvalid
}

func (a *app) whoCan(module, command string, now int64) whoCanJSON {
	r := a.authority.ResolvedCommand(module, command)
	nobody := func(r authority.Rule) bool {
		return !strings.HasPrefix(r.Context, "module:") && len(r.Windows)+len(r.Webviews) == 0
	}
	out := whoCanJSON{
		Command: module + "." + command, Callers: []answerJSON{},
		Allow: slices.DeleteFunc(r.Allow, nobody), Deny: slices.DeleteFunc(r.Deny, nobody),
	}
	for _, caller := range a.callersOf(slices.Concat(out.Allow, out.Deny)) {
		d := a.authority.Decide(authority.Request{Caller: caller, Module: module, Command: command, Now: now})
		out.Callers = append(out.Callers, answerJSON{caller.String(), d.Allowed(), d.Code()})
	}
	out.somebody = slices.ContainsFunc(out.Callers, func(a answerJSON) bool { return a.Allowed }) || slices.ContainsFunc(out.Allow, wild(now))
	return out
}

// wild says of rules that are in force whether they are for callers that
// cannot all be named, so that somebody may well match.
func wild(now int64) func(authority.Rule) bool {
	return func(r authority.Rule) bool {
		_, all := named(r)
		until, err := time.Parse(time.RFC3339, r.Expires)
		return !all && (err != nil || until.UnixNano() > now)
	}
}

func (c *cli) printWhoCan(out whoCanJSON) {
	verdict := c.paint(c.stdout, green, "somebody can:")
	if !out.somebody {
		verdict = c.paint(c.stdout, red, "nobody can:")
	}
	fmt.Fprintf(c.stdout, "%s %s\n", verdict, printable.Line(out.Command))
	for _, r := range out.Allow {
		fmt.Fprintf(c.stdout, "  allow %s\n", printable.Line(r.String()))
	}
	for _, r := range out.Deny {
		fmt.Fprintf(c.stdout, "  deny %s\n", printable.Line(r.String()))
	}
	for _, a := range out.Callers {
		answer := c.paint(c.stdout, green, "yes")
		if !a.Allowed {
			answer = "no, " + string(a.Code)
		}
		fmt.Fprintf(c.stdout, "  %s: %s\n", printable.Line(a.Caller), answer)
	}
}
