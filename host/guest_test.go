package host_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// goGuest builds testdata/guest once.
var goGuest = sync.OnceValues(func() ([]byte, error) {
	return buildGo("./testdata/guest", `{"module":{"name":"g","version":"1.0.0","abi":1},
"command":[{"name":"count"},{"name":"shout"},{"name":"about"},{"name":"fail"},{"name":"panic"},{"name":"exit"},{"name":"loop","timeout":"300ms"},{"name":"hog"},
{"name":"read","powers":["fs.read"]},{"name":"write","powers":["fs.write"]},{"name":"read_and_write","powers":["fs.read"]}],
"scope":{"type":"object","properties":{"topic":{"type":"string"}}}}`)
})

// buildGo builds a guest as authors do, and gives it a manifest.
func buildGo(pkg, manifest string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "ambit-guest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, errors.New(string(text))
	}
	bin, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return wasm.SetCustomSection(bin, "ambit", []byte(manifest))
}

const guestCapabilities = `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = ["g:allow-count", "g:allow-shout", "g:allow-fail", "g:allow-panic", "g:allow-exit", "g:allow-loop", "g:allow-hog"]

[[capabilities]]
identifier = "topics"
windows = ["main"]
[[capabilities.permissions]]
identifier = "g:allow-about"
allow = [{ topic = "news" }, { topic = "chat" }]
deny = [{ topic = "chat" }]

[[capabilities]]
identifier = "files"
windows = ["main"]
[[capabilities.permissions]]
identifier = "g:allow-read"
allow = [{ path = "$DATA/notes/**" }, { path = "$MODULE/**" }, { path = "$APP/**" }]
deny = [{ path = "$DATA/notes/private/**" }, { path = "$DATA/secret.md" }]
[[capabilities.permissions]]
identifier = "g:allow-write"
allow = [{ path = "$DATA/notes/**" }, { path = "$MODULE/*" }]
[[capabilities.permissions]]
identifier = "g:allow-read-and-write"
allow = [{ path = "$DATA/notes/**" }]

[[capabilities]]
identifier = "no-scope"
windows = ["side"]
permissions = ["g:allow-read"]
`

func openGuest(t *testing.T, c host.Config) (*host.Host, string) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a Go guest")
	}
	bin, err := goGuest()
	if err != nil {
		t.Fatal(err)
	}
	c.Limits.Load = 5 * time.Minute // the race detector slows the compiler down
	dir := app(t, map[string]string{
		"ambit.toml":                "[dirs]\nDATA = \"data\"\nAPP = \".\"\n[[module]]\nname = \"g\"\n",
		"capabilities/main.toml":    guestCapabilities,
		"data/notes/a.md":           "hello",
		"data/notes/private/key.md": "canary-81c2",
		"data/secret.md":            "canary-81c2",
	}, map[string][]byte{"g": bin})
	return open(t, dir, c), dir
}

// TestGuest is the whole way: a Go module built with the SDK, under a policy,
// on real files.
func TestGuest(t *testing.T) {
	var log bytes.Buffer
	h, dir := openGuest(t, host.Config{Logger: hclog.New(&hclog.LoggerOptions{Output: &log, JSONFormat: true})})
	if r := h.Modules()[0].Refused; r != nil {
		t.Fatal(r)
	}
	call := func(command string, args any) (any, error) {
		res, err := h.Invoke(t.Context(), main, "g."+command, args)
		return res.Value, err
	}
	want := func(command string, args, want any) {
		t.Helper()
		if got, err := call(command, args); err != nil || got != want {
			t.Errorf("%s: %v, %v", command, got, err)
		}
	}
	type file struct {
		Path string `json:"path"`
		Text string `json:"text,omitempty"`
	}

	want("count", nil, int64(1))
	want("count", nil, int64(1)) // nothing survives
	got, err := call("shout", file{Text: "hé"})
	if err != nil || field(t, got, "text") != "HÉ" || field(t, got, "window") != "main" {
		t.Errorf("shout: %v, %v", got, err)
	}
	if !strings.Contains(log.String(), `"text":"shouting"`) {
		t.Errorf("log: %s", log.String())
	}
	want("about", map[string]string{"topic": "news"}, true)
	want("about", map[string]string{"topic": "chat"}, false) // denied
	want("about", map[string]string{"topic": "rest"}, false)

	want("read", file{Path: "/DATA/notes/a.md"}, "hello")
	want("read", file{Path: "/APP/data/notes/a.md"}, "hello") // control for what follows
	for _, path := range []string{"/DATA/notes/private/key.md", "/DATA/secret.md", "/DATA/notes/../secret.md", "/etc/hostname",
		"/DATA", "ambit.toml", "/DATA/notes/none/../../secret.md", "/APP/data/secret.md", "/APP/data/notes/private/key.md",
		"/APP/ambit.toml", "/APP/ambit.lock", "/APP/capabilities/main.toml", "/APP/modules/g.wasm", "/APP/data/../ambit.toml"} {
		if text, err := call("read", file{Path: path}); err == nil || strings.Contains(err.Error(), dir) {
			t.Errorf("read %s: %q, %v", path, text, err)
		}
	}
	if _, err := call("write", file{Path: "/DATA/notes/b.md", Text: "new"}); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "data/notes/b.md")); err != nil || string(b) != "new" {
		t.Errorf("written: %q, %v", b, err)
	}
	_, err = call("read_and_write", file{Path: "/DATA/notes/c.md", Text: "new"})
	wantCode(t, err, "g.forbidden")
	if _, err := os.Stat(filepath.Join(dir, "data/notes/c.md")); err == nil {
		t.Error("wrote with the power to read only")
	}
	_, err = h.Invoke(t.Context(), host.Window("side"), "g.read", file{Path: "/DATA/notes/a.md"})
	wantCode(t, err, "g.forbidden") // granted without a scope

	if _, err := call("write", file{Path: "/MODULE/state", Text: "mine"}); err != nil {
		t.Error(err)
	}
	want("read", file{Path: "/MODULE/state"}, "mine")
	if b, err := os.ReadFile(filepath.Join(dir, ".ambit/g/state")); err != nil || string(b) != "mine" {
		t.Errorf("in the module's folder: %q, %v", b, err)
	}
	if info, err := os.Stat(filepath.Join(dir, ".ambit/g")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the module's folder: %v, %v", info, err)
	}
}

func TestGuestFailures(t *testing.T) {
	var log bytes.Buffer
	h, _ := openGuest(t, host.Config{Logger: hclog.New(&hclog.LoggerOptions{Output: &log, JSONFormat: true})})
	fails := func(command string, args any, code authority.Code) *host.Error {
		t.Helper()
		_, err := h.Invoke(t.Context(), main, "g."+command, args)
		return wantCode(t, err, code)
	}
	if e := fails("fail", nil, "g.no-luck"); e.Message != "not today" || len(e.Data.([]any)) != 1 {
		t.Errorf("error %+v", e)
	}
	if e := fails("panic", nil, authority.CodeGuestError); !strings.Contains(e.Message, "disco") {
		t.Errorf("error %+v", e)
	}
	fails("shout", map[string]any{"text": 7}, authority.CodeBadArgs)
	fails("shout", map[string]any{"more": 7}, authority.CodeBadArgs)
	fails("exit", nil, authority.CodeBadResult)
	start := time.Now()
	fails("loop", nil, authority.CodeDeadline)
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("the loop took %v", took)
	}
	fails("hog", nil, authority.CodeMemoryLimit)
	if !strings.Contains(log.String(), "out of memory") { // what Go prints on its stderr
		t.Error("the runtime's last words are not in the log")
	}
	if res, err := h.Invoke(t.Context(), main, "g.count", nil); err != nil || res.Value != int64(1) { // control
		t.Errorf("after all that: %v, %v", res.Value, err)
	}
}

// TestGuestKeepsItsInstance: what a Go guest built with the SDK has reserved is
// enough for calls that allocate some MiB, so that its instance is reset and not
// replaced.
func TestGuestKeepsItsInstance(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a Go guest")
	}
	bin, err := probeGuest()
	if err != nil {
		t.Fatal(err)
	}
	capability := "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\"m:allow-churn\", \"m:allow-large\"]\n"
	h := open(t, app(t, map[string]string{"capabilities/main.toml": capability}, map[string][]byte{"m": bin}), host.Config{})
	for range 20 {
		for _, call := range []struct {
			command string
			arg     int
		}{{"churn", 32}, {"large", 1 << 20}, {"churn", 64}, {"large", 10}} {
			if _, err := h.Invoke(t.Context(), main, "m."+call.command, call.arg); err != nil {
				t.Fatalf("%s: %v", call.command, err)
			}
		}
	}
	if made, grown := h.Instances("m"); made != 1 || grown != 0 {
		t.Errorf("%d instances made, %d had grown", made, grown)
	}
	if _, err := h.Invoke(t.Context(), main, "m.large", 16<<20); err == nil { // control: more than a reply may have
		t.Error("a reply of 16 MiB")
	}
	if _, err := h.Invoke(t.Context(), main, "m.churn", 0); err != nil {
		t.Error(err)
	}
	if made, _ := h.Instances("m"); made != 2 {
		t.Errorf("%d instances made, want another one after growth", made)
	}
}
