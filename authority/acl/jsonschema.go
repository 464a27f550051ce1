package acl

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/authority"
)

// The names of the schemas of an app's files, and of a module's manifest.
const (
	CapabilitySchema = "capability.schema.json"
	PermissionSchema = "permission.schema.json"
	AmbitSchema      = "ambit.schema.json"
	ManifestSchema   = "manifest.schema.json"
)

// Schemas returns JSON Schemas for editors, by file name: of the files in
// capabilities/ ([CapabilitySchema]), with every identifier that a capability
// can name and the scope of the module it belongs to; of those in permissions/
// ([PermissionSchema]); of ambit.toml ([AmbitSchema]); and of a module's
// manifest.toml ([ManifestSchema]). The modules are those of [App.Policy].
// Equal apps give equal bytes.
//
// The schemas refuse what [Load] and the authority refuse, as far as a schema
// can say it. It cannot say what two places have to do with each other
// (duplicates, cycles, variables that are not declared), nor the grammar of
// patterns, and 1.0 is an integer to it.
//
// They are written in draft-07, since that is the draft which all editors know:
// the language servers for TOML (taplo) and JSON (VS Code) and JetBrains' take
// it in full, and 2020-12 in parts or not at all.
//
// Text of manifests, which strangers wrote, stands in them as descriptions, cut
// to a length that an editor can show, and in the parts of a module's scope
// schema. What would make an editor fetch anything ("$schema", "$ref") is not
// taken over.
func (a *App) Schemas(modules map[string]Module) map[string][]byte {
	p, _ := a.Policy(modules)
	return map[string][]byte{
		CapabilitySchema: capabilitySchema(&p),
		PermissionSchema: permissionSchema(&p),
		AmbitSchema:      ambitSchema(a, &p),
		ManifestSchema:   manifestSchema(),
	}
}

// document prints a schema with its definitions, in order.
func document(title string, root, definitions object) []byte {
	doc := object{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}}
	doc = append(doc, root...)
	doc.set("definitions", definitions)
	var b bytes.Buffer
	_ = json.Indent(&b, appendJSON(nil, doc), "", "  ") // into memory, and what appendJSON wrote
	b.WriteByte('\n')
	return b.Bytes()
}

// prop is a key of a table.
type prop struct {
	key    string
	schema object
	needed bool
}

// skipped are the keys that [table.skip] accepts.
var skipped = []prop{
	{key: "$schema", schema: textSchema("The JSON Schema of this file, for editors")},
	{key: "version", schema: object{{"description", "Without meaning to Ambit"}, {"type", []any{"integer", "string"}}}},
}

// tableSchema is the schema of a table that has no other keys.
func tableSchema(description string, props ...prop) object {
	var properties object
	var needed []any
	for _, p := range props {
		properties.set(p.key, p.schema)
		if p.needed {
			needed = append(needed, p.key)
		}
	}
	o := object{{"description", description}, {"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if needed != nil {
		o.set("required", needed)
	}
	return o
}

func textSchema(description string) object {
	return object{{"description", description}, {"type", "string"}}
}

// nameSchema is a string that is not empty.
func nameSchema(description string) object {
	return append(textSchema(description), object{{"minLength", 1}}...)
}

func patternSchema(description, pattern string) object {
	return append(textSchema(description), object{{"pattern", pattern}}...)
}

func flagSchema(description string, absent bool) object {
	return object{{"description", description}, {"type", "boolean"}, {"default", absent}}
}

func choiceSchema(description string, words ...string) object {
	return object{{"description", description}, {"enum", anyOf(words)}}
}

func countSchema(description string, most int64) object {
	return object{{"description", description}, {"type", "integer"}, {"minimum", 1}, {"maximum", most}}
}

func listSchema(description string, items object) object {
	return object{{"description", description}, {"type", "array"}, {"items", items}}
}

// suggestSchema is a string for which an editor offers words.
func suggestSchema(words []string, otherwise object) object {
	if len(words) == 0 {
		return otherwise
	}
	return object{{"anyOf", []any{object{{"enum", anyOf(words)}}, otherwise}}}
}

// platformsSchema is what [table.platforms] reads.
func platformsSchema(thing string) object {
	o := listSchema("The platforms that "+thing+" is for; leave it out to mean all", object{{"enum", anyOf(platformNames)}})
	o.set("minItems", 1)
	return o
}

func ref(definition string) object { return object{{"$ref", "#/definitions/" + definition}} }

// anyOf makes a list of strings one of values.
func anyOf[S ~string](words []S) []any {
	out := make([]any, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return out
}

// maxHover bounds a description that a manifest brings, in bytes.
const maxHover = 500

// hover is foreign text as a description.
func hover(text string) string {
	text = strings.TrimSpace(text)
	if len(text) <= maxHover {
		return text
	}
	cut := maxHover
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// powersSchema is what a command's "powers" holds.
func powersSchema(description string) object {
	o := listSchema(description, object{{"enum", anyOf(authority.Powers())}})
	o.set("uniqueItems", true)
	return o
}
