package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// Beyond says in plain words, one line each, what the entry asks for that the
// older one does not hold: powers of commands, scope entries that lend powers,
// more commands for them, what permissions and sets that had been accepted
// allow besides, denies that are gone, members of other modules. It is nothing
// if the entry asks for the same or less. Scope entries are compared as they are
// written, so that a narrower pattern is another one; so are members of sets.
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
	lines = append(lines, permissionsBeyond(&e, &old)...)
	return append(lines, setsBeyond(&e, &old)...)
}

func permissionsBeyond(e, old *LockEntry) []string {
	before, after := byIdentifier(old.Permissions), byIdentifier(e.Permissions)
	var lines []string
	for _, p := range e.Permissions {
		was, there := before[p.Identifier]
		if !there {
			was = e.generated(p.Identifier)
		}
		lines = append(lines, p.beyond(was)...)
		known, said := there || was.Identifier != "", len(p.Lends) > 0 && p.reaches(was)
		if known && !said {
			for _, c := range missing(p.Commands, was.Commands) {
				lines = append(lines, "permission "+quote(p.Identifier)+" allows "+quote(c)+", too")
			}
		}
		lines = append(lines, p.undenied(was)...)
	}
	for _, o := range old.Permissions {
		p, there := after[o.Identifier]
		lost := o.Deny
		if there && !o.reaches(p) {
			lost = missing(o.Deny, p.Deny)
		}
		for _, text := range lost {
			lines = append(lines, "permission "+quote(o.Identifier)+" no longer denies "+denied(text))
		}
		if !there {
			lines = append(lines, e.generated(o.Identifier).undenied(o)...)
		}
	}
	return lines
}

// undenied names the commands that another form of the permission denies and
// this one does not.
func (p LockPermission) undenied(was LockPermission) []string {
	var lines []string
	for _, c := range missing(was.Denies, p.Denies) {
		lines = append(lines, "permission "+quote(was.Identifier)+" no longer denies the command "+quote(c))
	}
	return lines
}

// generated returns the permission that commands have under that name unless
// another is written; the zero one if there is none.
func (e *LockEntry) generated(identifier string) LockPermission {
	var out LockPermission
	for _, c := range e.Commands {
		switch identifier {
		case "allow-" + kebab(c.Name):
			out.Identifier, out.Commands = identifier, append(out.Commands, c.Name)
		case "deny-" + kebab(c.Name):
			out.Identifier, out.Denies = identifier, append(out.Denies, c.Name)
		}
	}
	return out
}

// setsBeyond compares what sets name. What they come down to follows from that
// and from the permissions.
func setsBeyond(e, old *LockEntry) []string {
	before := make(map[string]LockSet)
	for _, s := range old.Sets {
		before[s.Identifier] = s
	}
	harmless, denying := e.onlyDenying(), old.denying()
	var lines []string
	for _, s := range e.Sets {
		was, there := before[s.Identifier]
		lines = append(lines, LockSet{Identifier: s.Identifier, Foreign: missing(s.Foreign, was.Foreign)}.lends()...)
		if !there && e.generated(s.Identifier).Identifier == "" {
			continue // nobody can have granted it
		}
		for _, m := range missing(s.Members, was.Members) {
			if !harmless[m] {
				lines = append(lines, "set "+quote(s.Identifier)+" contains "+quote(m)+", too")
			}
		}
		for _, m := range missing(was.Members, s.Members) {
			if denying[m] {
				lines = append(lines, "set "+quote(s.Identifier)+" no longer contains "+quote(m)+", which may deny")
			}
		}
	}
	return lines
}

// onlyDenying returns the names of permissions that allow nothing.
func (e *LockEntry) onlyDenying() map[string]bool {
	out := make(map[string]bool)
	for _, c := range e.Commands {
		out["deny-"+kebab(c.Name)] = true
	}
	for _, p := range e.Permissions {
		out[p.Identifier] = len(p.Commands)+len(p.Allow) == 0
	}
	for _, s := range e.Sets {
		out[s.Identifier] = false
	}
	return out
}

// denying returns the names of permissions and sets that deny something, or
// may: what other modules' do is not known.
func (e *LockEntry) denying() map[string]bool {
	out, within := make(map[string]bool), make(map[string][]string)
	var next []string
	mark := func(name string) {
		if !out[name] {
			out[name] = true
			next = append(next, name)
		}
	}
	for _, s := range e.Sets {
		for _, m := range s.Members {
			within[m] = append(within[m], s.Identifier)
		}
		if len(s.Foreign) > 0 {
			mark(s.Identifier)
		}
	}
	for _, c := range e.Commands {
		mark("deny-" + kebab(c.Name))
	}
	for _, p := range e.Permissions {
		if len(p.Denies)+len(p.Deny) > 0 {
			mark(p.Identifier)
		}
	}
	for len(next) > 0 {
		name := next[len(next)-1]
		next = next[:len(next)-1]
		for _, set := range within[name] {
			mark(set)
		}
	}
	return out
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

// missing returns the items of a list that are not among others, in order, each
// once.
func missing[T comparable](list, others []T) []T {
	known := make(map[T]bool, len(others))
	for _, item := range others {
		known[item] = true
	}
	var out []T
	for _, item := range list {
		if !known[item] {
			known[item] = true
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
