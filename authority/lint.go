package authority

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// Finding is one thing that [Authority.Lint] found, with what it is about.
// What is the same in all four fields is found once.
type Finding struct {
	Problem
	Capability string // identifier
	Permission string // "module:identifier", as the capability or one of its sets names it; may be empty
	About      string // the pattern, label or name that the finding is about; may be empty
	Reason     string // why it is silenced; empty: it is not
}

// LintRule is one kind of finding.
type LintRule struct {
	Code     string   // stable, kebab-case
	Severity Severity // unless [LintOptions] say otherwise
	Why      string   // in one line
}

// LintOptions are what Lint has to know beyond the policy. The zero value is
// that of an app that says nothing.
type LintOptions struct {
	Severity map[string]Severity // of rules, by code, where it is not the rule's own
	Off      map[string]bool     // rules that are not run, by code
	Silences []Silence
	// Production says that the policy is the one that users get.
	Production bool
	// Profiles names, by capability, another profile that lists it.
	Profiles map[string]string
	// Dirs are the places of base dirs, by name, and Own those of the files
	// and folders that make up the policy and the modules, which no host
	// lends to anybody: clean absolute paths with slashes.
	Dirs map[string]string
	Own  []string
}

// Silence takes one finding for what it is. Code and Capability always have to
// be the finding's; Permission and About where they are not empty.
type Silence struct {
	Position
	Code       string
	Capability string
	Permission string
	About      string
	Reason     string
}

// lintRules are all rules: those that look at the policy, in the order in
// which they are run, then those about silences.
var lintRules = []struct {
	LintRule
	run   func(*linter)
	needs func(*linter) bool // else the rule has nothing to go by; nil: nothing
}{
	{LintRule{"broad-glob", SeverityWarning, "a scope that takes in everything protects nothing"}, (*linter).broadGlob, nil},
	{LintRule{"own-folder", SeverityWarning, "a scope that reaches the policy itself: no host lends that"}, (*linter).ownFolder, (*linter).placed},
	{LintRule{"dotfiles", SeverityWarning, "hidden files hold keys and tokens, and a deny always covers them"}, (*linter).dotfiles, nil},
	{LintRule{"url-surprise", SeverityWarning, "a URL pattern that matches less than it seems to"}, (*linter).urlSurprise, nil},
	{LintRule{"unread-scope", SeverityWarning, "a scope that no command it reaches has a use for"}, (*linter).unreadScope, (*linter).knowsPowers},
	{LintRule{"void-scope", SeverityWarning, "a command's scope is joined to the module's: a wider one makes it void"}, (*linter).voidScope, nil},
	{LintRule{"exfiltration", SeverityWarning, "who may read files and send requests may send files"}, (*linter).exfiltration, nil},
	{LintRule{"wildcard-origin", SeverityWarning, "a pattern for remote pages that takes in those of strangers"}, (*linter).wildcardOrigin, nil},
	{LintRule{"dev-only-in-prod", SeverityWarning, "what only developers need, in the policy that users get"}, (*linter).devOnly, (*linter).production},
	{LintRule{"no-such-window", SeverityWarning, "a capability for a window that is not declared"}, (*linter).noSuchWindow, (*linter).knowsWindows},
	{LintRule{"duplicate-grant", SeverityWarning, "a permission that the same callers have already"}, (*linter).duplicateGrant, nil},
	{LintRule{"shadowed-by-deny", SeverityWarning, "a permission whose commands are all denied to its callers"}, (*linter).shadowedByDeny, nil},
	{LintRule{unusedSilence, SeverityWarning, "a silence that no finding needs any more"}, nil, nil},
	{LintRule{broadSilence, SeverityError, "a silence is for one finding, so that the next one is seen"}, nil, nil},
}

const (
	unusedSilence = "unused-silence"
	broadSilence  = "broad-silence"
)

// LintRules returns all kinds of findings. Their codes are stable.
func LintRules() []LintRule {
	out := make([]LintRule, len(lintRules))
	for i := range lintRules {
		out[i] = lintRules[i].LintRule
	}
	return out
}

// Lint looks for what is allowed in a policy and is probably not meant, and
// returns it ordered by place, with what is silenced. It decides nothing: a
// host need not run it. Its cost is that of compiling the policy; where
// comparing all with all would cost more it compares less, and says so. A nil *Authority
// has nothing to find.
func (a *Authority) Lint(o LintOptions) []Finding {
	if a == nil {
		return nil
	}
	x := &linter{
		Authority: a, LintOptions: o, count: map[string]int{}, seen: map[subject]bool{}, ran: map[string]bool{},
		matchers: map[*scopeValue]*pattern.PathMatcher{}, urls: map[string]*pattern.URL{}, powers: map[*permission][]Power{},
	}
	x.collect()
	for _, r := range lintRules {
		if x.Off[r.Code] || r.run == nil || r.needs != nil && !r.needs(x) {
			continue
		}
		x.ran[r.Code] = true
		x.rule, x.severity, x.work = r.Code, x.severityOf(r.LintRule), 0
		r.run(x)
		if x.work > maxLintWork {
			x.report(Position{}, subject{about: r.Code}, "", "the policy is too large to look for all of %s: what is not found may be there", r.Code)
		}
	}
	x.silence()
	slices.SortStableFunc(x.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return x.found
}

// linter is one run of Lint.
type linter struct {
	*Authority
	LintOptions

	scopes []*lintScope
	grants []*lintGrant

	rule     string // the code of the rule that runs
	severity Severity
	work     int // comparisons that the rule has made
	found    []Finding
	count    map[string]int // by code
	seen     map[subject]bool
	ran      map[string]bool // by code
	matchers map[*scopeValue]*pattern.PathMatcher
	urls     map[string]*pattern.URL
	powers   map[*permission][]Power
}

// subject is what a finding is about.
type subject struct{ code, capability, permission, about string }

// maxLintWork bounds the comparisons of one rule.
const maxLintWork = 1 << 16

// spend counts comparisons. It returns false when there were enough.
func (x *linter) spend(n int) bool {
	x.work += n
	return x.work <= maxLintWork
}

func (x *linter) severityOf(r LintRule) Severity {
	if s, ok := x.Severity[r.Code]; ok {
		return s
	}
	return r.Severity
}

// report adds a finding, once.
func (x *linter) report(at Position, s subject, hint, format string, args ...any) {
	if s.code = x.rule; x.seen[s] {
		return
	}
	p := Problem{Position: at, Severity: x.severity, Code: x.rule, Message: fmt.Sprintf(format, args...), Hint: hint}
	switch x.count[x.rule]++; {
	case x.count[x.rule] == maxProblems+1:
		p.Position, p.Message, p.Hint = Position{}, fmt.Sprintf("more than %d findings of %s; the others are not listed", maxProblems, x.rule), ""
		s = subject{code: x.rule}
	case x.count[x.rule] > maxProblems:
		return
	}
	x.seen[s] = true
	x.found = append(x.found, Finding{Problem: p, Capability: s.capability, Permission: s.permission, About: s.about})
}

func (x *linter) knowsPowers() bool  { return !x.catalog.lenient }
func (x *linter) knowsWindows() bool { return len(x.catalog.windows) > 0 }
func (x *linter) placed() bool       { return len(x.Own) > 0 }
func (x *linter) production() bool   { return x.Production }

// what names a capability for messages.
func (k *capability) what() string { return "capability " + quote(k.Identifier) }
