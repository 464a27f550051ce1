package cli

import (
	"context"
	"fmt"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/spf13/cobra"
)

const capabilityNewLong = `New writes a capability into a file of its own, capabilities/<identifier>. A
file that exists is never overwritten. Where ambit.toml lists the capabilities
that are in effect, the new one is listed, too.

It is for the app's own pages in the windows and webviews that are named, or,
with --remote, for pages of these origins there (with --local, for both); or for
modules.

Exit codes
  0  written    1  an error, or the file exists    2  wrong usage`

type capabilityNewFlags struct {
	editFlags
	description string
	windows     []string
	webviews    []string
	remote      []string
	local       bool
	modules     []string
	permissions []string
	platforms   []string
	format      string
}

func (c *cli) capabilityNewCommand() *cobra.Command {
	var f capabilityNewFlags
	cmd := &cobra.Command{
		Use:   "new IDENTIFIER",
		Short: "Write a capability",
		Long:  capabilityNewLong,
		Example: `  ambit capability new editor --window main --permission notes:default
  ambit capability new web --window main --remote https://example.com --permission notes:allow-list
  ambit capability new indexer --module indexer --permission fs:allow-stat --format json --dry-run`,
		Args: exactly("the capability's identifier"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.capabilityNew(&f, args[0]) }),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.description, "description", "", "what it is for, as `text`")
	cmd.Flags().StringArrayVar(&f.windows, "window", nil, "a window's `label`, or a pattern of labels")
	cmd.Flags().StringArrayVar(&f.webviews, "webview", nil, "a webview's `label`, or a pattern of labels")
	cmd.Flags().StringArrayVar(&f.remote, "remote", nil, "the `URL` pattern of remote pages")
	cmd.Flags().BoolVar(&f.local, "local", false, "with --remote: for the app's own pages, too")
	cmd.Flags().StringArrayVar(&f.modules, "module", nil, "the `name` of a module that calls")
	cmd.Flags().StringArrayVar(&f.permissions, "permission", nil, "the `identifier` of what it grants")
	cmd.Flags().StringArrayVar(&f.platforms, "platform", nil, "a `platform` that it is limited to: "+platformNames())
	complete(cmd, "platform", platforms...)
	addFormat(cmd, &f.format)
	return cmd
}

func (c *cli) capabilityNew(f *capabilityNewFlags, id string) (int, error) {
	file, err := newFile("capabilities", id, f.format)
	switch pages := len(f.windows)+len(f.webviews) > 0; {
	case err != nil:
		return exitUsage, err
	case !pages && len(f.modules) == 0:
		return exitUsage, usagef("whom is it for? (give --window LABEL, --webview LABEL or --module NAME)")
	case !pages && len(f.remote) > 0:
		return exitUsage, usagef("--remote needs --window or --webview, where the page is shown")
	}
	a, err := c.load(&f.appFlags)
	if err != nil {
		return exitError, err
	}
	k := authority.Capability{
		Identifier: id, Description: f.description, Local: f.local || len(f.remote) == 0, Remote: patternsOf(f.remote),
		Windows: patternsOf(f.windows), Webviews: patternsOf(f.webviews), Modules: patternsOf(f.modules),
	}
	for _, p := range f.permissions {
		k.Permissions = append(k.Permissions, authority.Entry{Reference: authority.Reference{Identifier: p}})
	}
	for _, p := range f.platforms {
		k.Platforms = append(k.Platforms, authority.Platform(p))
	}
	change := authority.Edit{Position: authority.Position{File: file}, Kind: authority.EditCreateCapability, Target: id, Capability: &k}
	return c.change(&f.editFlags, a, []authority.Edit{change}, fmt.Sprintf("wrote %s", file))
}

func patternsOf(texts []string) []authority.Pattern {
	var out []authority.Pattern
	for _, text := range texts {
		out = append(out, authority.Pattern{Text: text})
	}
	return out
}
