package authority_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestNoModules: where there are no modules, the hint says how to get one.
func TestNoModules(t *testing.T) {
	const want = "no module is known; name it under [[module]] in ambit.toml, or with --policy-only add permissions/<module>/"
	_, ps := authority.New(policy(capab("main", windows("main"), grants("fs:default"))))
	if len(ps) != 1 || ps[0].Hint != want {
		t.Errorf("hint of %v", ps)
	}
	if got := compile(t).Decide(ask("main", "fs.read")).Explain(); !strings.Contains(got, want) {
		t.Error(got)
	}
}
