//go:build !wasip1

package log_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
	"github.com/hashicorp/go-hclog"
)

func TestNative(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{Caller: sdk.Caller{Origin: "module:notes"}})
	for level, want := range map[int]sdk.Level{1: sdk.LevelTrace, 2: sdk.LevelDebug, 3: sdk.LevelInfo, 4: sdk.LevelWarn, 5: sdk.LevelError} {
		err := h.Invoke("log", map[string]any{"level": level, "message": "hello", "file": "a.js", "line": 120, "keyValues": map[string]any{"b": "2", "a": "1"}}, nil)
		logs := h.Logs()
		if last := logs[len(logs)-1]; err != nil || last.Level != want || last.Text != "[module:notes] hello at a.js:120 a=1 b=2" {
			t.Errorf("%d: %+v, %v", level, last, err)
		}
	}
	if err := h.Invoke("log", map[string]any{"level": 6, "message": "x"}, nil); sdktest.Code(err) != "bad-args" {
		t.Errorf("%v", err)
	}
}

// TestHost: what a page says reaches the operator's log as text, under its name.
func TestHost(t *testing.T) {
	var log bytes.Buffer
	h := sdktest.Open(t, host.Config{Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Trace})},
		"identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\"log:default\"]\n", sdktest.Build(t, "guest"))
	if _, err := h.Invoke(t.Context(), host.Window("main"), "log.log", map[string]any{"level": 4, "message": "two\nlines\x1b[31m", "location": "app.js"}); err != nil {
		t.Fatal(err)
	}
	if text := log.String(); !strings.Contains(text, `[main] two\nlines\x1b[31m at app.js`) || !strings.Contains(text, "[WARN]") || !strings.Contains(text, "host.module.log") {
		t.Errorf("log:\n%s", text)
	}
	if _, err := h.Invoke(t.Context(), host.Window("other"), "log.log", map[string]any{"level": 4, "message": "x"}); sdktest.Code(err) != "denied" {
		t.Errorf("without a grant: %v", err)
	}
	if _, err := h.Invoke(t.Context(), host.Window("main"), "log.log", map[string]any{"level": 9, "message": "x"}); sdktest.Code(err) != "bad-args" {
		t.Errorf("%v", err)
	}
}
