package host_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// powerGuest has a command run, of the power env, and a command other, without a
// power. It calls a power function with the bytes, and replies with its result.
func powerGuest(args string) []byte {
	const argsAt, resultAt = 1024, 4096
	return powerGuestWith(args, wasmtest.Code{}.I32(argsAt).I32(int32(len(args))), resultAt)
}

func powerGuestWith(args string, place wasmtest.Code, resultAt int32) []byte {
	g := &wasmtest.Guest{}
	reply := g.Import("ambit", "reply", wasmtest.I32+wasmtest.I32, "")
	result := g.Import("ambit", "result", wasmtest.I32, "")
	get := g.Import("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	g.Memory(1)
	g.Export("memory", 2, 0)
	g.Data(1024, []byte(args))
	body := place.Call(get).Set(1).I32(resultAt).Call(result).I32(resultAt).Get(1).Call(reply).I32(0)
	manifest := strings.Replace(manifest("m", "run", "other"), `"run"`, `"run","powers":["env"]`, 1)
	return g.Invoke(body).Manifest(manifest).Bytes()
}

// varArgs is {var: name}.
func varArgs(name string) string {
	return string(wire.AppendStr(wire.AppendStr(wire.AppendMap(nil, 1), "var"), name))
}

const envCapability = `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = ["m:allow-other", { identifier = "m:allow-run", allow = [{ var = "APP_*" }], deny = [{ var = "APP_KEY" }] }]
[[capabilities]]
identifier = "bare"
windows = ["bare"]
permissions = ["m:allow-run"]
`

var appEnv = []string{"APP_HOME=old", "APP_HOME=/home/app", "APP_KEY=canary-5e1d", "APP_EMPTY=", "APP_BAD=a\xff", "SECRET=canary-5e1d", "=x", "y"}

func TestEnv(t *testing.T) {
	for _, tt := range []struct {
		name, window, command, args string
		want                        any
		code                        authority.Code
	}{
		{"lent", "main", "run", varArgs("APP_HOME"), "/home/app", ""},
		{"empty", "main", "run", varArgs("APP_EMPTY"), "", ""},
		{"not set", "main", "run", varArgs("APP_NONE"), nil, ""},
		{"not UTF-8", "main", "run", varArgs("APP_BAD"), "a\ufffd", ""},
		{"denied", "main", "run", varArgs("APP_KEY"), nil, "m.scope-mismatch"},
		{"outside", "main", "run", varArgs("SECRET"), nil, "m.scope-mismatch"},
		{"nothing lent", "bare", "run", varArgs("APP_HOME"), nil, "m.scope-empty"},
		{"not declared", "main", "other", varArgs("APP_HOME"), nil, "m.scope-empty"},
		{"another key", "main", "run", "\x81\xa4name\xa1x", nil, "bad-args"},
		{"a key more", "main", "run", "\x82\xa3var\xa8APP_HOME\xa1x\xc0", nil, "bad-args"},
		{"a number", "main", "run", "\x81\xa3var\x01", nil, "bad-args"},
		{"nothing", "main", "run", "\x80", nil, "bad-args"},
		{"no map", "main", "run", "\x01", nil, authority.CodeBadResult},
		{"no msgpack", "main", "run", "\x81\xa3var", nil, authority.CodeBadResult},
		{"two keys alike", "main", "run", "\x82\xa3var\xa1x\xa3var\xa1y", nil, authority.CodeBadResult},
		{"no bytes", "main", "run", "", nil, authority.CodeBadResult},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t, app(t, map[string]string{"capabilities/main.toml": envCapability}, map[string][]byte{"m": powerGuest(tt.args)}), host.Config{Env: appEnv})
			res, err := h.Invoke(t.Context(), host.Window(tt.window), "m."+tt.command, nil)
			e, _ := errors.AsType[*host.Error](err)
			switch {
			case tt.code == "" && (err != nil || res.Value != tt.want):
				t.Errorf("%v, %v; want %v", res.Value, err, tt.want)
			case tt.code != "" && (e == nil || e.Code != tt.code):
				t.Errorf("%v, %v; want %s", res.Value, err, tt.code)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the caller reads %v", err)
			}
		})
	}
}

// TestPowerPointers: whatever a guest names, nothing beyond its memory is read or
// written, and the call ends.
func TestPowerPointers(t *testing.T) {
	args := varArgs("APP_HOME")
	n := int32(len(args))
	for name, tt := range map[string]struct {
		place    wasmtest.Code
		resultAt int32
		want     authority.Code
	}{
		"control":         {wasmtest.Code{}.I32(1024).I32(n), 4096, ""},
		"args outside":    {wasmtest.Code{}.I32(65530).I32(n), 4096, authority.CodeBadResult},
		"args at the end": {wasmtest.Code{}.I32(-1).I32(n), 4096, authority.CodeBadResult},
		"args too long":   {wasmtest.Code{}.I32(0).I32(-1), 4096, authority.CodeTooLarge},
		"result outside":  {wasmtest.Code{}.I32(1024).I32(n), 65535, authority.CodeBadResult},
	} {
		bin := powerGuestWith(args, tt.place, tt.resultAt)
		h := open(t, app(t, map[string]string{"capabilities/main.toml": envCapability}, map[string][]byte{"m": bin}), host.Config{Env: appEnv})
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantCode(t, err, tt.want)
	}
}

// A power that is used while the module starts ends the load: it has none then.
func TestPowerAtStart(t *testing.T) {
	g := &wasmtest.Guest{}
	get := g.Import("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	g.Memory(1)
	g.Export("memory", 2, 0)
	g.Data(1024, []byte(varArgs("APP_HOME")))
	g.Export("_initialize", 0, g.Func("", "", "", wasmtest.Code{}.I32(1024).I32(13).Call(get).Drop()))
	bin := g.Invoke(wasmtest.Code{}.I32(0)).Manifest(strings.Replace(manifest("m", "run", "other"), `"run"`, `"run","powers":["env"]`, 1)).Bytes()
	h := open(t, app(t, map[string]string{"capabilities/main.toml": envCapability}, map[string][]byte{"m": bin}), host.Config{Env: appEnv})
	if r := h.Modules()[0].Refused; r == nil || !strings.Contains(r.Text, "while there was no request") {
		t.Errorf("refused = %v", r)
	}
}

// TestGuestEnv is the power env as authors see it.
func TestGuestEnv(t *testing.T) {
	h := open(t, app(t, map[string]string{"capabilities/main.toml": `
identifier = "main"
windows = ["main"]
[[permissions]]
identifier = "m:allow-env"
allow = [{ var = "APP_*" }]
[[permissions]]
identifier = "m:allow-denied"
allow = [{ var = "APP_*" }]
`}, map[string][]byte{"m": powersGuest(t, "m")}), host.Config{Env: appEnv})
	for _, tt := range []struct {
		command, arg string
		want         any
	}{
		{"env", "APP_HOME", "/home/app"}, {"env", "APP_NONE", nil}, {"denied", "APP_HOME", false}, {"denied", "SECRET", true},
	} {
		if res, err := h.Invoke(t.Context(), main, "m."+tt.command, tt.arg); err != nil || res.Value != tt.want {
			t.Errorf("%s %s: %v, %v", tt.command, tt.arg, res.Value, err)
		}
	}
	_, err := h.Invoke(t.Context(), main, "m.env", "SECRET")
	wantCode(t, err, "m.forbidden")
}
