package host_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/hashicorp/go-hclog"
)

// TestLent: what a Go module reaches by the powers for keys, HTTP and programs, in
// a host, and nothing of it without an entry.
func TestLent(t *testing.T) {
	if _, err := exec.LookPath("printf"); err != nil {
		t.Skip("needs a program to run")
	}
	hits := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		_, _ = io.WriteString(w, "answer to "+r.Header.Get("X-Key"))
	}))
	defer server.Close()
	t.Setenv("AMBIT_SECRET_WEATHER_API", "canary-3f70")
	capability := fmt.Sprintf(`
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = [
  { identifier = "m:allow-get", allow = [{ key = "a/*" }] }, { identifier = "m:allow-set", allow = [{ key = "a/*" }, { key = "b/*" }] },
  { identifier = "m:allow-list", allow = [{ key = "a/*" }] },
  { identifier = "m:allow-fetch", allow = [{ url = "%s/api/*", private = true, headers = { X-Key = "secret:weather-api" } }] },
  { identifier = "m:allow-run", allow = [{ program = "printf", args = ["%%s", { validator = "[a-z]+" }] }] },
  "m:allow-try",
]
`, server.URL)
	var log bytes.Buffer
	sink := &host.MemorySink{}
	dir := app(t, map[string]string{"capabilities/main.toml": capability}, map[string][]byte{"m": powersGuest(t, "m")})
	config := host.Config{Audit: sink, Secrets: host.EnvSecrets(), Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Trace}), Limits: host.Limits{Load: 5 * time.Minute}}
	h := open(t, dir, config)
	for _, tt := range []struct {
		command string
		args    any
		want    string // the result, printed
		code    authority.Code
	}{
		{"m.set", "a/1", "<nil>", ""}, {"m.set", "b/1", "<nil>", ""}, {"m.get", "a/1", "value", ""}, {"m.get", "b/1", "", "m.forbidden"}, {"m.set", "c/1", "", "m.forbidden"},
		{"m.list", "", "[a/1=value]", ""},
		{"m.fetch", server.URL + "/api/x", "answer to canary-3f70", ""}, {"m.fetch", server.URL + "/else", "", "m.forbidden"},
		{"m.run", []string{"printf", "%s", "abc"}, "abc", ""}, {"m.run", []string{"printf", "%s", "abc1"}, "", "m.forbidden"}, {"m.run", []string{"id"}, "", "m.forbidden"},
		{"m.try", nil, "10", ""}, // all of them denied
	} {
		res, err := h.Invoke(t.Context(), main, tt.command, tt.args)
		if tt.code != "" {
			wantCode(t, err, tt.code)
		} else if err != nil || fmt.Sprint(res.Value) != tt.want {
			t.Errorf("%s %v: %v, %v", tt.command, tt.args, res.Value, err)
		}
	}
	if hits != 1 {
		t.Errorf("the server got %d requests", hits)
	}
	// The operator reads the power, the entry that is missing, and the command.
	for _, want := range []string{
		`command=m.get power=kv.read asked=b/1 code=scope-mismatch missing="{ key = \"b/1\" }"`,
		`command=m.fetch power=http asked="GET ` + server.URL + `/else" code=scope-mismatch missing="{ url = \"` + server.URL + `/else\" }"`,
		`command=m.run power=exec asked=id code=scope-mismatch missing="{ program = \"id\" }"`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s", want)
		}
	}
	if strings.Contains(log.String(), "canary-") || strings.Contains(fmt.Sprintf("%+v", sink.Records()), "canary-") {
		t.Error("a secret is in the log or the records")
	}
	// Keys outlive the host, and no scope for files reaches them.
	closeHost(t, h)
	if _, err := os.Stat(filepath.Join(dir, ".ambit", ".kv", "kv.db")); err != nil {
		t.Error(err)
	}
	if res, err := open(t, dir, config).Invoke(t.Context(), main, "m.get", "a/1"); err != nil || res.Value != "value" {
		t.Errorf("after opening again: %v, %v", res.Value, err)
	}
}

// TestKeysOfOthers: each module has its keys for itself.
func TestKeysOfOthers(t *testing.T) {
	const capability = `
identifier = "main"
windows = ["main"]
permissions = [
  { identifier = "m:allow-set", allow = [{ key = "*" }] }, { identifier = "m:allow-get", allow = [{ key = "*" }] },
  { identifier = "n:allow-get", allow = [{ key = "*" }] }, { identifier = "n:allow-list", allow = [{ key = "*" }] },
]
`
	h := open(t, app(t, map[string]string{"capabilities/main.toml": capability}, map[string][]byte{"m": powersGuest(t, "m"), "n": powersGuest(t, "n")}),
		host.Config{Limits: host.Limits{Load: 5 * time.Minute}})
	if _, err := h.Invoke(t.Context(), main, "m.set", "canary"); err != nil {
		t.Fatal(err)
	}
	if res, err := h.Invoke(t.Context(), main, "m.get", "canary"); err != nil || res.Value != "value" {
		t.Errorf("control: %v, %v", res.Value, err)
	}
	for _, key := range []string{"canary", "m/canary", "v/m/canary", "../m/canary", "../v/m/canary"} {
		if res, err := h.Invoke(t.Context(), main, "n.get", key); err != nil || res.Value != "" {
			t.Errorf("%s: %v, %v", key, res.Value, err)
		}
	}
	if res, err := h.Invoke(t.Context(), main, "n.list", ""); err != nil || fmt.Sprint(res.Value) != "[]" && res.Value != nil {
		t.Errorf("%v, %v", res.Value, err)
	}
}

// TestLentRevoked: what waits ends with what allowed it: a fetch, a body that is
// read or written, and a running program. So it does with the call's time.
func TestLentRevoked(t *testing.T) {
	if _, err := exec.LookPath("sleep"); err != nil {
		t.Skip("needs a program to run")
	}
	var waiting atomic.Int64
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" { // of others the server does not notice that they are gone
			waiting.Add(1)
			defer waiting.Add(-1)
		}
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	}))
	defer server.Close()
	defer close(stop)
	dir := app(t, nil, map[string][]byte{"m": powersGuest(t, "m")})
	h := open(t, dir, host.Config{Limits: host.Limits{Load: 5 * time.Minute, Deadline: time.Minute}})
	grant := fmt.Sprintf(`
identifier = "extra"
windows = ["main"]
permissions = [
  { identifier = "m:allow-fetch", allow = [{ url = "%s/*", private = true }] }, { identifier = "m:allow-upload", allow = [{ url = "%s/*", private = true }] },
  { identifier = "m:allow-run", allow = [{ program = "sleep", args = ["100"] }] }, { identifier = "m:allow-leave", allow = [{ program = "sleep", args = ["100"] }] },
]
`, server.URL, server.URL)
	for _, tt := range []struct {
		command string
		args    any
	}{
		{"m.fetch", server.URL + "/head"}, {"m.fetch", server.URL + "/body"}, {"m.upload", server.URL + "/up"}, {"m.run", []string{"sleep", "100"}},
	} {
		for _, how := range []string{"revoked", "expired"} {
			until := time.Time{}
			if how == "expired" {
				until = time.Now().Add(200 * time.Millisecond)
			}
			ids, err := h.Live().GrantFile("extra.toml", []byte(grant), until)
			if err != nil {
				t.Fatal(err)
			}
			var revoked atomic.Int64
			timer := time.AfterFunc(200*time.Millisecond, func() {
				if revoked.Store(time.Now().UnixNano()); how == "revoked" {
					h.Live().Revoke(ids[0])
				}
			})
			_, err = h.Invoke(t.Context(), main, tt.command, tt.args)
			took := time.Duration(time.Now().UnixNano() - revoked.Load())
			timer.Stop()
			wantCode(t, err, authority.CodeRevoked)
			t.Logf("%s %v: %s, ended %v later", tt.command, tt.args, how, took)
			h.Live().Revoke(ids[0])
		}
	}
	ids, err := h.Live().GrantFile("extra.toml", []byte(grant), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	// What a call leaves running ends with it.
	if _, err := h.Invoke(t.Context(), main, "m.leave", []string{"sleep", "100"}); err != nil {
		t.Error(err)
	}
	if out, err := exec.Command("pgrep", "-f", "^sleep 100$").Output(); err == nil {
		t.Errorf("a program is left: %s", out)
	}
	h.Live().Revoke(ids[0])
	for range 100 {
		if waiting.Load() == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d requests are left", waiting.Load())
}

// TestRefusedFiles: the operator reads which files a call wanted and was not lent.
func TestRefusedFiles(t *testing.T) {
	sink := &host.MemorySink{}
	h, _ := openGuest(t, host.Config{Audit: sink})
	for _, path := range []string{"/DATA/notes/a.md", "/DATA/secret.md", "/DATA/notes/private/key.md", "/etc/passwd"} {
		_, _ = h.Invoke(t.Context(), main, "g.read", map[string]any{"path": path})
	}
	_, _ = h.Invoke(t.Context(), host.Window("side"), "g.read", map[string]any{"path": "/DATA/notes/a.md"})
	_, _ = h.Invoke(t.Context(), main, "g.write", map[string]any{"path": "/DATA/b.md", "text": "x"})
	var got []string
	for _, r := range sink.Records() {
		for _, refused := range r.Refused {
			got = append(got, fmt.Sprint(r.Caller.Window, " ", refused))
		}
	}
	want := []string{
		`main {fs.read scope-mismatch $DATA/secret.md { path = "$DATA/secret.md" }}`,
		`main {fs.read scope-mismatch $DATA/notes/private/key.md { path = "$DATA/notes/private/key.md" }}`,
		`main {fs.read scope-mismatch $etc/passwd { path = "$etc/passwd" }}`,
		`side {fs.read scope-empty $DATA/notes/a.md { path = "$DATA/notes/a.md" }}`,
		`main {fs.write scope-mismatch $DATA/b.md { path = "$DATA/b.md" }}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("refused\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
