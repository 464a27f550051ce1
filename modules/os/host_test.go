//go:build !wasip1

package os_test

import (
	"os"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

func TestNative(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{Scope: sdktest.Scope{Allow: []any{map[string]any{"var": "AMBIT_OS_PLATFORM"}}}})
	if got, err := sdktest.Call[any](h, "platform", nil); err != nil || got != string(host.Platform()) {
		t.Errorf("%v, %v", got, err)
	}
	if err := h.Invoke("hostname", nil, nil); sdktest.Code(err) != "forbidden" {
		t.Errorf("%v", err)
	}
}

// TestHost: default shows what does not tell users apart, and each permission its
// fact alone.
func TestHost(t *testing.T) {
	t.Setenv("AMBIT_OS_PLATFORM", "amiga") // what the process says does not count
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	h := sdktest.Open(t, host.Config{}, `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = ["os:default"]
[[capabilities]]
identifier = "all"
windows = ["all"]
permissions = ["os:default", "os:allow-hostname", "os:allow-locale"]
[[capabilities]]
identifier = "bare"
windows = ["bare"]
permissions = ["os:allow-arch"]
`, sdktest.Build(t, "guest"))
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for command, want := range map[string]any{"platform": string(host.Platform()), "hostname": name, "locale": "de-DE", "exe_extension": "", "eol": "\n", "family": "unix"} {
		if res, err := h.Invoke(t.Context(), host.Window("all"), "os."+command, nil); err != nil || res.Value != want {
			t.Errorf("%s: %v, %v; want %v", command, res.Value, err, want)
		}
	}
	for _, command := range registered {
		_, err := h.Invoke(t.Context(), host.Window("main"), "os."+command, nil)
		if code := sdktest.Code(err); (code == "denied") != (command == "hostname" || command == "locale") {
			t.Errorf("default, %s: %v", command, err)
		}
		_, err = h.Invoke(t.Context(), host.Window("bare"), "os."+command, nil)
		if code := sdktest.Code(err); (code == "") != (command == "arch") {
			t.Errorf("arch alone, %s: %v", command, err)
		}
	}
}
