package acl

import (
	"github.com/ambit-wasm/ambit/authority"
)

// selection is app.capabilities and the profiles' lists.
type selection struct {
	given    bool // app.capabilities is there
	base     []pick
	profiles map[string][]pick
}

// pick is an item of a list of capabilities: the identifier of one that stands
// elsewhere, or the capability itself.
type pick struct {
	word
	inline *authority.Capability
}

// picks reads the key "capabilities" of [app] or of a profile, and reports
// whether it is there. No capability is in a list twice.
func (t *table) picks() (out []pick, given bool) {
	n := t.get("capabilities")
	if n != nil && n.kind != kindList {
		t.wrongType(n, "capabilities", "a list of identifiers and capabilities", n.listHint())
		return nil, true
	}
	if n == nil {
		return nil, false
	}
	first := make(map[string]authority.Position)
	for _, item := range n.items {
		p := t.pick(item)
		switch at, twice := first[p.text]; {
		case p.text == "": // reported
		case twice:
			duplicate(t.sink, p.pos, at, "capability "+quote(p.text))
		default:
			first[p.text] = p.pos
			out = append(out, p)
		}
	}
	return out, true
}

func (t *table) pick(n *node) pick {
	switch {
	case n.kind == kindTable:
		c := t.capability(t.table(n, called("capability", "a", "identifier")(n)))
		return pick{word: word{text: c.Identifier, pos: c.Position}, inline: &c}
	case n.kind != kindString:
		t.errorf(n.pos, codeWrongType, "", `an item of "capabilities" in %s must be an identifier or a table, not %s`, t.what, n.kind)
	case n.text == "":
		t.errorf(n.pos, codeBadValue, "", `"capabilities" in %s holds an empty identifier`, t.what)
	}
	return pick{word: word{text: n.text, pos: n.pos}}
}

// capabilities reads all capabilities, selected or not: those in lists of
// ambit.toml, and those in files.
func (r *reader) capabilities(s selection) (inline, files []authority.Capability) {
	take := func(list []pick) {
		for _, p := range list {
			if p.inline != nil {
				inline = append(inline, *p.inline)
			}
		}
	}
	take(s.base)
	for _, name := range sortedKeys(s.profiles) {
		take(s.profiles[name])
	}
	first := make(map[string]authority.Position)
	inline = r.unique(inline, first)
	for _, f := range r.walk(capabilitiesDir) {
		if root := r.policyFile(f); root != nil {
			files = append(files, r.unique(r.capabilityFile(root), first)...)
		}
	}
	return inline, files
}

// choose reads the capabilities and divides them into those in effect and the
// others.
func (r *reader) choose(s selection) {
	r.app.listed = s.given
	inline, files := r.capabilities(s)
	if _, declared := s.profiles[r.app.Profile]; !declared && r.app.Profile != DefaultProfile && !r.app.torn {
		names := append(sortedKeys(s.profiles), DefaultProfile)
		r.errorf(authority.Position{File: appName}, codeUnknownProfile, r.suggestOr(r.app.Profile, names, "declare "+profileTable(r.app.Profile)),
			"unknown profile %s", quote(r.app.Profile))
	}
	base := make(map[string]bool)
	for _, p := range s.base {
		base[p.text] = true
	}
	if !s.given {
		for _, c := range files {
			base[c.Identifier] = true
		}
	}
	r.noEffect(s, base)
	all := append(inline, files...)
	r.known(s, all)
	for _, p := range s.profiles[r.app.Profile] {
		base[p.text] = true
	}
	for _, c := range all {
		if base[c.Identifier] {
			r.app.Capabilities = append(r.app.Capabilities, c)
		} else {
			r.app.Unselected = append(r.app.Unselected, c)
		}
	}
}

// noEffect warns of profiles that add what is in effect without them.
func (r *reader) noEffect(s selection, base map[string]bool) {
	if s.given {
		return
	}
	for _, name := range sortedKeys(s.profiles) {
		for _, p := range s.profiles[name] {
			if base[p.text] {
				r.warnf(p.pos, codeNoEffect, "list the others in app.capabilities",
					"%s does not add capability %s, since without app.capabilities every file is in effect", profileTable(name), quote(p.text))
			}
		}
	}
}

// known reports identifiers in lists that no capability has.
func (r *reader) known(s selection, all []authority.Capability) {
	var ids []string
	known := make(map[string]bool)
	for _, c := range all {
		ids, known[c.Identifier] = append(ids, c.Identifier), true
	}
	check := func(list []pick) {
		for _, p := range list {
			if !known[p.text] && !r.partial { // else it may be where nothing could be read
				r.errorf(p.pos, codeUnknownCapability, r.suggest(p.text, ids), "no file in capabilities/ has the capability %s", quote(p.text))
			}
		}
	}
	check(s.base)
	for _, name := range sortedKeys(s.profiles) {
		check(s.profiles[name])
	}
}
