package acl

import (
	"cmp"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// capabilitySchema is the schema of the files that [sink.capabilityFile] reads.
func capabilitySchema(p *authority.Policy) []byte {
	list := listSchema("Capabilities", ref("capability"))
	named := tableSchema("A list of capabilities",
		append(slices.Clip(skipped), prop{key: "capabilities", schema: list, needed: true})...)
	root := object{{"anyOf", []any{ref("capability"), list, named}}}
	return document("Capabilities of an Ambit app", root, capabilityDefinitions(p))
}

// capabilityDefinitions are what a schema needs that refers to capabilities.
func capabilityDefinitions(p *authority.Policy) object {
	var defs object
	defs.set("capability", capabilityTable(p.Windows))
	defs.set("entry", grantSchema(p))
	defs.set("identifier", identifierSchema(p))
	defs.set("value", anyValue())
	for i := range p.Manifests {
		m := &p.Manifests[i]
		defs.set("scope-"+m.Name, scopeSchema(m, p.Lenient))
	}
	return defs
}

// capabilityTable is what [sink.capability] reads.
func capabilityTable(windows []string) object {
	label := suggestSchema(windows, nameSchema("A label, or a pattern of labels: * for any text"))
	text := nameSchema("A pattern")
	o := tableSchema("What the app grants, and to whom", append(slices.Clip(skipped),
		prop{key: "identifier", schema: nameSchema("The name of this capability, once in the whole app"), needed: true},
		prop{key: "description", schema: textSchema("What the capability is for")},
		prop{key: "local", schema: flagSchema("Whether the app's own pages are meant", true)},
		prop{key: "remote", schema: tableSchema("Remote pages that are meant", prop{
			key: "urls", schema: listSchema("URL patterns, like \"https://*.example.org\"", text),
		})},
		prop{key: "windows", schema: listSchema("The windows that are meant, by label. A caller matches by its window or by its webview", label)},
		prop{key: "webviews", schema: listSchema("The webviews that are meant, by label", label)},
		prop{key: "modules", schema: listSchema("The modules that are meant when they call others", text)},
		prop{key: "via", schema: listSchema("With modules: only chains of calls that such a window began", label)},
		prop{key: "permissions", schema: listSchema("What is granted: identifiers, or tables that add a scope", ref("entry")), needed: true},
		prop{key: "platforms", schema: platformsSchema("the capability")},
		prop{key: "expires", schema: instantSchema("When the capability ends, like \"2030-01-31T12:00:00Z\"")},
		prop{key: "mode", schema: choiceSchema("observe: it takes part in no decision, and the record says what it would have changed", "enforce", "observe")},
		prop{key: "limits", schema: tableSchema("How often what is granted may be used",
			prop{key: "calls_per_second", schema: countSchema("Calls in a second", 1_000_000)},
			prop{key: "concurrent", schema: countSchema("Calls at a time", 65_536)},
		)},
		prop{key: "instance", schema: choiceSchema("caller: the module may keep its state for the same caller, if its manifest says so too", "call", "caller")},
	)...)
	some := object{{"minItems", 1}}
	o.set("if", object{{"properties", object{{"via", some}}}, {"required", []any{"via"}}})
	o.set("then", object{{"properties", object{{"modules", some}}}, {"required", []any{"modules"}}})
	return o
}

// instantSchema is what [table.instant] reads.
func instantSchema(description string) object {
	return patternSchema(description, `^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})$`)
}

// grantSchema is what [table.entry] reads: an identifier, or a table with a
// scope for the module that its identifier names.
func grantSchema(p *authority.Policy) object {
	table := tableSchema("A permission with a scope of its own",
		prop{key: "identifier", schema: ref("identifier"), needed: true},
		prop{key: "allow", schema: listSchema("What may be used beyond the permission's own scope", ref("value"))},
		prop{key: "deny", schema: listSchema("What may not be used, whatever else allows it", ref("value"))},
	)
	var rules []any
	for i := range p.Manifests {
		name := p.Manifests[i].Name
		items := object{{"items", ref("scope-" + name)}}
		rules = append(rules, object{
			{"if", object{{"properties", object{{"identifier", object{{"pattern", ofModule(name)}}}}}}},
			{"then", object{{"properties", object{{"allow", items}, {"deny", items}}}}},
		})
	}
	if rules != nil {
		table.set("allOf", rules)
	}
	return object{{"anyOf", []any{ref("identifier"), table}}}
}

// ofModule is a pattern of identifiers that name the module.
func ofModule(name string) string {
	if name == AppModule {
		return "^(" + name + ":|[^:]*$)"
	}
	return "^" + name + ":"
}

// identifierSchema lists all identifiers. A module that cannot be used has
// none, and refuses none.
func identifierSchema(p *authority.Policy) object {
	var all []any
	for i := range p.Manifests {
		m := &p.Manifests[i]
		prefixes := []string{m.Name + ":"}
		if m.Name == AppModule {
			prefixes = []string{"", m.Name + ":"}
		}
		for _, prefix := range prefixes {
			if m.Invalid != "" {
				all = append(all, patternSchema(hover("The module cannot be used: "+m.Invalid), "^"+prefix+namePattern+"$"))
			}
			for _, o := range Offers(m) {
				all = append(all, object{{"description", hover(cmp.Or(o.Description, o.Identifier))}, {"const", prefix + o.Identifier}})
			}
		}
	}
	if all == nil {
		return object{{"description", "The app has no modules yet"}, {"not", object{}}}
	}
	return object{{"description", "A permission or set, module:name"}, {"anyOf", all}}
}
