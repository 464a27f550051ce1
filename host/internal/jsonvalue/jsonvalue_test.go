package jsonvalue_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/ambit-wasm/ambit/sdk/wire"
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

// TestBounds: a text of some megabytes must not become a hundred.
func TestBounds(t *testing.T) {
	list := func(n int) string { return "[" + strings.Repeat("0,", n-1) + "0]" }
	for name, tt := range map[string]struct {
		text string
		ok   bool
	}{
		"most elements": {list(128 << 10), true}, "one more": {list(128<<10 + 1), false}, "as keys": {`{"a":` + list(128<<10-2) + `}`, true}, "as keys, one more": {`{"a":` + list(128<<10-1) + `}`, false},
		"deepest": {strings.Repeat("[", wire.MaxDepth) + strings.Repeat("]", wire.MaxDepth), true}, "deeper": {strings.Repeat("[", wire.MaxDepth+1) + strings.Repeat("]", wire.MaxDepth+1), false},
		"open": {strings.Repeat("[", 1<<20), false}, "large number": {"1e999", false}, "two": {"1 2", false}, "twice": {`{"a":1,"a":1}`, false}, "not UTF-8": {"\"\xff\"", false}, "bad bytes": {`{"$bytes":"?"}`, false},
	} {
		if _, err := jsonvalue.Parse([]byte(tt.text)); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
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
