package acl

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// lockVersion is the version of ambit.lock's own form.
const lockVersion = 1

const lockHeader = `# What this app has accepted from its modules. Written by "ambit lock", which
# shows what each of them would be lent before it records it. Keep this file
# with the app's sources, and read its changes as you read the policy's.
`

// Lock is ambit.lock: what an app has accepted from modules that it does not
// trust by name. The zero Lock has accepted nothing.
type Lock struct {
	Modules []LockEntry // by name
}

// LockEntry is what was accepted of one module: the digest, which decides, and
// what a manifest with that digest asks for, which people review.
type LockEntry struct {
	authority.Position
	Name    string
	Version string
	SHA256  string // of the module's file, lower-case hex
	// Powers are those of all commands together.
	Powers      []authority.Power
	Commands    []LockCommand
	Permissions []LockPermission // those that are written
	Sets        []LockSet        // and the default
}

// LockCommand is a command and the powers that it declares.
type LockCommand struct {
	Name   string
	Powers []authority.Power
}

// LockPermission is a permission of a module: what it allows and denies, and
// the scope that it brings.
type LockPermission struct {
	Identifier string
	Lends      []authority.Power // powers that some entry of the scope lends
	Commands   []string          // that it allows, and the scope belongs to; if it denies none either, the scope is global
	Denies     []string          // commands
	Allow      []string          // scope entries as JSON
	Deny       []string
}

// LockSet is a set of a module, or its default, and what it names.
type LockSet struct {
	Identifier string
	Members    []string // of the module itself, without its name
	Foreign    []string // of other modules
}

// Entry returns the entry of a module. A nil Lock has none.
func (l *Lock) Entry(module string) (LockEntry, bool) {
	if l != nil {
		for _, e := range l.Modules {
			if e.Name == module {
				return e, true
			}
		}
	}
	return LockEntry{}, false
}

// Set puts the entry in the place of the module's old one, if there is one.
func (l *Lock) Set(e LockEntry) {
	l.Remove(e.Name)
	i, _ := slices.BinarySearchFunc(l.Modules, e, byName)
	l.Modules = slices.Insert(l.Modules, i, e)
}

// Remove removes the entry of a module and reports whether there was one.
func (l *Lock) Remove(module string) bool {
	before := len(l.Modules)
	l.Modules = slices.DeleteFunc(l.Modules, func(e LockEntry) bool { return e.Name == module })
	return len(l.Modules) < before
}

func byName(a, b LockEntry) int { return strings.Compare(a.Name, b.Name) }

// ParseLock reads an ambit.lock; the name stands for the file in positions.
// The lock is only fit for use if the problems hold no error.
func ParseLock(name string, data []byte) (*Lock, authority.Problems) {
	k := &sink{}
	l := &Lock{}
	if root := parseTOML(newSource(name, data), k); root != nil {
		l = k.lock(root)
	}
	return l, k.sorted()
}

func (k *sink) lock(root *node) *Lock {
	t := k.table(root, "the lock")
	if n := t.need("version", "write it with \"ambit lock\""); n != nil && (n.kind != kindInt || n.integer != lockVersion) {
		t.errorf(n.pos, codeBadValue, "write it anew with \"ambit lock\"", "the lock is not of version %d", lockVersion)
	}
	l := &Lock{}
	first := make(map[string]authority.Position)
	for _, m := range t.tables("module", called("module", "a", "name")) {
		e := m.lockEntry()
		if at, twice := first[e.Name]; twice {
			duplicate(k, e.Position, at, "module "+quote(e.Name))
			continue
		}
		first[e.Name] = e.Position
		l.Modules = append(l.Modules, e)
	}
	t.done()
	slices.SortStableFunc(l.Modules, byName)
	return l
}

func (t *table) lockEntry() LockEntry {
	e := LockEntry{Version: t.text("version")}
	e.Name, e.Position = t.name("name", "")
	var at authority.Position
	e.SHA256, at = t.name("sha256", "")
	if e.SHA256 != "" && !validDigest(e.SHA256) {
		t.errorf(at, codeBadValue, "64 lower-case hexadecimal digits", `"sha256" in %s is no SHA-256`, t.what)
	}
	e.Powers = t.powers("powers")
	for _, c := range t.tables("command", called("command", "a", "name")) {
		name, _ := c.name("name", "")
		e.Commands = append(e.Commands, LockCommand{Name: name, Powers: c.powers("powers")})
		c.done()
	}
	for _, p := range t.tables("permission", called("permission", "a", "identifier")) {
		id, _ := p.name("identifier", "")
		e.Permissions = append(e.Permissions, LockPermission{
			Identifier: id, Lends: p.powers("lends"), Commands: texts(p.words("commands")),
			Denies: texts(p.words("denies")), Allow: p.lockScope("allow"), Deny: p.lockScope("deny"),
		})
		p.done()
	}
	for _, s := range t.tables("set", called("set", "a", "identifier")) {
		id, _ := s.name("identifier", "")
		e.Sets = append(e.Sets, LockSet{Identifier: id, Members: texts(s.words("members")), Foreign: texts(s.words("foreign"))})
		s.done()
	}
	t.done()
	return e
}

func texts(words []word) []string {
	var out []string
	for _, w := range words {
		out = append(out, w.text)
	}
	return out
}

// lockScope reads scope entries, each of them JSON in a string.
func (t *table) lockScope(key string) []string {
	words := t.words(key)
	for _, w := range words {
		if decodeJSON(w.text) == nil {
			t.errorf(w.pos, codeBadValue, `write the lock anew with "ambit lock"`, "%q in %s holds what is no scope entry in JSON", key, t.what)
		}
	}
	return texts(words)
}

// decodeJSON reads a scope entry, nil if it is none.
func decodeJSON(text string) any {
	n := parseJSON(newSource("", []byte(text)), &sink{})
	if n == nil || n.kind != kindTable && n.kind != kindString {
		return nil
	}
	return n.plain()
}

// Encode writes the lock as TOML. Equal locks give equal bytes.
func (l *Lock) Encode() []byte {
	var b bytes.Buffer
	b.WriteString(lockHeader)
	b.WriteString("version = " + strconv.Itoa(lockVersion) + "\n")
	entries := slices.Clone(l.Modules)
	slices.SortStableFunc(entries, byName)
	for _, e := range entries {
		e.encode(&b)
	}
	return b.Bytes()
}

func (e LockEntry) encode(b *bytes.Buffer) {
	b.WriteString("\n[[module]]\n")
	writeText(b, "name", e.Name)
	if e.Version != "" {
		writeText(b, "version", e.Version)
	}
	writeText(b, "sha256", e.SHA256)
	writeList(b, "powers", e.Powers)
	for _, c := range e.Commands {
		b.WriteString("\n[[module.command]]\n")
		writeText(b, "name", c.Name)
		writeList(b, "powers", c.Powers)
	}
	for _, p := range e.Permissions {
		b.WriteString("\n[[module.permission]]\n")
		writeText(b, "identifier", p.Identifier)
		writeList(b, "lends", p.Lends)
		writeList(b, "commands", p.Commands)
		writeList(b, "denies", p.Denies)
		writeList(b, "allow", p.Allow)
		writeList(b, "deny", p.Deny)
	}
	for _, s := range e.Sets {
		b.WriteString("\n[[module.set]]\n")
		writeText(b, "identifier", s.Identifier)
		writeList(b, "members", s.Members)
		writeList(b, "foreign", s.Foreign)
	}
}

func writeText(b *bytes.Buffer, key, text string) {
	b.WriteString(key + " = " + tomlString(text) + "\n")
}

// writeList writes a list of strings, or nothing if it is empty.
func writeList[S ~string](b *bytes.Buffer, key string, items []S) {
	if len(items) == 0 {
		return
	}
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = tomlString(string(item))
	}
	b.WriteString(key + " = [" + strings.Join(quoted, ", ") + "]\n")
}

// tomlString writes a string in single quotes if it reads better so, else as
// a basic string, whose escapes JSON shares.
func tomlString(s string) string {
	literal := strings.ContainsAny(s, `"\`)
	for _, r := range s {
		literal = literal && r >= ' ' && r != '\'' && r != 0x7f && r != '\ufffd' && deceives(r) == ""
	}
	if literal {
		return "'" + s + "'"
	}
	return string(appendString(nil, s))
}
