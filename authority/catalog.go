package authority

import (
	"maps"
	"slices"
)

// catalog is all that modules offer, checked and linked. It is immutable and
// shared by the authorities that a Live makes of one policy.
type catalog struct {
	modules  map[string]*module
	order    []*module // by name
	commands int       // how many in all modules
	platform Platform
	dirs     map[string]bool
	dirless  bool // nobody said which base dirs there are
	windows  []string
	lenient  bool
	taken    map[string]bool // identifiers and files of capabilities that are not in effect
	listed   bool

	digest lazyDigest
}

// module is a checked manifest.
type module struct {
	manifest *Manifest // our copy
	id       int       // position in catalog.order
	words    *vocabulary
	commands map[string]*command
	perms    map[string]*permission
	sets     map[string]*set // with "default"
}

// command is a command with its number in the whole catalog.
type command struct {
	*Command
	module *module
	id     int

	bare, bareCaller *Grant // of a call without any scope; shared by all of them
}

// name prints "module.command".
func (c *command) name() string { return c.module.manifest.Name + "." + c.Name }

// permission is a checked permission, written or generated.
type permission struct {
	Position
	module    *module
	id        string
	allow     []*command
	deny      []*command
	scope     struct{ allow, deny []scopeValue }
	platforms []Platform
	app       bool // written by the app
	generated bool
	global    bool // it names no commands, so its scope is the module's
}

// name prints "module:identifier".
func (p *permission) name() string { return p.module.manifest.Name + ":" + p.id }

// weight bounds what one mention of the permission costs.
func (p *permission) weight() int {
	return 1 + len(p.allow) + len(p.deny) + len(p.scope.allow) + len(p.scope.deny)
}

// set is a linked permission set.
type set struct {
	Position
	module  *module
	id      string
	app     bool
	members []member
	state   visit
	at      int  // among the sets above, while it is being visited
	depth   int  // of sets in sets below this one
	cyclic  bool // it expands into a cycle
	weight  int  // of all that it expands to, saturated at maxWeight+1
}

func (s *set) name() string { return s.module.manifest.Name + ":" + s.id }

// member is what a set names: a permission, a set, or, when the module cannot
// be used, nothing.
type member struct {
	Position
	text    string // as written
	set     *set
	perm    *permission
	missing string // why a set that nobody grants may stay as it is
}

// of returns the module that the member belongs to, nil if there is none.
func (m member) of() *module {
	switch {
	case m.set != nil:
		return m.set.module
	case m.perm != nil:
		return m.perm.module
	}
	return nil
}

// newCatalog checks and links the manifests.
func newCatalog(p *Policy, r *report) *catalog {
	c := &catalog{
		modules: make(map[string]*module, len(p.Manifests)), platform: p.Platform, lenient: p.Lenient,
		dirs: map[string]bool{moduleVar: true}, dirless: p.Dirs == nil, windows: slices.Clone(p.Windows),
		taken: make(map[string]bool, 2*len(p.Unselected)), listed: p.Listed,
	}
	for i := range p.Unselected {
		k := &p.Unselected[i]
		c.taken[k.Identifier], c.taken[k.File] = true, true
	}
	for _, d := range p.Dirs {
		c.dirs[d] = true
	}
	if p.Platform != "" && !slices.Contains(platforms, p.Platform) {
		// Rules may be limited to platforms that have a name; on any other
		// system those rules do not apply.
		c.platform = otherPlatform
	}
	for i := range p.Manifests {
		c.add(&p.Manifests[i], r)
	}
	for _, name := range slices.Sorted(maps.Keys(c.modules)) {
		m := c.modules[name]
		m.id = len(c.order)
		c.order = append(c.order, m)
	}
	for _, m := range c.order {
		m.compile(c, r)
	}
	for _, m := range c.order {
		m.link(c, r)
	}
	for _, m := range c.order {
		for _, id := range slices.Sorted(maps.Keys(m.sets)) {
			m.sets[id].measure(nil, r)
		}
	}
	return c
}

// add takes a manifest in, by name.
func (c *catalog) add(in *Manifest, r *report) {
	if err := checkModuleName(in.Name); err != nil {
		r.errorf(in.Position, problemIdentifier, "", "module %s: %v", quote(in.Name), err)
	}
	if first, twice := c.modules[in.Name]; twice {
		r.errorf(in.Position, problemDuplicate, firstAt(first.manifest.Position), "duplicate module %s", quote(in.Name))
		return
	}
	c.modules[in.Name] = &module{manifest: cloneManifest(in), sets: map[string]*set{}, perms: map[string]*permission{}}
}

// firstAt words where the first of two things stands.
func firstAt(p Position) string {
	if p.File == "" {
		return ""
	}
	return "the first is at " + printable(p.String())
}

// cloneManifest copies what an Authority reads of a manifest.
func cloneManifest(in *Manifest) *Manifest {
	m := *in
	m.Commands = slices.Clone(in.Commands)
	for i := range m.Commands {
		m.Commands[i].Powers = slices.Clone(m.Commands[i].Powers)
	}
	m.Permissions = slices.Clone(in.Permissions)
	for i := range m.Permissions {
		p := &m.Permissions[i]
		p.Allow, p.Deny, p.Platforms = slices.Clone(p.Allow), slices.Clone(p.Deny), slices.Clone(p.Platforms)
		p.Scope = cloneScope(p.Scope)
	}
	m.Sets = slices.Clone(in.Sets)
	for i := range m.Sets {
		m.Sets[i].Members = slices.Clone(m.Sets[i].Members)
	}
	if in.Default != nil {
		d := *in.Default
		d.Members = slices.Clone(d.Members)
		m.Default = &d
	}
	return &m
}

// cloneScope copies scope entries with their values. A value that cannot be
// one stays, to be reported.
func cloneScope(in ScopeRules) ScopeRules {
	out := ScopeRules{Allow: slices.Clone(in.Allow), Deny: slices.Clone(in.Deny)}
	for _, list := range [2][]ScopeValue{out.Allow, out.Deny} {
		for i := range list {
			if v, err := copyValue(list[i].Value, 0); err == nil {
				list[i].Value = v
			}
		}
	}
	return out
}

// accepts reports whether a wish of the manifest counts: the app wrote it, or
// the app has accepted the manifest.
func (m *module) accepts(app bool) bool { return app || m.manifest.Accepted }

// names returns "module:name" of all that the module offers, sorted.
func (m *module) names() []string {
	out := make([]string, 0, len(m.sets)+len(m.perms))
	for id := range m.sets {
		out = append(out, m.manifest.Name+":"+id)
	}
	for id := range m.perms {
		out = append(out, m.manifest.Name+":"+id)
	}
	return sortedSet(out)
}

// names returns the names of all modules, sorted.
func (c *catalog) names() []string { return slices.Sorted(maps.Keys(c.modules)) }
