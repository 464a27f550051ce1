package wire_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

func TestAppendScope(t *testing.T) {
	b, err := wire.AppendScope(nil, []any{map[string]any{"path": "$APPDATA/**"}, "bare"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"allow": []any{map[string]any{"path": "$APPDATA/**"}, "bare"}, "deny": []any{}}
	if got := wire.NewDec(b).Any(); !same(got, want) {
		t.Errorf("%#v", got)
	}
	if _, err := wire.AppendScope(nil, nil, []any{func() {}}); err == nil {
		t.Error("a function is no scope entry")
	}
}

func TestRequestWithoutScopeHasAnEmptyOne(t *testing.T) {
	b := wire.AppendRequest(nil, &wire.Request{V: wire.Version, Command: "c", Deadline: -5})
	r, err := wire.ParseRequest(b)
	if err != nil {
		t.Fatal(err)
	}
	want, err := wire.AppendScope(nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(r.Scope, want) || !bytes.Equal(r.Global, want) {
		t.Errorf("scope %x, global %x", r.Scope, r.Global)
	}
	if r.Deadline != 0 || len(r.Caller.Chain) != 0 {
		t.Errorf("deadline %d, chain %v", r.Deadline, r.Caller.Chain)
	}
}

func TestParseRequestRefuses(t *testing.T) {
	// with returns a valid request with n more fields to come, the first of
	// them begun.
	with := func(n int, key string) []byte {
		b := wire.AppendUint(wire.AppendStr(wire.AppendMap(nil, 2+n), "v"), wire.Version)
		b = wire.AppendStr(wire.AppendStr(b, "command"), "c")
		if n > 0 {
			b = wire.AppendStr(b, key)
		}
		return b
	}
	chained := wire.AppendArray(wire.AppendStr(wire.AppendMap(with(1, "caller"), 1), "chain"), 1)
	chained = wire.AppendArray(wire.AppendStr(wire.AppendMap(chained, 1), "chain"), 0)
	for _, tt := range []struct {
		name string
		b    []byte
		want string
	}{
		{"control", with(0, ""), ""},
		{"deadline above int64", wire.AppendUint(with(1, "deadline"), math.MaxUint64), "integer out of range"},
		{"negative deadline", wire.AppendInt(with(1, "deadline"), -1), "integer out of range"},
		{"seed as a string", wire.AppendStr(with(1, "seed"), "0123456789abcdef"), "expected bytes, found a string"},
		{"long seed", wire.AppendBin(with(1, "seed"), make([]byte, 17)), "wrong number of elements"},
		{"trailing byte", append(with(0, ""), 0), "trailing bytes"},
		{"ext in the arguments", append(with(1, "args"), 0xc7, 0, 0), "ext type"},
		{"arguments cut short", append(with(1, "args"), 0x91), "count exceeds the input"},
		{"a chain in a chain", chained, `unknown field "chain"`},
		{"nil", []byte{0xc0}, "expected a map, found nil"},
		{"nothing", nil, "truncated"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.ParseRequest(tt.b)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || text(t, err) != tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// What fits into a request as arguments also fits into its reply.
func TestReplyLimits(t *testing.T) {
	deep := func(n int) []byte { return append(bytes.Repeat([]byte{0x91}, n), 0xc0) }
	for _, tt := range []struct {
		name   string
		b      []byte
		limits wire.Limits
		want   string
	}{
		{"value 32 deep", wire.AppendOK(nil, deep(32)), wire.Limits{}, ""},
		{"value 33 deep", wire.AppendOK(nil, deep(33)), wire.Limits{}, "nested too deep"},
		{"data 32 deep", wire.AppendErr(nil, &wire.ErrorBody{Code: "c", Data: deep(32)}), wire.Limits{}, ""},
		{"data 33 deep", wire.AppendErr(nil, &wire.ErrorBody{Code: "c", Data: deep(33)}), wire.Limits{}, "nested too deep"},
		{"value above a limit", wire.AppendOK(nil, deep(3)), wire.Limits{Depth: 2}, "nested too deep"},
		{"too long", wire.AppendOK(nil, wire.AppendBin(nil, make([]byte, 100))), wire.Limits{Bytes: 100}, "message too large"},
		{"too many elements", wire.AppendOK(nil, encode(t, make([]int, 10))), wire.Limits{Elements: 11}, "too many elements"},
		{"enough elements", wire.AppendOK(nil, encode(t, make([]int, 10))), wire.Limits{Elements: 12}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.ParseReply(tt.b, tt.limits)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || text(t, err) != tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestValidCode(t *testing.T) {
	for code, want := range map[string]bool{
		"error": true, "not-found": true, "a": true, "404": true, "-": true, strings.Repeat("a", 64): true,
		"": false, "Error": false, "fs.denied": false, "a b": false, "a_b": false, "é": false, "a\n": false, strings.Repeat("a", 65): false,
	} {
		if got := wire.ValidCode(code); got != want {
			t.Errorf("ValidCode(%q) = %v", code, got)
		}
	}
}
