//go:build !wasip1

package log_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
	"github.com/hashicorp/go-hclog"
)

type args = map[string]any

// lines are calls from the window main, and what they log.
var lines = []struct {
	args  args
	level sdk.Level
	want  string // the line; empty: it is refused
}{
	{args{"level": 1, "message": "m"}, sdk.LevelTrace, "[main] m"},
	{args{"level": 2, "message": "m"}, sdk.LevelDebug, "[main] m"},
	{args{"level": 3, "message": "m"}, sdk.LevelInfo, "[main] m"},
	{args{"level": 4, "message": "m"}, sdk.LevelWarn, "[main] m"},
	{args{"level": 5, "message": "m"}, sdk.LevelError, "[main] m"},
	{args{"level": 3, "message": ""}, sdk.LevelInfo, "[main] "},
	{args{"level": 3, "message": "m", "location": nil, "file": nil, "line": nil, "keyValues": nil}, sdk.LevelInfo, "[main] m"},
	{args{"level": 3, "message": "m", "location": "f@a.js:1:2", "file": "a.ts", "line": 120}, sdk.LevelInfo, "[main] m at f@a.js:1:2 in a.ts:120"},
	{args{"level": 3, "message": "m", "file": "a.ts"}, sdk.LevelInfo, "[main] m in a.ts"},
	{args{"level": 3, "message": "m", "line": 7}, sdk.LevelInfo, "[main] m"},
	{args{"level": 3, "message": "m", "keyValues": args{"": "0", "c": nil, "b": "2", "a": "1 b=3", "d": `"`, "e": "", "f g": "grün"}}, sdk.LevelInfo,
		`[main] m ""=0 a="1 b=3" b=2 d="\"" e="" "f g"=grün`},
	{args{"level": 3, "message": strings.Repeat("ü", 2000), "location": strings.Repeat("l", 1000), "file": strings.Repeat("f", 256)}, sdk.LevelInfo,
		"[main] " + strings.Repeat("ü", 1024) + "… at " + strings.Repeat("l", 256) + "… in " + strings.Repeat("f", 256)},
	{args{"level": 3, "message": "m", "keyValues": args{strings.Repeat("k", 300): strings.Repeat("ü", 300)}}, sdk.LevelInfo,
		"[main] m " + strings.Repeat("k", 256) + "…=" + strings.Repeat("ü", 128) + "…"},
	{args{"level": 0, "message": "m"}, 0, ""},
	{args{"level": 6, "message": "m"}, 0, ""},
	{args{"level": 3, "message": 1}, 0, ""},
	{args{"level": 3, "message": "m", "colour": "red"}, 0, ""},
}

// TestCommands: natively and in a sandbox.
func TestCommands(t *testing.T) {
	t.Run("native", func(t *testing.T) { run(t, sdktest.New(t, sdktest.Options{})) })
	t.Run("guest", func(t *testing.T) { run(t, sdktest.NewGuest(t, "guest", sdktest.Options{})) })
}

func run(t *testing.T, h *sdktest.Host) {
	for _, l := range lines {
		before := len(h.Logs())
		err := h.Invoke("log", l.args, nil)
		logs := h.Logs()[before:]
		if l.want == "" {
			if sdktest.Code(err) != "bad-args" || len(logs) > 0 {
				t.Errorf("%.80v: %+v, %v", l.args, logs, err)
			}
			continue
		}
		if err != nil || len(logs) != 1 || logs[0] != (sdktest.Line{Level: l.level, Text: l.want}) {
			t.Errorf("%.80v: %+v, %v; want %q", l.args, logs, err, l.want)
		}
	}
}

// TestCaller: the line says who called, whatever the message says.
func TestCaller(t *testing.T) {
	for want, c := range map[string]sdk.Caller{
		"[main] m":                       {Window: "main", Webview: "main", Origin: "local"},
		"[module:notes] m":               {Origin: "module:notes"},
		"[main https://a.example/x] m":   {Window: "main", Webview: "main", Origin: "https://a.example/x"},
		"[w " + long[:256] + "…] m":      {Window: "w", Webview: "w", Origin: long},
		"[module:" + long[:249] + "…] m": {Origin: "module:" + long},
	} {
		h := sdktest.New(t, sdktest.Options{Caller: c})
		if err := h.Invoke("log", args{"level": 3, "message": "m"}, nil); err != nil {
			t.Fatal(err)
		}
		if logs := h.Logs(); len(logs) != 1 || logs[0].Text != want {
			t.Errorf("%+v, want %q", logs, want)
		}
	}
}

var long = "https://" + strings.Repeat("a", 300)

// TestHost: what a page says reaches the operator's log as text on one line, under
// the module's name, if a capability lets the page.
func TestHost(t *testing.T) {
	var out bytes.Buffer
	h := sdktest.Open(t, host.Config{Logger: hclog.New(&hclog.LoggerOptions{Output: &out, Level: hclog.Info})}, `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = ["log:default"]
[[capabilities]]
identifier = "remote"
windows = ["main"]
local = false
permissions = ["log:allow-log"]
[capabilities.remote]
urls = ["https://a.example/*"]
`, sdktest.Build(t, "guest"))
	for _, tt := range []struct {
		from authority.Caller
		args args
		code string
		want string // in the log; empty: nothing is added
	}{
		{host.Window("main"), args{"level": 4, "message": "two\nlines\x1b[31m"}, "", `[main] two\nlines\x1b[31m`},
		{host.Window("main"), args{"level": 2, "message": "below the operator's level"}, "", ""},
		{host.Window("main"), args{"level": 9, "message": "x"}, "bad-args", ""},
		{host.Window("main"), args{"level": 4, "message": "x", "colour": 1}, "bad-args", ""},
		{host.Remote("main", "https://a.example/p"), args{"level": 4, "message": "[main] x"}, "", "[main https://a.example/p] [main] x"},
		{host.Window("other"), args{"level": 4, "message": "canary-other"}, "denied", ""},
		{host.Remote("main", "https://b.example/p"), args{"level": 4, "message": "canary-other"}, "denied", ""},
	} {
		out.Reset()
		_, err := h.Invoke(t.Context(), tt.from, "log.log", tt.args)
		if sdktest.Code(err) != tt.code {
			t.Errorf("%v from %v: %v, want code %q", tt.args, tt.from, err, tt.code)
		}
		text := out.String()
		if strings.Contains(text, "guest output") != (tt.want != "") || strings.Contains(text, "canary-other") {
			t.Errorf("%v from %v: log\n%s", tt.args, tt.from, text)
		}
		if tt.want != "" && (!strings.Contains(text, tt.want) || !strings.Contains(text, "[WARN]  host.module.log: ") || strings.Count(text, "\n") != 1) {
			t.Errorf("%v from %v: log\n%s\nwant %s", tt.args, tt.from, text, tt.want)
		}
	}
}
