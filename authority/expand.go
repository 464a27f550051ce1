package authority

// expansion expands one entry of a capability.
type expansion struct {
	*catalog
	*report
	cap    *capability
	entry  *Entry
	what   string // the capability, for messages
	active bool   // on this platform

	home      *module // whose members get the entry's scope
	allow     []scopeValue
	deny      []scopeValue
	leaves    []*leaf
	reached   bool // a member of home, on any platform
	effective bool // one that allows a command or has no command
	foreign   map[*set]bool
}

func (x *expansion) at() Position {
	if x.entry.Position == (Position{}) {
		return x.cap.Position
	}
	return x.entry.Position
}

func (x *expansion) expand() {
	if text, ok := coreReference(x.entry.Identifier); ok {
		x.errorf(x.at(), problemCore, "leave it out; commands of the host itself are modules, too", "%s: %s", x.what, text)
		return
	}
	id, err := parseIdentifier(x.entry.Identifier)
	if err != nil {
		x.errorf(x.at(), problemIdentifier, "", "%s names %s: %v", x.what, quote(x.entry.Identifier), err)
		return
	}
	t, miss := x.find(id, appModule, x.report)
	if miss != nil {
		x.errorf(x.at(), miss.code, miss.hint, "%s: %s", x.what, miss.text)
		return
	}
	if t.set == nil && t.perm == nil || t.set != nil && t.set.cyclic {
		return // of a module that cannot be used; or reported
	}
	if t.set != nil && t.set.depth >= maxNested {
		return // reported
	}
	var weight int
	if t.set != nil {
		x.home, weight = t.set.module, t.set.weight
	} else {
		x.home, weight = t.perm.module, t.perm.weight()
	}
	weight *= 1 + len(x.entry.Scope.Allow) + len(x.entry.Scope.Deny)
	if x.cap.weight += weight; weight > maxWeight {
		x.errorf(x.at(), problemTooLarge, "", "%s: %s expands to more than %d rules", x.what, quote(x.entry.Identifier), maxWeight)
		return
	}
	if x.expanded += weight; x.expanded > maxTotal {
		return // assemble reports it
	}
	check := &scopeCheck{vocabulary: x.home.words, report: x.report, owner: x.what}
	x.allow, x.deny = check.values(x.entry.Scope.Allow), check.values(x.entry.Scope.Deny)
	if t.set != nil {
		x.expandSet(t.set, nil)
	} else {
		x.grant(t.perm, nil)
	}
	x.checkScope()
}

func (x *expansion) expandSet(s *set, up *trail) {
	way := &trail{set: s, up: up}
	for i := range s.members {
		m := &s.members[i]
		if m.missing != "" {
			x.errorf(x.at(), problemPermission, "", "%s grants set %s: %s", x.what, quote(s.name()), m.missing)
			continue
		}
		if of := m.of(); of != nil && of != s.module && !s.module.accepts(s.app) {
			x.refuseForeign(s)
			continue
		}
		switch {
		case m.set != nil:
			x.expandSet(m.set, way)
		case m.perm != nil:
			x.grant(m.perm, way)
		}
	}
}

// acceptHint says how an app accepts a manifest.
func acceptHint(module string) string {
	return "run `ambit lock` to see and accept it, or write trusted = true under module " + quote(module) + " in ambit.toml"
}

// refuseForeign reports, once a set, that a manifest would grant permissions
// of other modules.
func (x *expansion) refuseForeign(s *set) {
	if x.foreign[s] {
		return
	}
	if x.foreign == nil {
		x.foreign = make(map[*set]bool)
	}
	x.foreign[s] = true
	var names []string
	for i := range s.members {
		if of := s.members[i].of(); of != nil && of != s.module {
			names = append(names, s.members[i].text)
		}
	}
	module := s.module.manifest.Name
	x.errorf(x.at(), problemNotAccepted, acceptHint(module),
		"%s names set %s of module %s, which is not trusted; the set would grant permissions of other modules: %s",
		x.what, quote(s.name()), quote(module), quoteAll(names))
}

// grant adds one permission.
func (x *expansion) grant(p *permission, way *trail) {
	own := p.module == x.home
	x.reached = x.reached || own
	x.effective = x.effective || own && (p.global || len(p.allow) > 0)
	if wishes := p.wishes(); wishes != nil && !p.module.accepts(p.app) {
		module := p.module.manifest.Name
		x.errorf(x.at(), problemNotAccepted, acceptHint(module),
			"%s names permission %s%s of module %s, which is not trusted; it would lend %s",
			x.what, quote(p.name()), through(way), quote(module), listed(wishes, ", "))
		return
	}
	if !x.active || !x.applies(p.Position, "permission "+quote(p.name()), p.platforms, x.report) {
		return
	}
	l := &leaf{cap: x.cap, entry: x.entry, source: x.at(), perm: p, sets: way}
	if own {
		l.allow, l.deny = l.entries(x.allow, p.scope.allow), l.entries(x.deny, p.scope.deny)
	} else {
		l.allow, l.deny = l.entries(nil, p.scope.allow), l.entries(nil, p.scope.deny)
	}
	x.checkVariables(l)
	x.leaves = append(x.leaves, l)
}

func through(way *trail) string {
	if way == nil {
		return ""
	}
	return " (through " + quoteArrows(way.path()) + ")"
}

// entries gives scope values their provenance: the capability's first, then
// the permission's.
func (l *leaf) entries(extra, own []scopeValue) []ScopeEntry {
	if len(extra)+len(own) == 0 {
		return nil
	}
	out := make([]ScopeEntry, 0, len(extra)+len(own))
	for _, values := range [2][]scopeValue{extra, own} {
		for i := range values {
			out = append(out, ScopeEntry{
				Capability: l.cap.Identifier, Permission: l.perm.name(), Source: values[i].Position, v: &values[i],
			})
		}
	}
	return out
}

// checkVariables reports variables that a granted scope uses and nobody
// declared.
func (x *expansion) checkVariables(l *leaf) {
	for _, entries := range [2][]ScopeEntry{l.allow, l.deny} {
		for _, e := range entries {
			p := e.v.path
			if p == nil || p.Var() == "" || x.dirs[p.Var()] {
				continue
			}
			hint := x.didYouMean(p.Var(), keysOf(x.dirs))
			if hint == "" {
				hint = "declare " + p.Var() + " under [dirs] in ambit.toml"
			}
			report, at := x.errorf, x.at()
			if x.lenient && x.dirless {
				report = x.warnf
			}
			if e.Source.File == at.File && e.Source.Line > 0 {
				at = e.Source
			}
			report(at, problemVariable, hint, "%s grants %s, whose scope names the variable %s, which is not declared",
				x.what, quote(l.perm.name()), quote("$"+p.Var()))
		}
	}
}

// checkScope reports scope of the entry that reached no permission.
func (x *expansion) checkScope() {
	allow, deny := len(x.entry.Scope.Allow) > 0, len(x.entry.Scope.Deny) > 0
	name := x.home.manifest.Name
	switch {
	case !allow && !deny || x.effective:
	case !x.reached && deny:
		x.errorf(x.at(), problemNoEffect, "deny it where the members' own module is named",
			"%s: the denied scope of %s reaches no permission of module %s", x.what, quote(x.entry.Identifier), quote(name))
	case !x.reached:
		x.warnf(x.at(), problemNoEffect, "grant the members by name, each with its scope",
			"%s: the scope of %s reaches no permission of module %s", x.what, quote(x.entry.Identifier), quote(name))
	default:
		x.warnf(x.at(), problemNoEffect, "", "%s: %s only denies commands, so its scope has no effect", x.what, quote(x.entry.Identifier))
	}
}
