package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/suggest"
	"github.com/spf13/cobra"
)

const permissionRemoveLong = `Rm takes a permission or a set out of all capabilities that name it, or of one:
each entry with exactly that identifier, with its scope. What a set grants is
not touched.

With --definition the permission is also taken out of the app's own files in
permissions/, and out of the app's sets. What a module defines itself stays.

Exit codes
  0  taken out    1  an error, or it is nowhere    2  wrong usage`

type permissionRemoveFlags struct {
	editFlags
	capability string
	definition bool
}

func (c *cli) permissionRemoveCommand() *cobra.Command {
	var f permissionRemoveFlags
	cmd := &cobra.Command{
		Use:   "rm IDENTIFIER",
		Short: "Take a permission back: out of the capabilities",
		Long:  permissionRemoveLong,
		Example: `  ambit permission rm fs:allow-remove
  ambit permission rm fs:allow-remove --capability main --dry-run
  ambit permission rm read-notes --definition`,
		Args: exactly("the permission's identifier"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.permissionRemove(&f, args[0]) }),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.capability, "capability", "", "the `identifier` of the one capability that is meant")
	cmd.Flags().BoolVar(&f.definition, "definition", false, "delete the permission itself, too, if it is the app's own")
	cmd.MarkFlagsMutuallyExclusive("capability", "definition")
	return cmd
}

func (c *cli) permissionRemove(f *permissionRemoveFlags, id string) (int, error) {
	a, err := c.load(&f.appFlags)
	if err != nil {
		return exitError, err
	}
	from := a.capabilities()
	if f.capability != "" {
		k, err := a.chosen(f.capability)
		if err != nil {
			return exitUsage, err
		}
		from = []authority.Capability{k}
	}
	id = whole(id, acl.AppModule)
	changes := grantsOf(from, id)
	if f.definition {
		changes = append(changes, definitionsOf(a.app.Permissions, id)...)
	}
	if len(changes) == 0 {
		return exitError, a.nowhere(f, from, id)
	}
	lines := make([]string, len(changes))
	for i, change := range changes {
		lines[i] = removed(change)
	}
	return c.change(&f.editFlags, a, changes, strings.Join(lines, "\n"))
}

// grantsOf are the changes that take a permission out of capabilities.
func grantsOf(capabilities []authority.Capability, id string) []authority.Edit {
	var out []authority.Edit
	for _, k := range capabilities {
		for _, e := range k.Permissions {
			if whole(e.Identifier, acl.AppModule) == id {
				out = append(out, authority.Edit{Position: e.Position, Kind: authority.EditRemoveEntry, Target: k.Identifier, Entry: e})
				break // the change takes out all of them
			}
		}
	}
	return out
}

// definitionsOf are the changes that take a permission out of the app's own
// files and sets.
func definitionsOf(files map[string]*acl.Additions, id string) []authority.Edit {
	var out []authority.Edit
	home, name, _ := strings.Cut(id, ":")
	for module, add := range files {
		for _, p := range add.Permissions {
			if module == home && p.Identifier == name {
				out = append(out, authority.Edit{Position: p.Position, Kind: authority.EditRemovePermission, Target: name})
			}
		}
		sets := add.Sets
		if add.Default != nil {
			sets = append(slices.Clone(sets), *add.Default)
		}
		for _, s := range sets {
			for _, m := range s.Members {
				if whole(m.Identifier, module) == id {
					out = append(out, authority.Edit{
						Position: m.Position, Kind: authority.EditRemoveMember, Target: s.Identifier,
						Entry: authority.Entry{Reference: m},
					})
					break
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b authority.Edit) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// removed says what a change takes out.
func removed(c authority.Edit) string {
	switch c.Kind {
	case authority.EditRemoveEntry:
		return fmt.Sprintf("capability %q does not grant %s any more (%s)", c.Target, c.Entry.Identifier, c.FileLine())
	case authority.EditRemoveMember:
		return fmt.Sprintf("set %q does not have %s any more (%s)", c.Target, c.Entry.Identifier, c.FileLine())
	}
	return fmt.Sprintf("permission %q is not defined any more (%s)", c.Target, c.FileLine())
}

// nowhere is the error for a permission that is in none of the capabilities.
func (a *app) nowhere(f *permissionRemoveFlags, from []authority.Capability, id string) error {
	var known []string
	for _, k := range from {
		for _, e := range k.Permissions {
			known = append(known, whole(e.Identifier, acl.AppModule))
		}
	}
	where := "no capability grants"
	if f.capability != "" {
		where = fmt.Sprintf("capability %q does not grant", f.capability)
	}
	p := permissions(a.policy)[id]
	through := func(k authority.Capability) bool {
		return p != nil && slices.Contains(p.GrantedBy, k.Identifier)
	}
	if !f.definition && slices.ContainsFunc(from, through) {
		return fmt.Errorf("%s %s itself; it comes through a set (\"ambit permission ls --expand\" shows which)", where, id)
	}
	if near := suggest.Nearest(id, known); near != "" {
		return fmt.Errorf("%s %s (did you mean %q?)", where, id, near)
	}
	return fmt.Errorf("%s %s", where, id)
}
