package schema_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/schema"
)

func TestCompileAccepts(t *testing.T) {
	for _, text := range []string{
		`{}`,
		`{"type":"object"}`,
		`{"type":["string","null"]}`,
		`{"title":"t","description":"d","$schema":"https://json-schema.org/draft/2020-12/schema","format":"uri"}`,
		`{"default":{"a":[1,2,{"b":null}]},"examples":[1,"x",[]]}`,
		`{"properties":{"a":{"items":{"enum":[1,"x",null,[1],{"k":true}]}}},"required":["a"],"additionalProperties":false}`,
		`{"additionalProperties":true}`,
		`{"additionalProperties":{"type":"integer"}}`,
		`{"minLength":0,"maxLength":9007199254740992,"minItems":1,"maxItems":1,"minProperties":1.0,"maxProperties":2}`,
		`{"minimum":-1,"maximum":1e300,"exclusiveMinimum":-1.5,"exclusiveMaximum":18446744073709551615}`,
		`{"const":null}`,
		`{"required":[]}`,
		`{"properties":{}}`,
	} {
		s, err := schema.Compile(decode(t, text))
		if err != nil {
			t.Errorf("Compile(%s): %v", text, err)
			continue
		}
		again, err := schema.Compile(decode(t, string(s.JSON())))
		if err != nil || !bytes.Equal(again.JSON(), s.JSON()) {
			t.Errorf("%s is not stable: %s, then %v", text, s.JSON(), err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct{ text, pointer, part string }{
		{`true`, "", "must be an object, not boolean (for anything write {})"},
		{`null`, "", "not null"},
		{`[]`, "", "not array"},
		{`{"tpye":"object"}`, "/tpye", "unknown keyword"},
		{`{"$ref":"#"}`, "/$ref", "references"},
		{`{"$defs":{}}`, "/$defs", "references"},
		{`{"anyOf":[]}`, "/anyOf", "combinators"},
		{`{"pattern":"(a+)+$"}`, "/pattern", "patterns"},
		{`{"title":1}`, "/title", "must be a string, is integer"},
		{`{"examples":{}}`, "/examples", "must be an array"},
		{`{"type":"int"}`, "/type", `unknown type "int"`},
		{`{"type":[]}`, "/type", "at least one"},
		{`{"type":7}`, "/type", "the name of a type"},
		{`{"type":["string",1]}`, "/type/1", "is integer"},
		{`{"type":["string","strign"]}`, "/type/1", `unknown type "strign"`},
		{`{"properties":[]}`, "/properties", "is array"},
		{`{"properties":{"a":true}}`, "/properties/a", "not boolean"},
		{`{"properties":{"a/b~c":{"x":1}}}`, "/properties/a~1b~0c/x", "unknown keyword"},
		{`{"required":"a"}`, "/required", "list of property names"},
		{`{"required":["a",1]}`, "/required/1", "is integer"},
		{`{"required":["a","a"]}`, "/required/1", "named twice"},
		{`{"additionalProperties":"no"}`, "/additionalProperties", "must be an object, not string"},
		{`{"required":["b"],"properties":{"a":{}},"additionalProperties":false}`, "", `required names "b"`},
		{`{"items":[{}]}`, "/items", "not array"},
		{`{"items":{"items":{"enum":[]}}}`, "/items/items/enum", "at least one"},
		{`{"enum":{}}`, "/enum", "list"},
		{`{"minLength":-1}`, "/minLength", "whole number"},
		{`{"maxLength":1.5}`, "/maxLength", "whole number"},
		{`{"maxLength":9007199254740993}`, "/maxLength", "whole number"},
		{`{"minItems":"1"}`, "/minItems", "whole number"},
		{`{"maxItems":null}`, "/maxItems", "whole number"},
		{`{"minProperties":[]}`, "/minProperties", "whole number"},
		{`{"maxProperties":true}`, "/maxProperties", "whole number"},
		{`{"minimum":"1"}`, "/minimum", "must be a number, is string"},
		{`{"exclusiveMinimum":true}`, "/exclusiveMinimum", "is boolean"},
		{`{"exclusiveMaximum":true}`, "/exclusiveMaximum", "is boolean"},
		{`{"maximum":null}`, "/maximum", "is null"},
		{`{"minLength":2,"maxLength":1}`, "", "minLength is above maxLength"},
		{`{"items":{"minItems":2,"maxItems":1}}`, "/items", "minItems is above maxItems"},
		{`{"minProperties":2,"maxProperties":1}`, "", "minProperties is above maxProperties"},
		{`{"minimum":2,"maximum":1}`, "", "minimum is above maximum"},
		{`{"b":1,"a":1}`, "/a", "unknown keyword"}, // the first in order, always
		{`{"const":` + nested(17) + `}`, "/const" + strings.Repeat("/0", 16), "more than 16 deep"},
		{`{"enum":[1,` + nested(17) + `]}`, "/enum/1" + strings.Repeat("/0", 16), "more than 16 deep"},
		{`{"default":` + nested(17) + `}`, "/default" + strings.Repeat("/0", 16), "more than 16 deep"},
	} {
		_, err := schema.Compile(decode(t, c.text))
		t.Run(c.text, func(t *testing.T) { wantError(t, err, c.pointer, c.part) })
	}
}

// nested returns n lists in each other.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func TestCompileDepth(t *testing.T) {
	deep := func(n int, inner string) string {
		return strings.Repeat(`{"properties":{"a":`, n-1) + inner + strings.Repeat(`}}`, n-1)
	}
	compile(t, deep(16, `{"enum":[`+nested(16)+`]}`))
	_, err := schema.Compile(decode(t, deep(17, `{}`)))
	wantError(t, err, strings.Repeat("/properties/a", 16), "more than 16 deep")
	_, err = schema.Compile(decode(t, deep(30, `{}`)))
	wantError(t, err, strings.Repeat("/properties/a", 24), "nested too deeply")
}

func TestCompileForeignValues(t *testing.T) {
	loop := map[string]any{}
	loop["items"] = loop
	list := []any{nil}
	list[0] = list
	bomb := any("0123456789")
	for range 15 {
		bomb = []any{bomb, bomb, bomb, bomb, bomb, bomb, bomb, bomb}
	}
	many := map[string]any{}
	for i := range schema.MaxSize + 1 {
		many[fmt.Sprint(i)] = nil
	}
	for _, c := range []struct {
		name    string
		v       any
		pointer string
		part    string
	}{
		{"map in itself", loop, strings.Repeat("/items", 48), "nested too deeply"},
		{"list in itself", map[string]any{"const": list}, "/const" + strings.Repeat("/0", 47), "nested too deeply"},
		{"shared lists", map[string]any{"const": bomb}, "*", "larger than 64 KiB"},
		{"long string", map[string]any{"title": strings.Repeat("x", schema.MaxSize)}, "/title", "larger than 64 KiB"},
		{"many keys", map[string]any{"properties": many}, "/properties", "larger than 64 KiB"},
		{"long key", map[string]any{strings.Repeat("x", schema.MaxSize): 1}, "", "larger than 64 KiB"},
		{"struct", map[string]any{"const": struct{}{}}, "/const", "foreign type is not a JSON value"},
		{"NaN", map[string]any{"minimum": math.NaN()}, "/minimum", "a number that is not finite"},
		{"bytes", map[string]any{"const": []byte("x")}, "/const", "bytes is not a JSON value"},
		{"bad UTF-8", map[string]any{"title": "a\xff"}, "/title", `"a\xff" is not valid UTF-8`},
		{"bad UTF-8 key", map[string]any{"a\xff": 1}, "", "not valid UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := schema.Compile(c.v)
			var e *schema.Error
			if c.pointer == "*" && errors.As(err, &e) {
				c.pointer = e.Pointer
			}
			wantError(t, err, c.pointer, c.part)
			if len(err.Error()) > 600 {
				t.Errorf("the message has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestCompileKeepsNothing(t *testing.T) {
	list := []any{"a"}
	required := []any{"k"}
	s, err := schema.Compile(map[string]any{"properties": map[string]any{"k": map[string]any{"enum": list}}, "required": required})
	if err != nil {
		t.Fatal(err)
	}
	list[0], required[0] = "b", "x"
	s.JSON()[0] = 'X'
	if err := s.Validate(map[string]any{"k": "a"}); err != nil {
		t.Errorf("the schema changed with its source: %v", err)
	}
	if s.JSON()[0] != '{' {
		t.Error("JSON returned the schema's own bytes")
	}
}

func TestJSON(t *testing.T) {
	s := compile(t, `{"title":"a\"\\\b\f\n\r\t\u0001é/<>","minimum":1.0,"maximum":1e2,"const":[1e30,-0.0,-5,0.5,true,false,null,{"b":1,"a":2}]}`)
	want := `{"const":[1e+30,0,-5,0.5,true,false,null,{"a":2,"b":1}],"maximum":100,"minimum":1,` +
		`"title":"a\"\\\b\f\n\r\t\u0001é/<>"}`
	if got := string(s.JSON()); got != want {
		t.Errorf("JSON\n got %s\nwant %s", got, want)
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		text    string
		keys    []string
		primary string
	}{
		{`{}`, nil, ""},
		{`{"properties":{"url":{"type":"string"}}}`, []string{"url"}, "url"},
		{`{"properties":{"url":{"type":"string"},"n":{"type":"integer"},"any":{}}}`, []string{"any", "n", "url"}, "url"},
		{`{"properties":{"url":{"type":"string"},"b":{"type":"string"}}}`, []string{"b", "url"}, ""},
		{`{"properties":{"url":{"type":"string"},"b":{"type":"string"}},"required":["b"]}`, []string{"b", "url"}, "b"},
		{`{"properties":{"url":{"type":"string"},"b":{}},"required":["b"]}`, []string{"b", "url"}, "b"},
		{`{"properties":{"url":{"type":"string"},"b":{"type":["null","string"]}},"required":["b"]}`, []string{"b", "url"}, "b"},
		{`{"properties":{"url":{"type":"string"},"n":{"type":"integer"}},"required":["n"]}`, []string{"n", "url"}, ""},
		{`{"properties":{"a":{"type":"string"}},"required":["b"]}`, []string{"a"}, ""},
		{`{"properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a","b"]}`, []string{"a", "b"}, ""},
	} {
		s := compile(t, c.text)
		if got := s.Keys(); !slices.Equal(got, c.keys) {
			t.Errorf("Keys(%s) = %q, want %q", c.text, got, c.keys)
		}
		if got := s.PrimaryKey(); got != c.primary {
			t.Errorf("PrimaryKey(%s) = %q, want %q", c.text, got, c.primary)
		}
	}
}

func TestNil(t *testing.T) {
	var s *schema.Schema
	if s.Validate(map[string]any{"a": 1}) != nil || s.Keys() != nil || s.JSON() != nil || s.PrimaryKey() != "" {
		t.Error("a nil Schema restricts something")
	}
}
