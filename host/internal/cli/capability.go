package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const capabilityLong = `Capability lists an app's capabilities, and writes new ones. What they grant is
changed with "ambit permission".`

const capabilityListLong = `Ls prints each capability of an app: where it is written, whom it is for, what
it grants, and under which conditions. Those that ambit.toml does not select
are listed as such.

Exit codes
  0  listed    1  the policy does not load    2  wrong usage`

func (c *cli) capabilityCommand() *cobra.Command {
	return c.group("capability", "List and write capabilities", capabilityLong, c.capabilityListCommand(), c.capabilityNewCommand())
}

func (c *cli) capabilityListCommand() *cobra.Command {
	var f appFlags
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the capabilities, with whom each is for",
		Long:  capabilityListLong,
		Example: `  ambit capability ls
  ambit capability ls --json | jq -r '.capabilities[] | select(.expires != "") | .identifier'`,
		Args: exactly(),
		RunE: c.run(func(context.Context, []string) (int, error) { return c.capabilityList(&f) }),
	}
	f.add(cmd)
	return cmd
}

// capabilityJSON is one capability as `ambit capability ls --json` prints it.
type capabilityJSON struct {
	Identifier  string      `json:"identifier"`
	Description string      `json:"description"`
	Source      string      `json:"source"` // file:line
	Selected    bool        `json:"selected"`
	Local       bool        `json:"local"`
	Remote      []string    `json:"remote"`
	Windows     []string    `json:"windows"`
	Webviews    []string    `json:"webviews"`
	Modules     []string    `json:"modules"`
	Via         []string    `json:"via"`
	Permissions []entryJSON `json:"permissions"`
	Platforms   []string    `json:"platforms"`
	Expires     string      `json:"expires"` // RFC 3339; empty: never
	Mode        string      `json:"mode"`
}

// entryJSON is an entry of a capability's permissions.
type entryJSON struct {
	Identifier string    `json:"identifier"`
	Scope      scopeJSON `json:"scope"`
	Source     string    `json:"source"`
}

func (c *cli) capabilityList(f *appFlags) (int, error) {
	a, err := c.authorityOf(f)
	if err != nil {
		return exitError, err
	}
	rows := []capabilityJSON{}
	for i, k := range a.capabilities() {
		rows = append(rows, capabilityRow(k, i < len(a.app.Capabilities)))
	}
	slices.SortStableFunc(rows, func(a, b capabilityJSON) int { return strings.Compare(a.Identifier, b.Identifier) })
	if f.json {
		return exitOK, writeJSON(c.stdout, struct {
			Capabilities []capabilityJSON `json:"capabilities"`
		}{rows})
	}
	for _, r := range rows {
		c.printCapability(c.stdout, r)
	}
	return exitOK, nil
}

func capabilityRow(k authority.Capability, selected bool) capabilityJSON {
	r := capabilityJSON{
		Identifier: k.Identifier, Description: k.Description, Source: k.FileLine(), Selected: selected, Local: k.Local,
		Remote: patternTexts(k.Remote), Windows: patternTexts(k.Windows), Webviews: patternTexts(k.Webviews),
		Modules: patternTexts(k.Modules), Via: patternTexts(k.Via), Permissions: []entryJSON{}, Platforms: []string{}, Mode: "enforce",
	}
	for _, e := range k.Permissions {
		scope := scopeOf(nil, nil)
		for _, v := range e.Scope.Allow {
			scope.Allow = append(scope.Allow, jsonvalue.Encodable(v.Value))
		}
		for _, v := range e.Scope.Deny {
			scope.Deny = append(scope.Deny, jsonvalue.Encodable(v.Value))
		}
		r.Permissions = append(r.Permissions, entryJSON{e.Identifier, scope, e.FileLine()})
	}
	for _, p := range k.Platforms {
		r.Platforms = append(r.Platforms, string(p))
	}
	if k.Expires != 0 {
		r.Expires = time.Unix(0, k.Expires).UTC().Format(time.RFC3339)
	}
	if k.Observe {
		r.Mode = "observe"
	}
	return r
}

func patternTexts(patterns []authority.Pattern) []string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		out[i] = p.Text
	}
	return out
}

func (c *cli) printCapability(w io.Writer, r capabilityJSON) {
	state := ""
	if !r.Selected {
		state = ", " + c.paint(w, yellow, "not selected")
	}
	fmt.Fprintf(w, "%s (%s%s)%s\n", printable.Line(r.Identifier), printable.Line(r.Source), state, printable.Line(describe(r.Description)))
	line := func(what string, words []string) {
		if len(words) > 0 {
			fmt.Fprintf(w, "  %s %s\n", what, printable.Line(strings.Join(words, ", ")))
		}
	}
	line("for windows", r.Windows)
	line("for webviews", r.Webviews)
	if pages := len(r.Windows)+len(r.Webviews) > 0; pages {
		origins := r.Remote
		if r.Local {
			origins = append([]string{"the app's own pages"}, origins...)
		}
		line("with", origins)
	}
	line("for modules", r.Modules)
	line("called from", r.Via)
	for _, e := range r.Permissions {
		text := e.Identifier
		if len(e.Scope.Allow) > 0 {
			text += " on " + strings.Join(jsonTexts(e.Scope.Allow), ", ")
		}
		if len(e.Scope.Deny) > 0 {
			text += " but not on " + strings.Join(jsonTexts(e.Scope.Deny), ", ")
		}
		line("grants", []string{text})
	}
	line("only on", r.Platforms)
	if r.Expires != "" {
		line("until", []string{r.Expires})
	}
	if r.Mode == "observe" {
		line("only observes:", []string{"it takes part in no decision"})
	}
}
