package authority

import (
	"fmt"
	"slices"
	"strings"
)

// target is what an identifier names: a permission, a set, or nothing, when
// the module cannot be used.
type target struct {
	set  *set
	perm *permission
}

// missing says that an identifier names nothing.
type missing struct{ code, hint, text string }

// find resolves an identifier as the module home writes it; a name without a
// module is home's own.
func (c *catalog) find(id identifier, home string, r *report) (target, *missing) {
	if id.module == "" {
		id.module = home
	}
	m := c.modules[id.module]
	if m == nil {
		return target{}, c.noModule(id, home, r)
	}
	if m.manifest.Invalid != "" {
		return target{}, nil
	}
	if s := m.sets[id.base]; s != nil {
		return target{set: s}, nil
	}
	if p := m.perms[id.base]; p != nil {
		return target{perm: p}, nil
	}
	if id.base == defaultSet {
		return target{}, &missing{problemDefault, "name its permissions, or give it a [default]",
			fmt.Sprintf("module %s has no default", quote(id.module))}
	}
	return target{}, &missing{problemPermission, c.hintFor(id, m, home, r),
		fmt.Sprintf("permission %s not found in module %s", quote(id.String()), quote(id.module))}
}

// hintFor names what was probably meant by an identifier that m does not have.
func (c *catalog) hintFor(id identifier, m *module, home string, r *report) string {
	allow := identifier{id.module, "allow-" + id.base}
	switch elsewhere := c.elsewhere(id.base, id.module); {
	case m.perms[allow.base] != nil:
		return "did you mean " + quote(allow.String()) + "?"
	case elsewhere != "" && id.module == home:
		return "did you mean " + quote(elsewhere) + "?"
	}
	if hint := r.didYouMean(id.String(), m.names); hint != "" {
		return hint
	}
	return r.didYouMean(allow.String(), m.names)
}

func (c *catalog) noModule(id identifier, home string, r *report) *missing {
	if id.module == appModule && home == appModule {
		hint := "write module:" + id.base
		if elsewhere := c.elsewhere(id.base, appModule); elsewhere != "" {
			hint = "did you mean " + quote(elsewhere) + "?"
		}
		return &missing{problemPermission, hint,
			fmt.Sprintf("permission %s not found: the app has no permissions of its own", quote(id.base))}
	}
	hint := r.didYouMean(id.module, c.names)
	if hint == "" {
		hint = listModules(c.names())
	}
	return &missing{problemModule, hint, fmt.Sprintf("permission %s: unknown module %s", quote(id.String()), quote(id.module))}
}

// listModules is the hint for a name that is like no module's.
func listModules(names []string) string {
	if len(names) == 0 {
		return "no module is known; name it under [[module]] in ambit.toml, or with --policy-only add permissions/<module>/"
	}
	return "the modules are " + quoteAll(names)
}

// elsewhere finds another module's permission of that name, or for the command
// of that name.
func (c *catalog) elsewhere(base, not string) string {
	if base == defaultSet {
		return ""
	}
	for _, base := range [2]string{base, "allow-" + base} {
		for _, m := range c.order {
			if m.manifest.Name != not && (m.sets[base] != nil || m.perms[base] != nil) {
				return m.manifest.Name + ":" + base
			}
		}
	}
	return ""
}

// link resolves the members of the module's sets.
func (m *module) link(c *catalog, r *report) {
	if d := m.manifest.Default; d != nil && m.sets[defaultSet] != nil {
		m.sets[defaultSet].link(c, d.Members, r)
	}
	for i := range m.manifest.Sets {
		in := &m.manifest.Sets[i]
		if s := m.sets[in.Identifier]; s != nil && s.members == nil && in.Identifier != defaultSet {
			s.link(c, in.Members, r)
		}
	}
}

func (s *set) link(c *catalog, members []Reference, r *report) {
	home := s.module.manifest.Name
	for _, ref := range members {
		if text, ok := coreReference(ref.Identifier); ok {
			r.errorf(ref.Position, problemCore, "leave it out", "set %s: %s", quote(s.name()), text)
			continue
		}
		id, err := parseIdentifier(ref.Identifier)
		if err != nil {
			r.errorf(ref.Position, problemIdentifier, "", "set %s names %s: %v", quote(s.name()), quote(ref.Identifier), err)
			continue
		}
		t, miss := c.find(id, home, r)
		mb := member{Position: ref.Position, text: ref.Identifier, set: t.set, perm: t.perm}
		if miss != nil {
			foreign := id.module != "" && id.module != home
			if !foreign || s.app || c.lenient {
				r.errorf(ref.Position, miss.code, miss.hint, "set %s: %s", quote(s.name()), miss.text)
				continue
			}
			// A third party's set may borrow from modules that this app does
			// not load. It matters only to those who grant the set.
			mb.missing = miss.text
			r.warnf(ref.Position, miss.code, miss.hint, "set %s, which cannot be granted: %s", quote(s.name()), miss.text)
		}
		s.members = append(s.members, mb)
	}
}

// coreReference recognises Tauri's built-in permissions.
func coreReference(id string) (string, bool) {
	if !strings.HasPrefix(id, "core:") {
		return "", false
	}
	return fmt.Sprintf("%s is of Tauri's built-in commands (windows, menus, events of the app's shell), which Ambit does not have", quote(id)), true
}

// visit is the state of a set while cycles are looked for.
type visit uint8

const (
	unvisited visit = iota
	visiting
	visited
)

// The bounds of an expansion. A set names its members, so a few lines can
// expand to more permissions than fit into memory.
const (
	maxWeight = 1 << 16 // of one mention of a set
	maxTotal  = 1 << 20 // of all that a policy grants
	maxNested = 100     // sets in sets
)

// measure finds cycles and computes weights; above are the sets on the way.
func (s *set) measure(above []*set, r *report) {
	switch s.state {
	case visited:
		return
	case visiting:
		s.cyclic = true // and so is, on the way back, all that leads here
		reportCycle(above[s.at:], r)
		return
	}
	s.state, s.at = visiting, len(above)
	above = append(above, s)
	s.weight = 1
	for _, m := range s.members {
		w := 1
		switch {
		case m.set != nil:
			m.set.measure(above, r)
			w += m.set.weight
			s.depth = max(s.depth, m.set.depth+1)
			s.cyclic = s.cyclic || m.set.cyclic
		case m.perm != nil:
			w = m.perm.weight()
		}
		s.weight = min(s.weight+w, maxWeight+1)
	}
	if s.depth == maxNested {
		r.errorf(s.Position, problemTooLarge, "", "set %s: sets are nested %d deep", quote(s.name()), maxNested)
	}
	s.state = visited
}

// reportCycle reports a cycle of sets at the first of them in byte order, so
// that it is reported the same way wherever it was entered. There may be as
// many cycles as sets, each of all sets: of a long one little is looked at.
func reportCycle(cycle []*set, r *report) {
	first := 0
	if len(cycle) <= maxNested {
		for i, s := range cycle {
			if s.name() < cycle[first].name() {
				first = i
			}
		}
	}
	const most = 10
	names := make([]string, 0, most+2)
	for i := range min(len(cycle), most) {
		names = append(names, quote(cycle[(first+i)%len(cycle)].name()))
	}
	if more := len(cycle) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	names = append(names, names[0])
	r.errorf(cycle[first].Position, problemCycle, "take one of them out", "cycle in sets: %s", strings.Join(names, " → "))
}

func quoteArrows(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return listed(quoted, " → ")
}

// wishes says in plain words what the permission lends its commands beyond the
// module's own folder; nil when nothing.
func (p *permission) wishes() []string {
	var out []string
	used := make(map[Power]bool)
	for _, c := range p.allow {
		for _, power := range c.Powers {
			used[power] = true
		}
	}
	for i := range p.scope.allow {
		v := &p.scope.allow[i]
		for _, power := range v.lendsBeyond() {
			if !p.global && !used[power] {
				continue
			}
			key, _ := keyOf(power, v.fields)
			out = append(out, powerWords[power]+" "+shown(v.fields[key]))
		}
	}
	return slices.Compact(out)
}

// powerWords say in plain words what a power with a scope lends.
var powerWords = map[Power]string{
	PowerFSRead:  "reading files",
	PowerFSWrite: "writing files",
	PowerHTTP:    "requests to",
	PowerKVRead:  "reading stored keys",
	PowerKVWrite: "writing stored keys",
	PowerEnv:     "reading the environment variables",
	PowerExec:    "running the program",
	PowerInvoke:  "calling the commands",
	PowerEmit:    "sending events on",
}
