package schema_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/schema"
)

// decode reads JSON as the loader would: whole numbers as int64 or uint64,
// others as float64.
func decode(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return numbers(v)
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		var u uint64
		if json.Unmarshal([]byte(v), &u) == nil {
			return u
		}
		f, err := v.Float64()
		if err != nil {
			return nil
		}
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

func compile(t testing.TB, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(decode(t, text))
	if err != nil {
		t.Fatalf("Compile(%s): %v", text, err)
	}
	return s
}

// wantError fails unless err is a *schema.Error at the pointer whose text
// contains part.
func wantError(t testing.TB, err error, pointer, part string) {
	t.Helper()
	var e *schema.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("error %v, want a *schema.Error at %q", err, pointer)
	case e.Pointer != pointer || !strings.Contains(e.Text, part):
		t.Errorf("error at %q: %s; want at %q: …%s…", e.Pointer, e.Text, pointer, part)
	}
}
