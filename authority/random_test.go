package authority_test

import (
	"os"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/authoritytest"
)

// generator is that of authoritytest.
type generator struct{ authoritytest.Generator }

func newGenerator(seed uint64) generator { return generator{authoritytest.NewGenerator(seed)} }

func (g generator) policy() authority.Policy   { return g.Policy() }
func (g generator) request() authority.Request { return g.Request() }
func (g generator) caller() authority.Caller   { return g.Caller() }

func (g generator) capability(id string, ids []string) authority.Capability {
	return g.Capability(id, ids)
}

func identifiers(m authority.Manifest) []string { return authoritytest.Identifiers(m) }

// answerOf puts a decision into a form in which two can be compared.
func answerOf(d authority.Decision) authoritytest.Answer { return authoritytest.AnswerOf(d) }

var (
	genLabels   = []string{"main", "other", "m*", "*", "?ain", "view-*", "x"}
	genCommands = []string{"go", "get_all", "stop"}
	genPlaces   = []authority.Platform{authority.Linux, authority.MacOS, authority.Windows}
)

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

// some picks each with chance 1 in n.
func some[T any](g generator, n int, list ...T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(T) bool { return g.IntN(n) > 0 })
}

// eachPolicy runs a test over random policies without errors, and fails if
// too few of them are. A failing one is printed as files. With -short there
// are fewer, with AMBIT_LONG=1 many more.
func eachPolicy(t *testing.T, n int, run func(g generator, seed uint64, p authority.Policy, a *authority.Authority)) {
	t.Helper()
	switch {
	case testing.Short():
		n /= 10
	case os.Getenv("AMBIT_LONG") != "":
		n *= 10
	}
	sound := 0
	for seed := range uint64(n) {
		g := newGenerator(seed)
		p := g.policy()
		a, ps := authority.New(p)
		if ps.Err() != nil {
			continue
		}
		sound++
		run(g, seed, p, a)
		if t.Failed() {
			t.Logf("seed %d\n%s", seed, authoritytest.Archive(p))
			return
		}
	}
	if sound < n/2 {
		t.Errorf("only %d of %d policies are sound", sound, n)
	}
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
