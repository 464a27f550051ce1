package acl

import (
	"path"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/suggest"
)

// capabilityFile reads a file of capabilities in any of Tauri's forms: one
// capability, a list of them, or a table with such a list under
// "capabilities".
func (k *sink) capabilityFile(root *node) []authority.Capability {
	items := []*node{root}
	switch {
	case root.kind == kindList:
		items = root.items
	case root.child("capabilities") != nil:
		file := k.table(root, "a capability file")
		file.skip()
		items = file.list("capabilities", "in TOML, write [[capabilities]]")
		file.done()
	case root.kind == kindTable && root.child("identifier") == nil && root.child("permissions") == nil:
		file := k.table(root, "a capability")
		k.errorf(root.pos, codeMissingKey, `write "identifier", "windows" and "permissions"`, "the file holds no capability")
		k.capabilityKeys(file)
		return nil
	}
	var caps []authority.Capability
	for _, n := range items {
		t := k.table(n, called("capability", "a", "identifier")(n))
		if t.n != nil {
			caps = append(caps, k.capability(t))
		}
	}
	return caps
}

// ParseCapabilities reads a file of capabilities in any of the forms that the
// folder capabilities/ takes, for one that is granted at run time; the name's
// ending (.toml, .json or .json5) says the format, and the name stands for the
// file in positions. With an error it returns no capability.
func ParseCapabilities(file string, data []byte) ([]authority.Capability, authority.Problems) {
	k := &sink{}
	parse := formats[path.Ext(file)]
	if parse == nil {
		k.errorf(authority.Position{File: file}, codeFile, "name it .toml, .json or .json5", "the ending %s is not that of a policy file", quote(path.Ext(file)))
		return nil, k.sorted()
	}
	var caps []authority.Capability
	if root := parse(newSource(file, data), k); root != nil {
		caps = k.unique(k.capabilityFile(root), make(map[string]authority.Position))
	}
	if k.failed() {
		return nil, k.sorted()
	}
	return caps, k.sorted()
}

// unique returns the capabilities whose identifiers are not among the first,
// and adds them there.
func (k *sink) unique(caps []authority.Capability, first map[string]authority.Position) []authority.Capability {
	var out []authority.Capability
	for _, c := range caps {
		switch at, twice := first[c.Identifier]; {
		case c.Identifier == "": // reported
		case twice:
			duplicate(k, c.Position, at, "capability "+quote(c.Identifier))
		default:
			first[c.Identifier] = c.Position
			out = append(out, c)
		}
	}
	return out
}

// capabilityKeys reports only the keys that no capability has, of a table that
// is none.
func (k *sink) capabilityKeys(t *table) {
	for _, key := range []string{
		"$schema", "version", "identifier", "description", "local", "remote", "windows", "webviews", "permissions", "platforms",
		"modules", "via", "expires", "mode", "limits", "instance", "capabilities",
	} {
		t.get(key)
	}
	t.done()
}

// capability reads one capability: Tauri's keys and ours.
func (k *sink) capability(t *table) authority.Capability {
	t.skip()
	var c authority.Capability
	c.Identifier, c.Position = t.name("identifier", "")
	c.Description, c.Local = t.text("description"), t.flag("local", true)
	c.Windows = t.patterns("windows")
	c.Webviews = t.patterns("webviews")
	c.Modules = t.patterns("modules")
	c.Via = t.patterns("via")
	remote := t.sub("remote", `"remote" in `+t.what, `write remote = { urls = ["https://…"] }`)
	c.Remote = remote.patterns("urls")
	remote.done()
	c.Platforms = t.platforms()
	c.Expires = t.instant("expires")
	c.Observe = t.choice("mode", "enforce", "observe") == "observe"
	if t.choice("instance", "call", "caller") == "caller" {
		c.Instance = "caller"
	}
	limits := t.sub("limits", `"limits" in `+t.what, "write limits = { calls_per_second = 10 }")
	c.Limits.CallsPerSecond = int(limits.count("calls_per_second", 1_000_000))
	c.Limits.Concurrent = int(limits.count("concurrent", 65_536))
	limits.done()
	t.need("permissions", "an empty list grants nothing")
	for _, n := range t.list("permissions", "") {
		c.Permissions = t.entry(n, c.Permissions)
	}
	t.done()
	return c
}

// patterns reads a list of patterns, which the authority compiles.
func (t *table) patterns(key string) []authority.Pattern {
	var out []authority.Pattern
	for _, w := range t.words(key) {
		out = append(out, authority.Pattern{Position: w.pos, Text: w.text})
	}
	return out
}

// entry reads one item of "permissions": an identifier, or a table with more
// scope.
func (t *table) entry(n *node, entries []authority.Entry) []authority.Entry {
	var e authority.Entry
	switch {
	case n.kind == kindString && n.text == "":
		t.errorf(n.pos, codeBadValue, "", `"permissions" in %s holds an empty identifier`, t.what)
		return entries
	case n.kind == kindString:
		e.Position, e.Identifier = n.pos, n.text
	case n.kind == kindTable:
		sub := t.table(n, called("permission", "an extended", "identifier")(n)+" in "+t.what)
		e.Identifier, e.Position = sub.name("identifier", "")
		e.Scope = sub.scopeRules()
		sub.done()
		if e.Identifier == "" {
			return entries
		}
	default:
		t.errorf(n.pos, codeWrongType, "", `an item of "permissions" in %s must be an identifier or a table, not %s`, t.what, n.kind)
		return entries
	}
	return append(entries, e)
}

// scopeRules reads the lists "allow" and "deny" of scope entries.
func (t *table) scopeRules() authority.ScopeRules {
	return authority.ScopeRules{Allow: t.scopeValues("allow"), Deny: t.scopeValues("deny")}
}

// scopeValues reads scope entries as they are; what they may be depends on the
// module, so the authority checks them.
func (t *table) scopeValues(key string) []authority.ScopeValue {
	var out []authority.ScopeValue
	for _, n := range t.list(key, `write a list, like `+key+` = [{ path = "$APPDATA/**" }]`) {
		out = append(out, authority.ScopeValue{Position: n.pos, Value: n.plain()})
	}
	return out
}

var platformNames = []string{
	string(authority.Linux), string(authority.MacOS), string(authority.Windows),
	string(authority.Android), string(authority.IOS), string(authority.FreeBSD),
}

// platforms reads a list of platforms in Tauri's spelling.
func (t *table) platforms() []authority.Platform {
	n := t.get("platforms")
	words := t.wordsOf(n, "platforms")
	if n != nil && n.kind == kindList && len(n.items) == 0 {
		t.badValue(n, "platforms", "leave the key out to mean every platform", "is an empty list, which would name no platform")
	}
	var out []authority.Platform
	for _, w := range words {
		if !slices.Contains(platformNames, w.text) {
			t.errorf(w.pos, codeUnknownPlatform, t.platformHint(w.text), "unknown platform %s in %s", quote(w.text), t.what)
			continue
		}
		out = append(out, authority.Platform(w.text))
	}
	return out
}

func (k *sink) platformHint(name string) string {
	if p := platformSlip(name); p != "" {
		return "did you mean " + quote(p) + "?"
	}
	return "one of " + quoteAll(platformNames)
}

// platformSlip returns the platform that was probably meant by another name.
func platformSlip(name string) string {
	others := map[string]authority.Platform{
		"darwin": authority.MacOS, "osx": authority.MacOS, "mac": authority.MacOS, "win": authority.Windows, "win32": authority.Windows,
	}
	if p, ok := others[strings.ToLower(name)]; ok {
		return string(p)
	}
	return suggest.Nearest(name, platformNames)
}
