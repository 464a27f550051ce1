package acl

// keyWord is a scope key that a power gives a meaning: what it is for, and what
// its value may be.
type keyWord struct {
	text  string
	shape func() object
}

func (w keyWord) schema() object {
	return append(object{{"description", w.text}}, w.shape()...)
}

// keyWords are the keys of all powers ([authority.Power.Keys]), with what the
// authority asks of each.
var keyWords = map[string]keyWord{
	"path":     {"Files and folders: a base dir and a glob below it, like \"$APPDATA/notes/**\"; * stays in one component, ** is any depth", someText},
	"dotfiles": {"Whether wildcards match names that begin with a dot; in deny they always do", isFlag},
	"url":      {"Where requests may go: a URL pattern, like \"https://*.example.org/api/*\"", someText},
	"methods":  {"The methods of requests, like [\"GET\"]; leave it out to mean all", methodList},
	"private":  {"Whether the addresses of the own machine and network are meant, too", isFlag},
	"headers":  {"Headers that the host adds and the module cannot set, like { Authorization = \"secret:weather-api\" } for a secret of the host's", headerTable},
	"key":      {"Stored keys, as a glob, like \"notes/*\"", someText},
	"var":      {"Environment variables, as a glob, like \"LC_*\"", someText},
	"program":  {"The name under which a program is run", someText},
	"name":     {"Tauri's word for program", someText},
	"cmd":      {"The program's file", someText},
	"args":     {"The program's arguments: true for any, false for none, or one item for each: a text, or { validator = \"regexp\" }", argList},
	"invoke":   {"Commands of other modules, as a glob, like \"notes.*\"", someText},
	"topic":    {"Events, as a glob", someText},
}

func someText() object { return object{{"type", "string"}, {"minLength", 1}} }

func isFlag() object { return object{{"type", "boolean"}} }

func methodList() object {
	return object{{"type", "array"}, {"minItems", 1}, {"items", object{{"type", "string"}, {"pattern", "^[A-Z-]+$"}}}}
}

func headerTable() object {
	return object{{"type", "object"}, {"minProperties", 1}, {"additionalProperties", object{{"type", "string"}}}}
}

func argList() object {
	validated := tableSchema("An argument that has to match",
		prop{key: "validator", schema: textSchema("A regular expression"), needed: true},
		prop{key: "raw", schema: object{{"description", "Whether the expression is not anchored"}, {"type", "boolean"}}},
	)
	item := object{{"anyOf", []any{textSchema("The argument itself"), validated}}}
	return object{{"anyOf", []any{isFlag(), object{{"type", "array"}, {"items", item}}}}}
}

// ScopeKeyText says what a scope key is for that a power gives a meaning
// ([authority.Power.Keys]); "" for any other.
func ScopeKeyText(key string) string { return keyWords[key].text }
