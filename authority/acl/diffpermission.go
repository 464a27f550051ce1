package acl

import (
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// permission compares what granting a permission gives.
func (d *delta) permission(from, to *offer, id string) {
	is, what := to.perms[id], "permission "+quote(id)
	was, known := from.perms[id]
	if !known {
		if _, other := from.sets[id]; !other && to.generated[id] {
			return // its command is new
		}
		d.add("permission", authority.Position{}, is.Position, what+" is new", what+" is gone")
	}
	add := func(kind, widened, narrowed string) {
		d.add(kind, was.Position, is.Position, what+" "+widened, what+" "+narrowed)
	}
	for _, c := range missing(commandsOf(is.Allow), commandsOf(was.Allow)) {
		add("allow", "allows "+quote(c), "no longer allows "+quote(c))
	}
	for _, c := range missing(commandsOf(was.Deny), commandsOf(is.Deny)) {
		add("deny", "no longer denies "+quote(c), "denies "+quote(c))
	}
	if known {
		platforms(was, is, add)
	}
	before, now := from.wishes.permission(was), to.wishes.permission(is)
	if global(was) != global(is) { // the same entries are for other commands
		before.Allow, now.Deny = nil, nil
	}
	for _, entry := range missing(now.Allow, before.Allow) {
		e := LockEntry{Permissions: []LockPermission{{Identifier: id, Lends: now.Lends, Allow: []string{entry}}}}
		if !d.lends("scope", was.Position, is.Position, e) {
			add("scope", "has the scope "+entry, "no longer has the scope "+entry)
		}
	}
	for _, entry := range missing(before.Deny, now.Deny) {
		add("scope-deny", "no longer denies the scope "+entry, "denies the scope "+entry)
	}
}

// global reports whether a permission's scope is for all commands.
func global(p authority.Permission) bool { return len(p.Allow)+len(p.Deny) == 0 }

// platforms compares where a permission applies. Elsewhere it gives nothing,
// and denies nothing.
func platforms(was, is authority.Permission, add func(kind, widened, narrowed string)) {
	more := len(was.Platforms) > 0 && (len(is.Platforms) == 0 || len(missing(is.Platforms, was.Platforms)) > 0)
	less := len(is.Platforms) > 0 && (len(was.Platforms) == 0 || len(missing(was.Platforms, is.Platforms)) > 0)
	if denies := len(was.Deny)+len(was.Scope.Deny) > 0; more || less && denies {
		add("platforms", "applies on "+platformsOf(is)+", before on "+platformsOf(was), "applies on "+platformsOf(was)+", before on "+platformsOf(is))
	}
}

func platformsOf(p authority.Permission) string {
	if len(p.Platforms) == 0 {
		return "all platforms"
	}
	names := make([]string, len(p.Platforms))
	for i, name := range p.Platforms {
		names[i] = string(name)
	}
	return strings.Join(names, ", ")
}

// set compares what granting a set gives, its members' own changes aside.
func (d *delta) set(from, to *offer, id string) {
	is, what := to.sets[id], "set "+quote(id)
	was, known := from.sets[id]
	if !known {
		d.add("set", authority.Position{}, is.Position, what+" is new", what+" is gone")
	}
	before, now := from.membersOf(was), to.membersOf(is)
	for _, m := range missing(now, before) {
		switch foreign := lockSet(authority.Set{Members: []authority.Reference{{Identifier: m}}}, to.Name).Foreign; {
		case len(foreign) > 0:
			d.lends("member", was.Position, is.Position, LockEntry{Sets: []LockSet{{Identifier: id, Foreign: foreign}}})
		case to.kindsOf(m).gives:
			d.add("member", was.Position, is.Position, what+" contains "+quote(m), what+" no longer contains "+quote(m))
		}
	}
	for _, m := range missing(before, now) {
		if from.kindsOf(m).denies {
			d.add("member", was.Position, is.Position, what+" no longer contains "+quote(m)+", which may deny", what+" contains "+quote(m)+", which may deny")
		}
	}
}

func (o *offer) membersOf(s authority.Set) []string {
	out := make([]string, len(s.Members))
	for i, m := range s.Members {
		out[i] = o.own(m.Identifier)
	}
	return out
}

func commandsOf(list []authority.CommandName) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.Name
	}
	return out
}
