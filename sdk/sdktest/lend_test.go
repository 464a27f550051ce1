//go:build !wasip1

package sdktest_test

import (
	"errors"
	"testing"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

type envScope struct {
	Var string `json:"var"`
}

func init() {
	sdk.Handle("sdktest_env", func(_ *sdk.Call, name string) ([]any, error) {
		value, ok, err := sdk.Env(name)
		return []any{value, ok, errors.Is(err, sdk.ErrDenied)}, nil
	})
	sdk.Handle("sdktest_env_error", func(_ *sdk.Call, name string) (string, error) {
		value, _, err := sdk.Env(name)
		return value, err
	})
}

func TestLendEnv(t *testing.T) {
	env := map[string]string{"APP_HOME": "/home/app", "APP_KEY": "k", "USER": "u"}
	for _, tt := range []struct {
		name          string
		scope, global sdktest.Scope
		variable      string
		value         string
		set, denied   bool
	}{
		{"lent", sdktest.Scope{Allow: []any{envScope{"APP_*"}}}, sdktest.Scope{}, "APP_HOME", "/home/app", true, false},
		{"not set", sdktest.Scope{Allow: []any{envScope{"APP_*"}}}, sdktest.Scope{}, "APP_X", "", false, false},
		{"by the global scope", sdktest.Scope{}, sdktest.Scope{Allow: []any{map[string]any{"var": "USER"}}}, "USER", "u", true, false},
		{"outside", sdktest.Scope{Allow: []any{envScope{"APP_*"}}}, sdktest.Scope{}, "USER", "", false, true},
		{"denied", sdktest.Scope{Allow: []any{envScope{"APP_*"}}, Deny: []any{envScope{"APP_KEY"}}}, sdktest.Scope{}, "APP_KEY", "", false, true},
		{"no scope", sdktest.Scope{}, sdktest.Scope{}, "APP_HOME", "", false, true},
		{"no pattern", sdktest.Scope{Allow: []any{envScope{"[z-a]"}, 1}}, sdktest.Scope{}, "APP_HOME", "", false, true},
	} {
		h := sdktest.New(t, sdktest.Options{Scope: tt.scope, Global: tt.global, Env: env})
		got, err := sdktest.Call[[]any](h, "sdktest_env", tt.variable)
		if err != nil || len(got) != 3 || got[0] != tt.value || got[1] != tt.set || got[2] != tt.denied {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
	h := sdktest.New(t, sdktest.Options{})
	var e *sdk.Error
	if err := h.Invoke("sdktest_env_error", "APP_HOME", nil); !errors.As(err, &e) || e.Code != sdk.CodeForbidden {
		t.Errorf("error %v", err)
	}
	if _, _, err := sdk.Env("APP_HOME"); !errors.Is(err, sdk.ErrDenied) {
		t.Errorf("outside a call: %v", err)
	}
}
