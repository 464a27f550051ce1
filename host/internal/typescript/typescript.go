// Package typescript writes typed wrappers of commands for web pages, from what modules
// say of their arguments. Manifests do not describe results: whoever calls says of what
// type they are.
package typescript

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/host/internal/reference"
)

// Wrappers returns a TypeScript module with an object for each module of the app, whose
// functions call its commands through the client that is imported from a path.
func Wrappers(modules []reference.Module, client string) string {
	var b strings.Builder
	b.WriteString("// Written by \"ambit types\" from the manifests of the app's modules.\n\n")
	fmt.Fprintf(&b, "import { invoke, type InvokeOptions } from %s\n", quote(client))
	for _, m := range modules {
		fmt.Fprintf(&b, "\n%sexport const %s = {\n", doc("", m.Description), name(m.Name))
		for _, c := range m.Commands {
			_, short, _ := strings.Cut(c.Name, ".")
			of, optional := arguments(c.Args)
			parameter, value := "args: "+of, "args"
			switch {
			case of == "":
				parameter, value = "", "{}"
			case optional:
				parameter = "args: " + of + " = {}"
			}
			if parameter != "" {
				parameter += ", "
			}
			fmt.Fprintf(&b, "%s  %s: <T = unknown>(%soptions?: InvokeOptions) => invoke<T>(%s, %s, options),\n", doc("  ", c.Description), property(camel(short)), parameter, quote(c.Name), value)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// arguments is the type of the arguments of a command: "" if it takes none, and whether
// all may be left out.
func arguments(args json.RawMessage) (of string, optional bool) {
	var s shape
	if len(args) == 0 || json.Unmarshal(args, &s) != nil {
		return "Record<string, unknown>", true
	}
	if len(s.Properties) == 0 && string(s.Additional) == "false" {
		return "", true
	}
	return s.text("  "), len(s.Required) == 0
}

// shape is what of a schema says something about types.
type shape struct {
	Type        json.RawMessage            `json:"type"`
	Enum        []json.RawMessage          `json:"enum"`
	Const       json.RawMessage            `json:"const"`
	Properties  map[string]json.RawMessage `json:"properties"`
	Required    []string                   `json:"required"`
	Additional  json.RawMessage            `json:"additionalProperties"`
	Items       json.RawMessage            `json:"items"`
	Description string                     `json:"description"`
}

// plain are the types that need no more. A string may be bytes, which schemas have no
// word for.
var plain = map[string]string{"null": "null", "boolean": "boolean", "integer": "number", "number": "number", "string": "string"}

func typeOf(schema json.RawMessage, indent string) string {
	var s shape
	if json.Unmarshal(schema, &s) != nil {
		return "unknown"
	}
	return s.text(indent)
}

func (s *shape) text(indent string) string {
	if len(s.Const) > 0 {
		s.Enum = append(s.Enum, s.Const)
	}
	if len(s.Enum) > 0 {
		var all []string
		for _, v := range s.Enum {
			all = append(all, literal(v))
		}
		return strings.Join(all, " | ")
	}
	var one string
	types := []string{}
	if json.Unmarshal(s.Type, &one) == nil {
		types = []string{one}
	} else if json.Unmarshal(s.Type, &types) != nil && len(s.Properties) > 0 {
		types = []string{"object"}
	}
	if len(types) == 0 {
		return "unknown"
	}
	var all []string
	for _, t := range types {
		switch t {
		case "array":
			item := "unknown"
			if len(s.Items) > 0 {
				item = typeOf(s.Items, indent)
			}
			all = append(all, "Array<"+item+">")
		case "object":
			all = append(all, s.object(indent))
		default:
			all = append(all, plain[t])
		}
	}
	return strings.Join(all, " | ")
}

func (s *shape) object(indent string) string {
	rest := ""
	if len(s.Additional) > 0 && string(s.Additional) != "false" && string(s.Additional) != "true" {
		rest = typeOf(s.Additional, indent)
	}
	if len(s.Properties) == 0 {
		if rest == "" {
			rest = "unknown"
		}
		return "Record<string, " + rest + ">"
	}
	var b strings.Builder
	b.WriteString("{\n")
	var names []string
	for n := range s.Properties {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		var p shape
		_ = json.Unmarshal(s.Properties[n], &p)
		mark := "?"
		if slices.Contains(s.Required, n) {
			mark = ""
		}
		fmt.Fprintf(&b, "%s%s  %s%s: %s\n", doc(indent+"  ", p.Description), indent, property(n), mark, p.text(indent+"  "))
	}
	return b.String() + indent + "}"
}

// literal is a value of JSON as a type; what is neither of one of the simple kinds is
// anything.
func literal(v json.RawMessage) string {
	var x any
	if json.Unmarshal(v, &x) != nil {
		return "unknown"
	}
	switch x := x.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(x)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case string:
		return quote(x)
	}
	return "unknown"
}

// doc is a comment. What it says is the module's: it must not end the comment.
func doc(indent, text string) string {
	if text = strings.TrimSpace(printable.Line(text)); text == "" {
		return ""
	}
	return indent + "/** " + strings.ReplaceAll(text, "*/", "* /") + " */\n"
}

// quote is a string of JavaScript.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string encodes
	return string(b)
}

// property is a name as the key of an object.
func property(s string) string {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '$'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return quote(s)
		}
	}
	if s == "" {
		return quote(s)
	}
	return s
}

// camel is read_text_file as readTextFile.
func camel(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' })
	for i, p := range parts[min(1, len(parts)):] {
		parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
	}
	return strings.Join(parts, "")
}

// reserved are words that no variable has.
var reserved = strings.Fields("break case catch class const continue debugger default delete do else enum export extends false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static await invoke")

// name is that of a module as a variable.
func name(module string) string {
	n := camel(module)
	if n == "" || n[0] >= '0' && n[0] <= '9' || slices.Contains(reserved, n) {
		n = "_" + n
	}
	return n
}
