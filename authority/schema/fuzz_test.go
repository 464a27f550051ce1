package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/authority/schema"
)

// FuzzValidate compares with a reference that follows the text of JSON Schema
// word by word, and checks that the canonical form means the same.
func FuzzValidate(f *testing.F) {
	for _, c := range [][2]string{
		{`{"type":"object","properties":{"a":{"type":"integer","minimum":0}},"required":["a"],"additionalProperties":false}`, `{"a":1.5}`},
		{`{"items":{"enum":[1,"1",[1],{"a":1}]},"minItems":1}`, `[1.0,{"a":1}]`},
		{`{"type":["string","null"],"minLength":1,"maxLength":2}`, `"é"`},
		{`{"additionalProperties":{"const":18446744073709551615},"maxProperties":1}`, `{"x":1.8446744073709552e19}`},
		{`{"exclusiveMinimum":-0.5,"exclusiveMaximum":9007199254740993}`, `9007199254740992`},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, schemaText, valueText string) {
		sv, ok := parse(schemaText)
		if !ok {
			return
		}
		s, err := schema.Compile(sv)
		if err != nil {
			if e := (*schema.Error)(nil); !errors.As(err, &e) {
				t.Fatalf("error of type %T", err)
			}
			return
		}
		if !json.Valid(s.JSON()) {
			t.Fatalf("not JSON: %s", s.JSON())
		}
		cv, ok := parse(string(s.JSON()))
		if !ok {
			t.Fatalf("unreadable: %s", s.JSON())
		}
		again, err := schema.Compile(cv)
		if err != nil || !bytes.Equal(again.JSON(), s.JSON()) {
			t.Fatalf("canonical form is not stable: %s: %v", s.JSON(), err)
		}
		v, ok := parse(valueText)
		if !ok {
			return
		}
		want := accepts(sv.(map[string]any), v)
		if got := s.Validate(v); (got == nil) != want {
			t.Fatalf("Validate(%s, %s) = %v, want accepted %t", schemaText, valueText, got, want)
		}
		if got := again.Validate(v); (got == nil) != want {
			t.Fatalf("canonical %s on %s = %v, want accepted %t", s.JSON(), valueText, got, want)
		}
	})
}

func parse(text string) (v any, ok bool) {
	if len(text) > 1<<12 || !utf8.ValidString(text) {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	return numbers(v), true
}

func ratOf(v any) (*big.Rat, bool) {
	switch v.(type) {
	case int64, uint64, float64:
		return exact(v), true
	}
	return nil, false
}

func equal(a, b any) bool {
	x, okx := ratOf(a)
	y, oky := ratOf(b)
	if okx || oky {
		return okx && oky && x.Cmp(y) == 0
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if e, ok := b[k]; !ok || !equal(a[k], e) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}

func isType(name string, v any) bool {
	n, num := ratOf(v)
	switch name {
	case "null":
		return v == nil
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "string":
		_, ok := v.(string)
		return ok
	case "array":
		_, ok := v.([]any)
		return ok
	case "object":
		_, ok := v.(map[string]any)
		return ok
	case "integer":
		return num && n.IsInt()
	default:
		return num
	}
}

func accepts(s map[string]any, v any) bool {
	for k, arg := range s {
		if !acceptsKeyword(s, k, arg, v) {
			return false
		}
	}
	return true
}

func acceptsKeyword(s map[string]any, k string, arg, v any) bool {
	num, isNum := ratOf(v)
	list, isList := v.([]any)
	object, isObject := v.(map[string]any)
	text, isText := v.(string)
	above := func(n int) bool { r, _ := ratOf(arg); return big.NewRat(int64(n), 1).Cmp(r) > 0 }
	below := func(n int) bool { r, _ := ratOf(arg); return big.NewRat(int64(n), 1).Cmp(r) < 0 }
	cmp := func() int { r, _ := ratOf(arg); return num.Cmp(r) }
	switch k {
	case "type":
		names, ok := arg.([]any)
		if !ok {
			names = []any{arg}
		}
		for _, n := range names {
			if isType(n.(string), v) {
				return true
			}
		}
		return false
	case "enum":
		for _, e := range arg.([]any) {
			if equal(e, v) {
				return true
			}
		}
		return false
	case "const":
		return equal(arg, v)
	case "minimum":
		return !isNum || cmp() >= 0
	case "maximum":
		return !isNum || cmp() <= 0
	case "exclusiveMinimum":
		return !isNum || cmp() > 0
	case "exclusiveMaximum":
		return !isNum || cmp() < 0
	case "minLength":
		return !isText || !below(len([]rune(text)))
	case "maxLength":
		return !isText || !above(len([]rune(text)))
	case "minItems":
		return !isList || !below(len(list))
	case "maxItems":
		return !isList || !above(len(list))
	case "minProperties":
		return !isObject || !below(len(object))
	case "maxProperties":
		return !isObject || !above(len(object))
	case "items":
		for _, e := range list {
			if !accepts(arg.(map[string]any), e) {
				return false
			}
		}
	case "required":
		for _, name := range arg.([]any) {
			if _, ok := object[name.(string)]; isObject && !ok {
				return false
			}
		}
	case "properties":
		for name, sub := range arg.(map[string]any) {
			if e, ok := object[name]; ok && !accepts(sub.(map[string]any), e) {
				return false
			}
		}
	case "additionalProperties":
		known, _ := s["properties"].(map[string]any)
		for name, e := range object {
			if _, ok := known[name]; ok {
				continue
			}
			if arg == false {
				return false
			}
			if sub, ok := arg.(map[string]any); ok && !accepts(sub, e) {
				return false
			}
		}
	}
	return true
}
