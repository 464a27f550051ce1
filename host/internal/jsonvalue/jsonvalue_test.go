package jsonvalue_test

import (
	"math"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/google/go-cmp/cmp"
)

func TestEncodable(t *testing.T) {
	got := jsonvalue.Encodable(map[string]any{
		"b": []byte("hi"), "nan": math.NaN(), "inf": math.Inf(-1), "l": []any{[]byte{}}, "i": int64(1 << 60), "f": float32(0.5),
	})
	want := map[string]any{
		"b": map[string]any{"$bytes": "aGk="}, "nan": nil, "inf": nil, "l": []any{map[string]any{"$bytes": ""}}, "i": int64(1 << 60), "f": 0.5,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"a":[1,-2,3.5,{"$bytes":"AA=="}],"b":null}`)
	f.Add(`[[[]]]`)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := jsonvalue.Parse([]byte(s))
		if err == nil {
			jsonvalue.Encodable(v)
		}
	})
}
