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

// TestDefaultOfNobody: every module has a default, so none is named when the
// app's own is asked for.
func TestDefaultOfNobody(t *testing.T) {
	_, ps := authority.New(policy(mod("fs", cmds("read"), deflt("allow-read")), capab("main", windows("main"), grants("default"))))
	if len(ps) != 1 || ps[0].Hint != "write module:default" {
		t.Errorf("problems %v", ps)
	}
	_, ps = authority.New(policy(mod("fs", cmds("read")), capab("main", windows("main"), grants("allow-read")))) // control
	if len(ps) != 1 || ps[0].Hint != `did you mean "fs:allow-read"?` {
		t.Errorf("problems %v", ps)
	}
}
