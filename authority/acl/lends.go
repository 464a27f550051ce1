package acl

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// NewLockEntry returns what accepting a module would record: the digest of its
// file (lower-case hex) and all that its manifest asks for.
func NewLockEntry(m authority.Manifest, sha256 string) LockEntry {
	e := LockEntry{Name: m.Name, Version: m.Version, SHA256: strings.ToLower(sha256)}
	for _, c := range m.Commands {
		e.Commands = append(e.Commands, LockCommand{Name: c.Name, Powers: sortPowers(c.Powers)})
		e.Powers = append(e.Powers, c.Powers...)
	}
	e.Powers = sortPowers(e.Powers)
	w := newWishes(&m, e.Powers)
	for _, p := range m.Permissions {
		e.Permissions = append(e.Permissions, w.permission(p))
	}
	sets := m.Sets
	if m.Default != nil {
		sets = append(slices.Clip(sets), *m.Default)
	}
	for _, s := range sets {
		e.Sets = append(e.Sets, lockSet(s, m.Name))
	}
	slices.SortFunc(e.Commands, func(a, b LockCommand) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(e.Permissions, func(a, b LockPermission) int { return strings.Compare(a.Identifier, b.Identifier) })
	slices.SortFunc(e.Sets, func(a, b LockSet) int { return strings.Compare(a.Identifier, b.Identifier) })
	return e
}

// sortPowers returns the powers in the order of [authority.Powers], each once.
func sortPowers(powers []authority.Power) []authority.Power {
	var out []authority.Power
	for _, p := range authority.Powers() {
		if slices.Contains(powers, p) {
			out = append(out, p)
		}
	}
	return out
}

// lockSet tells what a set names of its own module from what it borrows.
func lockSet(s authority.Set, module string) LockSet {
	out := LockSet{Identifier: s.Identifier}
	for _, m := range s.Members {
		switch i := strings.LastIndexByte(m.Identifier, ':'); {
		case i >= 0 && m.Identifier[:i] != module:
			out.Foreign = append(out.Foreign, m.Identifier)
		default:
			out.Members = append(out.Members, m.Identifier[i+1:])
		}
	}
	return out
}

// wishes is what a manifest's permissions are read by. A stranger wrote it, so
// nothing is looked for twice.
type wishes struct {
	powers   []authority.Power // of all commands
	commands map[string][]authority.Power
	primary  string // the one scope key of the schema or the powers; "": none
}

func newWishes(m *authority.Manifest, powers []authority.Power) *wishes {
	w := &wishes{powers: powers, commands: make(map[string][]authority.Power, len(m.Commands))}
	for _, c := range m.Commands {
		w.commands[c.Name] = c.Powers
	}
	if m.Scope != nil {
		w.primary = m.Scope.PrimaryKey()
		return w
	}
	for _, p := range powers {
		if p.Key() != powers[0].Key() {
			return w // no single one
		}
	}
	if len(powers) > 0 {
		w.primary = powers[0].Key()
	}
	return w
}

// permission returns a permission's scope, and the powers that it lends to the
// commands that it belongs to: all of the module's, if it names none.
func (w *wishes) permission(p authority.Permission) LockPermission {
	out := LockPermission{Identifier: p.Identifier}
	powers := w.powers
	for _, c := range p.Deny {
		out.Denies = append(out.Denies, c.Name)
	}
	if len(p.Allow)+len(p.Deny) > 0 {
		powers = nil
		for _, c := range p.Allow {
			out.Commands = append(out.Commands, c.Name)
			powers = append(powers, w.commands[c.Name]...)
		}
		powers = sortPowers(powers)
	}
	for _, v := range p.Scope.Allow {
		value := w.entry(v.Value)
		out.Allow = append(out.Allow, string(appendJSON(nil, value)))
		out.Lends = append(out.Lends, lent(value, powers)...)
	}
	for _, v := range p.Scope.Deny {
		out.Deny = append(out.Deny, string(appendJSON(nil, w.entry(v.Value))))
	}
	out.Lends = sortPowers(out.Lends)
	return out
}

// entry turns a bare string into the scope entry that it stands for.
func (w *wishes) entry(value any) any {
	if text, bare := value.(string); bare && w.primary != "" {
		return map[string]any{w.primary: text}
	}
	return value
}

// lent returns which of the powers a scope entry lends by itself. What lies
// below $MODULE is the module's own and lends nothing.
func lent(value any, powers []authority.Power) []authority.Power {
	var out []authority.Power
	for _, p := range powers {
		on, ok := lentOn(value, p)
		if own := p.Key() == authority.PowerFSRead.Key() && ownFolder(on); ok && !own {
			out = append(out, p)
		}
	}
	return out
}

// lentOn returns what a scope entry lends the power on. A bare string that no
// key could be found for might mean any power.
func lentOn(value any, p authority.Power) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case map[string]any:
		if names, ok := v["powers"].([]any); ok && !slices.Contains(names, any(string(p))) {
			return "", false
		}
		for _, key := range scopeKeys(p) {
			if on, ok := v[key]; ok {
				return plainText(on), true
			}
		}
	}
	return "", false
}

// scopeKeys are the keys that lend a power; for exec, Tauri's "name" too.
func scopeKeys(p authority.Power) []string {
	if p == authority.PowerExec {
		return []string{p.Key(), "name"}
	}
	return []string{p.Key()}
}

func plainText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	return string(appendJSON(nil, v))
}

// ownFolder reports whether a path lies below $MODULE.
func ownFolder(path string) bool {
	return path == "$MODULE" || strings.HasPrefix(path, "$MODULE/")
}

// Lends says in plain words, one line each, what accepting the module would
// lend it; nothing if it asks for nothing.
func (e LockEntry) Lends() []string {
	var lines []string
	for _, c := range e.Commands {
		if len(c.Powers) > 0 {
			lines = append(lines, "command "+quote(c.Name)+" may use "+joinPowers(c.Powers))
		}
	}
	for _, p := range e.Permissions {
		lines = append(lines, p.lends()...)
	}
	for _, s := range e.Sets {
		lines = append(lines, s.lends()...)
	}
	return lines
}

func (s LockSet) lends() []string {
	var lines []string
	for _, f := range s.Foreign {
		lines = append(lines, "set "+quote(s.Identifier)+" pulls in "+quote(f)+" of another module")
	}
	return lines
}

// lends groups the entries of a permission that lend the same powers.
func (p LockPermission) lends() []string {
	var order []string
	groups := make(map[string][]string)
	for _, text := range p.Allow {
		value := decodeJSON(text)
		var powers []authority.Power
		var on string
		for _, power := range lent(value, p.Lends) {
			powers = append(powers, power)
			on, _ = lentOn(value, power)
		}
		if powers == nil {
			continue
		}
		group := joinPowers(powers)
		if groups[group] == nil {
			order = append(order, group)
		}
		groups[group] = append(groups[group], quote(on)+aside(value, powers))
	}
	var lines []string
	for _, group := range order {
		lines = append(lines, "permission "+quote(p.Identifier)+" lends "+group+" on "+strings.Join(groups[group], ", ")+p.except())
	}
	return lines
}

// except names what the deny entries take away.
func (p LockPermission) except() string {
	var list []string
	for _, text := range p.Deny {
		list = append(list, denied(text))
	}
	if list == nil {
		return ""
	}
	return ", except on " + strings.Join(list, ", ")
}

// denied prints what a deny entry takes away.
func denied(text string) string {
	on, value := text, decodeJSON(text)
	for _, power := range authority.Powers() {
		if s, ok := lentOn(value, power); ok {
			on = s
		}
	}
	return quote(on)
}

// aside adds what else an entry says of the powers that it lends.
func aside(value any, powers []authority.Power) string {
	table, _ := value.(map[string]any)
	said := []string{"powers"}
	for _, p := range powers {
		said = append(said, scopeKeys(p)...)
	}
	var rest []string
	for _, key := range sortedKeys(table) {
		if !slices.Contains(said, key) {
			rest = append(rest, key+" = "+string(appendJSON(nil, table[key])))
		}
	}
	if rest == nil {
		return ""
	}
	return " (" + strings.Join(rest, ", ") + ")"
}

func joinPowers(powers []authority.Power) string {
	names := make([]string, len(powers))
	for i, p := range powers {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

// validDigest reports whether the text is a SHA-256 in lower-case hex.
func validDigest(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == 32 && strings.ToLower(text) == text
}
