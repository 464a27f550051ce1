package ipc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/host/ipc"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

const appTOML = `
[[window]]
label = "main"
assets = "ui"
remote = "http://remote.localhost:REMOTE"
[[window]]
label = "side"
assets = "ui"
[[window]]
label = "Has/Slash"
host = "slash"
remote = "http://remote.localhost:REMOTE"
[[module]]
name = "m"
`

const capabilities = `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = ["app:allow-echo", "app:allow-wait", "app:allow-fail", "app:allow-bytes", "app:allow-count", { identifier = "m:allow-run", allow = [{ topic = "*" }] }]
[[capabilities]]
identifier = "side"
windows = ["side"]
permissions = ["app:allow-who"]
[[capabilities]]
identifier = "remote"
windows = ["main"]
local = false
remote = { urls = ["http://remote.localhost:*"] }
permissions = ["app:allow-who"]
`

// emitter is a module whose command emits three events, and an answer.
func emitter() []byte {
	g := wasmtest.NewGuest()
	emit := g.Import("ambit_emit", "emit", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	body := wasmtest.Code{}
	at := int32(2048)
	for _, n := range []int{1, 2, 3} {
		args, _ := wire.AppendAny(nil, map[string]any{"topic": "progress", "payload": map[string]any{"n": n}})
		g.Data(at, args)
		body = body.I32(at).I32(int32(len(args))).Call(emit).Drop()
		at += 256
	}
	g.Data(1024, []byte("\x81\xa2ok\xa4done"))
	g.Invoke(body.Op(wasmtest.ReplyCode(1024, 9)...))
	return g.Manifest(`{"module":{"name":"m","version":"1.0.0","abi":1},"command":[{"name":"run","powers":["emit"]}]}`).Bytes()
}

// tap is the sink of the host that was opened last.
var tap *ipc.Tap

// newHost opens the app of the tests. waiting gets a message from each call of "wait"
// that has begun, and one when it has ended.
func newHost(t testing.TB, remotePort string) (h *host.Host, dir string, waiting chan string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{
		"ambit.toml": strings.ReplaceAll(appTOML, "REMOTE", remotePort), "capabilities/main.toml": capabilities, "modules/m.wasm": string(emitter()),
		"ui/index.html": "<!doctype html><title>page</title><script type=module src=page.js></script>", "ui/page.js": pageJS, "ui/.secret": "canary", "ui/sub/index.html": "sub", "ui/inline.html": inlineHTML,
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	waiting = make(chan string, 10_000)
	var commands []authority.Command
	funcs := map[string]host.Func{
		"echo":  func(_ context.Context, c *host.NativeCall) (any, error) { return c.Args, nil },
		"bytes": func(context.Context, *host.NativeCall) (any, error) { return []byte{0, 1, 255}, nil },
		"who": func(_ context.Context, c *host.NativeCall) (any, error) {
			return c.Caller.Origin.String() + " " + c.Caller.Window, nil
		},
		"wait": func(ctx context.Context, _ *host.NativeCall) (any, error) {
			waiting <- "begun"
			<-ctx.Done()
			waiting <- "ended"
			return nil, ctx.Err()
		},
		"count": func(_ context.Context, c *host.NativeCall) (any, error) { // emits so many events
			args, _ := c.Args.(map[string]any)
			to, _ := args["to"].(int64)
			pad, _ := args["pad"].(int64)
			for n := range to {
				if heard, err := c.Emit("n", map[string]any{"n": n, "pad": strings.Repeat("x", int(pad))}); err != nil || !heard {
					return n, err
				}
				waiting <- "emitted"
			}
			return to, nil
		},
		"fail": func(context.Context, *host.NativeCall) (any, error) { panic("secret-text") },
	}
	for name := range funcs {
		commands = append(commands, authority.Command{Name: name})
	}
	tap = ipc.NewTap(nil)
	h, err := host.Open(t.Context(), dir, host.Config{
		Audit:  tap,
		Cache:  host.NewCache(host.CacheOptions{Off: true}),
		Native: []host.Native{{Manifest: authority.Manifest{Name: "app", Version: "1.0.0", Commands: commands}, Funcs: funcs}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h, dir, waiting
}

// inlineHTML is a page with its script and style in it, as many pages for Tauri are.
const inlineHTML = `<!doctype html><title>inline</title><link rel=icon href="data:,">
<style>p { color: rgb(1, 2, 3) }</style><p>text</p>
<script>window.early = true</script>
<script type="module">
import { invoke } from "/_ambit/ambit.js"
document.querySelector("p").textContent = JSON.stringify(await invoke("echo", { early }))
</script>`

const pageJS = `import { invoke } from "/_ambit/ambit.js"`

// served is a server of the tests' app, on a port of this machine.
type served struct {
	*ipc.Server
	testing.TB
	host    *host.Host
	addr    string // of the listener
	port    string
	waiting chan string
}

// serve serves the app; a remote page is at the port remote, if that is given.
func serve(t testing.TB, change func(*ipc.Config), remote ...string) *served {
	t.Helper()
	var handler http.Handler
	listener := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	t.Cleanup(listener.Close)
	addr := strings.TrimPrefix(listener.URL, "http://")
	_, port, _ := strings.Cut(addr, ":")
	h, dir, waiting := newHost(t, append(remote, "9999")[0])
	c := ipc.Config{URL: "http://localhost:" + port, App: os.DirFS(dir)}
	if change != nil {
		change(&c)
	}
	s, err := ipc.New(h, c)
	if err != nil {
		t.Fatal(err)
	}
	handler = s
	t.Cleanup(func() { _ = s.Close() })
	return &served{s, t, h, addr, port, waiting}
}

// origin is that of a window.
func (s *served) origin(sub string) string { return "http://" + sub + ".localhost:" + s.port }

// answer is what became of a request.
type answer struct {
	StatusCode int
	Header     http.Header
}

// do sends a request as a page of the origin would.
func (s *served) do(method, sub, path, origin, token string, body any, headers ...string) (answer, string) {
	s.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case []byte:
		r = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(s.Context(), method, "http://"+s.addr+path, r)
	if err != nil {
		s.Fatal(err)
	}
	if req.Host = sub + ".localhost:" + s.port; strings.Contains(sub, ".") || strings.Contains(sub, ":") {
		req.Host = sub
	}
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header}, string(text)
}

// begin calls a command as a page of the window main, until ctx ends.
func (s *served) begin(ctx context.Context, command, token, body string) (ended <-chan struct{}) {
	s.Helper()
	req, err := http.NewRequestWithContext(ctx, "POST", "http://"+s.addr+"/_ambit/invoke/"+command, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Host = "main.localhost:" + s.port
	req.Header.Set("Origin", s.origin("main"))
	req.Header.Set("Authorization", "Bearer "+token)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}()
	return done
}

// ticket opens a window and returns the ticket of its URL.
func (s *served) ticket(label string) string {
	s.Helper()
	url, err := s.Open(label)
	if err != nil {
		s.Fatal(err)
	}
	_, ticket, _ := strings.Cut(url, "#ambit=")
	return ticket
}

// token is that of a new page.
func (s *served) token(label string) string {
	s.Helper()
	resp, text := s.do("POST", label, "/_ambit/token", s.origin(label), "", s.ticket(label))
	var got struct{ Token, Label string }
	if json.Unmarshal([]byte(text), &got) != nil || resp.StatusCode != 200 || got.Label != label {
		s.Fatalf("%d: %s", resp.StatusCode, text)
	}
	return got.Token
}
