package files

import "github.com/ambit-wasm/ambit/authority/pattern"

// Rule is one path of a scope entry.
type Rule struct {
	Pattern  *pattern.Path
	Dotfiles bool // of an allow: wildcards match names with a leading dot too
}

// Rules are what a grant lends of files. Write does not imply read. Deny wins.
type Rules struct{ ReadAllow, ReadDeny, WriteAllow, WriteDeny []Rule }

// Scope is the part of the base dirs that a call may reach. It is immutable,
// safe for concurrent use and may be kept as long as its [Bases] are open. The
// nil Scope reaches nothing.
type Scope struct {
	bases       *Bases
	read, write patterns
}

// patterns decide for one power.
type patterns struct{ allow, deny []*pattern.PathMatcher }

// access is what a power may do at a path.
type access uint8

const (
	denied  access = iota
	passing        // on the way to something allowed: stat, filtered listing
	allowed
)

// Scope binds rules to the base dirs, so that one place has one path whatever
// variable leads there. A variable that is not declared is an error: a lost
// deny is worse than a refused call.
func (b *Bases) Scope(r Rules) (*Scope, error) {
	fold := false
	for _, n := range b.byName {
		fold = fold || n.fold
	}
	s := &Scope{bases: b}
	for _, part := range []struct {
		to    *[]*pattern.PathMatcher
		rules []Rule
		deny  bool
	}{
		{&s.read.allow, r.ReadAllow, false}, {&s.read.deny, r.ReadDeny, true},
		{&s.write.allow, r.WriteAllow, false}, {&s.write.deny, r.WriteDeny, true},
	} {
		for _, rule := range part.rules {
			o := pattern.PathOptions{Dotfiles: rule.Dotfiles}
			if part.deny {
				o = pattern.PathOptions{Deny: true, Fold: fold}
			}
			ms, err := b.bind(rule.Pattern, o)
			if err != nil {
				return nil, err
			}
			*part.to = append(*part.to, ms...)
		}
	}
	forbidden := b.guard.deny
	if fold {
		forbidden = b.guard.folding
	}
	s.read.deny = append(s.read.deny, forbidden...)
	s.write.deny = append(s.write.deny, forbidden...)
	return s, nil
}

// at decides for one canonical path.
func (p *patterns) at(canon string) access {
	best := denied
	for _, a := range p.allow {
		if a.Match(canon) {
			best = allowed
			break
		}
		if best == denied && a.Beneath(canon) {
			best = passing
		}
	}
	if best == denied {
		return denied
	}
	if pattern.MatchAny(p.deny, canon) {
		return denied
	}
	return best
}

// mayDeny reports whether dir or something below it may be denied.
func (p *patterns) mayDeny(dir string) bool {
	for _, d := range p.deny {
		if d.Match(dir) || d.Beneath(dir) {
			return true
		}
	}
	return false
}

// mayAllow reports whether dir or something below it may be allowed.
func (p *patterns) mayAllow(dir string) bool {
	for _, a := range p.allow {
		if a.Match(dir) || a.Beneath(dir) {
			return true
		}
	}
	return false
}

// covers reports whether all below dir is certain to be allowed.
func (p *patterns) covers(dir string) bool {
	if p.mayDeny(dir) {
		return false
	}
	for _, a := range p.allow {
		if a.Covers(dir) {
			return true
		}
	}
	return false
}

// see is the best that either power may do at a path: whoever may read or
// write a file may know that it is there.
func (s *Scope) see(canon string) access {
	read := s.read.at(canon)
	if read == allowed {
		return read
	}
	return max(read, s.write.at(canon))
}

// shows reports whether a folder's listing shows the entry.
func (s *Scope) shows(canon string, t Type) bool {
	switch s.see(canon) {
	case allowed:
		return true
	case passing:
		return t == TypeDir
	}
	return false
}
