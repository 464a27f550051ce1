package authoritytest

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// Reference answers a request. It is the model once more, read from the design
// and written to be obviously right: nothing is compiled, indexed or shared
// with the engine, whose answers tests compare with it ([AnswerOf]). It
// expects a policy that [authority.New] takes without errors, and of patterns
// it knows those of [Generator.Policy]: "*", "?" and "[…]" in labels, "*" in
// the host, port and path of http and https URLs.
//
//  1. The module must be known and usable, and have the command.
//  2. A deny that binds this caller wins, whatever allows there are.
//  3. An allow that means this caller allows.
//  4. Else the allow that came nearest says why not.
func Reference(p authority.Policy, req authority.Request) Answer {
	m := manifestOf(p, req.Module)
	if m == nil {
		return Answer{Code: authority.CodeUnknownModule}
	}
	if m.Invalid != "" {
		return Answer{Code: authority.CodeModuleInvalid}
	}
	i := slices.IndexFunc(m.Commands, func(c authority.Command) bool { return c.Name == req.Command })
	if i < 0 {
		return Answer{Code: authority.CodeUnknownCommand}
	}
	rules := rulesOf(p, req.Module)
	var denying []string
	granted, nearest := false, stranger
	for _, r := range rules {
		s := stand(r.capability, req)
		for range mentions(r.perm.Deny, req.Command) {
			if s >= unknownChain {
				denying = append(denying, r.name())
			}
		}
		if mentions(r.perm.Allow, req.Command) > 0 {
			granted, nearest = true, max(nearest, s)
		}
	}
	switch {
	case denying != nil:
		return Answer{Code: authority.CodeDeniedByRule, Matched: denying}
	case !granted:
		return Answer{Code: authority.CodeNotGranted}
	case nearest < meant:
		return Answer{Code: reasons[nearest]}
	}
	return grantOf(m, m.Commands[i], rules, req)
}

// grantOf is what an allow grants: the scope of the allows that mean the
// caller, and of the permissions without commands, which is the module's. What
// is denied in a scope binds even where it is not sure that the rule does.
func grantOf(m *authority.Manifest, command authority.Command, rules []rule, req authority.Request) Answer {
	a := Answer{Code: authority.CodeAllowed, Instance: m.Instance}
	var lending []map[string]any
	for _, r := range rules {
		allow, deny := &a.Allow, &a.Deny
		times := mentions(r.perm.Allow, command.Name)
		if len(r.perm.Allow)+len(r.perm.Deny) == 0 {
			allow, deny, times = &a.GlobalAllow, &a.GlobalDeny, 1
		}
		s := stand(r.capability, req)
		for range times {
			if s >= unknownChain {
				*deny = append(*deny, texts(r.deny)...)
			}
			if s < meant {
				continue
			}
			*allow, lending = append(*allow, texts(r.allow)...), append(lending, r.allow...)
			a.use(r, allow == &a.Allow)
		}
	}
	for _, power := range authority.Powers() {
		if slices.Contains(command.Powers, power) && slices.ContainsFunc(lending, lends(power)) {
			a.Powers = append(a.Powers, power)
		}
	}
	slices.Sort(a.Limited)
	return a
}

// use notes what it means that a rule gives a grant: the first of the rules to
// run out ends it, its limits count, and one that does not ask for an instance
// per caller is enough that there is none.
func (a *Answer) use(r rule, allows bool) {
	c := r.capability
	if allows {
		a.Matched = append(a.Matched, r.name())
		if c.Instance != "caller" {
			a.Instance = ""
		}
	}
	if c.Expires != 0 && (a.Expires == 0 || c.Expires < a.Expires) {
		a.Expires = c.Expires
	}
	if c.Limits != (authority.Limits{}) && !slices.Contains(a.Limited, c.Identifier) {
		a.Limited = append(a.Limited, c.Identifier)
	}
}

// standing is how a capability stands to a caller, from far to near.
type standing int

const (
	stranger standing = iota
	windowOnly
	originOnly
	ranOut
	unknownChain // from here on its denies count
	unknownTime
	usedUp
	meant
)

// reasons are the codes of denies, by the standing of the nearest allow.
var reasons = [...]authority.Code{
	stranger: authority.CodeOriginMismatch, windowOnly: authority.CodeOriginMismatch, originOnly: authority.CodeWindowMismatch,
	ranOut: authority.CodeExpired, unknownChain: authority.CodeWindowMismatch, unknownTime: authority.CodeExpired, usedUp: authority.CodeRate,
}

// stand compares a capability with a request: who calls, when, and whether its
// limits are used up.
func stand(c authority.Capability, req authority.Request) standing {
	s := standPage(c, req.Caller)
	if req.Caller.Origin.Module() != "" {
		s = standModule(c, req.Caller)
	}
	switch {
	case s < unknownChain:
		return s
	case c.Expires != 0 && req.Now <= 0:
		return unknownTime
	case c.Expires != 0 && req.Now >= c.Expires:
		return ranOut
	case c.Limits != authority.Limits{} && slices.Contains(req.Spent, c.Identifier):
		return min(s, usedUp)
	}
	return s
}

// standModule is for callers that are modules: "modules" must name them and
// "via", if given, the window that began the chain.
func standModule(c authority.Capability, caller authority.Caller) standing {
	switch {
	case !anyLabel(c.Modules, caller.Origin.Module()):
		return stranger
	case len(c.Via) == 0:
		return meant
	case len(caller.Chain) == 0 || caller.Chain[0].Origin.Module() != "" || caller.Chain[0].Origin.IsZero() || caller.Chain[0].Window == "":
		return unknownChain
	case anyLabel(c.Via, caller.Chain[0].Window):
		return meant
	}
	return originOnly
}

// standPage is for pages: the origin must match, and the window or the webview.
func standPage(c authority.Capability, caller authority.Caller) standing {
	remote := func(p authority.Pattern) bool { return urlMatches(p.Text, caller.Origin.URL()) }
	origin := c.Local && caller.Origin.IsLocal() || slices.ContainsFunc(c.Remote, remote)
	window := anyLabel(c.Windows, caller.Window) || anyLabel(c.Webviews, caller.Webview)
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

// rule is one permission that one capability grants, with its scope.
type rule struct {
	capability  authority.Capability
	perm        authority.Permission
	module      string
	allow, deny []map[string]any
}

func (r rule) name() string {
	return r.capability.Identifier + " " + r.module + ":" + r.perm.Identifier
}

// rulesOf returns what the capabilities grant of a module, in the order of
// their identifiers. Those that only observe, and what is for other platforms,
// do not count. The scope of an entry goes to the permissions of the module
// that the entry names, before their own.
func rulesOf(p authority.Policy, module string) []rule {
	var out []rule
	caps := slices.Clone(p.Capabilities)
	slices.SortFunc(caps, func(a, b authority.Capability) int { return strings.Compare(a.Identifier, b.Identifier) })
	for _, c := range caps {
		if c.Observe || !onPlatform(c.Platforms, p.Platform) {
			continue
		}
		for _, e := range c.Permissions {
			home, _ := splitIdentifier(e.Identifier, "app")
			for _, g := range members(p, "app", e.Identifier) {
				if !onPlatform(g.perm.Platforms, p.Platform) || g.module != module {
					continue
				}
				r := rule{capability: c, perm: g.perm, module: module}
				if home == module {
					r.allow, r.deny = entries(p, module, e.Scope.Allow), entries(p, module, e.Scope.Deny)
				}
				r.allow = append(r.allow, entries(p, module, g.perm.Scope.Allow)...)
				r.deny = append(r.deny, entries(p, module, g.perm.Scope.Deny)...)
				out = append(out, r)
			}
		}
	}
	return out
}

// grantedPermission is a permission and the module that it belongs to.
type grantedPermission struct {
	module string
	perm   authority.Permission
}

// members expands an identifier as the module home writes it: a permission is
// itself, a set is its members, and every command has two permissions that
// nobody need write. A module that cannot be used offers nothing.
func members(p authority.Policy, home, identifier string) []grantedPermission {
	module, base := splitIdentifier(identifier, home)
	m := manifestOf(p, module)
	if m.Invalid != "" {
		return nil
	}
	sets := m.Sets
	if m.Default != nil {
		sets = append(slices.Clone(sets), *m.Default)
	}
	for _, s := range sets {
		if s.Identifier == base {
			var all []grantedPermission
			for _, member := range s.Members {
				all = append(all, members(p, module, member.Identifier)...)
			}
			return all
		}
	}
	for _, perm := range m.Permissions {
		if perm.Identifier == base {
			return []grantedPermission{{module, perm}}
		}
	}
	verb, command, _ := strings.Cut(base, "-")
	perm, names := authority.Permission{Identifier: base}, []authority.CommandName{{Name: strings.ReplaceAll(command, "-", "_")}}
	if perm.Allow = names; verb == "deny" {
		perm.Allow, perm.Deny = nil, names
	}
	return []grantedPermission{{module, perm}}
}

// entries reads scope entries; a bare string stands for the one key that the
// module's powers have.
func entries(p authority.Policy, module string, values []authority.ScopeValue) []map[string]any {
	var out []map[string]any
	for _, v := range values {
		entry, ok := v.Value.(map[string]any)
		if !ok {
			entry = map[string]any{keys[manifestOf(p, module).Commands[0].Powers[0]]: v.Value}
		}
		out = append(out, entry)
	}
	return out
}

// keys are the scope keys of powers.
var keys = map[authority.Power]string{
	"fs.read": "path", "fs.write": "path", "http": "url", "kv.read": "key", "kv.write": "key",
	"env": "var", "exec": "program", "invoke": "invoke", "emit": "topic",
}

// lends reports whether an entry lends a power: it has the power's key, and
// "powers", if given, names it.
func lends(power authority.Power) func(map[string]any) bool {
	return func(entry map[string]any) bool {
		_, has := entry[keys[power]]
		list, narrowed := entry["powers"].([]any)
		return has && (!narrowed || slices.Contains(list, any(string(power))))
	}
}
