package authority

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/authority/suggest"
)

// Remedy returns the smallest change of the policy that would allow the call,
// as lines to add to a file, or to take out of one; "" for an allow. It only
// says what would, not that it should.
//
// The first line names the file and what to do; the lines to add are indented
// by two spaces. A command that is allowed gets no power without scope. What a
// deny bound others to, it does not bind them to any more once it is taken out.
func (d Decision) Remedy() string { return d.remedy().text }

// Edits returns the same as changes of the policy's files. Once they are
// made, the call is allowed. There are none for an allow, where no change of
// the policy helps, and where one would not be of files alone.
func (d Decision) Edits() []Edit { return d.remedy().changes }

// remedy is what would allow a call, in words and as changes.
type remedy struct {
	text    string
	changes []Edit
}

func (d Decision) remedy() remedy {
	switch d.Code() {
	case CodeAllowed:
		return remedy{}
	case CodeUnknownModule:
		return remedy{text: d.remedyModule()}
	case CodeUnknownCommand:
		return remedy{text: d.remedyCommand()}
	case CodeModuleInvalid:
		return remedy{text: fmt.Sprintf("no change of the policy helps: module %s must be loadable (`ambit check` says what is wrong with it)", quote(d.req.Module))}
	case CodeDeniedByRule:
		return d.remedyDenied()
	case CodeRate:
		l, _ := d.nearest()
		return remedy{text: "wait, or raise the limits of " + l.cap.place()}
	case CodeExpired:
		return d.remedyExpired()
	}
	return d.remedyGrant()
}

func (d Decision) remedyModule() string {
	if d.authority == nil {
		return "load a policy: there is none"
	}
	near := suggest.Nearest(d.req.Module, d.authority.catalog.names())
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
	best := suggest.Nearest(d.req.Command, slices.Sorted(maps.Keys(m.commands)))
	if best == "" {
		return "no change of the policy helps: only the module can offer the command"
	}
	return "call " + commandText(d.req.Module, best) + " instead"
}

// remedyDenied takes out every deny that matched, and grants the command if
// nobody does then.
func (d Decision) remedyDenied() remedy {
	var r remedy
	var lines []string
	denies := d.matched()
	inFiles := true
	for _, l := range denies {
		c := Edit{Position: l.source, Kind: EditRemoveEntry, Target: l.cap.Identifier}
		c.Entry.Identifier = l.grantedAs()
		if line := c.text(); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
		same := func(o Edit) bool {
			return o.File == c.File && o.Target == c.Target && o.Entry.Identifier == c.Entry.Identifier
		}
		if !slices.ContainsFunc(r.changes, same) {
			r.changes = append(r.changes, c)
		}
		inFiles = inFiles && c.File != ""
	}
	if !d.allowedWithout(denies) {
		grant := d.remedyGrant()
		lines = append(lines, grant.text)
		r.changes = append(r.changes, grant.changes...)
		inFiles = inFiles && grant.changes != nil
	}
	r.text = strings.Join(lines, "\n")
	if !inFiles {
		r.changes = nil
	}
	return r
}

// grantedAs is the identifier, of a set or a permission, that the capability has.
func (l *leaf) grantedAs() string {
	if l.sets != nil {
		return l.sets.path()[0]
	}
	return l.perm.name()
}

// allowedWithout reports whether an allow is left that fits the caller, when
// the entries of the denies are gone.
func (d Decision) allowedWithout(denies []*leaf) bool {
	return slices.ContainsFunc(d.authority.rules[d.cmd.id].allow, func(r rule) bool {
		gone := func(l *leaf) bool { return l.cap == r.leaf.cap && l.grantedAs() == r.leaf.grantedAs() }
		return r.who.regard(&d.req) == fits && !slices.ContainsFunc(denies, gone)
	})
}

func (d Decision) remedyExpired() remedy {
	l, f := d.nearest()
	if f == unsureTime {
		return remedy{text: "no change of the policy helps: the host must say what time it is (Request.Now)"}
	}
	inForce := *l.cap.who
	inForce.expires = 0
	alsoDenies := func(r rule) bool { return r.leaf.cap == l.cap }
	if inForce.regard(&d.req) != fits || slices.ContainsFunc(d.authority.rules[d.cmd.id].deny, alsoDenies) {
		return d.remedyGrant() // in force again, it would still not allow the call, or deny it
	}
	if l.cap.File == "" {
		return remedy{text: "grant " + l.cap.place() + " anew: it was granted at run time"}
	}
	const month = 30 * 86_400 * 1_000_000_000
	return remedyOf(Edit{Position: l.cap.Position, Kind: EditExpires, Target: l.cap.Identifier, Expires: d.req.Now + month})
}

// remedyOf is the remedy that is one change.
func remedyOf(c Edit) remedy { return remedy{c.text(), []Edit{c}} }

// remedyGrant adds a permission for the caller alone: to a capability that is
// for nobody else, or in a file of its own.
func (d Decision) remedyGrant() remedy {
	c := &d.req.Caller
	if c.Origin.IsZero() || c.Origin.kind == originInvalid {
		return remedy{text: "no change of the policy helps: the transport must say where the caller comes from"}
	}
	if c.Origin.Module() == "" && c.Window == "" && c.Webview == "" {
		return remedy{text: "no change of the policy helps: the transport must say which window calls"}
	}
	perm := d.narrowest()
	if perm == nil {
		return remedy{text: "no permission that allows it is for this platform: write one in permissions/" + d.req.Module + "/"}
	}
	grant := newGrant(perm)
	need := d.neededPowers(perm)
	if near, _ := d.nearest(); near != nil {
		need = grant.borrow(near, perm, need)
	}
	change := d.grant(grant.entry())
	r := remedyOf(change)
	if change.Kind == EditCreateCapability && d.authority.catalog.listed {
		r.text += "\nin ambit.toml, add to app.capabilities:\n  " + tomlText(change.Target) + ","
	}
	for _, p := range need {
		r.text += fmt.Sprintf("\nfor %s the call needs a scope, too: an allow entry with %s", p, quote(p.Key()))
	}
	return r
}

// grant gives the caller alone an entry.
func (d Decision) grant(e Entry) Edit {
	for _, k := range d.authority.caps {
		if k.onlyFor(d) {
			return Edit{Position: k.Position, Kind: EditAddEntry, Target: k.Identifier, Entry: e}
		}
	}
	k := d.newCapability()
	k.Permissions = []Entry{e}
	return Edit{Position: Position{File: fileOf(k.Identifier)}, Kind: EditCreateCapability, Target: k.Identifier, Capability: k}
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
			if slices.ContainsFunc(r.leaf.allow, func(e ScopeEntry) bool { return e.fits(p) }) && r.who.regard(&d.req) == fits {
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
// decision and names nobody else, and stands in a file that tools can change.
func (k *capability) onlyFor(d Decision) bool {
	if k.File == "" || strings.HasSuffix(k.File, ".json5") || k.Observe || len(k.leaves) == 0 || k.who.regard(&d.req) != fits {
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

// newCapability makes a capability for the caller alone.
func (d Decision) newCapability() *Capability {
	c := &d.req.Caller
	k := &Capability{Identifier: d.newIdentifier(), Local: true}
	switch {
	case c.Origin.Module() != "":
		k.Modules = []Pattern{{Text: pattern.Literal(c.Origin.Module())}}
	case c.Window != "":
		k.Windows = []Pattern{{Text: pattern.Literal(c.Window)}}
	default:
		k.Webviews = []Pattern{{Text: pattern.Literal(c.Webview)}}
	}
	if c.Origin.URL() != "" {
		k.Local, k.Remote = false, []Pattern{{Text: c.Origin.url.Origin()}}
	}
	return k
}

// fileOf is the file that a new capability gets.
func fileOf(identifier string) string { return "capabilities/" + identifier + ".toml" }

// newIdentifier makes an identifier that no capability has, fit for a file
// that is not there.
func (d Decision) newIdentifier() string {
	who := d.req.Caller.Origin.Module()
	if who == "" {
		who = cmp.Or(d.req.Caller.Window, d.req.Caller.Webview)
	}
	words := strings.FieldsFunc(who+"-"+d.cmd.name(), func(r rune) bool { return r >= 0x80 || !isAlnum(byte(r)) })
	const longest = 100 // so that the file has a name that any system takes
	slug := strings.ToLower(strings.Join(words, "-"))
	slug = strings.TrimRight(slug[:min(len(slug), longest)], "-")
	taken := func(id string) bool {
		names := func(k *capability) bool { return k.Identifier == id || k.File == fileOf(id) }
		return d.authority.catalog.taken[id] || d.authority.catalog.taken[fileOf(id)] || slices.ContainsFunc(d.authority.caps, names)
	}
	id := slug
	for n := 2; taken(id); n++ {
		id = fmt.Sprintf("%s-%d", slug, n)
	}
	return id
}
