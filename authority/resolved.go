package authority

import (
	"slices"
	"strconv"
	"strings"
)

// Resolved is what a policy comes down to, for printing: one rule for each
// command, permission and context, in resolution order. Its JSON is that of
// `ambit resolve --json`. Capabilities that only observe are not in it.
type Resolved struct {
	Allow  []Rule `json:"allow"`
	Deny   []Rule `json:"deny"`
	Global []Rule `json:"global"` // permissions without commands: scope of the whole module
}

// Rule says that callers in one context, from some windows or webviews, may or
// may not call a command, or get a scope.
type Rule struct {
	Module  string `json:"module"`
	Command string `json:"command,omitempty"` // empty in Resolved.Global
	// Context is "local", a URL pattern as written, or "module:<pattern>".
	Context string `json:"context"`
	// Windows and Webviews are the capability's, sorted. A caller matches by
	// either. They do not bind a module context; Via does.
	Windows    []string  `json:"windows"`
	Webviews   []string  `json:"webviews"`
	Via        []string  `json:"via,omitempty"`
	Capability string    `json:"capability"`
	Permission string    `json:"permission"`        // "module:identifier"
	Path       []string  `json:"path,omitempty"`    // sets on the way, the outermost first
	Expires    string    `json:"expires,omitempty"` // RFC 3339 in UTC, of the capability
	Scope      RuleScope `json:"scope"`
	Source     string    `json:"source"` // "file:line" of the capability's entry
}

// RuleScope is the scope of a rule. The lists are empty, never nil.
type RuleScope struct {
	Allow []any `json:"allow"`
	Deny  []any `json:"deny"`
}

// Resolved returns the rules. A nil *Authority has none. The values of scopes
// are shared and must not be modified.
func (a *Authority) Resolved() *Resolved {
	return a.resolved(func(*command) bool { return true }, func(*module) bool { return true })
}

// ResolvedCommand returns only the rules of one command, and those that give
// its module a scope.
func (a *Authority) ResolvedCommand(of, name string) *Resolved {
	m := a.module(of)
	return a.resolved(func(c *command) bool { return c.module == m && c.Name == name }, func(o *module) bool { return o == m })
}

func (a *Authority) resolved(about func(*command) bool, within func(*module) bool) *Resolved {
	r := &Resolved{Allow: []Rule{}, Deny: []Rule{}, Global: []Rule{}}
	if a == nil {
		return r
	}
	for _, k := range a.caps {
		if k.Observe {
			continue
		}
		contexts := k.contexts()
		for _, l := range k.leaves {
			for _, c := range l.perm.allow {
				if about(c) {
					r.Allow = appendRules(r.Allow, l, c.Name, contexts)
				}
			}
			for _, c := range l.perm.deny {
				if about(c) {
					r.Deny = appendRules(r.Deny, l, c.Name, contexts)
				}
			}
			if l.perm.global && within(l.perm.module) {
				r.Global = appendRules(r.Global, l, "", contexts)
			}
		}
	}
	return r
}

// ruleContext is what rules of one capability in one context have in common.
type ruleContext struct {
	context           string
	windows, webviews []string
	via               []string
}

func (k *capability) contexts() []ruleContext {
	windows, webviews := patternTexts(k.Windows), patternTexts(k.Webviews)
	pages := len(windows)+len(webviews) > 0 || len(k.Modules) == 0 // else it is for modules only
	var out []ruleContext
	if k.Local && pages {
		out = append(out, ruleContext{"local", windows, webviews, nil})
	}
	for _, p := range k.Remote {
		if pages {
			out = append(out, ruleContext{p.Text, windows, webviews, nil})
		}
	}
	for _, p := range k.Modules {
		out = append(out, ruleContext{"module:" + p.Text, windows, webviews, patternTexts(k.Via)})
	}
	return out
}

func patternTexts(in []Pattern) []string {
	out := make([]string, len(in))
	for i, p := range in {
		out[i] = p.Text
	}
	slices.Sort(out)
	return out
}

func appendRules(rules []Rule, l *leaf, command string, contexts []ruleContext) []Rule {
	m := l.match()
	scope := RuleScope{Allow: entryValues(l.allow), Deny: entryValues(l.deny)}
	expires := ""
	if l.cap.Expires != 0 {
		expires = formatTime(l.cap.Expires)
	}
	for _, c := range contexts {
		rules = append(rules, Rule{
			Module: m.Module, Command: command, Context: c.context, Windows: c.windows, Webviews: c.webviews, Via: c.via,
			Capability: m.Capability, Permission: m.Permission, Path: m.Path, Expires: expires, Scope: scope, Source: m.Source.FileLine(),
		})
	}
	return rules
}

func entryValues(entries []ScopeEntry) []any {
	out := make([]any, len(entries))
	for i, e := range entries {
		out[i] = e.Value()
	}
	return out
}

// String prints one rule a line, in the order allow, deny, global.
func (r *Resolved) String() string {
	var b strings.Builder
	for _, part := range []struct {
		verb  string
		rules []Rule
	}{{"allow", r.Allow}, {"deny", r.Deny}, {"global", r.Global}} {
		for i := range part.rules {
			b.WriteString(part.verb + " " + part.rules[i].String() + "\n")
		}
	}
	return b.String()
}

// String prints the rule in one line, without saying whether it allows or
// denies.
func (r Rule) String() string {
	name := r.Module
	if r.Command != "" {
		name += "." + r.Command
	}
	s := name + " to " + r.Context
	module := strings.HasPrefix(r.Context, "module:")
	for _, part := range []struct {
		word   string
		labels []string
		shown  bool
	}{{" via", r.Via, module}, {" windows", r.Windows, !module}, {" webviews", r.Webviews, !module}} {
		if part.shown && len(part.labels) > 0 {
			s += part.word + " " + joinQuoted(part.labels)
		}
	}
	s += " by " + strconv.Quote(r.Capability) + " " + r.Permission
	if len(r.Path) > 0 {
		s += " through " + strings.Join(r.Path, " → ")
	}
	if len(r.Scope.Allow) > 0 {
		s += " scope " + string(appendValue(nil, r.Scope.Allow))
	}
	if len(r.Scope.Deny) > 0 {
		s += " except " + string(appendValue(nil, r.Scope.Deny))
	}
	if r.Expires != "" {
		s += " until " + r.Expires
	}
	if r.Source != "" {
		s += " at " + r.Source
	}
	return s
}

func joinQuoted(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return strings.Join(quoted, ", ")
}
