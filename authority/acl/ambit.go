package acl

import (
	"io/fs"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// ambit reads ambit.toml into the app.
func (k *sink) ambit(root *node, app *App) selection {
	t := k.table(root, appName)
	t.skip()
	own := t.sub("app", "[app]", "write [app]")
	own.skip()
	app.Name = own.text("name")
	var sel selection
	sel.base, sel.given = own.picks()
	own.done()

	app.Dirs, app.DirPositions = t.dirs()
	app.Windows = t.windows()
	app.Modules = t.modules()
	app.Limits = t.limits("[limits]", true)
	sel.profiles = t.profiles()
	app.Lint = t.lint()
	t.done()
	return sel
}

func (t *table) profiles() map[string][]pick {
	all := t.sub("profile", "[profile]", "write [profile.dev]")
	if all.n == nil {
		return nil
	}
	profiles := make(map[string][]pick)
	for _, m := range all.n.members {
		p := t.table(m.value, profileTable(m.key))
		p.skip()
		profiles[m.key], _ = p.picks()
		p.done()
	}
	return profiles
}

// profileTable prints the header of a profile's table.
func profileTable(name string) string {
	bare := func(c byte) bool { return isLower(c) || isUpper(c) || isDigit(c) || c == '-' || c == '_' }
	if !matches(name, bare, bare) {
		name = quote(name)
	}
	return "[profile." + name + "]"
}

// dirs reads [dirs]: the base dirs that scopes name as $NAME.
func (t *table) dirs() (map[string]string, map[string]authority.Position) {
	sub := t.sub("dirs", "[dirs]", "write [dirs]")
	if sub.n == nil {
		return nil, nil
	}
	dirs, places := make(map[string]string), make(map[string]authority.Position)
	for _, m := range sub.n.members {
		switch {
		case m.key == "MODULE":
			t.errorf(m.pos, codeIdentifier, "choose another name", "base dir \"MODULE\" is each module's own folder and cannot be declared")
		case !validDirName(m.key):
			t.errorf(m.pos, codeIdentifier, `write it like "APPDATA", without "$"`, "%s is no name of a base dir", quote(m.key))
		case m.value.kind != kindString:
			sub.wrongType(m.value, m.key, "a path", "")
		default:
			sub.checkDir(m)
			dirs[m.key], places[m.key] = m.value.text, m.value.pos
		}
	}
	return dirs, places
}

func (t *table) checkDir(m member) {
	path := m.value.text
	const hint = "write an absolute path, one relative to ambit.toml, or one that begins with $HOME, $CONFIG, $CACHE or $TEMP"
	system, _ := SystemDir(path)
	switch {
	case path == "":
		t.badValue(m.value, m.key, hint, "is empty")
	case strings.ContainsRune(path, 0):
		t.badValue(m.value, m.key, hint, "holds a zero byte")
	case system == "" && strings.ContainsAny(path[:1], "~$%"):
		t.badValue(m.value, m.key, hint, "is %s, but %q is not expanded here", quote(path), path[:1])
	}
}

// modules reads the [[module]] tables.
func (t *table) modules() []ModuleRef {
	var refs []ModuleRef
	first := make(map[string]authority.Position)
	for _, m := range t.tables("module", called("module", "a", "name")) {
		var ref ModuleRef
		ref.Name, ref.Position = m.name("name", "")
		ref.File = m.modulePath("file", ref.Name)
		ref.Trusted = m.flag("trusted", false)
		ref.Limits = m.limits("the limits of "+m.what, false)
		m.done()
		switch at, twice := first[ref.Name]; {
		case ref.Name == "":
		case !validModuleName(ref.Name):
			t.errorf(ref.Position, codeIdentifier, moduleNameHint, "%s is no name of a module", quote(ref.Name))
		case reservedFolder(ref.Name):
			t.errorf(ref.Position, codeIdentifier, "choose another name", "module name %q is that of a folder with another meaning", ref.Name)
		case twice:
			duplicate(t.sink, ref.Position, at, "module "+quote(ref.Name))
		default:
			first[ref.Name] = ref.Position
			refs = append(refs, ref)
		}
	}
	return refs
}

// modulePath reads the path of a module's file.
func (t *table) modulePath(key, module string) string {
	n := t.typed(key, kindString, "")
	if n == nil {
		return "modules/" + module + ".wasm"
	}
	return t.inside(n, key)
}

// inside checks a path that has to stay in the app's folder, on any system.
func (t *table) inside(n *node, key string) string {
	if !fs.ValidPath(n.text) || n.text == "." || strings.ContainsAny(n.text, "\\:\x00") {
		t.badValue(n, key, `write it relative to the app's folder, with "/" and without "." or ".."`, "is %s, which is no path inside the app's folder", quote(n.text))
	}
	return n.text
}
