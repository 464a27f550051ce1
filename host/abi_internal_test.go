package host

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/tetratelabs/wazero/api"

	"github.com/ambit-wasm/ambit/authority"
)

// TestHostFunctionPanics is row 069 of the hostile catalogue: a bug in a host
// function ends the call, and its text stays with the operator.
func TestHostFunctionPanics(t *testing.T) {
	const secret = "canary-2c4e"
	c := &call{Context: t.Context(), module: newModule("m", "", hclog.NewNullLogger()), most: budget{hostCalls: 1}}
	err := c.guarded(func(*call, api.Memory, []uint64) *Error { panic(secret) }, nil, nil)
	if err == nil || err.Code != authority.CodeHostError || strings.Contains(err.Message, secret) {
		t.Fatalf("error %+v", err)
	}
	if !strings.Contains(err.Err.Error(), secret) {
		t.Error("the operator does not read why")
	}
	if got := c.outcome(errors.New("wasm error: unreachable")); got != err {
		t.Errorf("the call ends with %v", got)
	}
	v := Visible(authority.Caller{}, err)
	if v.Code != authority.CodeHostError || strings.Contains(v.Error(), secret) || v.Err != nil {
		t.Errorf("the caller reads %v", v)
	}
}

func TestOutcome(t *testing.T) {
	for text, want := range map[string]authority.Code{
		"wasm error: unreachable\nwasm stack trace:\n\t.$1()": authority.CodeGuestError,
		"stack overflow": authority.CodeStackLimit,
		"wasm error: unreachable\nwasm stack trace:\n\tstack overflow":                      authority.CodeGuestError,
		"runtime error: index out of range (recovered by wazero)\nwasm stack trace:\n\t.$1": authority.CodeHostError,
	} {
		c := &call{Context: t.Context()}
		if got := c.outcome(errors.New(text)); got.Code != want || strings.Contains(got.Message, "wasm") {
			t.Errorf("%q ends with %+v, want %s", text, got, want)
		}
	}
}
