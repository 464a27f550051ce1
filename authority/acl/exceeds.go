package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// Beyond says in plain words, one line each, what the entry asks for that the
// older one does not hold: powers of commands, scope entries that lend powers,
// more commands for them, denies that are gone, members of other modules. It
// is nothing if the entry asks for the same or less. Scope entries are compared
// as they are written, so that a narrower pattern is another one.
func (e LockEntry) Beyond(old LockEntry) []string {
	var lines []string
	powers := make(map[string][]authority.Power)
	for _, c := range old.Commands {
		powers[c.Name] = c.Powers
	}
	for _, c := range e.Commands {
		if more := missing(c.Powers, powers[c.Name]); more != nil {
			lines = append(lines, "command "+quote(c.Name)+" may use "+joinPowers(more))
		}
	}
	lines = append(lines, permissionsBeyond(e.Permissions, old.Permissions)...)
	foreign := make(map[string][]string)
	for _, s := range old.Sets {
		foreign[s.Identifier] = s.Foreign
	}
	for _, s := range e.Sets {
		lines = append(lines, LockSet{s.Identifier, missing(s.Foreign, foreign[s.Identifier])}.lends()...)
	}
	return lines
}

func permissionsBeyond(now, old []LockPermission) []string {
	before, after := byIdentifier(old), byIdentifier(now)
	var lines []string
	for _, p := range now {
		lines = append(lines, p.beyond(before[p.Identifier])...)
	}
	for _, o := range old {
		p, there := after[o.Identifier]
		lost := o.Deny
		if there && !o.reaches(p) {
			lost = missing(o.Deny, p.Deny)
		}
		for _, text := range lost {
			lines = append(lines, "permission "+quote(o.Identifier)+" no longer denies "+denied(text))
		}
	}
	return lines
}

func byIdentifier(list []LockPermission) map[string]LockPermission {
	m := make(map[string]LockPermission, len(list))
	for _, p := range list {
		m[p.Identifier] = p
	}
	return m
}

// beyond says what the permission lends that the older one does not, and to
// which other commands.
func (p LockPermission) beyond(old LockPermission) []string {
	known := make(map[string]bool, len(old.Allow))
	for _, text := range old.Allow {
		known[text] = true
	}
	var lines []string
	for _, text := range p.Allow {
		value := decodeJSON(text)
		lends := lent(value, p.Lends)
		if known[text] {
			lends = missing(lends, lent(value, old.Lends))
		}
		lines = append(lines, LockPermission{Identifier: p.Identifier, Lends: lends, Allow: []string{text}}.lends()...)
	}
	if len(p.Lends) > 0 && p.reaches(old) {
		to := "all commands"
		if len(p.Commands) > 0 {
			to = quoteAll(missing(p.Commands, old.Commands))
		}
		lines = append(lines, "permission "+quote(p.Identifier)+" lends to "+to+", too")
	}
	return lines
}

// reaches reports whether the permission's scope belongs to commands that
// another's does not belong to.
func (p LockPermission) reaches(other LockPermission) bool {
	switch {
	case len(other.Commands) == 0:
		return false // it is for all of them
	case len(p.Commands) == 0:
		return true
	}
	return missing(p.Commands, other.Commands) != nil
}

// missing returns the items of a list that are not among others, in order.
func missing[T comparable](list, others []T) []T {
	known := make(map[T]bool, len(others))
	for _, item := range others {
		known[item] = true
	}
	var out []T
	for _, item := range list {
		if !known[item] {
			out = append(out, item)
		}
	}
	return out
}

// Exceeds says why a module must not be loaded before it is accepted again:
// ambit.lock accepted another file of it, which asked for less. It is "" if the
// module may be loaded, also one that nobody has accepted; then its wishes
// count for nothing.
func (a *App) Exceeds(mod Module) string {
	name := mod.Manifest.Name
	old, found := a.Lock.Entry(name)
	trusted := slices.ContainsFunc(a.Modules, func(ref ModuleRef) bool { return ref.Name == name && ref.Trusted })
	if !found || trusted || mod.Native || mod.SHA256 != "" && mod.SHA256 == old.SHA256 {
		return ""
	}
	const most, longest = 3, 200
	more := NewLockEntry(mod.Manifest, mod.SHA256).Beyond(old)
	if len(more) == 0 {
		return ""
	}
	rest := ""
	if n := len(more) - most; n > 0 {
		more, rest = more[:most], fmt.Sprintf("; and %d more", n)
	}
	for i, line := range more {
		if len(line) > longest {
			more[i] = strings.ToValidUTF8(line[:longest], "") + "…"
		}
	}
	return "it asks for more than " + lockName + " accepted: " + strings.Join(more, "; ") + rest +
		`; look at it with "ambit lock --dry-run", then accept it with "ambit lock"`
}
