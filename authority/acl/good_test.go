package acl_test

import (
	"testing"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// TestGood loads folders that are right and compares all that was read, with
// the place of each thing.
func TestGood(t *testing.T) {
	scenarios(t, "good", func(t *testing.T, file string, s scenario) {
		s.take("app")
		o := s.options(t)
		app, problems := acl.Load(s.fs(), o)
		if len(problems) > 0 {
			t.Errorf("problems:\n%s", printed(problems))
		}
		p, problems := app.Policy(nil)
		if problems.Err() != nil {
			t.Errorf("problems:\n%s", printed(problems))
		}
		if p.Lenient != o.PolicyOnly || p.Platform != o.Platform {
			t.Errorf("policy has lenient %v, platform %q", p.Lenient, p.Platform)
		}
		golden(t, file, "app", dump(app, p))
	})
}
