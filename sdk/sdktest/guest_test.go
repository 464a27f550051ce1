//go:build !wasip1

package sdktest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// TestNewGuest: the fs module in a real host, on the files of the test.
func TestNewGuest(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"notes.md": "hello", "secret.md": "canary-02c7"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h := sdktest.NewGuest(t, "../../modules/fs/guest", sdktest.Options{
		Dirs: map[string]string{"APPDATA": dir}, Scope: scope(entry{"path": "$APPDATA/notes*"}),
	})
	read := func(path string) (string, error) {
		return sdktest.Call[string](h, "read_text_file", entry{"path": path})
	}
	if text, err := read("$APPDATA/notes.md"); text != "hello" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if text, err := read("$APPDATA/secret.md"); text != "" || sdktest.Code(err) != sdk.CodeForbidden {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := read("$HOME/x"); sdktest.Code(err) != sdk.CodeForbidden {
		t.Errorf("%v", err)
	}
	if err := h.Invoke("read_text_file", entry{"paht": "x"}, nil); sdktest.Code(err) != "bad-args" {
		t.Errorf("%v", err)
	}
	if err := h.Invoke("nothing", nil, nil); sdktest.Code(err) != "denied" {
		t.Errorf("%v", err)
	}
}

// TestNewGuestLogs: what a module logs and emits is as natively.
func TestNewGuestLogs(t *testing.T) {
	h := sdktest.NewGuest(t, "../../modules/log/guest", sdktest.Options{})
	if err := h.Invoke("log", entry{"level": 4, "message": "hello"}, nil); err != nil {
		t.Fatal(err)
	}
	if logs := h.Logs(); len(logs) != 1 || logs[0] != (sdktest.Line{Level: sdk.LevelWarn, Text: "[main] hello"}) {
		t.Errorf("%+v", logs)
	}
}

// TestNewGuestScope: a scope that the module's own permissions have does not count.
func TestNewGuestScope(t *testing.T) {
	h := sdktest.NewGuest(t, "../../modules/os/guest", sdktest.Options{Scope: scope(entry{"var": "AMBIT_OS_ARCH"})})
	if got, err := sdktest.Call[string](h, "arch", nil); got == "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := sdktest.Call[any](h, "hostname", nil); got != nil || sdktest.Code(err) != sdk.CodeForbidden {
		t.Errorf("%v, %v", got, err)
	}
}
