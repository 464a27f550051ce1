//go:build !wasip1

package sdktest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

const logGuest = "../../modules/log/guest"

// TestBuild: the module has its manifest, and a test that changes it spoils no
// other's.
func TestBuild(t *testing.T) {
	bin := sdktest.Build(t, logGuest)
	info, err := host.Inspect("log.wasm", bin, host.Limits{})
	if err != nil || info.Manifest.Name != "log" || len(info.Manifest.Commands) != 1 {
		t.Fatalf("%+v, %v", info, err)
	}
	kept := bytes.Clone(bin)
	clear(bin)
	if !bytes.Equal(sdktest.Build(t, logGuest+"/."), kept) {
		t.Error("the second build differs from the first")
	}
}

// TestBuildFindsManifest: in the folder or above it, up to that of go.mod.
func TestBuildFindsManifest(t *testing.T) {
	const (
		program  = "package main\n\nfunc main() {}\n"
		manifest = "[module]\nname = \"m\"\nversion = \"1.0.0\"\nabi = 1\n"
	)
	for _, tt := range []struct {
		name   string
		files  map[string]string // besides the program, in a/b/c
		wanted string            // in the error; empty: it is built
	}{
		{"here", map[string]string{"go.mod": "module m\n", "a/b/c/manifest.toml": manifest, "a/b/manifest.toml": "wrong"}, ""},
		{"two above", map[string]string{"go.mod": "module m\n", "a/manifest.toml": manifest}, ""},
		{"beside go.mod", map[string]string{"a/go.mod": "module m\n", "a/manifest.toml": manifest}, ""},
		{"above go.mod", map[string]string{"a/b/go.mod": "module m\n", "a/manifest.toml": manifest}, "no manifest.toml in"},
		{"wrong", map[string]string{"go.mod": "module m\n", "a/b/c/manifest.toml": "colour = 1\n"}, "manifest.toml:1:"},
		{"no program", map[string]string{"go.mod": "module m\n", "a/manifest.toml": manifest, "a/b/c/main.go": "package other\n"}, "go build"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, filepath.Join(dir, "a/b/c/main.go"), program)
			for name, text := range tt.files {
				put(t, filepath.Join(dir, name), text)
			}
			var bin []byte
			got := mistake(t, func(t testing.TB) { bin = sdktest.Build(t, filepath.Join(dir, "a/b/c")) })
			if tt.wanted != "" {
				if !strings.Contains(got, tt.wanted) {
					t.Errorf("%q, want %q", got, tt.wanted)
				}
				return
			}
			// The program has no commands, of which Inspect complains, too.
			if info, err := host.Inspect("m.wasm", bin, host.Limits{}); got != "" || info == nil || info.Manifest.Name != "m" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOpen: the capabilities count, modules are trusted, and the host is closed
// after the test.
func TestOpen(t *testing.T) {
	capability := "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\"log:default\", \"os:allow-platform\"]\n"
	var h *host.Host
	t.Run("open", func(t *testing.T) {
		h = sdktest.Open(t, host.Config{}, capability, sdktest.Build(t, logGuest), sdktest.Build(t, "../../modules/os/guest"))
		for _, tt := range []struct{ window, command, code string }{
			{"main", "log.log", ""},
			{"main", "os.platform", ""}, // by a scope of the module's own
			{"main", "os.arch", "denied"},
			{"other", "log.log", "denied"},
		} {
			var a entry
			if tt.command == "log.log" {
				a = entry{"level": 3, "message": "x"}
			}
			if _, err := h.Invoke(t.Context(), host.Window(tt.window), tt.command, a); sdktest.Code(err) != tt.code {
				t.Errorf("%s from %q: %v, want code %q", tt.command, tt.window, err, tt.code)
			}
		}
	})
	if _, err := h.Invoke(t.Context(), host.Window("main"), "log.log", entry{"level": 3, "message": "x"}); err == nil {
		t.Error("the host is still open after its test")
	}
}

// TestOpenRefuses: what is wrong with an app ends the test.
func TestOpenRefuses(t *testing.T) {
	bin := sdktest.Build(t, logGuest)
	for want, open := range map[string]func(testing.TB){
		"": func(t testing.TB) { sdktest.Open(t, host.Config{}, "", bin) },
		"not found in module": func(t testing.TB) {
			sdktest.Open(t, host.Config{}, "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\"log:nothing\"]\n", bin)
		},
		"manifest":     func(t testing.TB) { sdktest.Open(t, host.Config{}, "", []byte("\x00asm\x01\x00\x00\x00")) },
		"memory":       func(t testing.TB) { sdktest.Open(t, host.Config{Limits: host.Limits{Memory: 1 << 16}}, "", bin) },
		"capabilities": func(t testing.TB) { sdktest.Open(t, host.Config{}, "colour = 1\n", bin) },
	} {
		if got := mistake(t, open); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// mistake runs f and returns the text with which it ended the test, "" if it did
// not.
func mistake(t *testing.T, f func(testing.TB)) (text string) {
	t.Helper()
	end := &fatal{TB: t}
	defer func() {
		if r := recover(); r != nil && r != any(end) {
			panic(r)
		}
		text = end.text
	}()
	f(end)
	return ""
}
