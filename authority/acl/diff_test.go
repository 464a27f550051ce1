package acl_test

import (
	"io/fs"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

func TestDiffManifests(t *testing.T) {
	scenarios(t, "diff", func(t *testing.T, file string, s scenario) {
		var versions [2]authority.Manifest
		for i, name := range []string{"old.toml", "new.toml"} {
			text, _ := s.take(name)
			m, problems := acl.ParseManifest(name, []byte(text))
			if problems.Err() != nil {
				t.Fatal(problems)
			}
			versions[i] = m
		}
		golden(t, file, "there", acl.DiffManifests(versions[0], versions[1]).String())
		golden(t, file, "back", acl.DiffManifests(versions[1], versions[0]).String())
		for _, m := range versions {
			if cs := acl.DiffManifests(m, m); cs != nil {
				t.Errorf("control: to itself\n%s", cs)
			}
		}
	})
}

// TestDiffManifestsABI: no manifest of another ABI is read yet.
func TestDiffManifestsABI(t *testing.T) {
	m := authority.Manifest{Name: "m", ABI: 1}
	other := m
	other.ABI = 2
	if got := acl.DiffManifests(m, other).String(); got != "+ the module wants another ABI\n" {
		t.Errorf("%s", got)
	}
}

// TestDiffManifestsUnsound: a set that contains itself is an error elsewhere.
func TestDiffManifestsUnsound(t *testing.T) {
	m := authority.Manifest{Name: "m", ABI: 1, Sets: []authority.Set{{Identifier: "s", Members: []authority.Reference{{Identifier: "s"}}}}}
	if got := acl.DiffManifests(authority.Manifest{Name: "m", ABI: 1}, m).Count(authority.Widened); got == 0 {
		t.Error("nothing widened")
	}
}

func TestDiffApps(t *testing.T) {
	scenarios(t, "diffapp", func(t *testing.T, file string, s scenario) {
		var apps [2]*acl.App
		for i, name := range []string{"old", "new"} {
			fsys, err := fs.Sub(s.fs(), name)
			if err != nil {
				t.Fatal(err)
			}
			app, problems := acl.Load(fsys, acl.Options{Platform: authority.Linux})
			if problems.Err() != nil {
				t.Fatal(problems)
			}
			apps[i] = app
		}
		golden(t, file, "there", acl.DiffApps(apps[0], apps[1]).String())
		golden(t, file, "back", acl.DiffApps(apps[1], apps[0]).String())
		for _, a := range apps {
			if cs := acl.DiffApps(a, a); cs != nil {
				t.Errorf("control: to itself\n%s", cs)
			}
		}
	})
}
