package authority_test

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// This file is the model once more, read from the design and written to be
// obviously right: no index, no compiled patterns, no sharing with the engine.
// It expects a policy without errors.

// answer is what the reference says to a request.
type answer struct {
	code                                 authority.Code
	allow, deny, globalAllow, globalDeny []string // scope entries as JSON, in order
}

// standing is how a capability stands to a caller, from far to near.
type standing int

const (
	stranger standing = iota
	windowOnly
	originOnly
	outOfTime
	unknownChain // from here on its denies count
	unknownTime
	usedUp
	meant
)

// reference answers a request.
func reference(p authority.Policy, req authority.Request) answer {
	m := findModule(p, req.Module)
	switch {
	case m == nil:
		return answer{code: authority.CodeUnknownModule}
	case m.Invalid != "":
		return answer{code: authority.CodeModuleInvalid}
	case !slices.ContainsFunc(m.Commands, func(c authority.Command) bool { return c.Name == req.Command }):
		return answer{code: authority.CodeUnknownCommand}
	}
	var out answer
	denied, granted, nearest := false, false, stranger
	caps := slices.Clone(p.Capabilities)
	slices.SortFunc(caps, func(a, b authority.Capability) int { return strings.Compare(a.Identifier, b.Identifier) })
	for _, c := range caps {
		if c.Observe || !onPlatform(c.Platforms, p.Platform) {
			continue
		}
		s := stand(c, req)
		for _, e := range c.Permissions {
			entryModule, _ := splitID(e.Identifier, "app")
			for _, l := range members(p, "app", e.Identifier) {
				if !onPlatform(l.perm.Platforms, p.Platform) || l.module != req.Module {
					continue
				}
				var allow, deny []string
				if l.module == entryModule {
					allow, deny = jsonOf(e.Scope.Allow), jsonOf(e.Scope.Deny)
				}
				allow, deny = append(allow, jsonOf(l.perm.Scope.Allow)...), append(deny, jsonOf(l.perm.Scope.Deny)...)
				if len(l.perm.Allow)+len(l.perm.Deny) == 0 {
					collect(s, allow, deny, &out.globalAllow, &out.globalDeny)
				}
				denied = denied || s >= unknownChain && count(l.perm.Deny, req.Command) > 0
				for range count(l.perm.Allow, req.Command) {
					granted, nearest = true, max(nearest, s)
					collect(s, allow, deny, &out.allow, &out.deny)
				}
			}
		}
	}
	switch {
	case denied:
		return answer{code: authority.CodeDeniedByRule}
	case !granted:
		return answer{code: authority.CodeNotGranted}
	case nearest < meant:
		return answer{code: [...]authority.Code{"origin-mismatch", "origin-mismatch", "window-mismatch", "expired", "window-mismatch", "expired", "rate"}[nearest]}
	}
	out.code = authority.CodeAllowed
	return out
}

func collect(s standing, allow, deny []string, toAllow, toDeny *[]string) {
	if s >= unknownChain {
		*toDeny = append(*toDeny, deny...)
	}
	if s == meant {
		*toAllow = append(*toAllow, allow...)
	}
}

// stand compares a capability with a request.
func stand(c authority.Capability, req authority.Request) standing {
	s := standWindow(c, req.Caller)
	if req.Caller.Origin.Module() != "" {
		s = standModule(c, req.Caller)
	}
	switch {
	case s < unknownChain:
		return s
	case c.Expires != 0 && req.Now <= 0:
		return unknownTime
	case c.Expires != 0 && req.Now >= c.Expires:
		return outOfTime
	case c.Limits != authority.Limits{} && slices.Contains(req.Spent, c.Identifier):
		return min(s, usedUp)
	}
	return s
}

func standModule(c authority.Capability, caller authority.Caller) standing {
	switch {
	case !matches(c.Modules, caller.Origin.Module()):
		return stranger
	case len(c.Via) == 0:
		return meant
	case len(caller.Chain) == 0 || caller.Chain[0].Origin.Module() != "" || caller.Chain[0].Origin.IsZero() || caller.Chain[0].Window == "":
		return unknownChain
	case matches(c.Via, caller.Chain[0].Window):
		return meant
	}
	return originOnly
}

func standWindow(c authority.Capability, caller authority.Caller) standing {
	origin := c.Local && caller.Origin.IsLocal() ||
		slices.ContainsFunc(c.Remote, func(p authority.Pattern) bool { return urlMatches[p.Text][caller.Origin.URL()] })
	window := matches(c.Windows, caller.Window) || matches(c.Webviews, caller.Webview)
	onlyModules := len(c.Modules) > 0 && len(c.Windows)+len(c.Webviews) == 0
	switch {
	case origin && window:
		return meant
	case window:
		return windowOnly
	case origin && !onlyModules:
		return originOnly
	}
	return stranger
}

// named is a permission and the module that it belongs to.
type named struct {
	module string
	perm   authority.Permission
}

// members expands an identifier as module home writes it.
func members(p authority.Policy, home, id string) []named {
	module, base := splitID(id, home)
	m := findModule(p, module)
	if m == nil || m.Invalid != "" {
		return nil
	}
	sets := m.Sets
	if m.Default != nil {
		sets = append(slices.Clone(sets), *m.Default)
	}
	for _, s := range sets {
		if s.Identifier == base {
			var all []named
			for _, member := range s.Members {
				all = append(all, members(p, module, member.Identifier)...)
			}
			return all
		}
	}
	for _, perm := range m.Permissions {
		if perm.Identifier == base {
			return []named{{module, perm}}
		}
	}
	verb, command, _ := strings.Cut(base, "-")
	list := []authority.CommandName{{Name: strings.ReplaceAll(command, "-", "_")}}
	if verb == "allow" {
		return []named{{module, authority.Permission{Allow: list}}}
	}
	return []named{{module, authority.Permission{Deny: list}}}
}

func splitID(id, home string) (module, base string) {
	if m, b, ok := strings.Cut(id, ":"); ok {
		return m, b
	}
	return home, id
}

func findModule(p authority.Policy, name string) *authority.Manifest {
	for i := range p.Manifests {
		if p.Manifests[i].Name == name {
			return &p.Manifests[i]
		}
	}
	return nil
}
