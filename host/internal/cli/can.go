package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const canLong = `Can asks the authority whether a caller may call a command, and says why: the
capabilities and permissions that matched with file and line, the scope and
the powers that the call would get; for a no, the smallest change that would
allow it. Nothing is run.

With --patch it prints, for a no, that change and nothing else, as a patch that
"patch -p1" and "git apply" take in the app's folder. It was tried before: with
it the answer is yes. That it would help does not say that it should be made.

The caller is a window's own page, a remote page in a window (--origin), or a
module (--from-module). A command without a dot is one of the module "app".

Exit codes
  0  yes    3  no    1  the policy does not load    2  wrong usage`

func (c *cli) canCommand() *cobra.Command {
	var f appFlags
	var who callerFlags
	var patch bool
	cmd := &cobra.Command{
		Use:   "can [--window LABEL [--webview LABEL] [--origin URL] | --from-module MODULE] MODULE.COMMAND",
		Short: "Say whether a caller may call a command, and why",
		Long:  canLong,
		Example: `  ambit can --window main fs.read_text_file
  ambit can --window main --origin https://example.com notes.list
  ambit can --from-module notes --json fs.write_file | jq .remedy
  ambit can --window main notes.list --patch | patch -p1`,
		Args: exactly("the command (MODULE.COMMAND)"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.can(&f, &who, args[0], patch) }),
	}
	cmd.DisableFlagsInUseLine = true
	f.add(cmd)
	who.add(cmd)
	cmd.Flags().BoolVar(&patch, "patch", false, "for a no, print only the patch that would make it a yes")
	cmd.MarkFlagsMutuallyExclusive("patch", "json")
	return cmd
}

func (c *cli) can(f *appFlags, who *callerFlags, name string, asPatch bool) (int, error) {
	caller, err := who.caller()
	if err != nil {
		return exitUsage, err
	}
	module, command, err := parseCommand(name)
	if err != nil {
		return exitUsage, err
	}
	a, err := c.authorityOf(f)
	if err != nil {
		return exitError, err
	}
	d := a.authority.Decide(authority.Request{
		Caller: caller, Module: module, Command: command, Now: time.Now().UnixNano(),
	})
	code := exitOK
	if !d.Allowed() {
		code = exitDenied
	}
	switch {
	case f.json:
		out := decisionOf(d)
		out.Patch, _ = c.remedyPatch(f, a, d)
		return code, writeJSON(c.stdout, out)
	case asPatch:
		patch, err := c.remedyPatch(f, a, d)
		if err != nil {
			c.errorf("%v", err)
		}
		return code, c.printPatch(patch)
	}
	c.printDecision(d)
	return code, nil
}

// parseCommand parses the name of a command on the command line.
func parseCommand(name string) (module, command string, err error) {
	if module, command, err = authority.ParseCommand(name); err != nil {
		return "", "", usagef("%s", strings.TrimPrefix(err.Error(), "authority: "))
	}
	return module, command, nil
}

// printDecision prints a decision for people.
func (c *cli) printDecision(d authority.Decision) {
	if d.Allowed() {
		fmt.Fprintf(c.stdout, "%s %s\n", c.paint(c.stdout, green, "yes:"), printable.Text(d.Explain()))
		return
	}
	fmt.Fprintf(c.stdout, "%s %s\n", c.paint(c.stdout, red, "no:"), printable.Text(d.Explain()))
	c.printRemedy(c.stdout, d.Remedy())
}

// printRemedy prints the smallest change that would allow a call.
func (c *cli) printRemedy(w io.Writer, remedy string) {
	if remedy != "" {
		fmt.Fprintf(w, "%s\n  %s\n", c.paint(w, dim, "to allow it:"), printable.Text(indent(remedy)))
	}
}

// decisionJSON is what `ambit can --json` prints.
type decisionJSON struct {
	Allowed bool           `json:"allowed"`
	Code    authority.Code `json:"code"`
	Command string         `json:"command"`
	Caller  callerJSON     `json:"caller"`
	Matched []matchJSON    `json:"matched"`
	Scope   scopeJSON      `json:"scope"`
	Global  scopeJSON      `json:"global"`
	Powers  []string       `json:"powers"`
	Explain string         `json:"explain"`
	Remedy  string         `json:"remedy"`
	Patch   string         `json:"patch"` // of the app's files; empty if none helps
}

type callerJSON struct {
	Window  string `json:"window"`
	Webview string `json:"webview"`
	Origin  string `json:"origin"`
}

type matchJSON struct {
	Capability string   `json:"capability"`
	Permission string   `json:"permission"`
	Path       []string `json:"path,omitempty"` // the sets on the way to the permission
	Source     string   `json:"source"`         // file:line
}

type scopeJSON struct {
	Allow []any `json:"allow"`
	Deny  []any `json:"deny"`
}

func decisionOf(d authority.Decision) decisionJSON {
	req := d.Request()
	out := decisionJSON{
		Allowed: d.Allowed(), Code: d.Code(), Command: req.Module + "." + req.Command,
		Caller:  callerJSON{req.Caller.Window, req.Caller.Webview, req.Caller.Origin.String()},
		Matched: []matchJSON{}, Scope: scopeOf(nil, nil), Global: scopeOf(nil, nil), Powers: []string{},
		Explain: d.Explain(), Remedy: d.Remedy(),
	}
	for _, m := range d.Matched() {
		at := m.Source
		at.Column = 0
		out.Matched = append(out.Matched, matchJSON{m.Capability, m.Permission, m.Path, at.String()})
	}
	if g, ok := d.Grant(); ok {
		out.Scope, out.Global = scopeOf(g.Allow(), g.Deny()), scopeOf(g.GlobalAllow(), g.GlobalDeny())
		for _, p := range g.Powers() {
			out.Powers = append(out.Powers, string(p))
		}
	}
	return out
}

func scopeOf(allow, deny []authority.ScopeEntry) scopeJSON {
	values := func(entries []authority.ScopeEntry) []any {
		out := make([]any, len(entries))
		for i, e := range entries {
			out[i] = jsonvalue.Encodable(e.Value())
		}
		return out
	}
	return scopeJSON{values(allow), values(deny)}
}
