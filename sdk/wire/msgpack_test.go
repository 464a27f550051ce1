package wire_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/vmihailenco/msgpack/v5"
)

// The tests of this file hold the codec against github.com/vmihailenco/msgpack,
// on valid input only: it is no judge of anything else.

func theirs(tb testing.TB, v any) []byte {
	tb.Helper()
	var buf bytes.Buffer
	e := msgpack.NewEncoder(&buf)
	e.SetSortMapKeys(true)
	e.UseCompactInts(true)
	if err := e.Encode(v); err != nil {
		tb.Fatal(err)
	}
	return buf.Bytes()
}

// readTheirs decodes with the other library into the types of Dec.Any.
func readTheirs(tb testing.TB, b []byte) any {
	tb.Helper()
	var v any
	if err := msgpack.Unmarshal(b, &v); err != nil {
		tb.Fatalf("%x: %v", b, err)
	}
	return plain(v)
}

func plain(v any) any {
	switch v := v.(type) {
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return int64(v)
	case uint16:
		return int64(v)
	case uint32:
		return int64(v)
	case uint64:
		if v <= math.MaxInt64 {
			return int64(v)
		}
	case float32:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	}
	return v
}

// random returns a value of the types that Dec.Any returns.
func random(r *rand.Rand, depth int) any {
	n := 10
	if depth == 0 {
		n = 8
	}
	switch r.IntN(n) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return int64(r.Uint64() >> r.IntN(64))
	case 3:
		return -int64(r.Uint64() >> (1 + r.IntN(63)))
	case 4:
		return r.Uint64() | 1<<63
	case 5:
		return math.Float64frombits(r.Uint64())
	case 6:
		return strings.Repeat("aé🙂", r.IntN(20)) + fmt.Sprint(r.IntN(1000))
	case 7:
		return make([]byte, r.IntN(300))
	case 8:
		a := make([]any, r.IntN(20))
		for i := range a {
			a[i] = random(r, depth-1)
		}
		return a
	}
	m := map[string]any{}
	for range r.IntN(20) {
		m[fmt.Sprint("key", r.IntN(1<<20))] = random(r, depth-1)
	}
	return m
}

func TestAgreesWithMsgpack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		v := random(r, 3)
		ours, other := encode(t, v), theirs(t, v)
		if !bytes.Equal(ours, other) {
			t.Fatalf("%#v is %x, msgpack says %x", v, ours, other)
		}
		if err := wire.Scan(ours, wire.Limits{}); err != nil {
			t.Fatalf("Scan of %x: %v", ours, err)
		}
		if got := wire.NewDec(ours).Any(); !same(got, v) {
			t.Fatalf("%x is %#v, want %#v", ours, got, v)
		}
		if got := readTheirs(t, ours); !same(got, v) {
			t.Fatalf("msgpack reads %x as %#v, want %#v", ours, got, v)
		}
	}
}

// structured is a type that both libraries know how to encode.
type structured struct {
	Text  string            `json:"text" msgpack:"text"`
	N     int               `json:"n" msgpack:"n"`
	U     uint32            `json:"u" msgpack:"u"`
	F     float64           `json:"f" msgpack:"f"`
	F32   float32           `json:"f32" msgpack:"f32"`
	On    bool              `json:"on" msgpack:"on"`
	Data  []byte            `json:"data" msgpack:"data"`
	Tags  []string          `json:"tags" msgpack:"tags"`
	Env   map[string]string `json:"env" msgpack:"env"`
	Next  *structured       `json:"next" msgpack:"next"`
	Maybe string            `json:"maybe,omitempty" msgpack:"maybe,omitempty"`
	Any   any               `json:"any" msgpack:"any"`
}

func randomStructured(r *rand.Rand, depth int) *structured {
	s := &structured{
		Text: fmt.Sprint("text ", r.IntN(1000)), N: int(r.Uint64()) >> r.IntN(64), U: r.Uint32() >> r.IntN(32),
		F: r.NormFloat64(), F32: r.Float32(), On: r.IntN(2) == 0, Data: make([]byte, r.IntN(50)), Tags: []string{},
		Env: map[string]string{}, Any: random(r, 1),
	}
	for range r.IntN(20) {
		s.Tags = append(s.Tags, fmt.Sprint(r.IntN(100)))
		s.Env[fmt.Sprint(r.IntN(100))] = "v"
	}
	if r.IntN(2) == 0 {
		s.Maybe = "yes"
	}
	if depth > 0 {
		s.Next = randomStructured(r, depth-1)
	}
	return s
}

func TestPlansAgreeWithMsgpack(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		want := randomStructured(r, 2)
		ours, err := wire.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		other := theirs(t, want)
		if !same(readTheirs(t, ours), readTheirs(t, other)) {
			t.Fatalf("encoded %x, msgpack %x", ours, other)
		}
		var got, fromTheirs structured
		if err := wire.Unmarshal(ours, &got); err != nil {
			t.Fatal(err)
		}
		if err := wire.Unmarshal(other, &fromTheirs); err != nil {
			t.Fatal(err)
		}
		for _, g := range []*structured{&got, &fromTheirs} {
			if b, err := wire.Marshal(g); err != nil || !bytes.Equal(b, ours) {
				t.Fatalf("encoded again: %x, %v; want %x", b, err, ours)
			}
		}
		var theirsFromOurs structured
		if err := msgpack.Unmarshal(ours, &theirsFromOurs); err != nil {
			t.Fatal(err)
		}
	}
}
