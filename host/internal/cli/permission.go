package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/suggest"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/spf13/cobra"
)

const permissionLong = `Permission lists the permissions and sets that an app can grant, grants and
takes back, and writes new ones.

Files are changed where they have to be, and nowhere else: comments, order and
indentation stay. Nothing is written if the policy would not load any more.`

func (c *cli) permissionCommand() *cobra.Command {
	return c.group("permission", "List, grant, take back and write permissions", permissionLong,
		c.permissionListCommand(), c.permissionAddCommand(), c.permissionRemoveCommand(), c.permissionNewCommand())
}

// whole is an identifier with its module's name; without one it is of the
// module home.
func whole(id, home string) string {
	if strings.Contains(id, ":") {
		return id
	}
	return home + ":" + id
}

// permission is a permission or set of an app's modules.
type permission struct {
	Identifier  string    `json:"identifier"` // "module:name"
	Module      string    `json:"module"`
	Kind        string    `json:"kind"`   // "permission" or "set"
	Source      string    `json:"source"` // file:line; empty: it exists for each command
	Description string    `json:"description"`
	Allow       []string  `json:"allow"` // commands
	Deny        []string  `json:"deny"`
	Scope       scopeJSON `json:"scope"`
	Members     []string  `json:"members"` // of a set
	Platforms   []string  `json:"platforms"`
	GrantedBy   []string  `json:"granted_by"`       // capabilities, through sets too
	Expanded    []string  `json:"expand,omitempty"` // with --expand: permissions that a set comes down to
}

// permissions returns what the modules of a policy offer, by identifier, with
// the capabilities in effect that grant it.
func permissions(p authority.Policy) map[string]*permission {
	all := map[string]*permission{}
	for _, m := range p.Manifests {
		for _, cmd := range commandsOf(m) {
			kebab := strings.ReplaceAll(cmd, "_", "-")
			put(all, permission{Module: m.Name, Identifier: "allow-" + kebab, Allow: []string{cmd}})
			put(all, permission{Module: m.Name, Identifier: "deny-" + kebab, Deny: []string{cmd}})
		}
		for _, in := range m.Permissions {
			put(all, written(m, in))
		}
		for _, s := range m.Sets {
			put(all, writtenSet(m, s))
		}
		if m.Default != nil {
			d := *m.Default
			d.Identifier = "default"
			put(all, writtenSet(m, d))
		}
	}
	for _, k := range p.Capabilities {
		seen := map[string]bool{}
		for _, e := range k.Permissions {
			granted(all, whole(e.Identifier, acl.AppModule), k.Identifier, seen)
		}
	}
	return all
}

// commandsOf are the commands of a module: those that it declares, and without
// modules those that its permissions name.
func commandsOf(m authority.Manifest) []string {
	names := map[string]bool{}
	for _, cmd := range m.Commands {
		names[cmd.Name] = true
	}
	for _, p := range m.Permissions {
		for _, n := range slices.Concat(p.Allow, p.Deny) {
			names[n.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// put keeps a permission under its whole identifier; lists are never nil.
func put(all map[string]*permission, p permission) {
	if p.Kind == "" {
		p.Kind = "permission"
	}
	p.Identifier = p.Module + ":" + p.Identifier
	for _, list := range []*[]string{&p.Allow, &p.Deny, &p.Members, &p.Platforms, &p.GrantedBy} {
		*list = texts(*list)
	}
	if p.Scope.Allow == nil {
		p.Scope = scopeOf(nil, nil)
	}
	all[p.Identifier] = &p
}

// written is a permission that somebody wrote.
func written(m authority.Manifest, in authority.Permission) permission {
	p := permission{Module: m.Name, Identifier: in.Identifier, Source: in.FileLine(), Description: in.Description, Scope: scopeOf(nil, nil)}
	for _, cmd := range in.Allow {
		p.Allow = append(p.Allow, cmd.Name)
	}
	for _, cmd := range in.Deny {
		p.Deny = append(p.Deny, cmd.Name)
	}
	for _, v := range in.Scope.Allow {
		p.Scope.Allow = append(p.Scope.Allow, jsonvalue.Encodable(v.Value))
	}
	for _, v := range in.Scope.Deny {
		p.Scope.Deny = append(p.Scope.Deny, jsonvalue.Encodable(v.Value))
	}
	for _, platform := range in.Platforms {
		p.Platforms = append(p.Platforms, string(platform))
	}
	return p
}

// writtenSet is a set, its members with their modules.
func writtenSet(m authority.Manifest, in authority.Set) permission {
	p := permission{Module: m.Name, Identifier: in.Identifier, Kind: "set", Source: in.FileLine(), Description: in.Description}
	for _, member := range in.Members {
		p.Members = append(p.Members, whole(member.Identifier, m.Name))
	}
	return p
}

// granted notes that a capability grants a permission, and, of a set, all that
// it has.
func granted(all map[string]*permission, id, capability string, seen map[string]bool) {
	p := all[id]
	if p == nil || seen[id] {
		return
	}
	seen[id] = true
	p.GrantedBy = append(p.GrantedBy, capability)
	for _, member := range p.Members {
		granted(all, member, capability, seen)
	}
}

// capabilities are all of an app, in effect or not.
func (a *app) capabilities() []authority.Capability {
	return slices.Concat(a.app.Capabilities, a.app.Unselected)
}

// chosen returns the capability that is named, or the only one.
func (a *app) chosen(name string) (authority.Capability, error) {
	all := a.capabilities()
	names := make([]string, len(all))
	for i, k := range all {
		names[i] = k.Identifier
	}
	switch i := slices.Index(names, name); {
	case i >= 0:
		return all[i], nil
	case name == "" && len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return authority.Capability{}, fmt.Errorf("the app has no capability (\"ambit capability new\" makes one)")
	case name == "":
		return authority.Capability{}, usagef("which capability? (name one with --capability: %s)", strings.Join(names, ", "))
	}
	return authority.Capability{}, usagef("the app has no capability %q (%s)", name, suggestion(name, names))
}

// suggestion is a hint for a name that is none of those known.
func suggestion(name string, known []string) string {
	if near := suggest.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "one of " + strings.Join(known, ", ")
}
