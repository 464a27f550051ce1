package authority

import (
	"cmp"
	"maps"
	"slices"
)

// platforms are all that have a name.
var platforms = []Platform{Linux, MacOS, Windows, Android, IOS, FreeBSD}

// otherPlatform stands for systems that have no name in policies.
const otherPlatform Platform = "other"

// compile checks the module's commands, permissions and sets by themselves.
func (m *module) compile(c *catalog, r *report) {
	if m.manifest.Invalid != "" {
		return
	}
	if i := m.manifest.Instance; i != "" && i != instanceCall && i != instanceCaller {
		r.errorf(m.manifest.Position, problemValue, `"call" or "caller"`, "module %s: unknown instance %s", quote(m.manifest.Name), quote(i))
	}
	if c.lenient {
		m.manifest.Commands = namedCommands(m.manifest)
	}
	m.compileCommands(c, r)
	m.words = newVocabulary(m.manifest, c.lenient)
	for i := range m.manifest.Permissions {
		m.compilePermission(&m.manifest.Permissions[i], r)
	}
	m.compileSets(r)
	m.generate(r)
}

// The values of a manifest's and a capability's `instance`.
const (
	instanceCall   = "call"
	instanceCaller = "caller"
)

// namedCommands returns the manifest's commands and those that only its
// permissions name, sorted.
func namedCommands(m *Manifest) []Command {
	all := make(map[string]Command, len(m.Commands))
	for _, p := range m.Permissions {
		for _, n := range slices.Concat(p.Allow, p.Deny) {
			if _, twice := all[n.Name]; !twice {
				all[n.Name] = Command{Position: n.Position, Name: n.Name}
			}
		}
	}
	for _, c := range m.Commands {
		all[c.Name] = c
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Command) int { return cmp.Compare(a.Name, b.Name) })
}

func (m *module) compileCommands(c *catalog, r *report) {
	m.commands = make(map[string]*command, len(m.manifest.Commands))
	all := make([]command, len(m.manifest.Commands)) // side by side, for the processor's caches
	for i := range m.manifest.Commands {
		cmd := &m.manifest.Commands[i]
		what := quote(m.manifest.Name + "." + cmd.Name)
		if first, twice := m.commands[cmd.Name]; twice {
			r.errorf(cmd.Position, problemDuplicate, firstAt(first.Position), "duplicate command %s", what)
			continue
		}
		if cmd.Name == "" || !c.lenient && !validCommandName(cmd.Name) {
			r.errorf(cmd.Position, problemIdentifier, "a lower-case letter, then lower-case letters, digits and underscores",
				"bad name of a command %s", what)
		}
		if cmd.Timeout < 0 {
			r.errorf(cmd.Position, problemValue, "", "command %s: the timeout is negative", what)
		}
		for j, p := range cmd.Powers {
			if p.Key() == "" {
				r.errorf(cmd.Position, problemPowers, r.didYouMean(string(p), these(textsOf(Powers()))), "command %s: unknown power %s", what, quote(string(p)))
			} else if slices.Contains(cmd.Powers[:j], p) {
				r.errorf(cmd.Position, problemDuplicate, "", "command %s: duplicate power %s", what, quote(string(p)))
			}
		}
		compiled := &all[i]
		*compiled = command{Command: cmd, module: m, id: c.commands, bare: &Grant{cmd: compiled}, bareCaller: &Grant{cmd: compiled, perCaller: true}}
		m.commands[cmd.Name] = compiled
		c.commands++
	}
}

// checkDeclared checks the identifier that a permission or set gives itself.
func (m *module) checkDeclared(at Position, kind, id string, r *report) {
	err := checkName("the name", id, maxBaseName)
	switch {
	case id == "":
		r.errorf(at, problemIdentifier, "", "a %s of module %s has no identifier", kind, quote(m.manifest.Name))
	case id == defaultSet:
		r.errorf(at, problemIdentifier, "write [default]", "a %s of module %s is called \"default\", which is the module's default set", kind, quote(m.manifest.Name))
	case err != nil:
		r.errorf(at, problemIdentifier, "", "%s %s of module %s: %v", kind, quote(id), quote(m.manifest.Name), err)
	}
}

// defaultSet is the identifier of a module's default.
const defaultSet = "default"

func (m *module) compilePermission(in *Permission, r *report) {
	p := &permission{
		Position: in.Position, module: m, id: in.Identifier, app: in.App, platforms: in.Platforms,
		global: len(in.Allow)+len(in.Deny) == 0,
	}
	m.checkDeclared(in.Position, "permission", in.Identifier, r)
	what := "permission " + quote(p.name())
	checkPlatforms(in.Position, what, in.Platforms, r)
	p.allow, p.deny = m.named(what, in.Allow, r), m.named(what, in.Deny, r)
	check := &scopeCheck{vocabulary: m.words, report: r, owner: what}
	p.scope.allow, p.scope.deny = check.values(in.Scope.Allow), check.values(in.Scope.Deny)
	if len(in.Scope.Allow)+len(in.Scope.Deny) > 0 && len(in.Allow) == 0 && len(in.Deny) > 0 {
		r.warnf(in.Position, problemNoEffect, "", "%s has a scope but only denies commands, so the scope has no effect", what)
	}
	if first, twice := m.perms[p.id]; twice {
		r.errorf(p.Position, problemDuplicate, firstAt(first.Position), "duplicate %s", what)
		return
	}
	m.perms[p.id] = p
}

func checkPlatforms(at Position, what string, list []Platform, r *report) {
	for _, p := range list {
		if !slices.Contains(platforms, p) {
			hint := r.didYouMean(string(p), these(textsOf(platforms)))
			if hint == "" {
				hint = "one of " + quoteAll(platforms)
			}
			r.errorf(at, problemPlatform, hint, "%s: unknown platform %s", what, quote(string(p)))
		}
	}
}

// named returns the commands that a permission names.
func (m *module) named(what string, names []CommandName, r *report) []*command {
	out := make([]*command, 0, len(names))
	for _, n := range names {
		if cmd := m.commands[n.Name]; cmd != nil {
			out = append(out, cmd)
			continue
		}
		r.errorf(n.Position, problemCommand, r.didYouMean(n.Name, keysOf(m.commands)),
			"%s: module %s has no command %s", what, quote(m.manifest.Name), quote(n.Name))
	}
	return out
}

func (m *module) compileSets(r *report) {
	if d := m.manifest.Default; d != nil {
		m.sets[defaultSet] = &set{Position: d.Position, module: m, id: defaultSet, app: d.App}
	}
	for i := range m.manifest.Sets {
		in := &m.manifest.Sets[i]
		m.checkDeclared(in.Position, "set", in.Identifier, r)
		if in.Identifier == defaultSet {
			continue
		}
		s := &set{Position: in.Position, module: m, id: in.Identifier, app: in.App}
		if first, twice := m.sets[s.id]; twice {
			r.errorf(s.Position, problemDuplicate, firstAt(first.Position), "duplicate set %s", quote(s.name()))
			continue
		}
		if p, twice := m.perms[s.id]; twice {
			r.errorf(s.Position, problemConflict, firstAt(p.Position), "set %s has the name of a permission", quote(s.name()))
		}
		m.sets[s.id] = s
	}
}

// generate adds allow-<command> and deny-<command> where nobody wrote them.
func (m *module) generate(r *report) {
	for i := range m.manifest.Commands {
		cmd := m.commands[m.manifest.Commands[i].Name]
		if cmd.Command != &m.manifest.Commands[i] {
			continue // a duplicate
		}
		m.generateOne(cmd, true, r)
		m.generateOne(cmd, false, r)
	}
}

func (m *module) generateOne(cmd *command, allow bool, r *report) {
	id := generatedID(cmd.Name, allow)
	if s := m.sets[id]; s != nil {
		r.warnf(s.Position, problemReplaced, "", "set %s replaces the generated permission of that name", quote(s.name()))
		return
	}
	p := m.perms[id]
	if p == nil {
		p = &permission{Position: cmd.Position, module: m, id: id, generated: true}
		m.perms[id] = p
	}
	named, other := &p.allow, p.deny
	if !allow {
		named, other = &p.deny, p.allow
	}
	if p.generated {
		*named = append(*named, cmd)
		return
	}
	isOther := func(c *command) bool { return c != cmd }
	if len(other) > 0 || len(*named) == 0 || slices.ContainsFunc(*named, isOther) {
		r.warnf(p.Position, problemReplaced, "give it a name of its own",
			"permission %s replaces the generated one, but does not name just the command %s", quote(p.name()), quote(cmd.Name))
	}
}

func generatedID(command string, allow bool) string {
	if allow {
		return "allow-" + kebab(command)
	}
	return "deny-" + kebab(command)
}
