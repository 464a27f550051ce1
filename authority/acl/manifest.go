package acl

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// ABI is the version of the interface between host and guest that manifests
// declare.
const ABI = 1

// ParseManifest reads a module's manifest as its author writes it, in TOML.
// The name stands for the file in positions. The manifest is only fit for use
// if the problems hold no error.
func ParseManifest(name string, data []byte) (authority.Manifest, authority.Problems) {
	return manifestOf(name, data, parseTOML)
}

// ParseManifestJSON reads a manifest as a binary carries it in its custom
// section "ambit", in JSON. The name stands for the file in positions, for
// example "modules/fs.wasm#ambit".
func ParseManifestJSON(name string, data []byte) (authority.Manifest, authority.Problems) {
	return manifestOf(name, data, parseJSON)
}

func manifestOf(name string, data []byte, parse func(*source, *sink) *node) (authority.Manifest, authority.Problems) {
	k := &sink{}
	var m authority.Manifest
	if root := parse(newSource(name, data), k); root != nil {
		m = k.manifest(root)
	}
	if !k.failed() {
		k.alone(m)
	}
	if m.Line == 0 {
		m.Position = authority.Position{File: name}
	}
	return m, k.sorted()
}

// manifest reads all of a manifest.
func (k *sink) manifest(root *node) authority.Manifest {
	t := k.table(root, "a manifest")
	t.skip()
	m := t.module()
	m.Commands = t.commands()
	if t.lostScope() {
		t.known = append(t.known, "scope")
	} else {
		m.Scope = t.schema("scope", "[scope]")
	}
	r := newRules(k, false)
	r.read(t)
	m.Default, m.Sets, m.Permissions = r.deflt, r.sets, r.perms
	t.done()
	k.checkCommands(m)
	return m
}

// module reads the table [module].
func (t *table) module() authority.Manifest {
	t.need("module", `write [module] with "name" and "abi"`)
	mod := t.sub("module", "[module]", "write [module]")
	var m authority.Manifest
	m.Name, m.Position = mod.name("name", "")
	m.Version, m.Description = mod.text("version"), mod.text("description")
	if m.Name != "" && !validModuleName(m.Name) {
		t.errorf(m.Position, codeIdentifier, moduleNameHint, "%s is no name of a module", quote(m.Name))
	}
	if n := mod.need("abi", "write abi = "+strconv.Itoa(ABI)); n != nil {
		m.ABI = mod.abi(n)
	}
	if mod.choice("instance", "call", "caller") == "caller" {
		m.Instance = "caller"
	}
	m.NoFreeze = !mod.flag("freeze", true)
	mod.done()
	return m
}

func (t *table) abi(n *node) int {
	switch {
	case n.kind != kindInt:
		t.wrongType(n, "abi", "an integer", "")
	case n.integer != ABI:
		t.errorf(n.pos, codeABI, "build the module with a matching SDK", "the module wants ABI %d; this is ABI %d", n.integer, ABI)
	default:
		return ABI
	}
	return 0
}

// commands reads the [[command]] tables.
func (t *table) commands() []authority.Command {
	var out []authority.Command
	first := make(map[string]authority.Position)
	for _, sub := range t.tables("command", called("command", "a", "name")) {
		var c authority.Command
		c.Name, c.Position = sub.name("name", "")
		c.Description = sub.text("description")
		c.Powers = sub.powers("powers")
		c.Timeout = sub.milliseconds("timeout")
		c.Args = sub.schema("args", `"args" of `+sub.what)
		sub.done()
		if c.Name == "" {
			continue
		}
		if !validCommandName(c.Name) {
			t.errorf(c.Position, codeIdentifier, "a lower-case letter, then lower-case letters, digits and underscores", "%s is no name of a command", quote(c.Name))
		}
		if at, twice := first[c.Name]; twice {
			duplicate(t.sink, c.Position, at, "command "+quote(c.Name))
			continue
		}
		first[c.Name] = c.Position
		out = append(out, c)
	}
	return out
}

// powers reads a list of powers.
func (t *table) powers(key string) []authority.Power {
	var known []string
	for _, p := range authority.Powers() {
		known = append(known, string(p))
	}
	var out []authority.Power
	for _, w := range t.words(key) {
		p := authority.Power(w.text)
		switch {
		case p.Key() == "":
			t.errorf(w.pos, codePowers, t.suggestOr(w.text, known, "one of "+quoteAll(known)), "unknown power %s in %s", quote(w.text), t.what)
		case slices.Contains(out, p):
			t.errorf(w.pos, codeDuplicate, "", "duplicate power %s in %s", quote(w.text), t.what)
		default:
			out = append(out, p)
		}
	}
	return out
}

// schema compiles the schema under a key; what is wrong with it is reported
// where it stands.
func (t *table) schema(key, what string) *schema.Schema {
	n := t.typed(key, kindTable, "write a JSON Schema")
	if n == nil {
		return nil
	}
	compiled, err := schema.Compile(n.plain())
	if err == nil {
		return compiled
	}
	at, text := n.pos, err.Error()
	var bad *schema.Error
	if errors.As(err, &bad) {
		at, text = n.find(bad.Pointer), bad.Text
		if bad.Pointer != "" {
			text = quote(bad.Pointer) + ": " + text
		}
	}
	t.errorf(at, codeBadValue, "", "%s is no schema that Ambit takes: %s", what, text)
	return nil
}

// find returns the place that a JSON pointer names, or of the nearest value
// around it.
func (n *node) find(pointer string) authority.Position {
	at := n.pos
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		if m := n.child(part); m != nil {
			n, at = m.value, m.pos
			continue
		}
		i, err := strconv.Atoi(part)
		if err != nil || i < 0 || i >= len(n.items) {
			return at
		}
		n, at = n.items[i], n.items[i].pos
	}
	return at
}

// checkCommands reports permissions that name commands which the manifest does
// not declare.
func (k *sink) checkCommands(m authority.Manifest) {
	names := make([]string, len(m.Commands))
	declared := make(map[string]bool, len(m.Commands))
	for i, c := range m.Commands {
		names[i], declared[c.Name] = c.Name, true
	}
	for _, p := range m.Permissions {
		for _, c := range slices.Concat(p.Allow, p.Deny) {
			if !declared[c.Name] {
				k.errorf(c.Position, codeUnknownCommand, k.suggest(c.Name, names),
					"permission %s names the command %s, which the manifest does not declare", quote(p.Identifier), quote(c.Name))
			}
		}
	}
}

// alone reports what is wrong with a manifest by itself, as the authority that
// links it sees it: cycles, members that do not exist, scopes that mean
// nothing. A module whose manifest stands alone cannot spoil an app's policy.
func (k *sink) alone(m authority.Manifest) {
	_, problems := authority.New(authority.Policy{Manifests: []authority.Manifest{m}})
	for _, p := range problems {
		if p.Severity == authority.SeverityError {
			k.report(p)
		}
	}
}
