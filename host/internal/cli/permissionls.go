package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const permissionListLong = `Ls prints the permissions and sets of all modules of an app, or of one: the
commands that each allows and denies, its scope, the platforms that it is
limited to, where it is written, and which capabilities in effect grant it,
be it through sets. allow-<command> and deny-<command> exist for every command.

Exit codes
  0  listed    1  the policy does not load    2  wrong usage`

type permissionListFlags struct {
	appFlags
	expand bool
	filter string
}

func (c *cli) permissionListCommand() *cobra.Command {
	var f permissionListFlags
	cmd := &cobra.Command{
		Use:   "ls [MODULE]",
		Short: "List what can be granted, and who grants it",
		Long:  permissionListLong,
		Example: `  ambit permission ls fs --expand
  ambit permission ls --filter clipboard
  ambit permission ls --json | jq -r '.permissions[] | select(.granted_by == []) | .identifier'`,
		Args: cobra.MaximumNArgs(1),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.permissionList(&f, args) }),
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&f.expand, "expand", false, "list the permissions that a set comes down to")
	cmd.Flags().StringVar(&f.filter, "filter", "", "list only those that have this `text` in identifier, description or commands")
	return cmd
}

func (c *cli) permissionList(f *permissionListFlags, args []string) (int, error) {
	a, err := c.authorityOf(&f.appFlags)
	if err != nil {
		return exitError, err
	}
	all := permissions(a.policy)
	rows := []*permission{}
	modules := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		p := all[id]
		modules[p.Module] = true
		if len(args) > 0 && p.Module != args[0] || !p.has(f.filter) {
			continue
		}
		if f.expand && p.Kind == "set" {
			p.Expanded = expand(all, p, []string{}, map[string]bool{})
		}
		rows = append(rows, p)
	}
	if len(args) > 0 && !modules[args[0]] {
		return exitUsage, usagef("the app has no module %q that offers anything (%s)", args[0], suggestion(args[0], slices.Sorted(maps.Keys(modules))))
	}
	if f.json {
		return exitOK, writeJSON(c.stdout, struct {
			Permissions []*permission `json:"permissions"`
		}{rows})
	}
	for _, p := range rows {
		c.printPermission(c.stdout, p)
	}
	return exitOK, nil
}

// has reports whether a text is in what people look for.
func (p *permission) has(text string) bool {
	in := strings.Join(slices.Concat([]string{p.Identifier, p.Description}, p.Allow, p.Deny), "\n")
	return strings.Contains(strings.ToLower(in), strings.ToLower(text))
}

// expand collects the permissions that a set comes down to, in its order.
func expand(all map[string]*permission, p *permission, out []string, seen map[string]bool) []string {
	for _, id := range p.Members {
		m := all[id]
		if m == nil || seen[id] {
			continue
		}
		seen[id] = true
		if m.Kind == "set" {
			out = expand(all, m, out, seen)
		} else {
			out = append(out, id)
		}
	}
	return out
}

func (c *cli) printPermission(w io.Writer, p *permission) {
	source := p.Source
	if source == "" {
		source = "exists for each command"
	}
	fmt.Fprintf(w, "%s %s%s\n", printable.Line(p.Identifier), c.paint(w, dim, printable.Line("("+p.Kind+", "+source+")")), printable.Line(describe(p.Description)))
	list := func(what string, words []string) {
		if len(words) > 0 {
			fmt.Fprintf(w, "  %s %s\n", what, printable.Line(strings.Join(words, ", ")))
		}
	}
	list("allows", p.Allow)
	list("denies", p.Deny)
	list("scope", jsonTexts(p.Scope.Allow))
	list("but not", jsonTexts(p.Scope.Deny))
	if p.Expanded == nil {
		list("of", p.Members)
	}
	list("comes down to", p.Expanded)
	list("only on", p.Platforms)
	list("granted by", p.GrantedBy)
}

// jsonTexts writes values as JSON, each in one line.
func jsonTexts(values []any) []string {
	var out []string
	for _, v := range values {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(v) // a value of a policy file
		out = append(out, strings.TrimSpace(b.String()))
	}
	return out
}
