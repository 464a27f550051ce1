package authoritytest

import (
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestUnacceptedIsRefused: a policy has the error not-accepted if, and only
// if, it grants what a manifest wishes that the app has not accepted.
func TestUnacceptedIsRefused(t *testing.T) {
	refused, taken := 0, 0
	for seed := range uint64(2000) {
		p := NewGenerator(seed).Policy()
		_, problems := authority.New(p)
		got := slices.ContainsFunc(problems, func(q authority.Problem) bool { return q.Code == "not-accepted" })
		want := slices.ContainsFunc(p.Capabilities, func(c authority.Capability) bool {
			return slices.ContainsFunc(c.Permissions, func(e authority.Entry) bool { return wishes(p, "app", e.Identifier) })
		})
		if got != want {
			t.Fatalf("seed %d: refused %v, want %v: %v\n%s", seed, got, want, problems, Archive(p))
		}
		if got {
			refused++
		} else if slices.ContainsFunc(p.Manifests, func(m authority.Manifest) bool { return !m.Accepted }) {
			taken++
		}
	}
	if refused < 20 || taken < 100 {
		t.Errorf("%d refused, %d taken with a module that is not trusted", refused, taken)
	}
}

// wishes reports whether an identifier comes to something that only an
// accepted manifest may say: a permission that lends more than the module's
// own folder, or a set that borrows from other modules.
func wishes(p authority.Policy, home, identifier string) bool {
	module, base := splitIdentifier(identifier, home)
	m := manifestOf(p, module)
	if m.Invalid != "" {
		return false
	}
	sets := slices.Clone(m.Sets)
	if m.Default != nil {
		sets = append(sets, *m.Default)
	}
	for _, s := range sets {
		if s.Identifier != base {
			continue
		}
		return slices.ContainsFunc(s.Members, func(member authority.Reference) bool {
			of, _ := splitIdentifier(member.Identifier, module)
			borrowed := of != module && manifestOf(p, of).Invalid == ""
			return borrowed && !s.App && !m.Accepted || wishes(p, module, member.Identifier)
		})
	}
	for _, perm := range m.Permissions {
		if perm.Identifier == base {
			return !m.Accepted && !perm.App && lendsBeyond(p, m, perm)
		}
	}
	return false
}

func lendsBeyond(p authority.Policy, m *authority.Manifest, perm authority.Permission) bool {
	for _, c := range m.Commands {
		if len(perm.Allow)+len(perm.Deny) > 0 && mentions(perm.Allow, c.Name) == 0 {
			continue
		}
		for _, power := range c.Powers {
			for _, entry := range entries(p, m.Name, perm.Scope.Allow) {
				path, _ := entry["path"].(string)
				if lends(power)(entry) && (keys[power] != "path" || !strings.HasPrefix(path, "$MODULE")) {
					return true
				}
			}
		}
	}
	return false
}
