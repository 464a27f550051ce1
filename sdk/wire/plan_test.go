package wire_test

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

type (
	color  uint8
	name   string
	node   struct{ Kids []*node }
	base   struct{ ID int }
	hidden struct {
		Shown string `json:"shown"`
	}
	all struct {
		B   bool              `json:"b"`
		I8  int8              `json:"i8"`
		I16 int16             `json:"i16"`
		I32 int32             `json:"i32"`
		I   int               `json:"i"`
		I64 int64             `json:"i64"`
		U8  uint8             `json:"u8"`
		U16 uint16            `json:"u16"`
		U32 uint32            `json:"u32"`
		U   uint              `json:"u"`
		U64 uint64            `json:"u64"`
		F32 float32           `json:"f32"`
		F64 float64           `json:"f64"`
		S   string            `json:"s"`
		N   name              `json:"n"`
		C   color             `json:"c"`
		D   []byte            `json:"d"`
		DA  [3]byte           `json:"da"`
		L   []string          `json:"l"`
		A   [2]int            `json:"a"`
		M   map[string]int    `json:"m"`
		MN  map[name]node     `json:"mn"`
		MA  map[string]any    `json:"ma"`
		P   *int              `json:"p"`
		PS  *base             `json:"ps"`
		X   any               `json:"x"`
		R   wire.Raw          `json:"r"`
		E   struct{}          `json:"e"`
		SS  []struct{ V int } `json:"ss"`
		base
		hidden
		unexported int
		Ignored    func() `json:"-"`
		Plain      string
	}
)

func filled() all {
	seven := 7
	return all{
		B: true, I8: math.MinInt8, I16: math.MinInt16, I32: math.MinInt32, I: -7, I64: math.MinInt64,
		U8: math.MaxUint8, U16: math.MaxUint16, U32: math.MaxUint32, U: 7, U64: math.MaxUint64,
		F32: 1.25, F64: -math.MaxFloat64, S: "text", N: "name", C: 3, D: []byte{1, 2}, DA: [3]byte{1, 2, 3},
		L: []string{"a", "", "é"}, A: [2]int{1, 2}, M: map[string]int{"a": 1, "b": 2},
		MN: map[name]node{"x": {Kids: []*node{nil, {Kids: []*node{}}}}}, MA: map[string]any{"k": []any{int64(1)}},
		P: &seven, PS: &base{ID: 9}, X: map[string]any{"n": nil}, R: wire.Raw{0x91, 0x01},
		SS: []struct{ V int }{{1}, {2}}, base: base{ID: 1}, hidden: hidden{Shown: "yes"}, Plain: "p",
	}
}

func TestPlanRoundTrip(t *testing.T) {
	want := filled()
	want.unexported = 5 // does not travel, and stays as it is
	b, err := wire.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := wire.Scan(b, wire.Limits{}); err != nil {
		t.Fatalf("Scan: %v", err)
	}
	got := all{unexported: 5}
	if err := wire.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// The same value without an address, inside an interface.
	if other, err := wire.AppendAny(nil, want); err != nil || string(other) != string(b) {
		t.Errorf("AppendAny differs from Marshal: %v\n%x\n%x", err, other, b)
	}
	if other, err := wire.AppendAny(nil, map[string]all{"k": want}); err != nil || string(other[3:]) != string(b) {
		t.Errorf("as the element of a map: %v\n%x\n%x", err, other[3:], b)
	}
}

func TestPlanEncodes(t *testing.T) {
	type omit struct {
		B bool           `json:"b,omitempty"`
		I int            `json:"i,omitempty"`
		U uint8          `json:"u,omitempty"`
		F float32        `json:"f,omitempty"`
		S string         `json:"s,omitempty"`
		D []byte         `json:"d,omitempty"`
		L []int          `json:"l,omitempty"`
		M map[string]int `json:"m,omitempty"`
		P *int           `json:"p,omitempty"`
		X any            `json:"x,omitempty"`
		R wire.Raw       `json:"r,omitempty"`
		Z [0]int         `json:"z,omitempty"`
		E struct{}       `json:"e,omitempty"`
	}
	type outer struct {
		base // ID is hidden by the field below
		ID   string
		Base base `json:"base"`
	}
	zero := 0
	for _, tt := range []struct {
		name string
		v    any
		want any
	}{
		{"omitempty, empty", omit{}, map[string]any{"e": map[string]any{}}},
		{"omitempty, not empty", omit{B: true, I: 1, U: 1, F: 1, S: "s", D: []byte{1}, L: []int{1}, M: map[string]int{"a": 1}, P: &zero, X: false, R: wire.Raw{0x01}},
			map[string]any{"b": true, "i": int64(1), "u": int64(1), "f": 1.0, "s": "s", "d": []byte{1}, "l": []any{int64(1)},
				"m": map[string]any{"a": int64(1)}, "p": int64(0), "x": false, "r": int64(1), "e": map[string]any{}}},
		{"embedded and shadowed", outer{base{1}, "x", base{2}}, map[string]any{"ID": "x", "base": map[string]any{"ID": int64(2)}}},
		{"nil slice", []int(nil), []any{}},
		{"nil bytes", []byte(nil), []byte{}},
		{"nil map", map[string]int(nil), map[string]any{}},
		{"nil pointer", (*int)(nil), nil},
		{"no raw", wire.Raw(nil), nil},
		{"array without an address", [2]string{"a", "b"}, []any{"a", "b"}},
		{"array with one pointer", [1]*int{&zero}, []any{int64(0)}},
		{"struct with one pointer", struct{ P *int }{&zero}, map[string]any{"P": int64(0)}},
		{"struct with one map", struct{ M map[string]int }{map[string]int{"a": 1}}, map[string]any{"M": map[string]any{"a": int64(1)}}},
		{"float32", float32(0.5), 0.5},
		{"duration", time.Second, int64(1e9)},
		{"typed elements", []any{int8(-1), uint16(2), name("n"), []string{"s"}, base{3}, &base{4}},
			[]any{int64(-1), int64(2), "n", []any{"s"}, map[string]any{"ID": int64(3)}, map[string]any{"ID": int64(4)}}},
		{"interface in a map", map[string]any{"x": map[string]any(nil)}, map[string]any{"x": map[string]any{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := encode(t, tt.v)
			if err := wire.Scan(b, wire.Limits{}); err != nil {
				t.Fatal(err)
			}
			if got := wire.NewDec(b).Any(); !same(got, tt.want) {
				t.Errorf("%#v, want %#v", got, tt.want)
			}
			// The same by memory.
			p, err := wire.PlanOf(reflect.TypeOf(tt.v))
			if err != nil {
				t.Fatal(err)
			}
			at := reflect.New(reflect.TypeOf(tt.v))
			at.Elem().Set(reflect.ValueOf(tt.v))
			if other, err := p.Append(nil, at.UnsafePointer()); err != nil || string(other) != string(b) {
				t.Errorf("Plan.Append: %v\n%x\n%x", err, other, b)
			}
		})
	}
}

func TestPlanRefusesToEncode(t *testing.T) {
	type ring struct{ Next *ring }
	r := &ring{}
	r.Next = r
	list := []any{nil}
	list[0] = list
	m := map[string]any{}
	m["m"] = m
	for _, tt := range []struct {
		name, want string
		v          any
	}{
		{"string", "string is not valid UTF-8", "\xff"},
		{"string in a field", "SS[1].V: string is not valid UTF-8", struct{ SS []struct{ V string } }{[]struct{ V string }{{""}, {"\xff"}}}},
		{"key", "string is not valid UTF-8", map[string]any{"\xff": 1}},
		{"key of a typed map", "string is not valid UTF-8", map[string]int{"\xff": 1}},
		{"in a list of lists", "[0][1]: string is not valid UTF-8", [][]string{{"", "\xff"}}},
		{"in an array without an address", "[1]: string is not valid UTF-8", [2]string{"", "\xff"}},
		{"value in a map", "[\"a\"][\"b\"]: string is not valid UTF-8", map[string]any{"a": map[string]string{"b": "\xff"}}},
		{"pointers in a ring", "nested too deep", r},
		{"slices in a ring", "nested too deep", list},
		{"maps in a ring", "nested too deep", m},
		{"channel", "type chan int cannot travel", make(chan int)},
		{"channel in a list", "[1]: type chan int cannot travel", []any{1, make(chan int)}},
		{"raw with two values", "raw value: trailing bytes", wire.Raw{1, 2}},
		{"raw cut short", "R: raw value: truncated", struct{ R wire.Raw }{wire.Raw{0xa5}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.AppendAny(nil, tt.v)
			if err == nil {
				t.Fatal("no error")
			}
			text(t, err)
			if got := err.Error(); got != tt.want && !strings.HasSuffix(got, "]: "+tt.want) && !strings.HasSuffix(got, "\"]: "+tt.want) && !strings.HasSuffix(got, "Next: "+tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestPlanOfRefuses(t *testing.T) {
	integer := reflect.TypeFor[int]()
	dup := reflect.Zero(reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: integer, Tag: `json:"x"`}, {Name: "B", Type: integer, Tag: `json:"x"`},
	})).Interface()
	type dupEmbedded struct {
		base
		Other struct{} `json:"-"`
		twin
	}
	type inner struct{ C chan int }
	type outer struct{ In []map[string]inner }
	for want, v := range map[string]any{
		"type chan int cannot travel":                       make(chan int),
		"type func() cannot travel":                         func() {},
		"type complex128 cannot travel":                     1i,
		"type uintptr cannot travel":                        uintptr(1),
		"type unsafe.Pointer cannot travel":                 unsafe.Pointer(nil),
		"type map[int]string has keys that are not strings": map[int]string{},
		"[]error":                               []error{},
		"type **int is a pointer to a pointer":  new(*int),
		"type time.Time has no exported fields": time.Time{},
		"In: C: ":                               outer{},
		`dup has two fields named "x"`:          dup,
		`type wire_test.dupEmbedded has two fields named "ID"`: dupEmbedded{},
		"base: type *wire_test.base is embedded by pointer":    struct{ *base }{},
		`N: json tag has the unknown option "string"`: struct {
			N int `json:"n,string"`
		}{},
	} {
		_, err := wire.PlanOf(reflect.TypeOf(v))
		switch {
		case err == nil:
			t.Errorf("%T: no error, want %q", v, want)
			continue
		case want == "[]error":
			want = "type error is an interface other than any"
		case want == "In: C: ":
			want = "In.C: type chan int cannot travel"
		}
		text(t, err)
		if got := err.Error(); got != want && (want[:3] != "dup" || !strings.HasSuffix(got, want[3:])) {
			t.Errorf("%T: %q, want %q", v, got, want)
		}
		if _, again := wire.PlanOf(reflect.TypeOf(v)); again == nil {
			t.Errorf("%T: accepted when asked again", v)
		}
	}
}

type twin struct{ ID int }

func TestPlanFields(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want []string
	}{
		{struct {
			A int `json:"a"`
			B int
		}{}, []string{"a", "B"}},
		{struct{}{}, []string{}},
		{map[string]int{}, nil},
	} {
		p, err := wire.PlanOf(reflect.TypeOf(tt.v))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Fields(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%T: %#v, want %#v", tt.v, got, tt.want)
		}
		p.Warm()
	}
}

// Strings must alias the input, since copying is what costs a guest most.
func TestPlanAliases(t *testing.T) {
	b := encode(t, map[string]any{"S": "text", "D": []byte("data")})
	var v struct {
		S string
		D []byte
	}
	if err := wire.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	for i := range b {
		b[i] ^= 1
	}
	if v.S != "udyu" || string(v.D) != "e`u`" {
		t.Errorf("not the input's memory: %q, %q", v.S, v.D)
	}
	if cap(v.D) != 4 {
		t.Errorf("appending to the bytes would overwrite the input: room for %d", cap(v.D))
	}
}
