package authority_test

import (
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

func TestPowerKeys(t *testing.T) {
	for power, want := range map[authority.Power][]string{
		authority.PowerFSRead: {"path", "dotfiles"},
		authority.PowerHTTP:   {"url", "methods", "private", "headers"},
		authority.PowerExec:   {"program", "name", "cmd", "args"},
		authority.PowerEmit:   {"topic"},
		"fs.raed":             nil,
	} {
		if got := power.Keys(); !slices.Equal(got, want) {
			t.Errorf("keys of %q: %q, want %q", power, got, want)
		}
	}
}

func TestPowerWords(t *testing.T) {
	for _, p := range authority.Powers() {
		if p.Words() == "" {
			t.Errorf("power %q has no words", p)
		}
	}
	if got := authority.Power("fs.raed").Words(); got != "" {
		t.Errorf("a power that does not exist has the words %q", got)
	}
}
