package schema_test

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/schema"
)

func TestValidate(t *testing.T) {
	type m = map[string]any
	type l = []any
	ok := "" // in column part: the value is accepted
	for _, c := range []struct {
		schema        string
		value         any
		pointer, part string
	}{
		{`{}`, nil, "", ok},
		{`{}`, struct{}{}, "", ok},
		{`{}`, math.NaN(), "", ok},
		{`{"type":"null"}`, nil, "", ok},
		{`{"type":"null"}`, false, "", "must be null, is boolean"},
		{`{"type":"boolean"}`, true, "", ok},
		{`{"type":"boolean"}`, int64(1), "", "must be boolean, is integer"},
		{`{"type":"string"}`, "", "", ok},
		{`{"type":"string"}`, []byte{}, "", ok},
		{`{"type":"array"}`, l{}, "", ok},
		{`{"type":"array"}`, []byte{}, "", "must be array, is bytes"},
		{`{"type":"object"}`, m{}, "", ok},
		{`{"type":"object"}`, "x", "", "must be object, is string"},
		{`{"type":"number"}`, 1.5, "", ok},
		{`{"type":"number"}`, uint64(1), "", ok},
		{`{"type":"number"}`, int64(-1), "", ok},
		{`{"type":"number"}`, 1, "", ok},
		{`{"type":"number"}`, math.NaN(), "", "is a number that is not finite"},
		{`{"type":"number"}`, math.Inf(1), "", "not finite"},
		{`{"type":"integer"}`, int64(7), "", ok},
		{`{"type":"integer"}`, 7.0, "", ok},
		{`{"type":"integer"}`, 1e300, "", ok},
		{`{"type":"integer"}`, -1e300, "", ok},
		{`{"type":"integer"}`, 7.5, "", "must be integer, is number"},
		{`{"type":["string","null"]}`, int64(1), "", "must be null or string, is integer"},
		{`{"type":"string"}`, struct{}{}, "", "is a value of a foreign type"},

		{`{"const":"a"}`, "a", "", ok},
		{`{"const":"a"}`, "b", "", `must be "a"`},
		{`{"const":"a"}`, []byte("a"), "", `must be "a"`},
		{`{"const":1}`, 1.0, "", ok},
		{`{"const":1.0}`, uint64(1), "", ok},
		{`{"const":0}`, math.Copysign(0, -1), "", ok},
		{`{"const":9007199254740993}`, float64(1 << 53), "", "must be 9007199254740993"},
		{`{"const":1}`, true, "", "must be 1"},
		{`{"const":null}`, nil, "", ok},
		{`{"const":{"a":[1,2]}}`, m{"a": l{1.0, uint64(2)}}, "", ok},
		{`{"const":{"a":[1,2]}}`, m{"a": l{2.0, uint64(1)}}, "", "must be"},
		{`{"const":{"a":1}}`, m{"a": 1.0, "b": nil}, "", "must be"},
		{`{"enum":["a",1,null,[]]}`, l{}, "", ok},
		{`{"enum":["a",1,null,[]]}`, nil, "", ok},
		{`{"enum":["a",1,null,[]]}`, "1", "", `must be one of "a", 1, null, []`},
		{`{"enum":["a"]}`, math.NaN(), "", "must be one of"},
		{`{"enum":["a"]}`, "a\xff", "", "must be one of"},
		{`{"enum":["a"]}`, strings.Repeat("a", 1<<20), "", "must be one of"},

		{`{"minLength":2,"maxLength":3}`, "éé", "", ok},
		{`{"minLength":2,"maxLength":3}`, "éééé", "", "must have at most 3 characters, has 4"},
		{`{"minLength":2,"maxLength":3}`, "é", "", "must have at least 2 characters, has 1"},
		{`{"maxLength":1}`, "ab", "", "at most 1 character, has 2"},
		{`{"minLength":2,"maxLength":3}`, []byte("é"), "", ok},
		{`{"minLength":2,"maxLength":3}`, []byte("éé"), "", "must have at most 3 bytes, has 4"},
		{`{"minLength":2}`, int64(1), "", ok},
		{`{"minItems":1,"maxItems":2}`, l{}, "", "at least 1 element, has 0"},
		{`{"minItems":1,"maxItems":2}`, l{1, 2, 3}, "", "at most 2 elements, has 3"},
		{`{"minItems":1,"maxItems":2}`, l{1, 2}, "", ok},
		{`{"minProperties":1,"maxProperties":2}`, m{}, "", "at least 1 property, has 0"},
		{`{"minProperties":1,"maxProperties":2}`, m{"a": 1, "b": 1, "c": 1}, "", "at most 2 properties, has 3"},
		{`{"minProperties":1,"maxProperties":2}`, m{"a": 1}, "", ok},

		{`{"minimum":1}`, int64(0), "", "must be at least 1"},
		{`{"minimum":1}`, int64(1), "", ok},
		{`{"maximum":1.5}`, int64(2), "", "must be at most 1.5"},
		{`{"maximum":1.5}`, 1.5, "", ok},
		{`{"exclusiveMinimum":1}`, 1.0, "", "must be more than 1"},
		{`{"exclusiveMinimum":1}`, 1.1, "", ok},
		{`{"exclusiveMaximum":1}`, 1.0, "", "must be less than 1"},
		{`{"exclusiveMaximum":1}`, -5.0, "", ok},
		{`{"maximum":1}`, math.Inf(-1), "", "must be a finite number"},
		{`{"maximum":1}`, "x", "", ok},
		{`{"maximum":9007199254740992}`, int64(1<<53 + 1), "", "must be at most"},

		{`{"items":{"type":"integer"}}`, l{1, "x", "y"}, "/1", "must be integer, is string"},
		{`{"items":{"items":{"type":"null"}}}`, l{l{nil}, l{nil, 1}}, "/1/1", "must be null"},
		{`{"items":{"type":"integer"}}`, m{}, "", ok},
		{`{"properties":{"a":{"type":"null"}}}`, m{"b": 1}, "", ok},
		{`{"properties":{"a":{"type":"null"}}}`, m{"a": 1}, "/a", "must be null"},
		{`{"properties":{"a":{}},"additionalProperties":false}`, m{"a": 1, "c/~": 1, "d": 1}, "/c~1~0", `unknown property (known are "a")`},
		{`{"additionalProperties":false}`, m{"a": 1}, "/a", "unknown property (there are none)"},
		{`{"additionalProperties":false}`, m{}, "", ok},
		{`{"properties":{"a":{}},"additionalProperties":{"type":"string"}}`, m{"a": 1, "b": "x"}, "", ok},
		{`{"properties":{"a":{}},"additionalProperties":{"type":"string"}}`, m{"a": 1, "b": 1}, "/b", "must be string"},
		{`{"required":["a","b"]}`, m{"a": nil, "b": nil}, "", ok},
		{`{"required":["b","a"]}`, m{}, "", `property "a" is missing`},
		{`{"required":["a"]}`, l{}, "", ok},
	} {
		t.Run(fmt.Sprintf("%s/%v", c.schema, clip(c.value)), func(t *testing.T) {
			err := compile(t, c.schema).Validate(c.value)
			if c.part == ok {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			wantError(t, err, c.pointer, c.part)
		})
	}
}

func clip(v any) string {
	s := fmt.Sprint(v)
	return s[:min(len(s), 40)]
}

func TestValidateReportsTheSame(t *testing.T) {
	s := compile(t, `{"additionalProperties":{"items":{"type":"null"}}}`)
	v := map[string]any{}
	for i := range 100 {
		v[fmt.Sprintf("k%02d", i)] = []any{nil, i}
	}
	for range 50 {
		wantError(t, s.Validate(v), "/k00/1", "must be null, is integer")
	}
}

func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		e    schema.Error
		want string
	}{
		{schema.Error{Text: "must be null"}, "must be null"},
		{schema.Error{Pointer: "/a", Text: "must be null"}, `at "/a": must be null`},
		{schema.Error{Pointer: "/\x1b[31m", Text: "x"}, `at "/\x1b[31m": x`},
		{schema.Error{Pointer: strings.Repeat("é", 41), Text: "x"}, `at "` + strings.Repeat("é", 40) + `"…: x`},
		{schema.Error{Pointer: "/" + strings.Repeat("é", 41), Text: "x"}, `at "/` + strings.Repeat("é", 39) + `"…: x`},
		{schema.Error{Pointer: strings.Repeat("\x80", 100), Text: "x"}, `at "` + strings.Repeat(`\x80`, 76) + `"…: x`},
	} {
		if got := c.e.Error(); got != c.want {
			t.Errorf("Error() = %s, want %s", got, c.want)
		}
	}
	enum := `{"enum":["` + strings.Repeat("x", 100) + `","` + strings.Repeat("y", 100) + `",3]}`
	wantError(t, compile(t, enum).Validate(1), "", `must be one of "`+strings.Repeat("x", 100)+`", …`)
}

// What no schema looks at is not visited, and a value in itself ends.
func TestValidateOddValues(t *testing.T) {
	list := []any{nil}
	list[0] = list
	s := compile(t, `{"items":{"items":{"type":"array"}}}`)
	if err := s.Validate(list); err != nil {
		t.Errorf("a list in itself: %v", err)
	}
	wantError(t, compile(t, `{"const":[[1]]}`).Validate(list), "", "must be [[1]]")
	m := map[string]any{}
	m["m"] = m
	wantError(t, compile(t, `{"enum":[`+nested(16)+`]}`).Validate(m), "", "must be one of")
}

func TestValidateAllocations(t *testing.T) {
	s := compile(t, `{"type":"object","properties":{"path":{"type":"string","maxLength":100},"mode":{"enum":["r","w"]},"n":{"minimum":1}},"required":["path"],"additionalProperties":false}`)
	v := map[string]any{"path": "/APPDATA/x", "mode": "r", "n": int64(3)}
	if n := testing.AllocsPerRun(100, func() {
		if s.Validate(v) != nil {
			t.Fatal("refused")
		}
	}); n != 0 {
		t.Errorf("%v allocations for an accepted value", n)
	}
}

// edges are numbers where one Go type rounds and another does not.
func edges() []any {
	var out []any
	for _, f := range []float64{0, 0.5, 1, 1.5, 1 << 52, 1<<52 + 0.5, 1 << 53, 1 << 63, 1 << 64, 1e300, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		for _, g := range []float64{math.Nextafter(f, -math.MaxFloat64), f, math.Nextafter(f, math.MaxFloat64)} {
			out = append(out, g, -g)
		}
	}
	for _, i := range []int64{0, 1, 1<<53 - 1, 1 << 53, 1<<53 + 1, math.MaxInt64 - 1, math.MaxInt64, math.MinInt64, math.MinInt64 + 1} {
		out = append(out, i, -i, uint64(i))
	}
	return append(out, uint64(math.MaxUint64), uint64(math.MaxUint64-1), 3)
}

func exact(v any) *big.Rat {
	switch v := v.(type) {
	case int:
		return new(big.Rat).SetInt64(int64(v))
	case int64:
		return new(big.Rat).SetInt64(v)
	case uint64:
		return new(big.Rat).SetUint64(v)
	default:
		return new(big.Rat).SetFloat64(v.(float64))
	}
}

func TestNumbersCompareExactly(t *testing.T) {
	for _, a := range edges() {
		for _, b := range edges() {
			if got, want := schema.CompareNumbers(a, b), exact(a).Cmp(exact(b)); got != want {
				t.Errorf("compare(%T %v, %T %v) = %d, want %d", a, a, b, b, got, want)
			}
			s, err := schema.Compile(map[string]any{"const": b})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := s.Validate(a) == nil, exact(a).Cmp(exact(b)) == 0; got != want {
				t.Errorf("const %T %v accepts %T %v: %t, want %t", b, b, a, a, got, want)
			}
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	s := compile(b, `{"type":"object","properties":{"path":{"type":"string","maxLength":100},"mode":{"enum":["r","w"]},"n":{"minimum":1}},"required":["path"],"additionalProperties":false}`)
	v := map[string]any{"path": "/APPDATA/x", "mode": "r", "n": int64(3)}
	b.ReportAllocs()
	for b.Loop() {
		if s.Validate(v) != nil {
			b.Fatal("refused")
		}
	}
}

func BenchmarkValidateLarge(b *testing.B) {
	s := compile(b, `{"items":{"enum":["a","b",[1,2,3]]}}`)
	list := make([]any, 100_000)
	for i := range list {
		list[i] = []any{1, 2.0, uint64(3)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if s.Validate(list) != nil {
			b.Fatal("refused")
		}
	}
}
