package wire_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

func addVectors(f *testing.F) {
	v := readVectors(f)
	for _, e := range v.Values {
		f.Add(unhex(f, e.Hex))
	}
	for _, e := range v.Errors {
		f.Add(unhex(f, e.Hex))
	}
	for _, e := range v.Requests {
		f.Add(unhex(f, e.Hex))
	}
	for _, e := range v.Replies {
		f.Add(unhex(f, e.Hex))
	}
}

// Scan and Any accept the same inputs; what they accept encodes to a canonical
// form that stays as it is.
func FuzzScan(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		scanned := wire.Scan(b, wire.Limits{})
		d := wire.NewDec(b)
		v := d.Any()
		read := d.Done()
		if (scanned == nil) != (read == nil) {
			t.Fatalf("Scan: %v, Any: %v", scanned, read)
		}
		if scanned != nil {
			return
		}
		canonical, err := wire.AppendAny(nil, v)
		if err != nil {
			t.Fatalf("AppendAny: %v", err)
		}
		if len(canonical) > len(b)+8*bytes.Count(b, []byte{0xca}) { // a float of 32 bits becomes longer
			t.Errorf("canonical form %x is longer than %x", canonical, b)
		}
		again := wire.NewDec(canonical).Any()
		if !same(again, v) {
			t.Errorf("%#v came back as %#v", v, again)
		}
		if twice := encode(t, again); !bytes.Equal(twice, canonical) {
			t.Errorf("%x encodes to %x", canonical, twice)
		}
	})
}

type fuzzed struct {
	B  bool             `json:"b"`
	I  int16            `json:"i,omitempty"`
	U  uint64           `json:"u"`
	F  float32          `json:"f"`
	G  float64          `json:"g"`
	S  string           `json:"s"`
	D  []byte           `json:"d"`
	H  [2]byte          `json:"h"`
	L  []fuzzed         `json:"l"`
	A  [2]int           `json:"a"`
	M  map[string]*int8 `json:"m"`
	P  *fuzzed          `json:"p"`
	X  any              `json:"x"`
	XM map[string]any   `json:"xm"`
	R  wire.Raw         `json:"r"`
}

// Plans accept only what Scan accepts (apart from what is inside a Raw), and
// what they decoded they encode again, by memory and by value alike.
func FuzzPlan(f *testing.F) {
	addVectors(f)
	f.Add([]byte(encode(f, fuzzed{X: 1, L: []fuzzed{{}}, P: &fuzzed{}, M: map[string]*int8{"a": new(int8), "b": nil}})))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v fuzzed
		if wire.Unmarshal(b, &v) != nil {
			return
		}
		if err := wire.Scan(b, wire.Limits{}); err != nil && !bytes.Contains(b, []byte("\xa1r")) {
			t.Fatalf("decoded what Scan refuses: %v", err)
		}
		once, err := wire.Marshal(v)
		if err != nil {
			t.Fatalf("Marshal: %v", err)
		}
		if other := encode(t, v); !bytes.Equal(other, once) {
			t.Fatalf("by value %x, by memory %x", other, once)
		}
		var again fuzzed
		if err := wire.Unmarshal(once, &again); err != nil {
			t.Fatalf("Unmarshal of %x: %v", once, err)
		}
		twice, err := wire.Marshal(again)
		if err != nil || !bytes.Equal(twice, once) {
			t.Fatalf("%x encodes to %x, %v", once, twice, err)
		}
	})
}

// A request or reply that is accepted encodes to one that says the same; a
// reply that is accepted is one that Scan accepts.
func FuzzEnvelope(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := wire.ParseRequest(b); err == nil {
			back, err := wire.ParseRequest(wire.AppendRequest(nil, &r))
			if err != nil {
				t.Fatalf("%+v does not come back: %v", r, err)
			}
			// What was not there is now written out.
			if len(r.Args) == 0 {
				back.Args = nil
			}
			if len(r.Scope) == 0 {
				back.Scope = nil
			}
			if len(r.Global) == 0 {
				back.Global = nil
			}
			if !reflect.DeepEqual(back, r) {
				t.Errorf("%+v came back as %+v", r, back)
			}
		}
		if r, err := wire.ParseReply(b, wire.Limits{}); err == nil {
			// The envelope's own levels are on top of the limit of depth.
			if err := wire.Scan(b, wire.Limits{}); err != nil && text(t, err) != "nested too deep" {
				t.Errorf("Scan: %v", err)
			}
			again := wire.AppendOK(nil, r.OK)
			if r.Err != nil {
				again = wire.AppendErr(nil, r.Err)
			}
			back, err := wire.ParseReply(again, wire.Limits{})
			if err != nil || !reflect.DeepEqual(back, r) {
				t.Errorf("%+v came back as %+v, %v", r, back, err)
			}
		}
	})
}
