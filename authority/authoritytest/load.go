package authoritytest

import (
	"io/fs"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// Load reads the policy of an app's folder, as [acl.Load] and [acl.Check] do,
// and stops the test with all problems if one of them is an error. Without a
// platform the policy is that of Linux, so that the test says the same on
// every system.
//
// The modules are those that the app would load, each with its manifest (see
// [acl.ParseManifest]) and, where ambit.lock is to accept it, its digest. With
// o.PolicyOnly none are needed: permissions/<module>/ is each one's manifest
// then, but as nobody says which powers its commands have, nothing is lent and
// [Scope] has little to see.
func Load(t testing.TB, app fs.FS, o acl.Options, modules ...acl.Module) *authority.Authority {
	t.Helper()
	if o.Platform == "" {
		o.Platform = authority.Linux
	}
	byName := make(map[string]acl.Module, len(modules))
	for _, m := range modules {
		byName[m.Manifest.Name] = m
	}
	loaded, problems := acl.Load(app, o)
	a, problems := acl.Check(loaded, problems, byName)
	if err := problems.Err(); err != nil {
		t.Fatalf("the policy has errors:\n%v", err)
	}
	return a
}
