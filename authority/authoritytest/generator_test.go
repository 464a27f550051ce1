package authoritytest

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// TestArchive: the files of a policy, loaded, are the policy.
func TestArchive(t *testing.T) {
	sound, allowed := 0, 0
	for seed := range uint64(200) {
		g := NewGenerator(seed)
		p := g.Policy()
		if p.Platform == "plan9" {
			p.Windows = []string{"main"}
		}
		a, problems := authority.New(p)
		fsys, modules := fstest.MapFS{}, map[string]acl.Module{}
		for _, file := range strings.Split("\n"+Archive(p), "\n-- ")[1:] {
			name, text, _ := strings.Cut(file, " --\n")
			if name, ok := strings.CutPrefix(name, "modules/"); ok {
				m, ps := acl.ParseManifestJSON(name, []byte(text))
				if ps.Err() != nil {
					t.Fatalf("seed %d: %v\n%s", seed, ps, text)
				}
				modules[m.Name] = acl.Module{Manifest: m}
				continue
			}
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		app, loaded := acl.Load(fsys, acl.Options{Platform: p.Platform})
		b, loaded := acl.Check(app, loaded, modules)
		if (problems.Err() == nil) != (loaded.Err() == nil) {
			t.Fatalf("seed %d: %v\nfiles: %v\n%s", seed, problems, loaded, Archive(p))
		}
		if problems.Err() != nil {
			continue
		}
		sound++
		for range 50 {
			req := g.Request()
			x, y := AnswerOf(a.Decide(req)), AnswerOf(b.Decide(req))
			if x.String() != y.String() {
				t.Fatalf("seed %d: %+v\npolicy %s\nfiles  %s\n%s", seed, req, x, y, Archive(p))
			}
			if x.Code == authority.CodeAllowed {
				allowed++
			}
		}
	}
	if sound < 100 || allowed < 500 {
		t.Errorf("only %d policies are sound, %d requests allowed", sound, allowed)
	}
}

// TestReference compares engine and reference on what the generator makes,
// and sees that it makes everything; package authority does so at length.
func TestReference(t *testing.T) {
	codes := map[authority.Code]int{}
	for seed := range uint64(300) {
		g := NewGenerator(seed)
		p := g.Policy()
		a, problems := authority.New(p)
		if problems.Err() != nil {
			continue
		}
		for range 30 {
			req := g.Request()
			got, want := AnswerOf(a.Decide(req)), Reference(p, req)
			if got.String() != want.String() || !got.Within(want) || got.Unordered().String() != want.Unordered().String() {
				t.Fatalf("seed %d: %+v\nengine    %s\nreference %s\n%s", seed, req, got, want, Archive(p))
			}
			codes[got.Code]++
		}
	}
	if len(codes) != 10 {
		t.Errorf("not all codes were seen: %v", codes)
	}
}

// TestWithin: each part of an answer counts.
func TestWithin(t *testing.T) {
	full := Answer{
		Code: authority.CodeAllowed, Allow: []string{"a"}, GlobalAllow: []string{"b"}, Powers: []authority.Power{"env"},
		Deny: []string{"c"}, GlobalDeny: []string{"d"},
	}
	if !full.Within(full) || !(Answer{Code: authority.CodeExpired}).Within(full) {
		t.Error("control: an answer is within itself, and a deny in every answer")
	}
	for i, change := range []func(*Answer){
		func(a *Answer) { a.Code = authority.CodeExpired }, func(a *Answer) { a.Allow = nil }, func(a *Answer) { a.GlobalAllow = nil },
		func(a *Answer) { a.Powers = nil }, func(a *Answer) { a.Deny = append(a.Deny, "x") }, func(a *Answer) { a.GlobalDeny = append(a.GlobalDeny, "x") },
	} {
		other := full
		if change(&other); full.Within(other) {
			t.Errorf("change %d is not seen", i)
		}
	}
}

// TestURLMatches holds the reference's own matcher against what URLPattern
// says, by hand.
func TestURLMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, url string
		want         bool
	}{
		{"https://a.example", "https://a.example/x?y", true},
		{"https://a.example", "http://a.example/", false},
		{"https://a.example", "https://a.example:8443/", false},
		{"https://a.example:*", "https://a.example:8443/", true},
		{"https://*.example", "https://a.b.example/", true},
		{"https://*.example", "https://example/", false},
		{"https://*", "https://a.example./", false},
		{"https://a.example/x/*", "https://a.example/x/", true},
		{"https://a.example/x/*", "https://a.example/x", false},
		{"https://a.example/", "https://me@a.example/z#/x", true},
		{"http://*", "http://[::1]:80/", true},
		{"http://*", "", false},
	} {
		if got := urlMatches(c.pattern, c.url); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.url, got)
		}
	}
}
