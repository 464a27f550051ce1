package authority

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// Remedy returns the smallest change of the policy that would allow the call,
// as lines to add to a file, or to take out of one; "" for an allow. It only
// says what would, not that it should.
//
// The first line names the file and what to do; the lines to add are indented
// by two spaces. Where a deny is taken out, an allow may be missing still; and
// a command that is allowed gets no power without scope.
func (d Decision) Remedy() string {
	switch d.Code() {
	case CodeAllowed:
		return ""
	case CodeUnknownModule:
		return d.remedyModule()
	case CodeUnknownCommand:
		return d.remedyCommand()
	case CodeModuleInvalid:
		return fmt.Sprintf("no change of the policy helps: module %s must be loadable (`ambit check` says what is wrong with it)", quote(d.req.Module))
	case CodeDeniedByRule:
		return d.remedyDenied()
	case CodeRate:
		l, _ := d.nearest()
		return "wait, or raise the limits of " + l.cap.place()
	case CodeExpired:
		return d.remedyExpired()
	}
	return d.remedyGrant()
}

// place names a capability and where it is written.
func (k *capability) place() string {
	s := "capability " + quote(k.Identifier)
	if at := k.FileLine(); at != "" {
		s += " (" + at + ")"
	}
	return s
}

func (d Decision) remedyModule() string {
	if d.authority == nil {
		return "load a policy: there is none"
	}
	near := nearest(d.req.Module, d.authority.catalog.names())
	switch {
	case near != "":
		return "call " + commandText(near, d.req.Command) + " instead"
	case checkModuleName(d.req.Module) != nil:
		return "no module can have that name"
	}
	return "in ambit.toml, add (the file is modules/" + d.req.Module + ".wasm):\n  [[module]]\n  name = " + tomlText(d.req.Module)
}

func (d Decision) remedyCommand() string {
	m := d.authority.catalog.modules[d.req.Module]
	best := nearest(d.req.Command, slices.Sorted(maps.Keys(m.commands)))
	if best == "" {
		return "no change of the policy helps: only the module can offer the command"
	}
	return "call " + commandText(d.req.Module, best) + " instead"
}

// remedyDenied names what to take out: every deny that matched.
func (d Decision) remedyDenied() string {
	var lines []string
	for _, l := range d.matched() {
		what := l.perm.name()
		if l.sets != nil {
			path := l.sets.path()
			what = path[0]
		}
		at := l.source.FileLine()
		if at == "" {
			at = "what was granted at run time"
		}
		line := fmt.Sprintf("in %s, take %s out of the permissions of capability %s, or this caller out of the capability",
			at, quote(what), quote(l.cap.Identifier))
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func (d Decision) remedyExpired() string {
	l, f := d.nearest()
	if f == unsureTime {
		return "no change of the policy helps: the host must say what time it is (Request.Now)"
	}
	alsoDenies := func(r rule) bool { return r.leaf.cap == l.cap }
	if slices.ContainsFunc(d.authority.rules[d.cmd.id].deny, alsoDenies) {
		return d.remedyGrant() // in force again, it would deny the call
	}
	if l.cap.File == "" {
		return "grant " + l.cap.place() + " anew: it was granted at run time"
	}
	const month = 30 * 86_400 * 1_000_000_000
	return "in " + l.cap.place() + ", replace expires (or take it out):\n  " + keyValue(l.cap.File, "expires", tomlText(formatTime(d.req.Now+month)))
}

// keyValue prints a key and its value as the file's format has them.
func keyValue(file, key, value string) string {
	if strings.HasSuffix(file, ".json") || strings.HasSuffix(file, ".json5") {
		return string(appendString(nil, key)) + ": " + value + ","
	}
	return key + " = " + value
}

// remedyGrant adds a permission for the caller alone: to a capability that is
// for nobody else, or in a file of its own.
func (d Decision) remedyGrant() string {
	c := &d.req.Caller
	if c.Origin.IsZero() || c.Origin.kind == originInvalid {
		return "no change of the policy helps: the transport must say where the caller comes from"
	}
	if c.Origin.Module() == "" && c.Window == "" && c.Webview == "" {
		return "no change of the policy helps: the transport must say which window calls"
	}
	perm := d.narrowest()
	if perm == nil {
		return "no permission that allows it is for this platform: write one in permissions/" + d.req.Module + "/"
	}
	grant := newGrantText(perm)
	need := d.neededPowers(perm)
	if near, _ := d.nearest(); near != nil {
		need = grant.borrow(near, perm, need)
	}
	lines := d.newCapability
	for _, k := range d.authority.caps {
		if k.onlyFor(d) {
			lines = k.addition
			break
		}
	}
	text := lines(grant)
	for _, p := range need {
		text += fmt.Sprintf("\nfor %s the call needs a scope, too: an allow entry with %s", p, quote(p.Key()))
	}
	return text
}

// addition prints a permission to be added to the capability.
func (k *capability) addition(g grantText) string {
	return "in " + k.place() + ", add to permissions:\n  " + g.text(k.File) + ","
}

// neededPowers returns the powers that the command declares and that neither
// the permission nor a global scope would lend the caller.
func (d Decision) neededPowers(perm *permission) []Power {
	need := slices.Clone(d.cmd.Powers)
	lent := func(p Power) bool {
		for i := range perm.scope.allow {
			if slices.Contains(perm.scope.allow[i].powers, p) {
				return true
			}
		}
		for _, r := range d.authority.global[d.cmd.module.id] {
			if len(fitting(p, r.leaf.allow)) > 0 && r.who.regard(&d.req) == fits {
				return true
			}
		}
		return false
	}
	return slices.DeleteFunc(need, lent)
}

// narrowest returns the permission that allows the command and little else.
func (d Decision) narrowest() *permission {
	var best *permission
	for _, id := range slices.Sorted(maps.Keys(d.cmd.module.perms)) {
		p := d.cmd.module.perms[id]
		limited := len(p.platforms) > 0 && !slices.Contains(p.platforms, d.authority.catalog.platform)
		if limited || !slices.Contains(p.allow, d.cmd) || slices.Contains(p.deny, d.cmd) || p.wishes() != nil && !p.module.accepts(p.app) {
			continue
		}
		if best == nil || p.weight() < best.weight() {
			best = p
		}
	}
	return best
}

// onlyFor reports whether a capability is in force for the caller of a
// decision and names nobody else.
func (k *capability) onlyFor(d Decision) bool {
	if k.File == "" || k.Observe || len(k.leaves) == 0 || k.who.regard(&d.req) != fits {
		return false
	}
	w := k.who
	if d.req.Caller.Origin.Module() != "" {
		return len(w.modules) == 1 && w.modules[0].exact && len(w.windows)+len(w.webviews) == 0
	}
	labels := slices.Concat(w.windows, w.webviews)
	origins := len(w.remote)
	if w.local {
		origins++
	}
	return len(w.modules) == 0 && origins == 1 && len(labels) == 1 && labels[0].exact
}

// newCapability prints a capability for the caller alone.
func (d Decision) newCapability(g grantText) string {
	c := &d.req.Caller
	id := d.newIdentifier()
	lines := []string{"identifier = " + tomlText(id)}
	switch {
	case c.Origin.Module() != "":
		lines = append(lines, "modules = ["+tomlText(pattern.Literal(c.Origin.Module()))+"]")
	case c.Window != "":
		lines = append(lines, "windows = ["+tomlText(pattern.Literal(c.Window))+"]")
	default:
		lines = append(lines, "webviews = ["+tomlText(pattern.Literal(c.Webview))+"]")
	}
	if url := c.Origin.URL(); url != "" {
		lines = append(lines, "local = false", "remote = { urls = ["+tomlText(c.Origin.url.Origin())+"] }")
	}
	lines = append(lines, "permissions = ["+g.text("")+"]")
	return "create capabilities/" + id + ".toml:\n  " + strings.Join(lines, "\n  ")
}

// newIdentifier makes an identifier that no capability has, fit for a file.
func (d Decision) newIdentifier() string {
	who := d.req.Caller.Origin.Module()
	if who == "" {
		who = cmp.Or(d.req.Caller.Window, d.req.Caller.Webview)
	}
	words := strings.FieldsFunc(who+"-"+d.cmd.name(), func(r rune) bool { return r >= 0x80 || !isAlnum(byte(r)) })
	slug := strings.ToLower(strings.Join(words, "-"))
	taken := func(id string) bool {
		return slices.ContainsFunc(d.authority.caps, func(k *capability) bool { return k.Identifier == id })
	}
	id := slug
	for n := 2; taken(id); n++ {
		id = fmt.Sprintf("%s-%d", slug, n)
	}
	return id
}
