package acl

import (
	"bytes"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// permissionSchema is the schema of the files that [rules.permissionFile]
// reads. A file does not say which module it is for, its folder does; so the
// commands of all are offered, and a scope entry has to be one of any module.
func permissionSchema(p *authority.Policy) []byte {
	command := commandSchema(p)
	var defs object
	defs.set("command", command)
	defs.set("permission", permissionTable(ref("command")))
	defs.set("set", setTable(true))
	defs.set("default", setTable(false))
	defs.set("value", valueSchema(p, &defs))
	root := tableSchema("Permissions that the app adds to a module", append(slices.Clip(skipped), append(ruleProps(),
		prop{key: "commands", schema: listSchema("The module's commands, by name", ref("command"))},
	)...)...)
	return document("Permissions of an Ambit app", root, defs)
}

// ruleProps are the keys that [rules.read] reads.
func ruleProps() []prop {
	return []prop{
		{key: "default", schema: ref("default")},
		{key: "set", schema: listSchema("Named lists of permissions", ref("set"))},
		{key: "permission", schema: listSchema("Named rules", ref("permission"))},
	}
}

// commandSchema offers the commands of all modules, each once.
func commandSchema(p *authority.Policy) object {
	var all []any
	seen := make(map[string]bool)
	for _, m := range p.Manifests {
		for _, c := range m.Commands {
			if !seen[c.Name] {
				seen[c.Name] = true
				all = append(all, object{{"description", hover(m.Name + ": " + c.Description)}, {"const", c.Name}})
			}
		}
	}
	other := nameSchema("The name of a command, without its module")
	if all == nil {
		return other
	}
	return object{{"anyOf", append(all, other)}}
}

// valueSchema is a scope entry of any module. It adds the modules' schemas to
// the definitions, those that are the same once.
func valueSchema(p *authority.Policy, defs *object) object {
	if p.Lenient || len(p.Manifests) == 0 {
		return scopeSchema(&authority.Manifest{}, true)
	}
	var each []any
	var seen [][]byte
	for i := range p.Manifests {
		m := &p.Manifests[i]
		schema := scopeSchema(m, false)
		text := appendJSON(nil, schema)
		if slices.ContainsFunc(seen, func(other []byte) bool { return bytes.Equal(text, other) }) {
			continue
		}
		seen = append(seen, text)
		defs.set("scope-"+m.Name, schema)
		each = append(each, ref("scope-"+m.Name))
	}
	return object{{"anyOf", each}}
}

// setTable is what [rules.readSet] reads: a set, or the default.
func setTable(named bool) object {
	props := slices.Clip(skipped)
	about := "What the module's name with \":default\" stands for"
	if named {
		about = "A named list of permissions"
		props = append(props, prop{key: "identifier", schema: identifierName(), needed: true})
	}
	return tableSchema(about, append(props,
		prop{key: "description", schema: textSchema("What it is for")},
		prop{key: "permissions", schema: listSchema("Permissions and sets, of other modules with the module's name and a colon", memberSchema()), needed: true},
	)...)
}

// permissionTable is what [rules.readPermission] reads.
func permissionTable(command object) object {
	return tableSchema("A named rule", append(slices.Clip(skipped),
		prop{key: "identifier", schema: identifierName(), needed: true},
		prop{key: "description", schema: textSchema("What it is for")},
		prop{key: "commands", schema: tableSchema("The commands that it is about; without any, its scope is that of all commands of the module",
			prop{key: "allow", schema: listSchema("May be called", command)},
			prop{key: "deny", schema: listSchema("May not be called, whatever else allows it", command)},
		)},
		prop{key: "scope", schema: tableSchema("What its commands may use",
			prop{key: "allow", schema: listSchema("May be used", ref("value"))},
			prop{key: "deny", schema: listSchema("May not be used, whatever else allows it", ref("value"))},
		)},
		prop{key: "platforms", schema: platformsSchema("the permission")},
	)...)
}

// memberSchema is an identifier as a set names it.
func memberSchema() object {
	o := patternSchema("A permission or set: name, or module:name", "^([A-Za-z0-9]([A-Za-z0-9-]{0,49}[A-Za-z0-9])?:)?"+namePattern+"$")
	o.set("not", object{{"pattern", "^(core:|tauri-plugin-)"}})
	return o
}

// namePattern is the name of a permission or a set.
const namePattern = "[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?"

// identifierName is the name that a set or a permission gives itself.
func identifierName() object {
	o := patternSchema("Its name: letters, digits and inner hyphens", "^"+namePattern+"$")
	o.set("not", object{{"const", "default"}})
	return o
}
