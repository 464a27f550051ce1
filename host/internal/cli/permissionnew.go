package cli

import (
	"context"
	"path"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/spf13/cobra"
)

const permissionNewLong = `New writes a permission into a file of its own: permissions/<module>/<name>, or
permissions/<name> for the app's own module "app". A file that exists is never
overwritten. Nobody has the permission before a capability grants it.

Exit codes
  0  written    1  an error, or the file exists    2  wrong usage`

type permissionNewFlags struct {
	editFlags
	module      string
	description string
	allow, deny []string
	format      string
}

func (c *cli) permissionNewCommand() *cobra.Command {
	var f permissionNewFlags
	cmd := &cobra.Command{
		Use:   "new IDENTIFIER",
		Short: "Write a permission of the app's own",
		Long:  permissionNewLong,
		Example: `  ambit permission new read-notes --module fs --allow read_text_file,stat
  ambit permission new fs:no-remove --deny remove --description "Nothing is removed."`,
		Args: exactly("the permission's identifier"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.permissionNew(&f, args[0]) }),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.module, "module", "", "the `module` whose commands it is about (default: app, or that of the identifier)")
	cmd.Flags().StringVar(&f.description, "description", "", "what it is for, as `text`")
	cmd.Flags().StringSliceVar(&f.allow, "allow", nil, "the `commands` that it allows, separated by commas")
	cmd.Flags().StringSliceVar(&f.deny, "deny", nil, "the `commands` that it denies")
	addFormat(cmd, &f.format)
	return cmd
}

// addFormat adds the flag for the format of a new file.
func addFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "toml", "the `format` of the file: toml or json")
	complete(cmd, "format", "toml", "json")
}

func (c *cli) permissionNew(f *permissionNewFlags, id string) (int, error) {
	module, name, given := strings.Cut(id, ":")
	switch {
	case !given:
		module, name = f.module, id
	case f.module != "" && f.module != module:
		return exitUsage, usagef("--module %s is not the module of %q", f.module, id)
	}
	if len(f.allow)+len(f.deny) == 0 {
		return exitUsage, usagef("a permission needs commands (give --allow, --deny, or both)")
	}
	dir := "permissions"
	if module != "" && module != acl.AppModule {
		dir = path.Join(dir, module)
	}
	file, err := newFile(dir, name, f.format)
	if err != nil {
		return exitUsage, err
	}
	a, err := c.load(&f.appFlags)
	if err != nil {
		return exitError, err
	}
	change := authority.Edit{
		Position: authority.Position{File: file}, Kind: authority.EditCreatePermission, Target: name,
		Permission: &authority.Permission{Identifier: name, Description: f.description, Allow: commandNames(f.allow), Deny: commandNames(f.deny)},
	}
	return c.change(&f.editFlags, a, []authority.Edit{change}, "wrote "+file)
}

func commandNames(names []string) []authority.CommandName {
	var out []authority.CommandName
	for _, name := range names {
		out = append(out, authority.CommandName{Name: name})
	}
	return out
}

// newFile is the path of a new file, which has its identifier's name.
func newFile(dir, name, format string) (string, error) {
	if format != "toml" && format != "json" {
		return "", usagef("--format %q is neither toml nor json", format)
	}
	odd := func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || '9' < r) && (r < 'a' || 'z' < r) && (r < 'A' || 'Z' < r)
	}
	if name == "" || strings.ContainsFunc(name, odd) || strings.ContainsFunc(path.Base(dir), odd) {
		return "", usagef("%q cannot be the name of a file (use letters, digits, hyphens and underscores)", path.Join(path.Base(dir), name))
	}
	return path.Join(dir, name+"."+format), nil
}
