package authority

import (
	"path"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// broadGlob finds allow entries that take in everything of their kind.
func (x *linter) broadGlob() {
	for _, s := range x.scopes {
		if s.deny {
			continue
		}
		if all := x.broadPath(s); all != "" {
			x.report(s.at, s.subject(s.v.path.String()), "name the folders that are needed",
				"%s grants %s on the path %s: that is %s", s.cap.what(), quote(s.perm), quote(s.v.path.String()), all)
		}
		for _, b := range broadNames {
			text, ok := s.text(b.power)
			if !ok || !everything(b.power, text) {
				continue
			}
			x.report(s.at, s.subject(text), "name those that are needed", "%s grants %s on the %s %s: that is %s",
				s.cap.what(), quote(s.perm), b.noun, quote(text), b.all)
		}
		x.broadProgram(s)
		x.broadURL(s)
	}
}

// everything reports whether a name's pattern takes in all names.
func everything(p Power, text string) bool { return text == "*" || p == PowerInvoke && text == "*.*" }

// broadNames say what "*" is for a power whose patterns are names.
var broadNames = []struct {
	power     Power
	noun, all string
}{
	{PowerKVRead, "key", "everything that the module has stored, for whichever caller"},
	{PowerKVWrite, "key", "everything that the module has stored, for whichever caller"},
	{PowerEnv, "variable", "the whole environment, in which programs are given passwords and tokens"},
	{PowerInvoke, "command", "every command that any capability lets the module call, now or later"},
	{PowerEmit, "topic", "every topic, so that the module can pass for any other part of the app"},
}

// broadDirs are the base dirs that are the user's or all programs', not the
// app's.
var broadDirs = map[string]string{
	"":          "every file of every base dir",
	"HOME":      "all that the user has",
	"CONFIG":    "what all programs of the user are set to, and their passwords",
	"DATA":      "what all programs of the user keep",
	"LOCALDATA": "what all programs of the user keep on this machine",
}

// broadPath says what a path pattern takes in if that is too much.
func (x *linter) broadPath(s *lintScope) string {
	if s.v.path == nil {
		return ""
	}
	base, prefix := "/", ""
	if s.v.path.Var() != "" {
		base, prefix = somewhere, somewhere
	}
	m, _ := s.v.path.Bind(prefix, pattern.PathOptions{Dotfiles: true})
	if !m.Covers(base) {
		return ""
	}
	return broadDirs[s.v.path.Var()]
}

// broadProgram finds programs that take any argument.
func (x *linter) broadProgram(s *lintScope) {
	if name, ok := s.text(PowerExec); ok && s.v.fields["args"] == true {
		x.report(s.at, s.subject(name), "list the arguments in args, each a text or a validator",
			"%s grants %s on the program %s with args = true: that is any arguments, and many programs run others or write files when told to by an argument",
			s.cap.what(), quote(s.perm), quote(name))
	}
}

// broadURL finds URL patterns that take in what belongs to strangers.
func (x *linter) broadURL(s *lintScope) {
	text, _ := s.text(PowerHTTP)
	if texts := surprising(x.url(text), pattern.TooWide); texts != nil {
		x.report(s.at, s.subject(text), "name the hosts that are needed", "%s grants %s on the URL pattern %s, which %s",
			s.cap.what(), quote(s.perm), quote(text), strings.Join(texts, " and "))
	}
}

// ownFolder finds allow entries through which the policy itself or the modules
// could be reached, if a host lent them.
func (x *linter) ownFolder() {
	for _, s := range x.scopes {
		m := x.path(s.v, s.deny)
		if s.deny || m == nil {
			continue
		}
		for _, own := range x.Own {
			if file := reached(m, s.v.path, own); file != "" && !x.takenOut(s, file) {
				x.report(s.at, s.subject(s.v.path.String()), "grant a folder that holds nothing but data, or deny what makes up the policy",
					"%s grants %s on the path %s, which takes in the app's own %s: no host lends that, so the grant says more than it gives",
					s.cap.what(), quote(s.perm), quote(s.v.path.String()), quote(path.Base(own)))
				break
			}
		}
	}
}

// reached returns a file that a pattern matches of an own file or folder, ""
// if it does not mean to.
func reached(m *pattern.PathMatcher, p *pattern.Path, own string) string {
	for _, below := range []string{"", "/main.toml", "/main.json", "/fs/main.toml", "/main.wasm"} {
		if m.Match(own + below) {
			return own + below
		}
	}
	if m.Beneath(own) && strings.Contains(p.String()+"/", "/"+path.Base(own)+"/") {
		return own
	}
	return ""
}

// takenOut reports whether a deny that goes with the entry covers the file.
func (x *linter) takenOut(s *lintScope, file string) bool {
	return slices.ContainsFunc(s.leaves[0].deny, func(e ScopeEntry) bool {
		return x.spend(1) && x.path(e.v, true).Match(file)
	})
}

// dotfiles finds hidden files that are granted by the way, and what was
// written to keep them out of a deny.
func (x *linter) dotfiles() {
	for _, s := range x.scopes {
		flag, given := s.v.fields[keyDotfiles].(bool)
		p := s.v.path
		switch {
		case p == nil || !given:
		case s.deny && !flag:
			x.report(s.at, s.subject(s.v.path.String()), "leave dotfiles out, and deny less",
				"%s denies %s the path %s with dotfiles = false, which has no effect: a deny always covers hidden files",
				s.cap.what(), quote(s.perm), quote(s.v.path.String()))
		case s.deny || !flag || p.Var() != "" && p.Var() != "HOME":
		case x.hides(p):
			x.report(s.at, s.subject(s.v.path.String()), "leave dotfiles out, and name the hidden files that are needed, like $HOME/.config/app/**",
				"%s grants %s on the path %s with dotfiles = true: that takes in keys and passwords, such as those in .ssh and .netrc",
				s.cap.what(), quote(s.perm), quote(s.v.path.String()))
		}
	}
}

// hides reports whether only dotfiles = true lets a pattern match a user's
// secrets.
func (x *linter) hides(p *pattern.Path) bool {
	prefix := ""
	if p.Var() != "" {
		prefix = somewhere
	}
	bound := func(dotfiles bool) *pattern.PathMatcher {
		m, _ := p.Bind(prefix, pattern.PathOptions{Dotfiles: dotfiles})
		return m
	}
	with, without := bound(true), bound(false)
	return slices.ContainsFunc([]string{"/.netrc", "/.ssh/id_ed25519"}, func(file string) bool {
		return with.Match(somewhere+file) && !without.Match(somewhere+file)
	})
}
