//go:build !wasip1

package os_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/modules/os/command"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

func scope(variables ...string) sdktest.Options {
	var o sdktest.Options
	for _, v := range variables {
		o.Scope.Allow = append(o.Scope.Allow, map[string]any{"var": v})
	}
	return o
}

// TestCommands, natively and in a sandbox: with the entry of a fact, its commands
// tell it, and no other does.
func TestCommands(t *testing.T) {
	t.Setenv("AMBIT_OS_FAMILY", "amiga") // what the process says does not count
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	family, eol, suffix := "unix", "\n", ""
	if host.Platform() == "windows" {
		family, eol, suffix = "windows", "\r\n", "exe"
	}
	want := map[string]string{"family": family, "eol": eol, "exe_extension": suffix, "hostname": name, "locale": "de-DE"}
	run := func(t *testing.T, lent string, h *sdktest.Host) {
		for command, variable := range command.Variables {
			got, err := sdktest.Call[any](h, command, nil)
			if variable != lent {
				if got != nil || sdktest.Code(err) != "forbidden" {
					t.Errorf("%s lent, %s: %v, %v", lent, command, got, err)
				}
				continue
			}
			text, ok := got.(string)
			if w, known := want[command]; !ok || err != nil || known && text != w || !known && text == "" {
				t.Errorf("%s: %v, %v; want %q", command, got, err, w)
			}
		}
		if err := h.Invoke("platform", map[string]any{"colour": 1}, nil); sdktest.Code(err) != "bad-args" {
			t.Errorf("with an argument: %v", err)
		}
	}
	for _, lent := range command.Variables {
		t.Run("native", func(t *testing.T) { run(t, lent, sdktest.New(t, scope(lent))) })
		t.Run("guest", func(t *testing.T) { run(t, lent, sdktest.NewGuest(t, "guest", scope(lent))) })
	}
}

// TestUnknown: what the host does not know is null.
func TestUnknown(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	for name, h := range map[string]*sdktest.Host{
		"native": sdktest.New(t, scope("AMBIT_OS_*")), "guest": sdktest.NewGuest(t, "guest", scope("AMBIT_OS_*")),
	} {
		if got, err := sdktest.Call[any](h, "locale", nil); got != nil || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if got, err := sdktest.Call[any](h, "arch", nil); got == nil || err != nil { // control
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestHost: a permission of a command is enough for it and for no other; default
// shows what does not tell users apart.
func TestHost(t *testing.T) {
	capabilities := "[[capabilities]]\nidentifier = \"default\"\nwindows = [\"default\"]\npermissions = [\"os:default\"]\n"
	for _, command := range registered {
		capabilities += "[[capabilities]]\nidentifier = \"" + command + "\"\nwindows = [\"" + command + "\"]\npermissions = [\"os:allow-" + strings.ReplaceAll(command, "_", "-") + "\"]\n"
	}
	h := sdktest.Open(t, host.Config{}, capabilities, sdktest.Build(t, "guest"))
	code := func(window, command string) string {
		_, err := h.Invoke(t.Context(), host.Window(window), "os."+command, nil)
		return sdktest.Code(err)
	}
	for _, command := range registered {
		for _, window := range registered {
			if got := code(window, command); (got == "") != (window == command) || got != "" && got != "denied" {
				t.Errorf("allow-%s, %s: code %q", window, command, got)
			}
		}
		if got, hidden := code("default", command), command == "hostname" || command == "locale"; (got == "denied") != hidden || (got == "") == hidden {
			t.Errorf("default, %s: code %q", command, got)
		}
		if got := code("other", command); got != "denied" {
			t.Errorf("without a grant, %s: code %q", command, got)
		}
	}
}
