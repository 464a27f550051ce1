package authoritytest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// Generator makes random policies and requests, over few names so that they
// meet. The same seed gives the same, on every system. It is not safe for
// concurrent use.
type Generator struct{ *rand.Rand }

// NewGenerator returns the generator of a seed.
func NewGenerator(seed uint64) Generator { return Generator{rand.New(rand.NewPCG(seed, 7))} }

// Policy makes a policy of three modules, which know each other's permissions,
// and up to nine capabilities, with all that a policy can say: denies, scope,
// sets in sets and across modules, platforms, remote pages, modules that call
// modules, capabilities that run out, observe or have limits, modules that
// cannot be used or are not trusted. Most of them have no errors; whether one
// has, [authority.New] says. Positions are those of one file for each module
// and capability.
func (g Generator) Policy() authority.Policy {
	p := authority.Policy{
		Dirs:     []string{"HOME"},
		Platform: pick(g, authority.Linux, authority.MacOS, authority.Windows, authority.Linux, authority.MacOS, authority.Windows, "plan9"),
	}
	var ids []string
	for _, name := range genModules {
		m := g.manifest(name, ids)
		p.Manifests = append(p.Manifests, m)
		ids = append(ids, Identifiers(m)...)
	}
	for i := range 2 + g.IntN(8) {
		p.Capabilities = append(p.Capabilities, g.Capability(fmt.Sprintf("c%d", i), ids))
	}
	return p
}

// second in nanoseconds; small times show edges.
const second int64 = 1_000_000_000

// pick returns one of the list.
func pick[T any](g Generator, list ...T) T { return list[g.IntN(len(list))] }

// some picks each with chance 1 in n.
func some[T any](g Generator, n int, list ...T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(T) bool { return g.IntN(n) > 0 })
}

var (
	genModules  = []string{"app", "m", "n"}
	genCommands = []string{"go", "get_all", "stop"}
	genLabels   = []string{"main", "other", "m*", "*", "?ain", "view-*", "x", "[mx]*", "view-[!2]"}
	genWindows  = []string{"main", "other", "view-1", "x", ""}
	genPlaces   = []authority.Platform{authority.Linux, authority.MacOS, authority.Windows}
	genHosts    = []string{"a.example", "b.example", "a.b.example", "localhost"}
)

func (g Generator) urlPattern() string {
	host := pick(g, append(genHosts, "*", "*.example", "a.*")...)
	return pick(g, "https", "https", "http") + "://" + host + pick(g, "", "", "", ":*", ":8443") + pick(g, "", "", "/", "/x/*", "/*/y", "/x/y")
}

// manifest makes a module whose sets may borrow what is in foreign.
func (g Generator) manifest(name string, foreign []string) authority.Manifest {
	m := authority.Manifest{Position: place("permissions/"+name+".toml", 1), Name: name, ABI: 1, Accepted: g.IntN(5) > 0}
	m.Commands = []authority.Command{
		{Name: "go", Powers: []authority.Power{authority.PowerKVRead}},
		{Name: "get_all", Powers: []authority.Power{authority.PowerKVRead, authority.PowerKVWrite}},
		{Name: "stop"},
	}
	if name != bareModule {
		m.Scope = ownSchema
		m.Commands[1].Powers = append(m.Commands[1].Powers, authority.PowerFSRead)
	}
	if g.IntN(3) == 0 {
		m.Instance = "caller"
	}
	for i := range m.Commands {
		m.Commands[i].Position = place(m.File, 2+i)
	}
	// What a module brings itself names nothing that the app adds to it.
	own := []string{"allow-go", "allow-go", "allow-get-all", "allow-stop", "deny-stop"}
	var apps []string
	offers := func(id string, app bool) {
		if apps = append(apps, id); !app {
			own = append(own, id)
		}
	}
	for i := range g.IntN(4) {
		p := g.permission(&m, fmt.Sprintf("p%d", i))
		m.Permissions = append(m.Permissions, p)
		offers(p.Identifier, p.App)
	}
	if g.IntN(6) == 0 {
		p := g.permission(&m, "allow-go")
		p.Allow, p.Deny = g.names(p.Position, "go"), nil
		m.Permissions = append(m.Permissions, p)
	}
	for i := range g.IntN(4) {
		s := g.set(&m, fmt.Sprintf("s%d", i), own, apps, foreign)
		m.Sets = append(m.Sets, s)
		offers(s.Identifier, s.App)
	}
	if g.IntN(2) == 0 {
		s := g.set(&m, "default", own, apps, nil)
		m.Default = &s
	}
	if g.IntN(25) == 0 {
		m.Invalid = "broken"
	}
	return m
}

func (g Generator) permission(m *authority.Manifest, id string) authority.Permission {
	p := authority.Permission{Position: place(m.File, 5+len(m.Permissions)), Identifier: id, App: g.IntN(4) == 0}
	switch g.IntN(4) {
	case 0:
	case 1:
		p.Deny = g.names(p.Position, some(g, 3, genCommands...)...)
	default:
		p.Allow = g.names(p.Position, some(g, 2, genCommands...)...)
		p.Deny = g.names(p.Position, some(g, 8, genCommands...)...)
	}
	p.Scope = g.scope(m.Name, p.Position)
	if wish := !m.Accepted && !p.App; wish && g.IntN(8) > 0 {
		p.Scope.Allow = slices.DeleteFunc(p.Scope.Allow, func(v authority.ScopeValue) bool { return lendsForeign(v.Value) })
	}
	if g.IntN(5) == 0 {
		p.Platforms = some(g, 2, genPlaces...)
	}
	return p
}

// lendsForeign reports whether a scope entry lends what is not the module's
// own.
func lendsForeign(v any) bool {
	entry, ok := v.(map[string]any)
	return !ok || entry["key"] != nil || entry["path"] == homePath
}

func (g Generator) set(m *authority.Manifest, id string, own, apps, foreign []string) authority.Set {
	s := authority.Set{Position: place(m.File, 12+len(m.Sets)), Identifier: id, App: g.IntN(4) == 0}
	if s.App {
		own = append([]string{"allow-go", "allow-get-all", "deny-go"}, apps...)
	}
	members := some(g, 4, own...)
	if m.Accepted || s.App || g.IntN(8) == 0 {
		members = append(members, some(g, 12, foreign...)...)
	}
	for _, member := range members {
		s.Members = append(s.Members, authority.Reference{Position: s.Position, Identifier: member})
	}
	return s
}

func (g Generator) names(at authority.Position, commands ...string) []authority.CommandName {
	var out []authority.CommandName
	for _, c := range commands {
		out = append(out, authority.CommandName{Position: at, Name: c})
	}
	return out
}

// Identifiers returns what a manifest of a [Generator] offers, with its module;
// the more useful the more often.
func Identifiers(m authority.Manifest) []string {
	out := []string{"allow-go", "allow-go", "deny-go", "allow-get-all", "allow-get-all", "deny-get-all", "allow-stop", "deny-stop"}
	for _, p := range m.Permissions {
		out = append(out, p.Identifier)
	}
	for _, s := range m.Sets {
		out = append(out, s.Identifier)
	}
	if m.Default != nil {
		out = append(out, "default")
	}
	for i := range out {
		out[i] = m.Name + ":" + out[i]
	}
	return out
}

// bareModule has one scope key, which a bare string stands for.
const bareModule = "n"

const homePath = "$HOME/notes/**"

var ownSchema, _ = schema.Compile(map[string]any{"properties": map[string]any{"own": map[string]any{"type": "integer"}}})

// genScope returns the scope entries that a module understands.
func genScope(module string) []any {
	list := []any{
		map[string]any{"key": "a"}, map[string]any{"key": "b*"}, map[string]any{"key": "c", "powers": []any{"kv.read"}},
	}
	if module == bareModule {
		return append(list, "d", "e*")
	}
	return append(list, map[string]any{"own": int64(1)}, map[string]any{"path": homePath},
		map[string]any{"path": "$MODULE/**"}, map[string]any{"path": "$MODULE/x", "key": "f", "powers": []any{"fs.read"}})
}

func (g Generator) scope(module string, at authority.Position) authority.ScopeRules {
	list := func() (out []authority.ScopeValue) {
		for _, v := range some(g, 5, genScope(module)...) {
			out = append(out, authority.ScopeValue{Position: at, Value: v})
		}
		return out
	}
	return authority.ScopeRules{Allow: list(), Deny: list()}
}

// Capability makes a capability that grants some of the identifiers.
func (g Generator) Capability(id string, ids []string) authority.Capability {
	c := authority.Capability{
		Position: place("capabilities/"+id+".toml", 1), Identifier: id, Local: g.IntN(4) > 0, Observe: g.IntN(12) == 0,
	}
	c.Windows = g.patterns(c.File, some(g, 4, genLabels...)...)
	if g.IntN(3) == 0 {
		c.Webviews = g.patterns(c.File, some(g, 4, genLabels...)...)
	}
	if g.IntN(3) == 0 {
		c.Remote = g.patterns(c.File, g.urlPattern(), g.urlPattern())
	}
	if g.IntN(3) == 0 {
		c.Modules = g.patterns(c.File, pick(g, "m", "n", "?", "*"))
		if g.IntN(2) == 0 {
			c.Via = g.patterns(c.File, some(g, 3, genLabels...)...)
		}
	}
	if g.IntN(8) == 0 {
		c.Platforms = some(g, 2, genPlaces...)
	}
	if g.IntN(4) == 0 {
		c.Expires = pick[int64](g, 1, 10, 20) * second
	}
	if g.IntN(2) == 0 {
		c.Instance = "caller"
	}
	if g.IntN(6) == 0 {
		c.Limits = pick(g, authority.Limits{Concurrent: 1}, authority.Limits{CallsPerSecond: 10}, authority.Limits{CallsPerSecond: 1, Concurrent: 2})
	}
	for range 1 + g.IntN(6) {
		e := authority.Entry{Reference: authority.Reference{Position: place(c.File, 5+len(c.Permissions)), Identifier: pick(g, ids...)}}
		if g.IntN(3) == 0 {
			module, _ := splitIdentifier(e.Identifier, "app")
			e.Scope = g.scope(module, e.Position)
		}
		if module, base := splitIdentifier(e.Identifier, ""); module == "app" && g.IntN(2) == 0 {
			e.Identifier = base
		}
		c.Permissions = append(c.Permissions, e)
	}
	return c
}

func (g Generator) patterns(file string, texts ...string) []authority.Pattern {
	var out []authority.Pattern
	for i, t := range texts {
		out = append(out, authority.Pattern{Position: authority.Position{File: file, Line: 2, Column: 10 + i}, Text: t})
	}
	return out
}

func place(file string, line int) authority.Position {
	return authority.Position{File: file, Line: line, Column: 1}
}
