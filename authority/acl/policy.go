package acl

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// Module is what the host found for a module: its manifest and digest, or why
// there is none.
type Module struct {
	Manifest authority.Manifest
	SHA256   string // of the module's file, lower-case hex; empty for a native module
	// Invalid, if not empty, says why the module cannot be used; nothing else
	// of it is looked at then.
	Invalid string
	// Native says that the module is part of the program itself, so that its
	// manifest is policy and needs no acceptance.
	Native bool
}

// Policy puts together what the app grants, what the modules offer and what
// the app adds to them. The modules are those of ambit.toml, by name, and any
// that the host has besides (native ones, ones loaded at run time).
//
// A module that ambit.toml names and that is missing from the map, invalid, of
// another name, or that asks for more than was accepted ([App.Exceeds]) becomes a manifest with Invalid set and a warning with the
// code "module-invalid": references to it resolve to nothing, and the policy
// stands. In an app read with [Options.PolicyOnly] the map is not looked at.
func (a *App) Policy(modules map[string]Module) (authority.Policy, authority.Problems) {
	m := &merger{app: a, modules: modules}
	p := authority.Policy{
		Capabilities: slices.Clone(a.Capabilities), Unselected: slices.Clone(a.Unselected), Listed: a.listed, Platform: a.Platform, Lenient: a.PolicyOnly,
	}
	if a.Dirs != nil {
		p.Dirs = append([]string{}, sortedKeys(a.Dirs)...)
	}
	for _, w := range a.Windows {
		p.Windows = append(p.Windows, w.Label)
	}
	if a.PolicyOnly {
		p.Manifests = m.policyOnly()
	} else {
		p.Manifests = m.merged()
		m.lock()
	}
	return p, m.sorted()
}

// merger makes manifests out of what modules and app say.
type merger struct {
	sink
	app     *App
	modules map[string]Module
}

// policyOnly takes each folder of permissions/ for the manifest of a module.
func (m *merger) policyOnly() []authority.Manifest {
	var out []authority.Manifest
	for _, name := range sortedKeys(m.app.Permissions) {
		add := m.app.Permissions[name]
		if !validModuleName(name) {
			hint := moduleNameHint
			if better := kebab(strings.ToLower(name)); validModuleName(better) {
				hint = "rename it " + quote(better)
			}
			m.errorf(authority.Position{File: permissionsDir + "/" + name}, codeIdentifier, hint, "%s is no name of a module", quote(name))
			continue
		}
		out = append(out, authority.Manifest{
			Position: add.Position, Name: name, ABI: ABI, Accepted: true,
			Commands: add.commands(), Default: add.Default, Sets: add.Sets, Permissions: add.Permissions,
		})
	}
	for _, ref := range m.app.Modules {
		if m.app.Permissions[ref.Name] == nil {
			why := "modules are not loaded, and there is no folder permissions/" + ref.Name
			m.warnf(ref.Position, codeModule, "", "module %q: %s", ref.Name, why)
			out = append(out, authority.Manifest{Position: ref.Position, Name: ref.Name, Invalid: why})
		}
	}
	return out
}

// commands returns the commands that the permissions name, sorted.
func (a *Additions) commands() []authority.Command {
	first := make(map[string]authority.Command)
	add := func(names []authority.CommandName) {
		for _, n := range names {
			if _, ok := first[n.Name]; !ok {
				first[n.Name] = authority.Command{Position: n.Position, Name: n.Name}
			}
		}
	}
	add(a.Commands)
	for _, p := range a.Permissions {
		add(p.Allow)
		add(p.Deny)
	}
	var out []authority.Command
	for _, name := range sortedKeys(first) {
		out = append(out, first[name])
	}
	return out
}

// merged returns a manifest for each module that the app names or the host
// has, and for the module "app" if only files speak of it.
func (m *merger) merged() []authority.Manifest {
	var out []authority.Manifest
	named := make(map[string]bool)
	for _, ref := range m.app.Modules {
		named[ref.Name] = true
		mod, found := m.modules[ref.Name]
		why := "it was not loaded"
		if found {
			why = m.unusable(ref.Name, mod)
		}
		if why != "" {
			m.warnf(ref.Position, codeModule, "its commands answer \"module-invalid\"", "module %q cannot be used: %s", ref.Name, why)
			out = append(out, authority.Manifest{Position: ref.Position, Name: ref.Name, Invalid: why})
			continue
		}
		out = append(out, m.merge(mod, ref.Trusted))
	}
	for _, name := range sortedKeys(m.modules) {
		if named[name] {
			continue
		}
		named[name] = true
		mod := m.modules[name]
		if why := m.unusable(name, mod); why != "" {
			out = append(out, authority.Manifest{Name: name, Invalid: why})
			continue
		}
		out = append(out, m.merge(mod, false))
	}
	return append(out, m.orphans(named)...)
}

// unusable says why a module cannot be used; "" if it can.
func (m *merger) unusable(name string, mod Module) string {
	switch {
	case mod.Invalid != "":
		return mod.Invalid
	case mod.Manifest.Name != name:
		return "its manifest is of a module " + quote(mod.Manifest.Name)
	}
	return m.app.Exceeds(mod)
}

// orphans deals with files in permissions/ for modules that nobody names. Only
// the module "app" needs no more than such files.
func (m *merger) orphans(named map[string]bool) []authority.Manifest {
	var out []authority.Manifest
	for _, name := range sortedKeys(m.app.Permissions) {
		add := m.app.Permissions[name]
		switch {
		case named[name] || m.app.torn && name != AppModule:
		case name == AppModule:
			out = append(out, m.merge(Module{Manifest: authority.Manifest{Position: add.Position, Name: name, ABI: ABI}, Native: true}, true))
		default:
			m.errorf(authority.Position{File: permissionsDir + "/" + name}, codeUnknownModule,
				m.suggestOr(name, sortedKeys(named), "name it in a [[module]] of ambit.toml"), "%s is no module of this app", quote(name))
		}
	}
	return out
}

// merge adds the app's permissions to a module's own.
func (m *merger) merge(mod Module, trusted bool) authority.Manifest {
	out := mod.Manifest
	out.Invalid = ""
	out.Accepted = trusted || mod.Native || m.accepted(mod)
	add := m.app.Permissions[out.Name]
	if add == nil {
		return out
	}
	r := newRules(&m.sink, true)
	if out.Default != nil {
		r.claim("default", out.Default.Position, "[default]")
	}
	for _, s := range out.Sets {
		r.names[s.Identifier] = s.Position
	}
	for _, p := range out.Permissions {
		r.names[p.Identifier] = p.Position
	}
	if add.Default != nil && r.claim("default", add.Default.Position, "[default]") {
		out.Default = add.Default
	}
	out.Sets, out.Permissions = slices.Clip(out.Sets), slices.Clip(out.Permissions)
	for _, s := range add.Sets {
		if r.claim(s.Identifier, s.Position, "set") {
			out.Sets = append(out.Sets, s)
		}
	}
	for _, p := range add.Permissions {
		if r.claim(p.Identifier, p.Position, "permission") {
			out.Permissions = append(out.Permissions, p)
		}
	}
	m.listed(add, out.Commands)
	return out
}

// listed checks the names that a permission file lists under "commands".
func (m *merger) listed(add *Additions, commands []authority.Command) {
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = c.Name
	}
	for _, c := range add.Commands {
		if !slices.Contains(names, c.Name) {
			m.errorf(c.Position, codeUnknownCommand, m.suggest(c.Name, names), "module %q has no command %s", add.Module, quote(c.Name))
		}
	}
}

// accepted reports whether the lock accepts exactly this module.
func (m *merger) accepted(mod Module) bool {
	entry, ok := m.app.Lock.Entry(mod.Manifest.Name)
	if !ok || mod.SHA256 == "" || entry.SHA256 != mod.SHA256 {
		return false
	}
	recorded, actual := Lock{Modules: []LockEntry{entry}}, Lock{Modules: []LockEntry{NewLockEntry(mod.Manifest, mod.SHA256)}}
	if !bytes.Equal(recorded.Encode(), actual.Encode()) {
		m.warnf(entry.Position, codeLock, "run \"ambit lock\"",
			"the entry of module %q does not say what the module asks for, so it accepts nothing", mod.Manifest.Name)
		return false
	}
	return true
}

// lock warns of entries that accept nothing any more.
func (m *merger) lock() {
	if m.app.Lock == nil || m.app.torn {
		return
	}
	for _, e := range m.app.Lock.Modules {
		mod, found := m.modules[e.Name]
		i := slices.IndexFunc(m.app.Modules, func(ref ModuleRef) bool { return ref.Name == e.Name })
		trusted := mod.Native || i >= 0 && m.app.Modules[i].Trusted
		switch {
		case !found && i < 0:
			m.warnf(e.Position, codeLock, "run \"ambit lock\"", "the entry of module %s is of no module of this app", quote(e.Name))
		case found && !trusted && m.unusable(e.Name, mod) == "" && mod.SHA256 != e.SHA256:
			m.warnf(e.Position, codeLock, "run \"ambit lock\"", "module %q has changed since its entry was written, which accepts it no more", e.Name)
		}
	}
}
