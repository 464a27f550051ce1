package acl_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// TestSchemaKeys holds each table of the schemas to the keys that the loader
// names when it meets one that it does not know.
func TestSchemaKeys(t *testing.T) {
	modules := schemaModules(t)
	app, _ := schemaApp(nil)
	schemas := app.Schemas(modules)
	for _, tt := range []struct{ schema, table, doc string }{
		{acl.CapabilitySchema, "anyOf/2", `{"capabilities": [], ?}`},
		{acl.CapabilitySchema, "definitions/capability", `{"identifier": "a", "permissions": [], ?}`},
		{acl.CapabilitySchema, "definitions/capability/properties/remote", `{"identifier": "a", "permissions": [], "remote": {?}}`},
		{acl.CapabilitySchema, "definitions/capability/properties/limits", `{"identifier": "a", "permissions": [], "limits": {?}}`},
		{acl.CapabilitySchema, "definitions/entry/anyOf/1", `{"identifier": "a", "permissions": [{"identifier": "mine", ?}]}`},
		{acl.PermissionSchema, "", `{?}`},
		{acl.PermissionSchema, "definitions/default", `{"default": {"permissions": [], ?}}`},
		{acl.PermissionSchema, "definitions/set", `{"set": [{"identifier": "a", "permissions": [], ?}]}`},
		{acl.PermissionSchema, "definitions/permission", `{"permission": [{"identifier": "a", ?}]}`},
		{acl.PermissionSchema, "definitions/permission/properties/commands", `{"permission": [{"identifier": "a", "commands": {?}}]}`},
		{acl.PermissionSchema, "definitions/permission/properties/scope", `{"permission": [{"identifier": "a", "scope": {?}}]}`},
		{acl.AmbitSchema, "", `{?}`},
		{acl.AmbitSchema, "properties/app", `{"app": {?}}`},
		{acl.AmbitSchema, "properties/window/items", `{"window": [{"label": "a", ?}]}`},
		{acl.AmbitSchema, "properties/module/items", `{"module": [{"name": "a", ?}]}`},
		{acl.AmbitSchema, "properties/limits", `{"limits": {?}}`},
		{acl.AmbitSchema, "properties/profile/additionalProperties", `{"profile": {"a": {?}}}`},
		{acl.AmbitSchema, "properties/lint", `{"lint": {?}}`},
		{acl.AmbitSchema, "properties/lint/properties/silence/items", `{"lint": {"silence": [{"code": "dotfiles", "capability": "a", "reason": "b", ?}]}}`},
		{acl.ManifestSchema, "", `{"module": {"name": "a", "abi": 1}, ?}`},
		{acl.ManifestSchema, "properties/module", `{"module": {"name": "a", "abi": 1, ?}}`},
		{acl.ManifestSchema, "properties/command/items", `{"module": {"name": "a", "abi": 1}, "command": [{"name": "a", ?}]}`},
		{acl.ManifestSchema, "definitions/permission", `{"module": {"name": "a", "abi": 1}, "permission": [{"identifier": "a", ?}]}`},
		{acl.ManifestSchema, "definitions/set", `{"module": {"name": "a", "abi": 1}, "set": [{"identifier": "a", "permissions": [], ?}]}`},
		{acl.ManifestSchema, "definitions/default", `{"module": {"name": "a", "abi": 1}, "default": {"permissions": [], ?}}`},
	} {
		want := loaderKeys(t, modules, tt.schema, tt.doc)
		if got := schemaKeys(t, schemas[tt.schema], tt.table); !slices.Equal(got, want) {
			t.Errorf("%s %s:\nthe schema has %q\nthe loader has %q", tt.schema, tt.table, got, want)
		}
	}
}

var quoted = regexp.MustCompile(`"([^"]*)"`)

// loaderKeys returns the keys that the loader knows at a place.
func loaderKeys(t *testing.T, modules map[string]acl.Module, schema, doc string) []string {
	t.Helper()
	var keys []string
	for _, p := range verdict(modules, schema, []byte(strings.ReplaceAll(doc, "?", `"no such key at all": 1`))) {
		if p.Code != "unknown-key" {
			continue
		}
		known, ok := strings.CutPrefix(p.Hint, "known keys: ")
		if !ok {
			t.Fatalf("%s: the hint lists no keys: %q", doc, p.Hint)
		}
		for _, m := range quoted.FindAllStringSubmatch(known, -1) {
			keys = append(keys, m[1])
		}
	}
	if keys == nil {
		t.Fatalf("%s: no key is unknown", doc)
	}
	for key, value := range map[string]string{"$schema": `"s"`, "version": `1`} {
		problems := verdict(modules, schema, []byte(strings.ReplaceAll(doc, "?", `"`+key+`": `+value)))
		if !slices.ContainsFunc(problems, func(p authority.Problem) bool { return p.Code == "unknown-key" }) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// schemaKeys returns the keys that a schema has at a path below its root.
func schemaKeys(t *testing.T, data []byte, path string) []string {
	t.Helper()
	var at any
	if err := json.Unmarshal(data, &at); err != nil {
		t.Fatal(err)
	}
	for part := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' }) {
		switch v := at.(type) {
		case map[string]any:
			at = v[part]
		case []any:
			at = v[part[0]-'0']
		}
	}
	table, _ := at.(map[string]any)
	if table["additionalProperties"] != false {
		t.Errorf("%s takes other keys", path)
	}
	properties, _ := table["properties"].(map[string]any)
	return slices.Sorted(maps.Keys(properties))
}

// TestSchemaOfModuleLimits: what bounds the whole host is no limit of a module.
func TestSchemaOfModuleLimits(t *testing.T) {
	app, _ := schemaApp(nil)
	data := app.Schemas(nil)[acl.AmbitSchema]
	all, own := schemaKeys(t, data, "properties/limits"), schemaKeys(t, data, "properties/module/items/properties/limits")
	host := slices.DeleteFunc(all, func(key string) bool { return slices.Contains(own, key) })
	if want := []string{"concurrent_total", "fetches_total", "memory_total"}; !slices.Equal(host, want) {
		t.Errorf("of the host only: %q, want %q", host, want)
	}
}

// TestSchemaKeywords: the schema of schemas has the keywords that package
// schema takes, and no others.
func TestSchemaKeywords(t *testing.T) {
	app, _ := schemaApp(nil)
	ours := schemaKeys(t, app.Schemas(nil)[acl.ManifestSchema], "definitions/schema")
	for _, key := range append([]string{
		"$id", "$ref", "$defs", "$comment", "$anchor", "definitions", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "pattern",
		"patternProperties", "propertyNames", "contains", "prefixItems", "additionalItems", "uniqueItems", "multipleOf", "dependencies",
		"contentEncoding", "readOnly", "deprecated", "unevaluatedProperties",
	}, ours...) {
		_, err := schema.Compile(map[string]any{key: nil})
		unknown := err != nil && (strings.Contains(err.Error(), "unknown keyword") || strings.Contains(err.Error(), "not supported"))
		if got := slices.Contains(ours, key); got == unknown {
			t.Errorf("%q: in the schema %v, but package schema says %v", key, got, err)
		}
	}
}

// TestSchemaFixtures: the schemas take the loader's good fixtures.
func TestSchemaFixtures(t *testing.T) {
	tried := 0
	scenarios(t, "good", func(t *testing.T, _ string, s scenario) {
		s.take("app")
		app, problems := acl.Load(s.fs(), s.options(t))
		_, problems = acl.Check(app, problems, nil)
		schemas := app.Schemas(nil)
		for _, sec := range s.sections {
			var name string
			switch {
			case sec.name == "ambit.toml":
				name = acl.AmbitSchema
			case strings.HasPrefix(sec.name, "capabilities/") && problems.Err() == nil: // else they name what is not there
				name = acl.CapabilitySchema
			case strings.HasPrefix(sec.name, "permissions/"):
				name = acl.PermissionSchema
			}
			if schemas[name] == nil {
				continue
			}
			data := acl.PlainJSON(sec.name, []byte(sec.text))
			if data == nil {
				continue
			}
			tried++
			if err := fits(t, compileSchema(t, schemas[name]), data); err != nil {
				t.Errorf("%s: %v", sec.name, err)
			}
		}
	})
	if tried < 15 {
		t.Errorf("only %d files were tried", tried)
	}
}

// TestScopeKeyText: every key of a power has a text, and a schema that is more
// than that (TestSchemasAgree tries them).
func TestScopeKeyText(t *testing.T) {
	for _, p := range authority.Powers() {
		for _, key := range p.Keys() {
			if acl.ScopeKeyText(key) == "" {
				t.Errorf("the key %q of power %q has no text", key, p)
			}
		}
	}
	if got := acl.ScopeKeyText("region"); got != "" {
		t.Errorf("a key of no power has the text %q", got)
	}
}
