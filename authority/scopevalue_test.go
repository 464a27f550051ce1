package authority_test

import (
	"encoding/json"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestWholeNumbers: whole numbers that a program grants stay whole, too (W18;
// those of files are in testdata/vectors).
func TestWholeNumbers(t *testing.T) {
	c := capab("a", windows("main"), grantsScoped("w:allow-go", `[{}]`, ""))
	c.Permissions[0].Scope.Allow[0].Value = map[string]any{"port": 80, "big": int64(1) << 60, "share": 0.5, "names": []string{"a"}}
	a := compile(t, mod("w", cmds("go"), ownScope(`{"properties":{"port":{"type":"integer"},"big":{"type":"integer"},"share":{},"names":{}}}`)), c)
	g, _ := want(t, a, "main", "w.go", allowed).Grant()
	wantTexts(t, "scope", g.Allow(), `{"big":1152921504606846976,"names":["a"],"port":80,"share":0.5}`)
	if v, _ := g.Allow()[0].Field("port"); v != int64(80) {
		t.Errorf("%T", v)
	}
}

// TestScopeValues: what can be a scope value, and what is refused.
func TestScopeValues(t *testing.T) {
	deep := any("x")
	for range 40 {
		deep = []any{deep}
	}
	loop := map[string]any{}
	loop["a"] = loop
	nan := json.Number("1")
	zero := 0.0
	for name, v := range map[string]any{
		"too deep": deep, "a loop": loop, "a Go type": nan, "bad UTF-8": "\xff", "bad UTF-8 in a list": []string{"\xff"},
		"bad UTF-8 in a key": map[string]any{"\xff": 1}, "not a number": zero / zero, "infinite": -1 / zero, "struct": struct{}{},
		"bytes": []byte("x"), "in a list": []any{uint8(1)},
	} {
		for _, mode := range []func(*authority.Policy){lenient, func(*authority.Policy) {}} {
			c := capab("a", windows("main"), grants("w:some"))
			c.Permissions[0].Scope.Allow = []authority.ScopeValue{{Position: pos(c.File, 7), Value: map[string]any{"any": v}}}
			p := policy(mod("w", cmds("go"), perm("some", allows("go")), ownScope(`{"properties":{"any":{}}}`)), c, mode)
			wantProblem(t, p, "bad-scope-value", "capabilities/a.toml:7")
			p.Capabilities[0].Permissions[0].Scope.Allow[0].Value = map[string]any{"any": []any{nil, true, 1.5, "x", map[string]any{"y": int64(1)}}}
			if _, ps := authority.New(p); ps.Err() != nil {
				t.Errorf("%s: control: %v", name, ps)
			}
		}
	}
}
