package acl

import (
	"cmp"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// rules reads what a permission file and a manifest have in common: default,
// sets and permissions. It keeps the names, so that one name is not given
// twice, be it in several files.
type rules struct {
	*sink
	app   bool // written by the app
	names map[string]authority.Position
	deflt *authority.Set
	sets  []authority.Set
	perms []authority.Permission
}

func newRules(k *sink, app bool) *rules {
	return &rules{sink: k, app: app, names: make(map[string]authority.Position)}
}

// lostScope refuses a scope at the top of a file, which Tauri drops silently.
// It returns false if the value is none.
func (t *table) lostScope() bool {
	lost := false
	scope := t.n.child("scope")
	if scope == nil || scope.value.kind != kindTable {
		return false
	}
	for _, key := range []string{"allow", "deny"} {
		if m := scope.value.child(key); m != nil {
			lost = true
			t.errorf(m.pos, codeLostRule, "move it below a [[permission]], as [[permission.scope."+key+"]]",
				"scope.%s at the top of the file belongs to no permission, so the rule would be lost", key)
		}
	}
	return lost
}

// permissionFile reads one file of permissions/. It returns the names listed
// under "commands".
func (r *rules) permissionFile(root *node) []authority.CommandName {
	t := r.table(root, "a permission file")
	t.skip()
	r.read(t)
	commands := t.commandNames("commands")
	if t.lostScope() {
		t.known = append(t.known, "scope")
	}
	t.done()
	return commands
}

// read reads the keys default, set and permission of a table.
func (r *rules) read(t *table) {
	var found []rule
	if d := t.sub("default", "[default]", "write [default]"); d.n != nil {
		set := authority.Set{Position: d.pos(), Identifier: "default"}
		r.readSet(d, &set)
		found = append(found, rule{set: &set})
	}
	for _, s := range t.tables("set", called("set", "a", "identifier")) {
		var set authority.Set
		set.Identifier, set.Position = s.name("identifier", "")
		r.readSet(s, &set)
		found = append(found, rule{set: &set, named: true})
	}
	for _, p := range t.tables("permission", called("permission", "a", "identifier")) {
		perm := r.readPermission(p)
		found = append(found, rule{perm: &perm, named: true})
	}
	// Names are given in the order of the file.
	slices.SortStableFunc(found, func(a, b rule) int {
		x, y := a.at(), b.at()
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	for _, f := range found {
		r.take(f)
	}
}

// rule is a set or a permission; named is false for [default].
type rule struct {
	set   *authority.Set
	perm  *authority.Permission
	named bool
}

func (f rule) at() authority.Position {
	if f.set != nil {
		return f.set.Position
	}
	return f.perm.Position
}

// take keeps a set or permission whose name is free.
func (r *rules) take(f rule) {
	switch {
	case f.perm != nil:
		if r.claim(f.perm.Identifier, f.at(), "permission") {
			r.perms = append(r.perms, *f.perm)
		}
	case !f.named:
		if r.claim("default", f.at(), "[default]") {
			r.deflt = f.set
		}
	default:
		if r.claim(f.set.Identifier, f.at(), "set") {
			r.sets = append(r.sets, *f.set)
		}
	}
}

// claim takes a name for a set or permission; false if it is not free.
func (r *rules) claim(name string, at authority.Position, thing string) bool {
	switch first, twice := r.names[name]; {
	case name == "":
		return false
	case name == "default" && thing != "[default]":
		r.errorf(at, codeIdentifier, "choose another, or write [default]", "%s \"default\" has the name of [default]", thing)
		return false
	case twice && thing == "[default]":
		duplicate(r.sink, at, first, "[default]")
		return false
	case twice:
		duplicate(r.sink, at, first, "identifier "+quote(name)+" of a set or permission")
		return false
	}
	r.names[name] = at
	return true
}

// readSet reads a set or [default], but for its name.
func (r *rules) readSet(t *table, set *authority.Set) {
	t.skip()
	set.Description, set.App = t.text("description"), r.app
	t.need("permissions", "an empty list is a set of nothing")
	for _, w := range t.words("permissions") {
		set.Members = append(set.Members, authority.Reference{Position: w.pos, Identifier: w.text})
	}
	t.done()
}

func (r *rules) readPermission(t *table) authority.Permission {
	t.skip()
	p := authority.Permission{App: r.app}
	p.Identifier, p.Position = t.name("identifier", "")
	p.Description = t.text("description")
	commands := t.sub("commands", `"commands" in `+t.what, "write commands.allow = [\"…\"]")
	p.Allow = commands.commandNames("allow")
	p.Deny = commands.commandNames("deny")
	commands.done()
	scope := t.sub("scope", `"scope" in `+t.what, "write scope.allow = [{ … }]")
	p.Scope = scope.scopeRules()
	scope.done()
	p.Platforms = t.platforms()
	t.done()
	return p
}

func (t *table) commandNames(key string) []authority.CommandName {
	var out []authority.CommandName
	for _, w := range t.words(key) {
		out = append(out, authority.CommandName{Position: w.pos, Name: w.text})
	}
	return out
}
