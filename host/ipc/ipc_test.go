package ipc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/ipc"
	"github.com/coder/websocket"
)

func TestInvoke(t *testing.T) {
	s := serve(t, func(c *ipc.Config) { c.Explain = true })
	token := s.token("main")
	for _, tt := range []struct {
		command, kind string
		body          any
		status        int
		want          string // of the body
	}{
		{"app.echo", "application/json", map[string]any{"a": []any{1, "x", nil}}, 200, `{"a":[1,"x",null]}`},
		{"echo", "application/json", map[string]any{"a": 1}, 200, `{"a":1}`},
		{"plugin:app|echo", "application/json", `{"b":{"$bytes":"AAH/"}}`, 200, `{"b":{"$bytes":"AAH/"}}`},
		{"app.echo", "application/octet-stream", []byte{0, 200, 255}, 200, "\x00\xc8\xff"},
		{"app.bytes", "application/json", "", 200, "\x00\x01\xff"},
		{"app.echo", "application/msgpack", "\x81\xa1a\x07", 200, "\x81\xa1a\x07"},
		{"app.echo", "application/json", `{"a":1,"a":2}`, 400, `"code":"bad-args"`},
		{"app.echo", "application/json", `{"a":`, 400, `"code":"bad-args"`},
		{"app.echo", "text/html", "x", 415, "bad-args"},
		{"app.echo", "application/msgpack", "\xdd\xff\xff\xff\xff", 400, "bad-args"},
		{"app.who", "application/json", "", 403, "is denied: window-mismatch"},
		{"app.none", "application/json", "", 403, `"code":"unknown-command"`},
		{"plugin:app|who", "application/json", "", 403, "window-mismatch"},
		{"plugin:app.echo", "application/json", "", 403, "unknown"},
		{"../token", "application/json", "", 403, "unknown"},
		{"app.fail", "application/json", "", 500, `"code":"host-error"`},
		{"m.run", "application/json", "", 200, `"done"`},
	} {
		resp, text := s.do("POST", "main", "/_ambit/invoke/"+strings.ReplaceAll(tt.command, "/", "%2F"), s.origin("main"), token, tt.body, "Content-Type", tt.kind)
		if resp.StatusCode != tt.status || !strings.Contains(text, tt.want) {
			t.Errorf("%s %v: %d %q, want %d %q", tt.command, tt.body, resp.StatusCode, text, tt.status, tt.want)
		}
		if strings.Contains(text, "secret-text") || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %q %v", tt.command, text, resp.Header)
		}
	}
	s.Config(func(c *ipc.Config) { c.Explain = false })
	if _, text := s.do("POST", "main", "/_ambit/invoke/app.who", s.origin("main"), token, ""); strings.Contains(text, "why") || !strings.Contains(text, "window-mismatch") {
		t.Errorf("without Explain: %s", text)
	}
	s.Config(func(c *ipc.Config) { c.MaxBody = 10 })
	if resp, _ := s.do("POST", "main", "/_ambit/invoke/app.echo", s.origin("main"), token, strings.Repeat(" ", 11)); resp.StatusCode != 413 {
		t.Errorf("a body that is too large: %d", resp.StatusCode)
	}
}

// TestRefused is group 8 of the hostile catalogue, but for what takes a browser: who is
// not the window's page gets nothing. Each has the control that the page itself gets in.
func TestRefused(t *testing.T) {
	s := serve(t, nil)
	main, side := s.token("main"), s.token("side")
	const path = "/_ambit/invoke/app.echo"
	for _, tt := range []struct {
		name, sub, origin, token string
		headers                  []string
		status                   int
	}{
		{"control", "main", "http://main.localhost:PORT", main, nil, 200},
		{"control with a site", "main", "http://main.localhost:PORT", main, []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"control in capitals", "MAIN.localhost:PORT", "http://main.localhost:PORT", main, nil, 200},
		{"rebinding", "evil.com", "http://main.localhost:PORT", main, nil, 421},
		{"rebinding by a name of the address", "127.0.0.1.nip.io:PORT", "http://main.localhost:PORT", main, nil, 421},
		{"the address", "127.0.0.1:PORT", "http://main.localhost:PORT", main, nil, 421},
		{"no window", "none", "http://none.localhost:PORT", main, nil, 421},
		{"another port", "main.localhost:1", "http://main.localhost:1", main, nil, 421},
		{"no port", "main.localhost", "http://main.localhost", main, nil, 421},
		{"below", "x.main.localhost:PORT", "http://main.localhost:PORT", main, nil, 421},
		{"a dot at the end", "main.localhost.:PORT", "http://main.localhost:PORT", main, nil, 421},
		{"no origin", "main", "", main, nil, 403},
		{"null", "main", "null", main, nil, 403},
		{"a foreign origin", "main", "https://evil.com", main, nil, 403},
		{"another window's origin", "main", "http://side.localhost:PORT", main, nil, 403},
		{"the origin with a slash", "main", "http://main.localhost:PORT/", main, nil, 403},
		{"the origin in capitals", "main", "http://MAIN.localhost:PORT", main, nil, 403},
		{"the origin by https", "main", "https://main.localhost:PORT", main, nil, 403},
		{"the origin and more", "main", "http://main.localhost:PORT.evil.com", main, nil, 403},
		{"cross-site", "main", "http://main.localhost:PORT", main, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"same-site", "main", "http://main.localhost:PORT", main, []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"a navigation", "main", "http://main.localhost:PORT", main, []string{"Sec-Fetch-Site", "none"}, 403},
		{"no token", "main", "http://main.localhost:PORT", "", nil, 401},
		{"a wrong token", "main", "http://main.localhost:PORT", "x" + main[1:], nil, 401},
		{"another window's token", "main", "http://main.localhost:PORT", side, nil, 401},
		{"the token at another window", "side", "http://side.localhost:PORT", main, nil, 401},
		{"the local token from the remote page", "main", "http://remote.localhost:9999", main, nil, 401},
		{"as basic", "main", "http://main.localhost:PORT", "", []string{"Authorization", "Basic " + main}, 401},
		{"as cookie", "main", "http://main.localhost:PORT", "", []string{"Cookie", "token=" + main}, 401},
	} {
		port := strings.NewReplacer("PORT", s.port)
		resp, text := s.do("POST", port.Replace(tt.sub), path, port.Replace(tt.origin), tt.token, map[string]any{"a": "canary"}, tt.headers...)
		if resp.StatusCode != tt.status || (tt.status != 200) == strings.Contains(text, "canary") {
			t.Errorf("%s: %d %q, want %d", tt.name, resp.StatusCode, text, tt.status)
		}
		if allowed := resp.Header.Get("Access-Control-Allow-Origin"); allowed != "" && allowed != "http://remote.localhost:9999" {
			t.Errorf("%s: allows the origin %q", tt.name, allowed)
		}
	}
	for _, method := range []string{"GET", "PUT", "HEAD", "DELETE"} {
		if resp, _ := s.do(method, "main", path, s.origin("main"), main, nil); resp.StatusCode != 404 {
			t.Errorf("%s: %d", method, resp.StatusCode)
		}
	}
}

// TestTickets: a ticket is good once, for its window, and for a while.
func TestTickets(t *testing.T) {
	s := serve(t, nil)
	exchange := func(sub, origin, ticket string) int {
		resp, _ := s.do("POST", sub, "/_ambit/token", origin, "", ticket)
		return resp.StatusCode
	}
	ticket := s.ticket("main")
	if got := exchange("main", s.origin("main"), ticket); got != 200 {
		t.Fatal(got)
	}
	if got := exchange("main", s.origin("main"), ticket); got != 403 {
		t.Errorf("twice: %d", got)
	}
	if got := exchange("side", s.origin("side"), s.ticket("main")); got != 403 {
		t.Errorf("at another window: %d", got)
	}
	for _, wrong := range []string{"", "x", strings.Repeat("x", 1000)} {
		if got := exchange("main", s.origin("main"), wrong); got != 403 {
			t.Errorf("%.10q: %d", wrong, got)
		}
	}
	ticket = s.ticket("main")
	ipc.Later(t, 3*time.Minute)
	if got := exchange("main", s.origin("main"), ticket); got != 403 {
		t.Errorf("too late: %d", got)
	}
	for _, label := range []string{"none", "", "slash"} {
		if _, err := s.Open(label); err == nil {
			t.Errorf("opened %q", label)
		}
	}
	if url, err := s.Open("Has/Slash"); err != nil || !strings.HasPrefix(url, s.origin("slash")+"/#ambit=") {
		t.Errorf("%s, %v", url, err)
	}
	if _, err := s.OpenRemote("side"); err == nil {
		t.Error("a remote page for a window that names none")
	}
	for range 2000 {
		if _, err := s.Open("main"); err != nil {
			return
		}
	}
	t.Error("any number of tickets waits")
}

// TestRemote: the page that [[window]] names as remote is itself, and may call what
// capabilities grant its origin.
func TestRemote(t *testing.T) {
	s := serve(t, nil)
	const remote = "http://remote.localhost:9999"
	ticket, err := s.OpenRemote("main")
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ := s.do("POST", "main", "/_ambit/token", s.origin("main"), "", ticket); resp.StatusCode != 403 {
		t.Error("the window's own page used the ticket of the remote one")
	}
	ticket, _ = s.OpenRemote("main")
	resp, text := s.do("POST", "main", "/_ambit/token", remote, "", ticket, "Sec-Fetch-Site", "cross-site")
	var got struct{ Token string }
	if resp.StatusCode != 200 || json.Unmarshal([]byte(text), &got) != nil || resp.Header.Get("Access-Control-Allow-Origin") != remote {
		t.Fatalf("%d %s %v", resp.StatusCode, text, resp.Header)
	}
	for command, want := range map[string]string{"app.who": remote, "app.echo": `"code":"denied"`} {
		if _, text := s.do("POST", "main", "/_ambit/invoke/"+command, remote, got.Token, ""); !strings.Contains(text, want) {
			t.Errorf("%s: %s", command, text)
		}
	}
	if resp, _ := s.do("OPTIONS", "main", "/_ambit/invoke/app.who", remote, "", nil, "Access-Control-Request-Method", "POST"); resp.StatusCode != 204 || resp.Header.Get("Access-Control-Allow-Origin") != remote {
		t.Errorf("preflight: %d %v", resp.StatusCode, resp.Header)
	}
	// Another window may have the same remote page: a ticket and a token are for one.
	ticket, _ = s.OpenRemote("main")
	if resp, _ := s.do("POST", "slash", "/_ambit/token", remote, "", ticket); resp.StatusCode != 403 {
		t.Errorf("a ticket of main at another window: %d", resp.StatusCode)
	}
	if resp, _ := s.do("POST", "slash", "/_ambit/invoke/app.who", remote, got.Token, ""); resp.StatusCode != 401 {
		t.Errorf("a token of main at another window: %d", resp.StatusCode)
	}
	for _, site := range []string{"same-origin", "none", "x"} {
		if resp, _ := s.do("POST", "main", "/_ambit/invoke/app.who", remote, got.Token, "", "Sec-Fetch-Site", site); resp.StatusCode != 403 {
			t.Errorf("from the site %q: %d", site, resp.StatusCode)
		}
	}
	s.Config(func(c *ipc.Config) { c.Explain = true })
	if _, text := s.do("POST", "main", "/_ambit/invoke/app.echo", remote, got.Token, ""); strings.Contains(text, "why") || !strings.Contains(text, `"code":"denied"`) {
		t.Errorf("it is told %s", text)
	}
	for _, sub := range []string{"side"} {
		if resp, _ := s.do("OPTIONS", sub, "/_ambit/invoke/app.who", remote, "", nil); resp.StatusCode != 403 || resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("preflight of a window that does not name it: %d", resp.StatusCode)
		}
	}
}

func TestAssets(t *testing.T) {
	s := serve(t, nil)
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/": {200, "text/html; charset=utf-8"}, "/page.js": {200, "text/javascript; charset=utf-8"}, "/sub/": {200, "text/html; charset=utf-8"}, "/_ambit/ambit.js": {200, "text/javascript; charset=utf-8"},
		"/.secret": {404, ""}, "/sub": {404, ""}, "/../ambit.toml": {404, ""}, "/%2e%2e/ambit.toml": {404, ""}, "/none": {404, ""}, "/..%5cambit.toml": {404, ""}, "/favicon.ico": {204, ""}, "/_ambit/js.go": {404, ""}, "/_ambit/package.json": {404, ""},
	} {
		resp, text := s.do("GET", "main", path, "", "", nil)
		if strings.HasPrefix(path, "/_ambit/") && want.status == 404 && resp.StatusCode == 403 {
			continue // what is not the client takes an origin
		}
		if resp.StatusCode != want.status || want.kind != "" && resp.Header.Get("Content-Type") != want.kind || strings.Contains(text, "canary") || strings.Contains(text, "[[window]]") {
			t.Errorf("%s: %d %s %.50q", path, resp.StatusCode, resp.Header.Get("Content-Type"), text)
		}
		csp := resp.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'self'") || resp.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, resp.Header)
		}
	}
	if resp, _ := s.do("GET", "main", "/", "", "", nil, "Sec-Fetch-Dest", "iframe"); resp.StatusCode != 403 {
		t.Errorf("in a frame: %d", resp.StatusCode)
	}
	if resp, _ := s.do("POST", "main", "/", s.origin("main"), "", nil); resp.StatusCode != 405 {
		t.Errorf("a form: %d", resp.StatusCode)
	}
	if resp, _ := s.do("GET", "slash", "/", "", "", nil); resp.StatusCode != 404 {
		t.Errorf("a window without assets: %d", resp.StatusCode)
	}
}

// TestCancel: a page that goes away, or gives up, ends its call.
func TestCancel(t *testing.T) {
	s := serve(t, nil)
	token := s.token("main")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := s.begin(ctx, "app.wait", token, "")
	for _, want := range []string{"begun", "ended"} {
		select {
		case got := <-s.waiting:
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("the call has not %s", want)
		}
		cancel()
	}
	<-done
}

// dial opens a socket as a page of the origin.
func (s *served) dial(origin, sub string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
	defer cancel()
	c, resp, err := websocket.Dial(ctx, "ws://"+s.addr+"/_ambit/socket", &websocket.DialOptions{Host: sub + ".localhost:" + s.port, HTTPHeader: http.Header{"Origin": {origin}}})
	if resp != nil && resp.Body != nil {
		_ = resp.Body.Close()
	}
	if err == nil {
		s.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, err
}

type got struct {
	Seq                   uint64
	Event, Channel, Topic string
	Payload               any
}

// attach opens a socket of a page of main, which has the messages up to last.
func (s *served) attach(token string, last uint64) *websocket.Conn {
	s.Helper()
	c, err := s.dial(s.origin("main"), "main")
	if err != nil {
		s.Fatal(err)
	}
	s.write(c, map[string]any{"token": token, "last": last})
	if m, err := s.readAny(c); err != nil || m.Seq != 0 {
		s.Fatalf("%+v, %v", m, err)
	}
	return c
}

// read returns the next message but for the one that says that a socket is the page's.
func (s *served) read(c *websocket.Conn) (m got, err error) {
	for m, err = s.readAny(c); err == nil && m.Seq == 0; m, err = s.readAny(c) {
	}
	return m, err
}

func (s *served) readAny(c *websocket.Conn) (m got, err error) {
	ctx, cancel := context.WithTimeout(s.Context(), 5*time.Second)
	defer cancel()
	_, b, err := c.Read(ctx)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	return m, err
}

func (s *served) write(c *websocket.Conn, v any) {
	b, _ := json.Marshal(v)
	if err := c.Write(s.Context(), websocket.MessageText, b); err != nil {
		s.Error(err)
	}
}

// TestRequestsByHand: what no client of HTTP sends.
func TestRequestsByHand(t *testing.T) {
	s := serve(t, nil)
	origin := "Origin: " + s.origin("main")
	for _, tt := range []struct {
		target  string
		headers []string
		status  string
	}{
		{"/_ambit/invoke/app.echo", []string{origin}, "200"},
		{"/_ambit/invoke/app.echo", []string{origin, "Sec-Fetch-Site: same-origin"}, "200"},
		{"/_ambit/invoke/app.echo", []string{origin, origin}, "403"},
		{"/_ambit/invoke/app.echo", []string{origin, "Origin: http://evil.com"}, "403"},
		{"/_ambit/invoke/app.echo", []string{origin, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"}, "403"},
		{"http://main.localhost:" + s.port + "/_ambit/invoke/app.echo", []string{origin}, "400"},
		{"http://evil.com/_ambit/invoke/app.echo", []string{origin}, "400"},
		{"//main.localhost/_ambit/invoke/app.echo", []string{origin}, "405"}, // a file of that name
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: main.localhost:%s\r\nAuthorization: Bearer %s\r\nConnection: close\r\nContent-Length: 2\r\n%s\r\n\r\n{}", tt.target, s.port, s.token("main"), strings.Join(tt.headers, "\r\n"))
		answer, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 "+tt.status) {
			t.Errorf("%s %q: %.60q, %v", tt.target, tt.headers, answer, err)
		}
		_ = conn.Close()
	}
}

// TestSocketLimits: how large a message may be, and how many sockets may be nobody's.
func TestSocketLimits(t *testing.T) {
	s := serve(t, nil)
	c := s.attach(s.token("main"), 0)
	heard := make(chan int, 1)
	s.Handle("size", func(_ context.Context, _ authority.Caller, payload any) { heard <- len(payload.(string)) })
	s.write(c, map[string]any{"event": "size", "payload": strings.Repeat("x", 60_000)})
	if n := <-heard; n != 60_000 {
		t.Error(n)
	}
	for range 256 {
		if _, err := s.dial(s.origin("main"), "main"); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 { // the server may count one of the others later than the next
		one, err := s.dial(s.origin("main"), "main")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, _, err = one.Read(ctx)
		cancel()
		if websocket.CloseStatus(err) == websocket.StatusTryAgainLater {
			return
		}
	}
	t.Error("any number of sockets may be nobody's")
}

// TestSocket: channels, events both ways, and going on after a break.
func TestSocket(t *testing.T) {
	s := serve(t, nil)
	token := s.token("main")
	c := s.attach(token, 0)
	if resp, text := s.do("POST", "main", "/_ambit/invoke/m.run", s.origin("main"), token, "", "Ambit-Channel", "7"); resp.StatusCode != 200 {
		t.Fatal(text)
	}
	for n := 1; n <= 3; n++ {
		m, err := s.read(c)
		if err != nil || m.Seq != uint64(n) || m.Channel != "7" || m.Topic != "progress" || m.Payload.(map[string]any)["n"] != float64(n) {
			t.Fatalf("%+v, %v", m, err)
		}
	}
	heard := make(chan any, 1)
	s.Handle("hello", func(_ context.Context, who authority.Caller, payload any) { heard <- []any{who.Window, payload} })
	s.write(c, map[string]any{"event": "nobody", "payload": 1})
	s.write(c, map[string]any{"event": "hello", "payload": map[string]any{"x": 1}})
	if got := (<-heard).([]any); got[0] != "main" || got[1].(map[string]any)["x"] != int64(1) {
		t.Errorf("heard %v", got)
	}
	// It breaks after the second message was confirmed.
	s.write(c, map[string]any{"ack": 2})
	_ = c.CloseNow()
	if n, err := s.Emit("main", "news", map[string]any{"b": []byte{1}}); err != nil || n != 1 {
		t.Errorf("emitted to %d, %v", n, err)
	}
	if n, _ := s.Emit("side", "news", 1); n != 0 {
		t.Errorf("emitted to %d pages of another window", n)
	}
	c = s.attach(token, 2)
	if m, err := s.read(c); err != nil || m.Seq != 3 || m.Channel != "7" {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := s.read(c); err != nil || m.Seq != 4 || m.Event != "news" || m.Payload.(map[string]any)["b"].(map[string]any)["$bytes"] != "AQ==" {
		t.Errorf("%+v, %v", m, err)
	}
	// A second socket takes its place.
	again := s.attach(token, 4)
	if m, err := s.read(c); err == nil {
		t.Errorf("the old socket got %+v", m)
	}
	_, _ = s.Emit("main", "news", 2)
	if m, err := s.read(again); err != nil || m.Seq != 5 {
		t.Errorf("%+v, %v", m, err)
	}
	_ = s.Close()
	if m, err := s.read(again); err == nil {
		t.Errorf("after closing: %+v", m)
	}
}

// TestSocketRefused: who is not the page gets no socket, or none of its messages.
func TestSocketRefused(t *testing.T) {
	s := serve(t, nil)
	token, side := s.token("main"), s.token("side")
	for _, origin := range []string{"", "null", "https://evil.com", s.origin("side")} {
		if _, err := s.dial(origin, "main"); err == nil {
			t.Errorf("origin %q got a socket", origin)
		}
	}
	for name, hello := range map[string]any{"no token": map[string]any{}, "another window's": map[string]any{"token": side}, "no JSON": "x", "wrong": map[string]any{"token": token + "x"}} {
		c, err := s.dial(s.origin("main"), "main")
		if err != nil {
			t.Fatal(err)
		}
		s.write(c, hello)
		_, _ = s.Emit("main", "news", "canary")
		m, err := s.read(c)
		if status := websocket.CloseStatus(err); err == nil || status != websocket.StatusPolicyViolation && status != websocket.StatusUnsupportedData {
			t.Errorf("%s: got %+v, %v", name, m, err)
		}
	}
	c := s.attach(token, 0) // control
	_, _ = s.Emit("main", "news", "canary")
	if m, err := s.read(c); err != nil || m.Event != "news" {
		t.Errorf("control: %+v, %v", m, err)
	}
	_ = c.Write(t.Context(), websocket.MessageText, []byte(`{"event":"x","payload":"`+strings.Repeat("x", 100_000)+`"}`)) // it may end before all is written
	for {
		if _, err := s.read(c); err != nil {
			break // too large a message ends it
		}
	}
}

func TestNew(t *testing.T) {
	h, _, _ := newHost(t, "1")
	for url, ok := range map[string]bool{
		"http://localhost:7070": true, "http://app.localhost": true, "http://localhost:80/": true, "": false, "localhost:7070": false, "http://127.0.0.1:7070": false, "http://[::1]": false, "ftp://localhost": false,
		"http://localhost/x": false, "http://u@localhost": false, "http://example.com": false, "https://apps.example.com": false, "http://localhost?x": false,
	} {
		if _, err := ipc.New(h, ipc.Config{URL: url}); (err == nil) != ok {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := ipc.New(h, ipc.Config{URL: "https://apps.example.com", Authenticate: func(*http.Request) error { return nil }}); err != nil {
		t.Error(err)
	}
}

// TestTLS serves windows by https at names that are not this machine's, to those that
// the app lets in.
func TestTLS(t *testing.T) {
	h, dir, _ := newHost(t, "1")
	s, err := ipc.New(h, ipc.Config{URL: "https://apps.example.com", App: os.DirFS(dir), Authenticate: func(r *http.Request) error {
		if r.Header.Get("X-User") != "known" {
			return errors.New("nobody")
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	server := httptest.NewTLSServer(s)
	defer server.Close()
	url, err := s.Open("main")
	if err != nil || !strings.HasPrefix(url, "https://main.apps.example.com/#ambit=") {
		t.Fatalf("%s, %v", url, err)
	}
	_, ticket, _ := strings.Cut(url, "=")
	for _, tt := range []struct {
		user, host, origin string
		status             int
	}{
		{"", "main.apps.example.com", "https://main.apps.example.com", 403}, {"known", "main.apps.example.com", "http://main.apps.example.com", 403},
		{"known", "apps.example.com", "https://main.apps.example.com", 421}, {"known", "main.apps.example.com:444", "https://main.apps.example.com", 421},
		{"known", "main.apps.example.com", "https://main.apps.example.com", 200},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/_ambit/token", strings.NewReader(ticket))
		req.Host = tt.host
		req.Header.Set("Origin", tt.origin)
		req.Header.Set("X-User", tt.user)
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != tt.status {
			t.Errorf("%+v: %d", tt, resp.StatusCode)
		}
	}
}
