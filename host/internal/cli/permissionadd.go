package cli

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/spf13/cobra"
)

const permissionAddLong = `Add grants a permission or a set: it puts the identifier into a capability, at
the end of its permissions. With --allow and --deny the grant gets a scope: each
is one entry, as key=text, key:=JSON, or a JSON object.

If the capability grants that already, nothing is written.

Exit codes
  0  granted, or was already    1  an error    2  wrong usage, or several capabilities could be meant`

type permissionAddFlags struct {
	editFlags
	capability  string
	allow, deny []string
}

func (c *cli) permissionAddCommand() *cobra.Command {
	var f permissionAddFlags
	cmd := &cobra.Command{
		Use:   "add IDENTIFIER",
		Short: "Grant a permission: put it into a capability",
		Long:  permissionAddLong,
		Example: `  ambit permission add notes:default
  ambit permission add fs:allow-read-text-file --capability main --allow 'path=$APPDATA/notes/**'
  ambit permission add fs:read --allow '{"path": "$HOME/**", "powers": ["fs.read"]}' --dry-run`,
		Args: exactly("the permission's identifier"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.permissionAdd(&f, args[0]) }),
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.capability, "capability", "", "the `identifier` of the capability (default: the only one)")
	cmd.Flags().StringArrayVar(&f.allow, "allow", nil, "a scope `entry` that is allowed: key=text, key:=json or {…}")
	cmd.Flags().StringArrayVar(&f.deny, "deny", nil, "a scope `entry` that is denied")
	return cmd
}

func (c *cli) permissionAdd(f *permissionAddFlags, id string) (int, error) {
	entry := authority.Entry{Reference: authority.Reference{Identifier: id}}
	var err error
	if entry.Scope.Allow, err = scopeEntries("allow", f.allow); err == nil {
		entry.Scope.Deny, err = scopeEntries("deny", f.deny)
	}
	if err != nil {
		return exitUsage, err
	}
	a, err := c.load(&f.appFlags)
	if err != nil {
		return exitError, err
	}
	k, err := a.chosen(f.capability)
	if err != nil {
		return exitError, err
	}
	for _, e := range k.Permissions {
		if same := whole(e.Identifier, acl.AppModule) == whole(id, acl.AppModule); same && (len(f.allow)+len(f.deny) == 0 || sameScope(e.Scope, entry.Scope)) {
			return c.edited(&f.editFlags, editJSON{Files: []string{}, Message: fmt.Sprintf("capability %q grants %s already (%s)", k.Identifier, id, e.FileLine())})
		}
	}
	change := authority.Edit{Position: k.Position, Kind: authority.EditAddEntry, Target: k.Identifier, Entry: entry}
	return c.change(&f.editFlags, a, []authority.Edit{change}, fmt.Sprintf("capability %q (%s) grants %s", k.Identifier, k.File, id))
}

// scopeEntries reads the scope entries of a flag.
func scopeEntries(flag string, words []string) ([]authority.ScopeValue, error) {
	var out []authority.ScopeValue
	for _, word := range words {
		var value any
		var err error
		switch {
		case strings.HasPrefix(word, "{"):
			value, err = jsonvalue.Parse([]byte(word))
		case strings.Contains(word, "="):
			value, err = parseArgs([]string{word})
		default:
			return nil, usagef("--%s %q is no scope entry (write key=text, key:=json, or {…})", flag, word)
		}
		if err != nil {
			return nil, usagef("--%s %q: %v", flag, word, err)
		}
		out = append(out, authority.ScopeValue{Value: value})
	}
	return out, nil
}

// sameScope reports whether two scopes say the same in the same order.
func sameScope(a, b authority.ScopeRules) bool {
	same := func(a, b authority.ScopeValue) bool { return reflect.DeepEqual(a.Value, b.Value) }
	return slices.EqualFunc(a.Allow, b.Allow, same) && slices.EqualFunc(a.Deny, b.Deny, same)
}
