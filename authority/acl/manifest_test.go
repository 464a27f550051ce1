package acl_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// TestManifest reads manifests and compares what was read and what is
// written, and reads that again.
func TestManifest(t *testing.T) {
	scenarios(t, "manifest", func(t *testing.T, file string, s scenario) {
		text, _ := s.take("manifest.toml")
		m, problems := acl.ParseManifest("manifest.toml", []byte(text))
		if problems != nil {
			t.Errorf("problems:\n%s", printed(problems))
		}
		golden(t, file, "manifest", dumped(m, true))
		data := acl.EncodeManifest(m)
		golden(t, file, "json", string(data)+"\n")
		roundTrip(t, m)
	})
}

// dumped prints a manifest, with or without places.
func dumped(m authority.Manifest, places bool) string {
	var b strings.Builder
	dumpManifest(&b, m)
	if places {
		return b.String()
	}
	return regexp.MustCompile(`@\d+:\d+|  \S+:\d+:\d+\n`).ReplaceAllString(b.String(), "\n")
}

// roundTrip writes a manifest, reads it and demands that nothing is lost.
func roundTrip(t *testing.T, m authority.Manifest) {
	t.Helper()
	data := acl.EncodeManifest(m)
	again, problems := acl.ParseManifestJSON("x.wasm#ambit", data)
	if problems != nil {
		t.Fatalf("%s\nproblems:\n%s", data, printed(problems))
	}
	if got, want := dumped(again, false), dumped(m, false); got != want {
		t.Fatalf("%s\n got %s\nwant %s", data, got, want)
	}
	if got := string(acl.EncodeManifest(again)); got != string(data) {
		t.Fatalf("written again\n got %s\nwant %s", got, data)
	}
}

// TestManifestRoundTrip writes and reads manifests made at random.
func TestManifestRoundTrip(t *testing.T) {
	for seed := range uint64(300) {
		roundTrip(t, randomManifest(t, rand.New(rand.NewPCG(seed, 1))))
	}
}

func randomManifest(t *testing.T, r *rand.Rand) authority.Manifest {
	t.Helper()
	at := authority.Position{File: "x", Line: 1, Column: 1}
	texts := []string{"", "text", "\"quoted\" \\ \n\t\x00\x7f", "é\u2028 \U0001F600", "</script>"}
	text := func() string { return texts[r.IntN(len(texts))] }
	m := authority.Manifest{Position: at, Name: "mod", ABI: acl.ABI, Version: text(), Description: text(), NoFreeze: r.IntN(2) == 0}
	if r.IntN(2) == 0 {
		m.Instance = "caller"
	}
	var err error
	if m.Scope, err = schema.Compile(map[string]any{"type": "object", "properties": map[string]any{"a": map[string]any{}}}); err != nil {
		t.Fatal(err)
	}
	var names []authority.CommandName
	for _, name := range []string{"read", "read_all", "a1"}[:r.IntN(4)] {
		c := authority.Command{Position: at, Name: name, Description: text(), Timeout: r.Int64N(5000)}
		for _, p := range authority.Powers() {
			if r.IntN(4) == 0 {
				c.Powers = append(c.Powers, p)
			}
		}
		if r.IntN(2) == 0 {
			c.Args = m.Scope
		}
		m.Commands = append(m.Commands, c)
		names = append(names, authority.CommandName{Position: at, Name: name})
	}
	var members []authority.Reference
	for _, id := range []string{"p-one", "p-two", "p-three"}[:r.IntN(4)] {
		p := authority.Permission{Position: at, Identifier: id, Description: text()}
		p.Allow = names[:r.IntN(len(names)+1)]
		p.Deny = names[:r.IntN(len(names)+1)]
		for range r.IntN(3) {
			p.Scope.Allow = append(p.Scope.Allow, authority.ScopeValue{Position: at, Value: map[string]any{"a": randomValue(r, 3)}})
			p.Scope.Deny = append(p.Scope.Deny, authority.ScopeValue{Position: at, Value: map[string]any{"a": randomValue(r, 3)}})
		}
		if r.IntN(2) == 0 {
			p.Platforms = []authority.Platform{authority.IOS, authority.Linux}
		}
		m.Permissions = append(m.Permissions, p)
		members = append(members, authority.Reference{Position: at, Identifier: id})
	}
	if r.IntN(2) == 0 {
		m.Default = &authority.Set{Position: at, Identifier: "default", Description: text(), Members: members}
	}
	if r.IntN(2) == 0 {
		m.Sets = append(m.Sets, authority.Set{Position: at, Identifier: "all", Description: text(), Members: members})
	}
	return m
}

func randomValue(r *rand.Rand, depth int) any {
	switch n := r.IntN(8); {
	case n == 0:
		return nil
	case n == 1:
		return r.IntN(2) == 0
	case n == 2:
		return r.Int64() - r.Int64()
	case n == 3:
		return float64(r.IntN(100))
	case n == 4:
		return r.NormFloat64() * 1e300
	case n == 5 || depth == 0:
		return "text \" \\ é"
	case n == 6:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, randomValue(r, depth-1))
		}
		return list
	default:
		table := map[string]any{}
		for _, key := range []string{"x", "", "é\"", "powers2"}[:r.IntN(5)] {
			table[key] = randomValue(r, depth-1)
		}
		return table
	}
}

// TestManifestNumbers holds integers and floats apart: a scope that says 1.0
// comes back as a float.
func TestManifestNumbers(t *testing.T) {
	m, problems := acl.ParseManifest("m.toml", []byte(`
[module]
name = "m"
abi = 1
[scope]
type = "object"
properties.n = {}
[[permission]]
identifier = "p"
scope.allow = [{ n = 1 }, { n = 1.0 }, { n = 1e30 }, { n = 2020-01-01 }]
`))
	if problems != nil {
		t.Fatal(problems)
	}
	m, problems = acl.ParseManifestJSON("m", acl.EncodeManifest(m))
	if problems != nil {
		t.Fatal(problems)
	}
	want := []any{int64(1), 1.0, 1e30, "2020-01-01"}
	for i, v := range m.Permissions[0].Scope.Allow {
		if got := v.Value.(map[string]any)["n"]; got != want[i] {
			t.Errorf("entry %d is %#v, want %#v", i, got, want[i])
		}
	}
}

func FuzzManifest(f *testing.F) {
	for _, file := range []string{"weather", "small"} {
		s := parseScenario(f, "testdata/manifest/"+file+".txt")
		text, _ := s.take("manifest.toml")
		data, _ := s.take("json")
		f.Add([]byte(text))
		f.Add([]byte(data))
	}
	f.Add([]byte(`{"module":{"name":"a","abi":1},"set":[{"identifier":"s","permissions":["s"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func(string, []byte) (authority.Manifest, authority.Problems){acl.ParseManifest, acl.ParseManifestJSON} {
			m, problems := parse("f", data)
			_ = problems.Error()
			if problems.Err() == nil {
				roundTrip(t, m)
				acl.NewLockEntry(m, strings.Repeat("ab", 32)).Lends()
			}
		}
	})
}
