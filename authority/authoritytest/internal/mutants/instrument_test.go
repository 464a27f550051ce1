package main

import (
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

const sample = `package p

func (t T) f(a, b int, ok bool) (Code, bool) {
	for i := range b {
		if a < i && !ok {
			continue
		}
		t.n = min(a, b)
	}
	switch {
	case ok:
		return CodeDenied, false
	}
	return CodeAllowed, a == b
}

func g(a int) bool { return a >= 1 }
`

func TestInstrument(t *testing.T) {
	in := &instrumenter{}
	out, err := in.instrument("p/p.go", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "p.go", out, 0); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	var keys []string
	for _, m := range in.mutants {
		keys = append(keys, m.key)
	}
	want := []string{
		"T.f: t.n = min(a, b) → nothing", "T.f: a < i && !ok → true", "T.f: a < i && !ok → false", "T.f: a < i → true", "T.f: !ok → true", "T.f: a < i → a <= i",
		"T.f: min(a, b) → max(a, b)", "T.f: ok → true", "T.f: ok → false",
		"T.f: CodeDenied → CodeAllowed", "T.f: false → true", "T.f: a == b → true", "T.f: a == b → false",
		"g: a >= 1 → true", "g: a >= 1 → false", "g: a >= 1 → a > 1",
	}
	if strings.Join(keys, "\n") != strings.Join(want, "\n") {
		t.Errorf("mutants:\n%s", strings.Join(keys, "\n"))
	}
	if m := in.mutants[6]; m.line != 8 || m.file != "p/p.go" || m.id != 7 {
		t.Errorf("%+v", m)
	}
	one := &instrumenter{functions: regexp.MustCompile("^g$")}
	if _, err := one.instrument("p.go", []byte(sample)); err != nil || len(one.mutants) != 3 {
		t.Errorf("%v, %v", one.mutants, err)
	}
	if _, err := in.instrument("p.go", []byte("package")); err == nil {
		t.Error("no error for what is not Go")
	}
	for i, line := range strings.Split(sample, "\n") {
		if changed := strings.Split(string(out), "\n")[i]; len(changed) < len(line) {
			t.Errorf("line %d has moved: %s", i+1, changed)
		}
	}
}

func TestExcuses(t *testing.T) {
	got := parseExcuses("# remark\n\na/b.go f: x → true\n\tone\n\ttwo\na.go g\nb.go g\n\tthree\nc.go h\n")
	if len(got) != 3 || got["a/b.go f: x → true"] != "one\ntwo\n" || got["a.go g"] != "three\n" || got["b.go g"] != "three\n" {
		t.Errorf("%q", got)
	}
	for name, why := range parseExcuses(equivalents) {
		if file, _, ok := strings.Cut(name, " "); why == "" || !ok || !strings.HasSuffix(file, ".go") {
			t.Errorf("%q: %q", name, why)
		}
	}
}

// TestVerdict: survivors are wrong unless excused, and so are excuses for what
// does not survive; excuses of other files are not looked at.
func TestVerdict(t *testing.T) {
	excused, other := mutant{file: "a.go", key: "f: x → true"}, mutant{file: "a.go", key: "f: y → true"}
	for _, c := range []struct {
		survivors []mutant
		words     string
	}{
		{[]mutant{excused}, ""},
		{[]mutant{excused, other}, "f: y → true"},
		{nil, "a.go f: x → true"},
	} {
		r := &runner{files: []string{"a.go"}, killed: 1, survivors: c.survivors, excuses: map[string]string{"a.go f: x → true": "why", "b.go f: x → true": "why"}}
		if err := r.verdict(); (err == nil) != (c.words == "") || err != nil && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%v: %v", c.survivors, err)
		}
	}
	if err := (&runner{}).verdict(); err == nil {
		t.Error("control: none was killed")
	}
}
