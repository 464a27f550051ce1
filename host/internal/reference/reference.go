package reference

import (
	"encoding/json"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// Module is the reference of a module.
type Module struct {
	Name        string       `json:"name"`
	Version     string       `json:"version"`
	Description string       `json:"description"`
	Problem     string       `json:"problem,omitempty"` // why it cannot be used
	Commands    []Command    `json:"commands"`
	Permissions []Permission `json:"permissions"` // sets among them, in the order of the manifest
	ScopeKeys   []ScopeKey   `json:"scopeKeys"`

	policyOnly bool
}

// Command is a command of a module.
type Command struct {
	Name        string          `json:"name"` // module.command
	Description string          `json:"description"`
	Powers      []string        `json:"powers"`
	TimeoutMS   int64           `json:"timeoutMs,omitempty"` // 0: the host's limit
	Args        json.RawMessage `json:"args,omitempty"`      // a JSON Schema

	short string
}

// Permission is what a capability can grant: a permission or a set.
type Permission struct {
	Identifier  string   `json:"identifier"` // module:name
	Kind        string   `json:"kind"`       // default, set, permission or generated
	Description string   `json:"description"`
	Members     []string `json:"members,omitempty"`   // of a set, as written
	Allow       []string `json:"allow,omitempty"`     // commands; of a set, those of all its members
	Deny        []string `json:"deny,omitempty"`      // commands
	Scope       *Scope   `json:"scope,omitempty"`     // of a permission
	Platforms   []string `json:"platforms,omitempty"` // none: all
	Risks       []string `json:"risks,omitempty"`     // in plain words; of a set, those of all its members
	// Incomplete says that the module's sets come down to so much that not all
	// is listed for this one.
	Incomplete bool `json:"incomplete,omitempty"`
}

// Scope is a permission's own scope, entries as JSON.
type Scope struct {
	Allow []json.RawMessage `json:"allow,omitempty"`
	Deny  []json.RawMessage `json:"deny,omitempty"`
}

// The kinds of permissions.
const (
	kindDefault    = "default"
	kindSet        = "set"
	kindPermission = "permission"
	kindGenerated  = "generated"
)

// Of makes the reference of a manifest. PolicyOnly says that the manifest is
// what an app's permission files say of a module that was not read, so that
// its powers and its own scope keys are not known. The manifest has to be free
// of errors.
func Of(m authority.Manifest, policyOnly bool) Module {
	out := Module{
		Name: m.Name, Version: m.Version, Description: m.Description, Problem: m.Invalid,
		Commands: []Command{}, Permissions: []Permission{}, ScopeKeys: []ScopeKey{}, policyOnly: policyOnly,
	}
	if m.Invalid != "" {
		return out
	}
	for _, c := range m.Commands {
		out.Commands = append(out.Commands, Command{
			Name: m.Name + "." + c.Name, Description: c.Description, Powers: texts(c.Powers), TimeoutMS: c.Timeout, Args: c.Args.JSON(), short: c.Name,
		})
	}
	out.Permissions = newListing(&m, policyOnly).permissions()
	out.ScopeKeys = scopeKeys(&m)
	return out
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// listing lists what a module offers.
type listing struct {
	m      *authority.Manifest
	offers []acl.Offer
	byName map[string]int // of offers
	scopes map[string]acl.LockPermission
	powers map[string][]authority.Power // by command
	done   []Permission
	budget int // what sets may still come down to

	policyOnly bool
}

func newListing(m *authority.Manifest, policyOnly bool) *listing {
	l := &listing{
		m: m, policyOnly: policyOnly, budget: maxWeight, offers: acl.Offers(m),
		byName: map[string]int{}, scopes: map[string]acl.LockPermission{}, powers: map[string][]authority.Power{},
	}
	for i, o := range l.offers {
		l.byName[o.Identifier] = i
	}
	for _, p := range acl.NewLockEntry(*m, "").Permissions {
		l.scopes[p.Identifier] = p
	}
	for _, c := range m.Commands {
		l.powers[c.Name] = c.Powers
	}
	return l
}

func (l *listing) permissions() []Permission {
	l.done = make([]Permission, len(l.offers))
	for i, o := range l.offers {
		l.done[i] = Permission{Identifier: l.m.Name + ":" + o.Identifier, Description: o.Description}
		if o.Permission != nil {
			l.permission(&l.done[i], o)
		}
	}
	for i, o := range l.offers {
		if o.Set != nil {
			l.set(&l.done[i], o)
		}
	}
	return l.done
}

func (l *listing) permission(p *Permission, o acl.Offer) {
	p.Kind = kindPermission
	if o.Generated {
		p.Kind = kindGenerated
	}
	p.Allow, p.Deny, p.Platforms = names(o.Permission.Allow), names(o.Permission.Deny), texts(o.Permission.Platforms)
	if s := l.scopes[o.Identifier]; len(s.Allow)+len(s.Deny) > 0 {
		p.Scope = &Scope{Allow: rawList(s.Allow), Deny: rawList(s.Deny)}
	}
	p.Risks = l.risks(o)
}

func names(list []authority.CommandName) []string {
	var out []string
	for _, n := range list {
		out = append(out, n.Name)
	}
	return out
}

func rawList(list []string) []json.RawMessage {
	var out []json.RawMessage
	for _, text := range list {
		out = append(out, json.RawMessage(text))
	}
	return out
}

// maxWeight bounds the members, commands and risks that are looked at for all
// sets together, since sets name sets.
const maxWeight = 1 << 20

// set adds up what the members of a set do.
func (l *listing) set(p *Permission, o acl.Offer) {
	p.Kind = kindSet
	if o.Identifier == "default" {
		p.Kind = kindDefault
	}
	for _, ref := range o.Set.Members {
		p.Members = append(p.Members, ref.Identifier)
	}
	u := union{seen: map[string]bool{}}
	for _, i := range l.leaves(o) {
		leaf := &l.done[i]
		l.budget -= len(leaf.Allow) + len(leaf.Deny) + len(leaf.Risks)
		if l.budget < 0 {
			break
		}
		u.add("allow ", &p.Allow, leaf.Allow)
		u.add("deny ", &p.Deny, leaf.Deny)
		u.add("risk ", &p.Risks, leaf.Risks)
	}
	p.Incomplete = l.budget < 0
}

// union gathers texts, each once.
type union struct{ seen map[string]bool }

func (u union) add(kind string, to *[]string, list []string) {
	for _, text := range list {
		if key := kind + text; !u.seen[key] {
			u.seen[key] = true
			*to = append(*to, text)
		}
	}
}

// leaves returns the module's own permissions that a set comes down to, each
// once, in order.
func (l *listing) leaves(o acl.Offer) []int {
	var out []int
	seen := map[int]bool{}
	var walk func(o acl.Offer)
	walk = func(o acl.Offer) {
		for _, ref := range o.Set.Members {
			if l.budget--; l.budget < 0 {
				return
			}
			i, own := l.own(ref.Identifier)
			if !own || seen[i] {
				continue
			}
			seen[i] = true
			if l.offers[i].Set != nil {
				walk(l.offers[i])
			} else {
				out = append(out, i)
			}
		}
	}
	walk(o)
	return out
}

// own finds a member among what the module itself offers.
func (l *listing) own(identifier string) (int, bool) {
	base, _ := strings.CutPrefix(identifier, l.m.Name+":")
	i, ok := l.byName[base]
	return i, ok
}
