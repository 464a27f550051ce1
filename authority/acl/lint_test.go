package acl_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// TestManySilences: an app takes a thousand findings as they are, no more.
func TestManySilences(t *testing.T) {
	const one = "[[lint.silence]]\ncode = \"broad-glob\"\ncapability = \"c\"\nreason = \"r\"\n"
	load := func(n int) string {
		_, ps := acl.Load(fstest.MapFS{
			"ambit.toml":          &fstest.MapFile{Data: []byte(strings.Repeat(one, n))},
			"capabilities/c.toml": &fstest.MapFile{Data: []byte("identifier = \"c\"\npermissions = []\n")},
		}, acl.Options{})
		return printed(ps)
	}
	if got := load(1000); got != "" {
		t.Error("control:", got)
	}
	const want = "error too-large\n  ambit.toml:4001:1: more than 1000 findings are silenced (switch the rule off in [lint.severity])\n"
	if got := load(1001); got != want {
		t.Error(got)
	}
}

// TestLintProfile: only the default profile is what users get; what another
// lists is told, unless it could not add anything.
func TestLintProfile(t *testing.T) {
	load := func(text, profile string) authority.LintOptions {
		app, ps := acl.Load(fstest.MapFS{
			"ambit.toml":          &fstest.MapFile{Data: []byte(text)},
			"capabilities/c.toml": &fstest.MapFile{Data: []byte("identifier = \"c\"\npermissions = []\n")},
		}, acl.Options{Profile: profile})
		if ps.Err() != nil {
			t.Error(ps)
		}
		return app.Lint
	}
	const lists = "[profile.dev]\ncapabilities = [\"c\"]\n[profile.test]\ncapabilities = [\"c\"]\n"
	for _, c := range []struct {
		text, profile string
		production    bool
		listed        string
	}{
		{lists, "", true, ""},
		{"app.capabilities = [\"c\"]\n" + lists, "", true, "dev"},
		{"app.capabilities = [\"c\"]\n" + lists, "prod", true, "dev"},
		{"app.capabilities = [\"c\"]\n" + lists, "dev", false, "test"},
	} {
		if l := load(c.text, c.profile); l.Production != c.production || l.Profiles["c"] != c.listed {
			t.Errorf("%+v: %+v", c, l)
		}
	}
}
