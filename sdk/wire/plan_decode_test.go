package wire_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

func TestPlanDecodes(t *testing.T) {
	one := 1
	for _, tt := range []struct {
		name string
		from any
		into any // pointer to what there is before
		want any
	}{
		{"missing fields stay", map[string]any{"ID": 2}, &struct{ ID, Other int }{Other: 5}, struct{ ID, Other int }{2, 5}},
		{"nil slice", nil, &[]int{1}, []int(nil)},
		{"nil strings", nil, &[]string{"a"}, []string(nil)},
		{"nil bytes", nil, &[]byte{1}, []byte(nil)},
		{"nil map", nil, &map[string]int{"a": 1}, map[string]int(nil)},
		{"nil map of any", nil, &map[string]any{"a": 1}, map[string]any(nil)},
		{"nil pointer", nil, ptr(&one), (*int)(nil)},
		{"nil any", nil, ptr(any(1)), nil},
		{"empty slice", []any{}, ptr([]int(nil)), []int{}},
		{"empty map", map[string]any{}, ptr(map[string]int(nil)), map[string]int{}},
		{"int into a float", 3, ptr(0.0), 3.0},
		{"int into a float32", 1 << 24, ptr(float32(0)), float32(1 << 24)},
		{"float is rounded to float32", 0.1, ptr(float32(0)), float32(0.1)},
		{"infinite float32", math.Inf(-1), ptr(float32(0)), float32(math.Inf(-1))},
		{"fields in another order", wire.Raw("\x82\xa1B\x01\xa1A\x02"), &struct{ A, B int }{}, struct{ A, B int }{2, 1}},
		{"any", []any{1, "a"}, ptr(any(nil)), []any{int64(1), "a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := wire.PlanOf(reflect.TypeOf(tt.into).Elem())
			if err != nil {
				t.Fatal(err)
			}
			into := reflect.ValueOf(tt.into)
			if err := p.Decode(wire.NewDec(encode(t, tt.from)), into.UnsafePointer()); err != nil {
				t.Fatal(err)
			}
			if got := into.Elem().Interface(); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%#v, want %#v", got, tt.want)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestPlanRefusesToDecode(t *testing.T) {
	type small struct {
		I int8     `json:"i"`
		U uint16   `json:"u"`
		F float32  `json:"f"`
		S string   `json:"s"`
		B bool     `json:"b"`
		D []byte   `json:"d"`
		A [2]int   `json:"a"`
		H [2]byte  `json:"h"`
		L []string `json:"l"`
		O struct {
			X int `json:"x"`
		} `json:"o"`
		M map[string]int `json:"m"`
		R wire.Raw       `json:"r"`
	}
	for want, v := range map[string]any{
		`unknown field "y" (byte 1)`:                         map[string]any{"y": 1},
		`unknown field "I" (byte 1)`:                         map[string]any{"I": 1},
		`unknown field "??a?" (byte 1)`:                      map[string]any{"é" + "a\n": 1},
		"i: integer out of range (byte 3)":                   map[string]any{"i": 128},
		"i: expected an integer, found a string (byte 3)":    map[string]any{"i": "1"},
		"i: expected an integer, found nil (byte 3)":         map[string]any{"i": nil},
		"i: expected an integer, found a float (byte 3)":     map[string]any{"i": 1.0},
		"u: integer out of range (byte 3)":                   map[string]any{"u": -1},
		"f: number out of range (byte 3)":                    map[string]any{"f": 1e39},
		"f: number out of range (byte 3) ":                   map[string]any{"f": 1<<24 + 1},
		"f: integer is not exact as a float (byte 3)":        map[string]any{"f": 1<<53 + 1},
		"s: expected a string, found bytes (byte 3)":         map[string]any{"s": []byte("a")},
		"s: expected a string, found nil (byte 3)":           map[string]any{"s": nil},
		"b: expected a bool, found an integer (byte 3)":      map[string]any{"b": 1},
		"d: expected bytes, found a string (byte 3)":         map[string]any{"d": "a"},
		"d: expected bytes, found an array (byte 3)":         map[string]any{"d": []int{1}},
		"a: wrong number of elements (byte 3)":               map[string]any{"a": []int{1}},
		"h: wrong number of elements (byte 5)":               map[string]any{"h": []byte{1}},
		"l[1]: expected a string, found an integer (byte 6)": map[string]any{"l": []any{"a", 1}},
		"a[1]: expected an integer, found nil (byte 5)":      map[string]any{"a": []any{1, nil}},
		"u: integer out of range (byte 3) ":                  map[string]any{"u": 1 << 16},
		`o: unknown field "y" (byte 4)`:                      map[string]any{"o": map[string]any{"y": 1}},
		"o.x: expected an integer, found a map (byte 6)":     map[string]any{"o": map[string]any{"x": map[string]any{}}},
		`m["k"]: expected an integer, found a bool (byte 6)`: map[string]any{"m": map[string]any{"k": true}},
		"o: expected a map, found nil (byte 3)":              map[string]any{"o": nil},
		"expected a map, found an array (byte 0)":            []any{},
		"duplicate key (byte 4)":                             wire.Raw("\x82\xa1i\x01\xa1i\x01"),
		"map key is not a string (byte 1)":                   wire.Raw("\x81\x01\x01"),
		"trailing bytes (byte 1)":                            []byte("\x80\x80"),
		"m: duplicate key (byte 7)":                          []byte("\x81\xa1m\x82\xa1k\x01\xa1k\x02"),
		"s: string is not valid UTF-8 (byte 3)":              []byte("\x81\xa1s\xa1\xff"),
		"r: ext type (byte 4)":                               []byte("\x81\xa1r\x91\xd4\x01\x01"),
		"truncated (byte 1)":                                 []byte("\x81\xa2i"),
	} {
		t.Run(want, func(t *testing.T) {
			b, ok := v.([]byte)
			if !ok {
				b = encode(t, v)
			}
			var into small
			err := wire.Unmarshal(b, &into)
			if err == nil || err.Error() != strings.TrimSpace(want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPlanDepth(t *testing.T) {
	deep := func(n int) []byte {
		var b []byte
		for range n - 1 {
			b = append(b, "\x81\xa4Kids\x91"...)
		}
		return append(b, "\x81\xa4Kids\x90"...)
	}
	var v node
	if err := wire.Unmarshal(deep(16), &v); err != nil {
		t.Errorf("32 deep: %v", err)
	}
	if err := wire.Unmarshal(deep(17), &v); err == nil || text(t, err) != "nested too deep" {
		t.Errorf("34 deep: %v", err)
	}
}

func TestPlanElements(t *testing.T) {
	n := wire.DefaultLimits().Elements
	var v []struct{}
	if err := wire.Unmarshal(encode(t, make([]struct{}, n)), &v); err != nil || len(v) != n {
		t.Errorf("%d elements: %v", len(v), err)
	}
	if err := wire.Unmarshal(encode(t, make([]struct{}, n+1)), &v); err == nil || text(t, err) != "too many elements" {
		t.Errorf("one more: %v", err)
	}
}
