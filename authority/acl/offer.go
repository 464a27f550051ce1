package acl

import (
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// Offer is something of a module that a capability can grant by name: its
// default, a set, or a permission.
type Offer struct {
	Identifier  string
	Description string
	// Set is the default or the set, nil for a permission.
	Set *authority.Set
	// Permission is the permission as written or generated, nil for a set.
	Permission *authority.Permission
	// Generated says that nobody wrote the permission: it is the allow-… or
	// deny-… of a command.
	Generated bool
}

// Offers returns all that a module offers, in the order of its manifest: the
// default, the sets, the permissions, and what is generated for each command.
// Of a manifest that cannot be used there is nothing.
func Offers(m *authority.Manifest) []Offer {
	if m.Invalid != "" {
		return nil
	}
	var out []Offer
	taken := make(map[string]bool)
	add := func(o Offer) {
		if !taken[o.Identifier] {
			taken[o.Identifier] = true
			out = append(out, o)
		}
	}
	if m.Default != nil {
		add(Offer{Identifier: "default", Description: m.Default.Description, Set: m.Default})
	}
	for i := range m.Sets {
		s := &m.Sets[i]
		add(Offer{Identifier: s.Identifier, Description: s.Description, Set: s})
	}
	for i := range m.Permissions {
		p := &m.Permissions[i]
		add(Offer{Identifier: p.Identifier, Description: p.Description, Permission: p})
	}
	for _, c := range m.Commands {
		name := []authority.CommandName{{Position: c.Position, Name: c.Name}}
		for _, p := range []authority.Permission{
			{Identifier: "allow-" + kebab(c.Name), Description: "Allows " + c.Name + ", with no scope of its own", Allow: name},
			{Identifier: "deny-" + kebab(c.Name), Description: "Denies " + c.Name, Deny: name},
		} {
			p.Position = c.Position
			add(Offer{Identifier: p.Identifier, Description: p.Description, Permission: &p, Generated: true})
		}
	}
	return out
}

// kebab is a command's name as it stands in allow-<command>.
func kebab(command string) string { return strings.ReplaceAll(command, "_", "-") }
