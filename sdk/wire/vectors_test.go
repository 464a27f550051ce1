package wire_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// vectors mirrors testdata/vectors.json; its "about" explains the notation.
type vectors struct {
	About  []string
	Values []struct {
		Name, Hex string
		Value     any
		Canonical *bool
	}
	Errors []struct {
		Name, Hex, Error, Note string
	}
	Requests []struct {
		Name, Hex, RequestError string
		Request                 map[string]any
	}
	Replies []struct {
		Name, Hex, ReplyError string
		Reply                 map[string]any
	}
}

func readVectors(tb testing.TB) *vectors {
	tb.Helper()
	f, err := os.Open("testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.UseNumber()
	d.DisallowUnknownFields()
	v := &vectors{}
	if err := d.Decode(v); err != nil {
		tb.Fatal(err)
	}
	if len(v.Values) < 50 || len(v.Errors) < 50 || len(v.Requests) < 5 || len(v.Replies) < 10 {
		tb.Fatalf("vectors are missing: %d values, %d errors, %d requests, %d replies",
			len(v.Values), len(v.Errors), len(v.Requests), len(v.Replies))
	}
	return v
}

// value turns the notation of the file into what Dec.Any returns.
func value(tb testing.TB, v any) any {
	tb.Helper()
	switch v := v.(type) {
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return number(tb, v.String(), strconv.ParseFloat)
		}
		return number(tb, v.String(), func(s string, _ int) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = value(tb, v[i])
		}
		return out
	case map[string]any:
		if len(v) == 1 {
			if s, ok := v["$int"].(string); ok {
				if i, err := strconv.ParseInt(s, 10, 64); err == nil {
					return i
				}
				return number(tb, s, func(s string, _ int) (uint64, error) { return strconv.ParseUint(s, 10, 64) })
			}
			if s, ok := v["$float"].(string); ok {
				return number(tb, s, strconv.ParseFloat)
			}
			if s, ok := v["$bytes"].(string); ok {
				return unhex(tb, s)
			}
		}
		out := map[string]any{}
		for k := range v {
			out[k] = value(tb, v[k])
		}
		return out
	}
	return v
}

func number[T any](tb testing.TB, s string, parse func(string, int) (T, error)) T {
	tb.Helper()
	v, err := parse(s, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// same is reflect.DeepEqual with NaN equal to itself and -0 not to 0.
func same(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && (math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b))
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !same(a[i], b[i]) {
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
			if other, ok := b[k]; !ok || !same(a[k], other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// text returns the Text of a wire.Error and fails on any other error.
func text(t *testing.T, err error) string {
	t.Helper()
	e, ok := err.(*wire.Error)
	if !ok {
		t.Fatalf("error %v has type %T, want *wire.Error", err, err)
	}
	return e.Text
}

func TestVectorValues(t *testing.T) {
	for _, v := range readVectors(t).Values {
		t.Run(v.Name, func(t *testing.T) {
			b, want := unhex(t, v.Hex), value(t, v.Value)
			if err := wire.Scan(b, wire.Limits{}); err != nil {
				t.Errorf("Scan: %v", err)
			}
			d := wire.NewDec(b)
			got := d.Any()
			if err := d.Done(); err != nil {
				t.Fatalf("Any: %v", err)
			}
			if !same(got, want) {
				t.Errorf("Any = %#v, want %#v", got, want)
			}
			if v.Canonical != nil && !*v.Canonical {
				return
			}
			if back, err := wire.AppendAny(nil, want); err != nil || !bytes.Equal(back, b) {
				t.Errorf("AppendAny = %x, %v; want %x", back, err, b)
			}
		})
	}
}

func TestVectorErrors(t *testing.T) {
	for _, v := range readVectors(t).Errors {
		t.Run(v.Name, func(t *testing.T) {
			b := unhex(t, v.Hex)
			if got := text(t, wire.Scan(b, wire.Limits{})); got != v.Error {
				t.Errorf("Scan: %q, want %q", got, v.Error)
			}
			d := wire.NewDec(b)
			d.Any()
			if got := text(t, d.Done()); got != v.Error {
				t.Errorf("Any: %q, want %q", got, v.Error)
			}
			var into any
			if got := text(t, wire.Unmarshal(b, &into)); got != v.Error {
				t.Errorf("Unmarshal: %q, want %q", got, v.Error)
			}
		})
	}
}

func TestVectorRequests(t *testing.T) {
	for _, v := range readVectors(t).Requests {
		t.Run(v.Name, func(t *testing.T) {
			b := unhex(t, v.Hex)
			got, err := wire.ParseRequest(b)
			if v.RequestError != "" {
				if text(t, err) != v.RequestError {
					t.Errorf("error %q, want %q", text(t, err), v.RequestError)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m := value(t, v.Request).(map[string]any)
			want := wire.Request{
				V: uint(m["v"].(int64)), ID: uint64(m["id"].(int64)), Command: m["command"].(string),
				Args: encode(t, m["args"]), Scope: encode(t, m["scope"]), Global: encode(t, m["global"]),
				Caller: caller(m["caller"]), Deadline: m["deadline"].(int64), Seed: [16]byte(m["seed"].([]byte)),
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("ParseRequest = %+v, want %+v", got, want)
			}
			if back := wire.AppendRequest(nil, &want); !bytes.Equal(back, b) {
				t.Errorf("AppendRequest = %x, want %x", back, b)
			}
			if err := wire.Scan(b, wire.Limits{}); err != nil {
				t.Errorf("Scan: %v", err)
			}
		})
	}
}

func caller(v any) wire.Caller {
	m := v.(map[string]any)
	c := wire.Caller{Window: m["window"].(string), Webview: m["webview"].(string), Origin: m["origin"].(string)}
	chain, _ := m["chain"].([]any)
	for _, e := range chain {
		c.Chain = append(c.Chain, caller(e))
	}
	return c
}

func TestVectorReplies(t *testing.T) {
	for _, v := range readVectors(t).Replies {
		t.Run(v.Name, func(t *testing.T) {
			b := unhex(t, v.Hex)
			got, err := wire.ParseReply(b, wire.Limits{})
			if v.ReplyError != "" {
				if text(t, err) != v.ReplyError {
					t.Errorf("error %q, want %q", text(t, err), v.ReplyError)
				}
				if got.OK != nil || got.Err != nil {
					t.Errorf("ParseReply returned %+v beside its error", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m := value(t, v.Reply).(map[string]any)
			var back []byte
			if e, ok := m["err"].(map[string]any); ok {
				want := &wire.ErrorBody{Code: e["code"].(string), Message: e["message"].(string)}
				if data, ok := e["data"]; ok {
					want.Data = encode(t, data)
				}
				if !reflect.DeepEqual(got, wire.Reply{Err: want}) {
					t.Errorf("ParseReply = %+v, want %+v", got.Err, want)
				}
				back = wire.AppendErr(nil, want)
			} else {
				if !bytes.Equal(got.OK, encode(t, m["ok"])) || got.Err != nil {
					t.Errorf("ParseReply = %x, %+v", got.OK, got.Err)
				}
				back = wire.AppendOK(nil, got.OK)
			}
			if !bytes.Equal(back, b) {
				t.Errorf("encoded again: %x, want %x", back, b)
			}
		})
	}
}

func encode(tb testing.TB, v any) wire.Raw {
	tb.Helper()
	b, err := wire.AppendAny(nil, v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
