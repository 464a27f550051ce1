//go:build !wasip1

package shell_test

import (
	"os"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/modules/shell/command"
)

// registered are the commands that the guest registers.
var registered []string

func TestMain(m *testing.M) {
	registered = command.Register()
	os.Exit(m.Run())
}

// TestManifest: it is read without a word, and has the commands that the guest
// has.
func TestManifest(t *testing.T) {
	text, err := os.ReadFile("manifest.toml")
	if err != nil {
		t.Fatal(err)
	}
	m, problems := acl.ParseManifest("manifest.toml", text)
	_, more := authority.New(authority.Policy{Manifests: []authority.Manifest{m}, Platform: authority.Linux})
	for _, p := range append(problems, more...) {
		t.Error(p)
	}
	var names []string
	for _, c := range m.Commands {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, registered) || m.Name != "shell" || m.Default == nil {
		t.Errorf("module %q has the commands %q, its guest %q", m.Name, names, registered)
	}
}
