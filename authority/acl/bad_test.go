package acl_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// TestBad loads folders that are wrong and compares every problem, word for
// word: place, message, hint, severity and code.
func TestBad(t *testing.T) {
	scenarios(t, "bad", func(t *testing.T, file string, s scenario) {
		s.take("problems")
		o := s.options(t)
		app, problems := acl.Load(s.fs(), o)
		_, more := app.Policy(nil)
		got := printed(append(problems, more...))
		if got == "" {
			t.Error("nothing is wrong with this folder")
		}
		golden(t, file, "problems", got)
	})
}

// TestBadManifest does the same for manifests in TOML and JSON.
func TestBadManifest(t *testing.T) {
	scenarios(t, "badmanifest", func(t *testing.T, file string, s scenario) {
		var got string
		for _, sec := range s.sections {
			parse := acl.ParseManifest
			switch {
			case sec.name == "problems":
				continue
			case strings.HasSuffix(sec.name, "#ambit"):
				parse = acl.ParseManifestJSON
			}
			_, problems := parse(sec.name, []byte(strings.TrimSuffix(sec.text, "\n")))
			if problems.Err() == nil {
				t.Errorf("nothing is wrong with %s", sec.name)
			}
			got += printed(problems)
		}
		golden(t, file, "problems", got)
	})
}
