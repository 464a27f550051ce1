package acl

import "slices"

// manifestSchema is the schema of a module's manifest, as [sink.manifest] reads
// it: the same for all.
func manifestSchema() []byte {
	module := tableSchema("The module",
		prop{key: "name", schema: moduleNameSchema("core", "tauri"), needed: true},
		prop{key: "version", schema: textSchema("The module's version")},
		prop{key: "description", schema: textSchema("What the module is for")},
		prop{key: "abi", schema: object{{"description", "The version of the interface between host and module"}, {"const", ABI}}, needed: true},
		prop{key: "instance", schema: choiceSchema("call: each call starts from the module's initial state; caller: a caller may get the state that its last call left", "call", "caller")},
		prop{key: "freeze", schema: flagSchema("Whether the state after the start may be kept and used for each call", true)},
	)
	command := tableSchema("A function of the module that callers may call",
		prop{key: "name", schema: patternSchema("Its name: a lower-case letter, then lower-case letters, digits and underscores", "^[a-z][a-z0-9_]{0,63}$"), needed: true},
		prop{key: "description", schema: textSchema("What it does")},
		prop{key: "powers", schema: powersSchema("What the host may lend it, within the scope of a call")},
		prop{key: "timeout", schema: durationSchema("Less time than the host's limit, like \"2s\"")},
		prop{key: "args", schema: ref("schema")},
	)
	root := tableSchema("The manifest of a module", append(append(slices.Clip(skipped),
		prop{key: "module", schema: module, needed: true},
		prop{key: "command", schema: listSchema("The module's commands", command)},
		prop{key: "scope", schema: ref("schema")},
	), ruleProps()...)...)
	var defs object
	defs.set("permission", permissionTable(nameSchema("The name of a command")))
	defs.set("set", setTable(true))
	defs.set("default", setTable(false))
	defs.set("value", anyValue())
	defs.set("schema", schemaTable())
	return document("The manifest of an Ambit module", root, defs)
}

// schemaTable is the schema of the schemas that package schema compiles.
func schemaTable() object {
	types := object{{"enum", anyOf([]string{"null", "boolean", "integer", "number", "string", "array", "object"})}}
	words := listSchema("The properties that have to be there", textSchema("A name"))
	words.set("uniqueItems", true)
	someTypes, values := listSchema("Types", types), listSchema("The values that are allowed", object{})
	someTypes.set("minItems", 1)
	values.set("minItems", 1)
	props := []prop{
		{key: "type", schema: object{{"description", "The type of the value"}, {"anyOf", []any{types, someTypes}}}},
		{key: "enum", schema: values},
		{key: "const", schema: object{{"description", "The only value that is allowed"}}},
		{key: "properties", schema: object{{"description", "The schemas of properties"}, {"type", "object"}, {"additionalProperties", ref("schema")}}},
		{key: "required", schema: words},
		{key: "additionalProperties", schema: object{{"anyOf", []any{object{{"type", "boolean"}}, ref("schema")}}}},
		{key: "items", schema: ref("schema")},
		{key: "default", schema: object{{"description", "Without meaning"}}},
		{key: "examples", schema: listSchema("Without meaning", object{})},
	}
	for _, key := range []string{"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"} {
		props = append(props, prop{key: key, schema: object{{"type", "integer"}, {"minimum", 0}, {"maximum", int64(1) << 53}}})
	}
	for _, key := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"} {
		props = append(props, prop{key: key, schema: object{{"type", "number"}}})
	}
	for _, key := range []string{"title", "description", "$schema", "format"} {
		props = append(props, prop{key: key, schema: textSchema("Without meaning")})
	}
	return tableSchema("A schema in the subset of JSON Schema that Ambit takes", props...)
}
