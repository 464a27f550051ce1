package acl

import (
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// DiffManifests says what one version of a module asks for more, or less, than
// another: for itself, and for whom an app grants its permissions and sets by
// name. What it lends is said in the words of [LockEntry.Lends]. As in
// [authority.Diff], what cannot be told has widened. Both manifests must be fit
// for use.
func DiffManifests(before, after authority.Manifest) authority.Changes {
	was, is := newOffer(before), newOffer(after)
	d := &delta{}
	for _, c := range authority.Diff(was.alone(), is.alone()) {
		if c.Kind != "power" { // the lock has words for it
			d.changes = append(d.changes, c)
		}
	}
	d.offer(was, is, authority.Widened)
	d.offer(is, was, authority.Narrowed)
	d.changes.Sort()
	return d.changes
}

// offer is what a manifest offers, by name.
type offer struct {
	*authority.Manifest
	wishes    *wishes
	commands  map[string]authority.Command
	perms     map[string]authority.Permission // the generated ones, too
	generated map[string]bool                 // of perms
	sets      map[string]authority.Set        // the default, too
	kinds     map[string]kinds                // of members, as far as they were looked at
}

// kinds say what a permission or set does when it is granted.
type kinds struct{ gives, denies bool }

func newOffer(m authority.Manifest) *offer {
	m.Accepted, m.Invalid = true, ""
	o := &offer{
		Manifest: &m, wishes: newWishes(&m, NewLockEntry(m, "").Powers), commands: make(map[string]authority.Command),
		perms: make(map[string]authority.Permission), generated: make(map[string]bool),
		sets: make(map[string]authority.Set), kinds: make(map[string]kinds),
	}
	for _, c := range m.Commands {
		o.commands[c.Name] = c
		names, id := []authority.CommandName{{Position: c.Position, Name: c.Name}}, strings.ReplaceAll(c.Name, "_", "-")
		for _, p := range []authority.Permission{{Identifier: "allow-" + id, Allow: names}, {Identifier: "deny-" + id, Deny: names}} {
			p.Position = c.Position
			o.perms[p.Identifier], o.generated[p.Identifier] = p, true
		}
	}
	for _, p := range m.Permissions {
		o.perms[p.Identifier] = p
		delete(o.generated, p.Identifier)
	}
	for _, s := range m.Sets {
		o.sets[s.Identifier] = s
		delete(o.perms, s.Identifier)
	}
	if m.Default != nil {
		o.sets["default"] = *m.Default
	}
	return o
}

// alone is the authority of the manifest by itself, in which nobody is granted
// anything.
func (o *offer) alone() *authority.Authority {
	a, _ := authority.New(authority.Policy{Manifests: []authority.Manifest{*o.Manifest}})
	return a
}

// kindsOf says what a member of a set does. Of other modules' it is not known.
func (o *offer) kindsOf(member string) kinds {
	if known, ok := o.kinds[member]; ok {
		return known
	}
	k := kinds{gives: true, denies: true}
	o.kinds[member] = k // should the member contain itself
	if s, ok := o.sets[member]; ok {
		k = kinds{}
		for _, m := range s.Members {
			more := o.kindsOf(o.own(m.Identifier))
			k.gives, k.denies = k.gives || more.gives, k.denies || more.denies
		}
	} else if p, ok := o.perms[member]; ok {
		k.gives = len(p.Allow) > 0 || global(p) && len(p.Scope.Allow) > 0
		k.denies = len(p.Deny)+len(p.Scope.Deny) > 0
	}
	o.kinds[member] = k
	return k
}

// own drops the module's own name from a reference.
func (o *offer) own(member string) string { return strings.TrimPrefix(member, o.Name+":") }

// lends adds what the lock has words for, and reports whether it has any.
func (d *delta) lends(kind string, from, to authority.Position, e LockEntry) bool {
	lines := e.Lends()
	for _, line := range lines {
		d.add(kind, from, to, line, "gone: "+line)
	}
	return len(lines) > 0
}

// offer finds what the offer to has and the offer from does not.
func (d *delta) offer(from, to *offer, direction authority.Direction) {
	d.direction, d.module = direction, to.Name
	d.settings(from, to)
	for _, name := range slices.Sorted(maps.Keys(to.commands)) {
		d.command = name
		is := to.commands[name]
		was, known := from.commands[name]
		if !known {
			d.add("command", authority.Position{}, is.Position, "command "+quote(name)+" is new", "command "+quote(name)+" is gone")
		}
		powers := slices.DeleteFunc(sortPowers(is.Powers), func(p authority.Power) bool { return slices.Contains(was.Powers, p) })
		if len(powers) > 0 {
			d.lends("power", was.Position, is.Position, LockEntry{Commands: []LockCommand{{Name: name, Powers: powers}}})
		}
	}
	d.command = ""
	for _, id := range slices.Sorted(maps.Keys(to.perms)) {
		d.permission(from, to, id)
	}
	for _, id := range slices.Sorted(maps.Keys(to.sets)) {
		d.set(from, to, id)
	}
}

// settings compares what holds for the whole module. Of two versions and two
// schemas it is not told which gives more: that is reported once, as widened.
func (d *delta) settings(from, to *offer) {
	if to.Instance == "caller" && from.Instance != "caller" {
		d.add("instance", from.Position, to.Position, "the module may keep state between calls", "the module may no longer keep state between calls")
	}
	if from.ABI != to.ABI {
		d.add("abi", from.Position, to.Position, "the module wants another ABI", "")
	}
	if string(from.Scope.JSON()) != string(to.Scope.JSON()) {
		d.add("schema", from.Position, to.Position, "the module's scope entries have another schema, by which those of an app may mean more", "")
	}
}
