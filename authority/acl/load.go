package acl

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// The files and folders of an app's policy.
const (
	appName         = "ambit.toml"
	lockName        = "ambit.lock"
	capabilitiesDir = "capabilities"
	permissionsDir  = "permissions"
)

// AppModule is the module that files directly in permissions/ belong to, and
// that names without a prefix mean.
const AppModule = "app"

// DefaultProfile is in effect where no other is asked for.
const DefaultProfile = "prod"

// Options say how to read an app's folder. The zero value reads an app that
// has modules, under the profile "prod".
type Options struct {
	// PolicyOnly reads a folder without modules: permissions/<module>/ is that
	// module's whole manifest, and ambit.toml may be missing.
	PolicyOnly bool
	// Profile picks a [profile.<name>]; empty means [DefaultProfile], which
	// need not be declared.
	Profile string
	// Platform is what capabilities and permissions are filtered for. A name
	// that no policy knows ("openbsd") is taken, and no rule is limited to it;
	// one that looks like a slip ("darwin") is an error.
	Platform authority.Platform
}

// Load reads the policy of an app's folder: ambit.toml, ambit.lock,
// capabilities/ and permissions/. It reports all problems of all files, sorted
// by place. The App is never nil, but is only fit for use if the problems hold
// no error; with errors it is what could be read, which is of use for looking
// for more (see [App.Partial]).
func Load(fsys fs.FS, o Options) (*App, authority.Problems) {
	k := &sink{}
	app := &App{Profile: o.Profile, Platform: o.Platform, PolicyOnly: o.PolicyOnly, Permissions: map[string]*Additions{}}
	if app.Profile == "" {
		app.Profile = DefaultProfile
	}
	// A system without a name in policies is one that no rule is limited to,
	// but a slip must not drop rules.
	if name := string(o.Platform); !slices.Contains(platformNames, name) && platformSlip(name) != "" {
		k.errorf(authority.Position{}, codeUnknownPlatform, "did you mean "+quote(platformSlip(name))+"?", "unknown platform %s", quote(name))
	}
	r := &reader{sink: k, fsys: fsys, app: app}
	r.strangers()
	sel := r.appFile()
	r.lockFile()
	all := r.capabilities()
	r.permissions()
	r.sel(sel, all)
	r.silenced()
	r.lintProfile(sel)
	app.Partial = r.partial
	return app, k.sorted()
}

// reader reads the files of one app.
type reader struct {
	*sink
	fsys    fs.FS
	app     *App
	files   int   // read so far
	bytes   int64 // read so far
	partial bool
}

// appFile reads ambit.toml.
func (r *reader) appFile() selection {
	root, found := r.parse(appName, parseTOML)
	switch {
	case !found && r.linked(appName):
		r.app.torn = true
		r.dangling(appName)
	case root != nil:
		return r.ambit(root, r.app)
	case found:
		r.app.torn = true
	case !found && !r.app.PolicyOnly:
		r.errorf(authority.Position{File: appName}, codeFile, "an app's folder has one, even if it is empty", "the file does not exist")
	case !found && !r.exists(capabilitiesDir) && !r.exists(permissionsDir):
		r.errorf(authority.Position{}, codeFile, "", "the folder has none of ambit.toml, capabilities/ and permissions/")
	}
	return selection{}
}

func (r *reader) exists(file string) bool {
	_, err := fs.Stat(r.fsys, file)
	return err == nil
}

// lockFile reads ambit.lock.
func (r *reader) lockFile() {
	root, found := r.parse(lockName, parseTOML)
	switch {
	case root != nil:
		r.app.Lock = r.lock(root)
	case !found && r.linked(lockName):
		r.dangling(lockName)
	}
}

// capabilities reads all capabilities, selected or not.
func (r *reader) capabilities() []authority.Capability {
	var all []authority.Capability
	first := make(map[string]authority.Position)
	for _, f := range r.walk(capabilitiesDir) {
		root := r.policyFile(f)
		if root == nil {
			continue
		}
		for _, c := range r.capabilityFile(root) {
			switch at, twice := first[c.Identifier]; {
			case c.Identifier == "": // reported
			case twice:
				duplicate(r.sink, c.Position, at, "capability "+quote(c.Identifier))
			default:
				first[c.Identifier] = c.Position
				all = append(all, c)
			}
		}
	}
	return all
}

// sel divides the capabilities into those in effect and the others.
func (r *reader) sel(s selection, all []authority.Capability) {
	profile, declared := s.profiles[r.app.Profile]
	if !declared && r.app.Profile != DefaultProfile && !r.app.torn {
		names := append(sortedKeys(s.profiles), DefaultProfile)
		r.errorf(authority.Position{File: appName}, codeUnknownProfile, r.suggestOr(r.app.Profile, names, "declare "+profileTable(r.app.Profile)),
			"unknown profile %s", quote(r.app.Profile))
	}
	var ids []string
	first := make(map[string]bool)
	for _, c := range all {
		ids, first[c.Identifier] = append(ids, c.Identifier), true
	}
	known := func(words []word) {
		for _, w := range words {
			if !first[w.text] && !r.partial { // else it may be where nothing could be read
				r.errorf(w.pos, codeUnknownCapability, r.suggest(w.text, ids), "no file in capabilities/ has the capability %s", quote(w.text))
			}
		}
	}
	known(s.base)
	for _, name := range sortedKeys(s.profiles) {
		words := s.profiles[name]
		known(words)
		if !s.given && len(words) > 0 {
			r.warnf(words[0].pos, codeNoEffect, "list the others in app.capabilities",
				"%s adds no capability, since without app.capabilities every file is in effect", profileTable(name))
		}
	}
	if !s.given {
		r.app.Capabilities = all
		return
	}
	chosen := append(texts(s.base), texts(profile)...)
	for _, c := range all {
		if slices.Contains(chosen, c.Identifier) {
			r.app.Capabilities = append(r.app.Capabilities, c)
		} else {
			r.app.Unselected = append(r.app.Unselected, c)
		}
	}
}

// permissions reads the app's own permissions of all modules.
func (r *reader) permissions() {
	byModule := make(map[string]*rules)
	for _, f := range r.walk(permissionsDir) {
		root := r.policyFile(f)
		if root == nil {
			continue
		}
		module := moduleOf(f)
		add, ok := r.app.Permissions[module]
		if !ok {
			add = &Additions{Position: root.pos, Module: module}
			r.app.Permissions[module] = add
			byModule[module] = newRules(r.sink, true)
		}
		add.Commands = append(add.Commands, byModule[module].permissionFile(root)...)
	}
	for module, rules := range byModule {
		add := r.app.Permissions[module]
		add.Default, add.Sets, add.Permissions = rules.deflt, rules.sets, rules.perms
	}
}

// moduleOf returns the module that a file below permissions/ belongs to.
func moduleOf(file string) string {
	parts := strings.Split(file, "/")
	if len(parts) <= 2 || parts[1] == "autogenerated" {
		return AppModule
	}
	return parts[1]
}

// reservedFolder reports whether a folder below permissions/ belongs to no
// module of its name.
func reservedFolder(name string) bool { return name == "autogenerated" || name == "schemas" }

// formats are the parsers of policy files, by the files' endings.
var formats = map[string]func(*source, *sink) *node{".toml": parseTOML, ".json": parseJSON, ".json5": parseJSON5}

// policyFile parses a file that [reader.isPolicy] takes for one.
func (r *reader) policyFile(file string) *node {
	root, found := r.parse(file, formats[path.Ext(file)])
	if !found {
		r.dangling(file)
	}
	return root
}

// parse reads and parses a file. It returns nil if it does not exist, or
// cannot be read, which it reports.
func (r *reader) parse(file string, parse func(*source, *sink) *node) (root *node, found bool) {
	data, err := r.read(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false
	case err != nil:
		r.partial = true
		r.errorf(authority.Position{File: file}, codeFile, "", "%s", cause(err))
		return nil, true
	}
	if root = parse(newSource(file, data), r.sink); root == nil {
		r.partial = true
	}
	return root, true
}
