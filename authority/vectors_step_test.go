package authority_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// policyStep is a change at run time and what it changes.
type policyStep struct {
	Comment string              `json:"comment"`
	Grant   []string            `json:"grant"` // a capability in TOML
	Until   string              `json:"until"`
	Revoke  *int                `json:"revoke"`  // the step that granted it
	Replace map[string][]string `json:"replace"` // files over those of the vector

	Problems []problemWant `json:"problems"`
	Asks     []askWant     `json:"asks"`
	Listed   []string      `json:"listed"` // what is granted at run time now
	Now      string        `json:"now"`    // when the running calls are looked at
	Ended    []int         `json:"ended"`  // calls of the vector's asks that this ends
	Kept     []int         `json:"kept"`   // calls that go on
}

func (v *policyVector) runSteps(t *testing.T, p authority.Policy, calls []authority.Decision) {
	t.Helper()
	if len(v.Steps) == 0 {
		return
	}
	live, ps := authority.NewLive(p)
	if live == nil {
		t.Fatal(ps)
	}
	ids := make([]string, len(v.Steps))
	for i, s := range v.Steps {
		var problems authority.Problems
		switch {
		case s.Grant != nil:
			ids[i], problems = live.Grant(capabilityOf(t, s.Grant), instant(t, s.Until))
		case s.Revoke != nil:
			if !live.Revoke(ids[*s.Revoke]) {
				t.Errorf("step %d revokes what is not granted", i)
			}
		case s.Replace != nil:
			problems = live.Replace(v.over(policyInput{Files: s.Replace}).load(t).policy)
		default:
			t.Fatalf("step %d changes nothing", i)
		}
		wantProblems(t, problems, s.Problems)
		wantAnswers(t, live.Authority(), s.Asks)
		var listed []string
		for _, g := range live.List() {
			listed = append(listed, g.Capability.Identifier)
		}
		if !slices.Equal(listed, s.Listed) {
			t.Errorf("step %d: granted are %q, want %q", i, listed, s.Listed)
		}
		s.checkCalls(t, i, live.Authority(), calls)
	}
}

// checkCalls finds calls that end and should go on, and the other way round.
func (s *policyStep) checkCalls(t *testing.T, i int, a *authority.Authority, calls []authority.Decision) {
	t.Helper()
	now := instant(t, s.Now)
	for _, call := range slices.Concat(s.Ended, s.Kept) {
		if kept := slices.Contains(s.Kept, call); !calls[call].Allowed() || a.Holds(calls[call], now) != kept {
			t.Errorf("step %d: the call of ask %d was not allowed, or goes on: want %t", i, call, kept)
		}
	}
}

// capabilityOf reads the capability that a step grants.
func capabilityOf(t *testing.T, lines []string) authority.Capability {
	t.Helper()
	fsys := fstest.MapFS{"capabilities/granted.toml": fileOf(lines)}
	app, ps := acl.Load(fsys, acl.Options{PolicyOnly: true, Platform: authority.Linux})
	if ps.Err() != nil || len(app.Capabilities) != 1 {
		t.Fatal("no capability: ", ps)
	}
	return app.Capabilities[0]
}
