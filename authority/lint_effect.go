package authority

import "slices"

// unreadScope finds entries that no command has a use for.
func (x *linter) unreadScope() {
	for _, s := range x.scopes {
		switch {
		case slices.ContainsFunc(s.leaves, func(l *leaf) bool { return x.reads(l, s) }):
		case slices.ContainsFunc(s.leaves, func(l *leaf) bool { return l.perm.global }):
			x.report(s.at, s.subject(s.about()), "grant its commands to the same callers, or take the scope out",
				"%s grants the scope %s of %s, but nobody may call a command of module %s that reads it",
				s.cap.what(), quote(s.about()), quote(s.perm), quote(s.leaves[0].perm.module.manifest.Name))
		default:
			x.report(s.at, s.subject(s.about()), "write it where the commands are granted that read it",
				"%s gives %s the scope %s, which none of its commands reads: they declare %s",
				s.cap.what(), quote(s.perm), quote(s.about()), x.declared(s))
		}
	}
}

// reads reports whether a leaf has a use for the entry, or for nothing at all,
// which is another problem.
func (x *linter) reads(l *leaf, s *lintScope) bool {
	for _, key := range l.perm.module.words.own {
		if _, ok := s.v.fields[key]; ok {
			return true
		}
	}
	if l.perm.global && (s.deny || l.cap.Observe) {
		return true // it does no harm, and may be there for later
	}
	uses := x.uses(l.perm)
	return !l.perm.global && len(l.perm.allow) == 0 || slices.ContainsFunc(s.v.powers, func(p Power) bool { return slices.Contains(uses, p) })
}

// declared names the powers of the commands that the entry reaches.
func (x *linter) declared(s *lintScope) string {
	var list []Power
	for _, l := range s.leaves {
		list = append(list, x.uses(l.perm)...)
	}
	if list == nil {
		return "no power"
	}
	return "only " + quoteAll(sortedSet(textsOf(list)))
}

// voidScope finds entries of commands that restrict nothing, since the module's
// scope of the same callers takes in more.
func (x *linter) voidScope() {
	global := make(map[*module][]*lintScope)
	for _, s := range x.scopes {
		if m := s.leaves[0].perm.module; !s.deny && !s.cap.Observe && s.global() {
			global[m] = append(global[m], s)
		}
	}
	for _, s := range x.scopes {
		m := s.leaves[0].perm.module
		if s.deny || s.cap.Observe || s.global() {
			continue
		}
		for _, wide := range global[m] {
			if !x.spend(4) {
				return
			}
			if wide.cap.who.includes(s.cap.who) && x.wider(wide, s) {
				x.report(s.at, s.subject(s.about()), "take the wider scope out if it is not meant: "+wide.place(),
					"%s grants %s on %s, but the same callers have %s for every command of module %s",
					s.cap.what(), quote(s.perm), quote(s.about()), quote(wide.about()), quote(m.manifest.Name))
				break
			}
		}
	}
}

// global reports whether the entry is of the module's scope.
func (s *lintScope) global() bool {
	return slices.ContainsFunc(s.leaves, func(l *leaf) bool { return l.perm.global })
}

// place says who grants the entry, and where.
func (s *lintScope) place() string { return s.cap.granting(s.perm, s.at) }

// granting names something that a capability grants, and where.
func (k *capability) granting(permission string, at Position) string {
	text := quote(permission) + " of " + k.what()
	if at := at.FileLine(); at != "" {
		text += " (" + printable(at) + ")"
	}
	return text
}

// wider reports whether an entry is certain to lend all that another does, and
// is not the same. It knows paths and names.
func (x *linter) wider(wide, s *lintScope) bool {
	powers := x.lends(s)
	for _, p := range powers {
		if !slices.Contains(wide.v.powers, p) {
			return false
		}
	}
	if len(powers) == 0 || s.about() == wide.about() || !onlyPattern(wide) || !onlyPattern(s) {
		return false
	}
	if s.v.path != nil || wide.v.path != nil {
		return x.path(wide.v, false).Includes(x.path(s.v, false))
	}
	return everything(powers[0], wide.about())
}

// onlyPattern reports whether an entry says nothing but a path or a name.
func onlyPattern(s *lintScope) bool {
	patterns := 0
	for key := range s.v.fields {
		switch key {
		case keyPowers, keyDotfiles:
		case keyPath, "key", "var", "invoke", "topic":
			patterns++
		default:
			return false
		}
	}
	return patterns == 1
}

// exfiltration finds modules that may both read files and send requests for
// the same callers.
func (x *linter) exfiltration() {
	type pair struct {
		who    *grantee
		module *module
	}
	type found struct{ reads, sends *lintScope }
	all := make(map[pair]*found)
	for _, s := range x.scopes {
		if s.deny || s.cap.Observe {
			continue
		}
		key := pair{s.cap.who, s.leaves[0].perm.module}
		f := all[key]
		if f == nil {
			f = &found{}
			all[key] = f
		}
		lends := x.lends(s)
		if f.reads == nil && slices.Contains(lends, PowerFSRead) && slices.Contains(s.v.lendsBeyond(), PowerFSRead) {
			f.reads = s
		}
		if f.sends == nil && slices.Contains(lends, PowerHTTP) {
			f.sends = s
		}
		if f.reads == nil || f.sends == nil || f.reads != s && f.sends != s {
			continue
		}
		name := key.module.manifest.Name
		x.report(s.at, subject{capability: s.cap.Identifier, permission: s.perm, about: name},
			"give the files to another module, or only those that may leave the machine",
			"module %s may read files (%s) and send requests (%s) for the same callers: what it reads, it can send away",
			quote(name), f.reads.source(s), f.sends.source(s))
	}
}

// source names an entry in a message about another.
func (s *lintScope) source(at *lintScope) string {
	if s.cap == at.cap {
		return quote(s.about()) + " by " + quote(s.perm)
	}
	return quote(s.about()) + " by " + s.place()
}
