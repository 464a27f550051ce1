package authority

import (
	"slices"
	"strings"
)

// Explain says why, for the operator: the rules that decided with capability,
// permission, file and line; for a deny, the grant that came nearest and what
// it lacks. The first line stands alone; the others are indented. It is not
// for callers (see [Decision.CallerCode]).
func (d Decision) Explain() string {
	if d.Allowed() {
		return d.subject() + " is allowed" + d.explainAllow() + d.explainObserved()
	}
	return d.subject() + " is denied: " + string(d.Code()) + d.explainDeny() + d.explainObserved()
}

// subject prints command and caller: `fs.size for window "main" (local)`.
func (d Decision) subject() string {
	return d.commandName() + " for " + d.req.Caller.describe()
}

func (d Decision) commandName() string { return commandText(d.req.Module, d.req.Command) }

// commandText prints "module.command", quoted if it might be mistaken.
func commandText(module, command string) string {
	name := module + "." + command
	if plain(name) && len(name) <= maxQuoted {
		return name
	}
	return quote(name)
}

// describe prints a caller, chain and all.
func (c *Caller) describe() string {
	if c.Origin.IsZero() {
		return "a caller without origin"
	}
	if m := c.Origin.Module(); m != "" {
		s := "module " + quote(m)
		for i := len(c.Chain) - 1; i >= 0; i-- {
			by := c.Chain[i]
			by.Chain = nil
			s += ", called by " + by.describe()
		}
		return s
	}
	s := "window " + quote(c.Window)
	if c.Webview != c.Window {
		s += ", webview " + quote(c.Webview)
	}
	return s + " (" + c.Origin.String() + ")"
}

// explainAllow lists the rules that matched and what they lend.
func (d Decision) explainAllow() string {
	var b strings.Builder
	for _, m := range d.Matched() {
		b.WriteString("\n  by " + m.describe())
	}
	g, _ := d.Grant()
	for _, p := range d.cmd.Powers {
		allow, deny := g.Lend(p)
		switch {
		case len(allow) > 0:
			b.WriteString("\n  lends " + string(p) + " on " + entryTexts(p, allow))
			if len(deny) > 0 {
				b.WriteString(", but not on " + entryTexts(p, deny))
			}
		default:
			b.WriteString("\n  lends no " + string(p) + ": no scope entry has " + quote(p.Key()))
		}
	}
	if e := g.Expires(); e != 0 {
		b.WriteString("\n  until " + formatTime(e))
	}
	return b.String()
}

// entryTexts lists what entries say under the key of a power.
func entryTexts(p Power, entries []ScopeEntry) string {
	var texts []string
	for _, e := range entries {
		key, _ := keyOf(p, e.v.fields)
		if text := shown(e.v.fields[key]); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return listed(texts, ", ")
}

// describe prints a rule: capability, permission, sets on the way, place.
func (m Match) describe() string {
	s := "capability " + quote(m.Capability) + ", permission " + m.Permission
	if len(m.Path) > 0 {
		s += " through " + strings.Join(m.Path, " → ")
	}
	if at := m.Source.FileLine(); at != "" {
		s += " (" + at + ")"
	}
	return s
}

// explainDeny says what is missing.
func (d Decision) explainDeny() string {
	switch d.Code() {
	case CodeUnknownModule:
		return d.explainModule()
	case CodeUnknownCommand:
		return "\n  module " + quote(d.req.Module) + " has no such command" + d.nearCommand()
	case CodeModuleInvalid:
		return "\n  the module cannot be used: " + printable(d.authority.catalog.modules[d.req.Module].manifest.Invalid)
	case CodeDeniedByRule:
		var b strings.Builder
		for _, m := range d.Matched() {
			b.WriteString("\n  by " + m.describe())
		}
		return b.String()
	case CodeNotGranted:
		return "\n  no capability grants a permission that allows it; these do: " + quoteAll(d.permissionNames())
	}
	if l, f := d.nearest(); l != nil {
		return "\n  nearest: " + l.match().describe() + "\n  " + l.cap.lacks(f, &d.req)
	}
	return ""
}

func (d Decision) explainModule() string {
	if d.authority == nil {
		return "\n  there is no policy"
	}
	names := d.authority.catalog.names()
	hint := (&report{}).didYouMean(d.req.Module, these(names))
	if hint == "" {
		hint = listModules(names)
	}
	return "\n  no module is called " + quote(d.req.Module) + " (" + hint + ")"
}

func (d Decision) nearCommand() string {
	m := d.authority.catalog.modules[d.req.Module]
	if hint := (&report{}).didYouMean(d.req.Command, keysOf(m.commands)); hint != "" {
		return " (" + hint + ")"
	}
	return ""
}

// nearest returns the allow that came nearest to the caller, the first of
// equals.
func (d Decision) nearest() (best *leaf, f fit) {
	if d.cmd == nil {
		return nil, fitsNothing
	}
	for _, r := range d.authority.rules[d.cmd.id].allow {
		if g := r.who.regard(&d.req); best == nil || g > f {
			best, f = r.leaf, g
		}
	}
	return best, f
}

// permissionNames lists the permissions of the module that allow the command.
func (d Decision) permissionNames() []string {
	var out []string
	for _, p := range d.cmd.module.perms {
		if slices.Contains(p.allow, d.cmd) {
			out = append(out, p.name())
		}
	}
	slices.Sort(out)
	return out
}

// lacks says why a capability does not match the caller.
func (k *capability) lacks(f fit, req *Request) string {
	c := &req.Caller
	switch f {
	case expired:
		return "it ran out at " + formatTime(k.Expires)
	case unsureTime:
		return "it runs out at " + formatTime(k.Expires) + ", and the request does not say what time it is"
	case spent:
		return "its limits are used up"
	case unsureChain:
		return "it is only for chains of calls that the window " + k.labels(k.Via) + " began, and the request does not say which did"
	case fitsOrigin:
		if c.Origin.Module() != "" {
			return "it is only for chains of calls that the window " + k.labels(k.Via) + " began, not " + quote(c.Chain[0].Window)
		}
		return "it is for " + k.labelled() + ", not for window " + quote(c.Window) + differingWebview(c)
	}
	return "it is for " + k.audience() + ", not for " + c.origin()
}

func differingWebview(c *Caller) string {
	if c.Webview == c.Window {
		return ""
	}
	return " or webview " + quote(c.Webview)
}

// origin names the kind of a caller: what a capability must be for.
func (c *Caller) origin() string {
	switch {
	case c.Origin.IsZero():
		return "callers without origin"
	case c.Origin.IsLocal():
		return "the app's own pages"
	case c.Origin.Module() != "":
		return "module " + quote(c.Origin.Module())
	}
	return "pages of " + c.Origin.String()
}

func (k *capability) labels(list []Pattern) string { return quoteAll(patternTexts(list)) }

// labelled names the windows and webviews that a capability is for.
func (k *capability) labelled() string {
	var parts []string
	if len(k.Windows) > 0 {
		parts = append(parts, plural(len(k.Windows), "window")+" "+k.labels(k.Windows))
	}
	if len(k.Webviews) > 0 {
		parts = append(parts, plural(len(k.Webviews), "webview")+" "+k.labels(k.Webviews))
	}
	if parts == nil {
		return "no window"
	}
	return strings.Join(parts, " and ")
}

// audience names the origins that a capability is for.
func (k *capability) audience() string {
	var parts []string
	pages := len(k.Windows)+len(k.Webviews) > 0
	if k.Local && pages {
		parts = append(parts, "the app's own pages")
	}
	if len(k.Remote) > 0 && pages {
		parts = append(parts, "pages of "+k.labels(k.Remote))
	}
	if len(k.Modules) > 0 {
		parts = append(parts, plural(len(k.Modules), "module")+" "+k.labels(k.Modules))
	}
	if parts == nil {
		return "nobody"
	}
	return strings.Join(parts, " and ")
}
