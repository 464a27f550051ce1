package ipc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/ipc"
	"github.com/coder/websocket"
	"github.com/hashicorp/go-hclog"
)

// renew exchanges a page's token for another.
func (s *served) renew(sub, origin, token string) (string, int) {
	s.Helper()
	resp, text := s.do("POST", sub, "/_ambit/token", origin, token, "")
	var got struct{ Token string }
	_ = json.Unmarshal([]byte(text), &got)
	return got.Token, resp.StatusCode
}

// TestRenew: a page that is loaded again, or copied, gets a token of its own, for the
// window and the origin that it had, and the other one stays good.
func TestRenew(t *testing.T) {
	s := serve(t, nil)
	first := s.token("main")
	second, status := s.renew("main", s.origin("main"), first)
	if status != 200 || second == "" || second == first {
		t.Fatal(status, second)
	}
	for _, token := range []string{first, second} {
		if resp, _ := s.do("POST", "main", "/_ambit/invoke/app.echo", s.origin("main"), token, "{}"); resp.StatusCode != 200 {
			t.Error(resp.StatusCode)
		}
	}
	for _, tt := range []struct{ name, sub, origin, token string }{
		{"nobody's", "main", s.origin("main"), "x"}, {"another window", "side", s.origin("side"), first}, {"another page", "main", "http://remote.localhost:9999", first}, {"a foreign page", "main", "http://evil.com", first},
	} {
		if token, status := s.renew(tt.sub, tt.origin, tt.token); status != 403 || token != "" {
			t.Errorf("%s: %d", tt.name, status)
		}
	}
	// A page that makes many pushes its own kind out, and nobody else: those without a
	// socket first.
	side, idle := s.token("side"), s.token("main")
	s.attach(idle, 0)
	last := second
	for range 4100 {
		last, status = s.renew("main", s.origin("main"), last)
		if status != 200 {
			t.Fatal(status)
		}
	}
	if _, status := s.renew("main", s.origin("main"), first); status != 403 {
		t.Errorf("the first of many: %d", status)
	}
	if _, status := s.renew("side", s.origin("side"), side); status != 200 {
		t.Errorf("another window's: %d", status)
	}
	if _, status := s.renew("main", s.origin("main"), idle); status != 200 {
		t.Errorf("the one with a socket: %d", status)
	}
	// One that nobody uses for a day is gone.
	ipc.Later(t, 25*time.Hour)
	if _, status := s.renew("side", s.origin("side"), side); status != 403 {
		t.Errorf("after a day: %d", status)
	}
}

// TestSlowPage: a command waits for a page that does not take its events, and goes on
// when it does; the page gets each one, in order.
func TestSlowPage(t *testing.T) {
	t.Run("many events", func(t *testing.T) { testSlowPage(t, 0, 1000, 1100) })
	t.Run("large events", func(t *testing.T) { testSlowPage(t, 10_000, 90, 110) })
}

// testSlowPage has a command emit events of a size, of which some are taken at first.
func testSlowPage(t *testing.T, pad, least, most int) {
	s := serve(t, nil)
	token := s.token("main")
	c := s.attach(token, 0)
	c.SetReadLimit(1 << 20)
	const events = 3000
	answered := make(chan string, 1)
	go func() {
		_, text := s.do("POST", "main", "/_ambit/invoke/app.count", s.origin("main"), token, map[string]any{"to": events, "pad": pad}, "Ambit-Channel", "1")
		answered <- text
	}()
	first, err := s.read(c)
	if err != nil || first.Seq != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	emitted := 0
	for idle := false; !idle; { // until it waits
		select {
		case <-s.waiting:
			emitted++
		case <-time.After(300 * time.Millisecond):
			idle = true
		}
	}
	if emitted < least || emitted > most {
		t.Errorf("%d events were taken of a page that confirms none", emitted)
	}
	select {
	case text := <-answered:
		t.Fatalf("it did not wait: %s", text)
	default:
	}
	for seq := uint64(2); seq <= events; seq++ {
		m, err := s.read(c)
		if err != nil || m.Seq != seq || m.Payload.(map[string]any)["n"] != float64(seq-1) {
			t.Fatalf("%d: %+v, %v", seq, m.Seq, err)
		}
		if seq%50 == 0 {
			s.write(c, map[string]any{"ack": seq})
		}
	}
	if text := <-answered; strings.TrimSpace(text) != "3000" {
		t.Errorf("it answers %s", text)
	}
}

// TestGonePage: a command whose page has gone is told that nobody hears it.
func TestGonePage(t *testing.T) {
	s := serve(t, nil)
	token := s.token("main")
	ipc.Later(t, time.Minute) // the page has had no socket for so long
	if _, text := s.do("POST", "main", "/_ambit/invoke/app.count", s.origin("main"), token, map[string]any{"to": 10}, "Ambit-Channel", "1"); strings.TrimSpace(text) != "0" {
		t.Errorf("it answers %s", text)
	}
}

// TestManyBodies: pages cannot fill the memory with arguments.
func TestManyBodies(t *testing.T) {
	s := serve(t, func(c *ipc.Config) { c.MaxBody = 1000 })
	token := s.token("main")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var ended []<-chan struct{}
	for range 16 {
		ended = append(ended, s.begin(ctx, "app.wait", token, `{"x":"`+strings.Repeat("x", 990)+`"}`))
	}
	for range 16 {
		<-s.waiting
	}
	if _, text := s.do("POST", "main", "/_ambit/invoke/app.echo", s.origin("main"), token, `"`+strings.Repeat("x", 990)+`"`); !strings.Contains(text, `"code":"quota"`) {
		t.Errorf("one more: %s", text)
	}
	if resp, text := s.do("POST", "main", "/_ambit/invoke/app.echo", s.origin("main"), token, `{}`); resp.StatusCode != 200 {
		t.Errorf("a small one: %s", text)
	}
	cancel()
	for _, one := range ended {
		<-one
	}
}

// TestLargeBodies: a request is one call, and what a body becomes is bounded.
func TestLargeBodies(t *testing.T) {
	s := serve(t, nil)
	token := s.token("main")
	before := s.host.Stats().Invokes
	for name, body := range map[string]string{
		"many calls":    "[" + strings.Repeat(`{"cmd":"app.echo"},`, 100_000) + `{}]`,
		"many lines":    strings.Repeat("{\"cmd\":\"app.echo\"}\n", 100_000),
		"many numbers":  "[" + strings.Repeat("0,", 4_000_000) + "0]",
		"deep":          strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20),
		"many keys":     "{" + strings.Repeat(`"":0,`, 1_000_000) + `"":0}`,
		"a large index": `{"$bytes":"` + strings.Repeat("A", 7<<20) + `!"}`,
		"too large":     strings.Repeat(" ", 9<<20),
	} {
		for _, kind := range []string{"application/json", "application/msgpack"} {
			resp, text := s.do("POST", "main", "/_ambit/invoke/app.echo", s.origin("main"), token, body, "Content-Type", kind)
			if resp.StatusCode != 400 && resp.StatusCode != 413 || len(text) > 1000 {
				t.Errorf("%s as %s: %d %.100q", name, kind, resp.StatusCode, text)
			}
		}
	}
	if n := s.host.Stats().Entered; n != 0 {
		t.Errorf("%d calls of %d were entered", n, s.host.Stats().Invokes-before)
	}
	// The control, and the largest that is allowed.
	for _, body := range []string{`{"a":1}`, "[" + strings.Repeat("0,", 128<<10-2) + "0]"} {
		if resp, text := s.do("POST", "main", "/_ambit/invoke/app.echo", s.origin("main"), token, body); resp.StatusCode != 200 {
			t.Errorf("%d %.100q", resp.StatusCode, text)
		}
	}
}

// TestSlowBody: who does not send what they announce does not hold a connection for ever.
func TestSlowBody(t *testing.T) {
	ipc.BodyTime(t, 50*time.Millisecond)
	s := serve(t, nil)
	token := s.token("main")
	for _, path := range []string{"token", "invoke/app.echo"} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		fmt.Fprintf(conn, "POST /_ambit/%s HTTP/1.1\r\nHost: main.localhost:%s\r\nOrigin: %s\r\nAuthorization: Bearer %s\r\nContent-Length: 100\r\n\r\n{", path, s.port, s.origin("main"), token)
		answer, err := io.ReadAll(conn)
		if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 4") {
			t.Errorf("%s: %q, %v", path, answer, err)
		}
		_ = conn.Close()
	}
	// A call that takes longer than its body may goes on.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := s.begin(ctx, "app.wait", token, "{}")
	if got := <-s.waiting; got != "begun" {
		t.Error(got)
	}
	select {
	case got := <-s.waiting:
		t.Errorf("the call has %s", got)
	case <-time.After(200 * time.Millisecond):
	}
	cancel()
	<-ended
}

// TestPorts serves each window at a port of its own, for browsers that do not resolve
// names below localhost.
func TestPorts(t *testing.T) {
	h, dir, _ := newHost(t, "1")
	urls := map[string]string{"main": "http://127.0.0.1:7071", "side": "http://[::1]:7072", "Has/Slash": "http://127.0.0.1:80"}
	s, err := ipc.New(h, ipc.Config{URL: "http://localhost:7070", URLs: urls, App: os.DirFS(dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	open := func(label, host, origin, site string) int {
		url, err := s.Open(label)
		if err != nil {
			t.Fatal(err)
		}
		_, ticket, _ := strings.Cut(url, "#ambit=")
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/_ambit/token", strings.NewReader(ticket))
		r.Host = host
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", site)
		rw := httptest.NewRecorder()
		s.ServeHTTP(rw, r)
		return rw.Code
	}
	for _, tt := range []struct {
		label, host, origin, site string
		status                    int
	}{
		{"main", "127.0.0.1:7071", "http://127.0.0.1:7071", "same-origin", 200}, {"side", "[::1]:7072", "http://[::1]:7072", "same-origin", 200}, {"Has/Slash", "127.0.0.1", "http://127.0.0.1", "same-origin", 200},
		{"main", "127.0.0.1:7071", "http://[::1]:7072", "same-site", 403}, {"main", "127.0.0.1:7071", "http://127.0.0.1", "same-site", 403}, {"main", "main.localhost:7070", "http://main.localhost:7070", "same-origin", 421},
		{"side", "127.0.0.1:7071", "http://127.0.0.1:7071", "same-origin", 403},
	} {
		if got := open(tt.label, tt.host, tt.origin, tt.site); got != tt.status {
			t.Errorf("%+v: %d", tt, got)
		}
	}
	for _, wrong := range []map[string]string{
		{"main": "http://192.168.1.1:7070"}, {"main": "http://example.com"}, {"main": "x"}, {"none": "http://127.0.0.1:1"}, {"main": "http://127.0.0.1:1", "side": "http://127.0.0.1:1"}, {"main": "http://side.localhost:7070"},
	} {
		if _, err := ipc.New(h, ipc.Config{URL: "http://localhost:7070", URLs: wrong}); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}

// TestBeyond: a server that listens beyond this machine answers nobody there, unless the
// app says who may come.
func TestBeyond(t *testing.T) {
	h, _, _ := newHost(t, "1")
	for _, tt := range []struct {
		local, window string
		authenticate  bool
		status        int
	}{
		{"127.0.0.1:7070", "main", false, 404}, {"[::1]:7070", "main", false, 404}, {"192.168.1.7:7070", "main", false, 403}, {"192.168.1.7:7070", "main", true, 404},
		{"127.0.0.1:7070", "ambit-inspector", true, 200}, {"192.168.1.7:7070", "ambit-inspector", true, 403},
	} {
		c := ipc.Config{URL: "http://localhost:7070", Inspect: tap}
		if tt.authenticate {
			c.Authenticate = func(*http.Request) error { return nil }
		}
		s, err := ipc.New(h, c)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = tt.window + ".localhost:7070"
		rw := httptest.NewRecorder()
		s.ServeHTTP(rw, r.WithContext(ipc.At(t.Context(), tt.local)))
		if rw.Code != tt.status {
			t.Errorf("%+v: %d", tt, rw.Code)
		}
	}
}

// TestRefusalsLogged: the operator reads why, and a flood of them is no flood of lines.
func TestRefusalsLogged(t *testing.T) {
	var log bytes.Buffer
	s := serve(t, func(c *ipc.Config) { c.Logger = hclog.New(&hclog.LoggerOptions{Output: &log}) })
	for range 100 {
		s.do("POST", "evil.com", "/_ambit/invoke/app.echo", "http://evil.com", "", "canary")
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) < 10 || len(lines) > 40 || !strings.Contains(lines[0], "DNS rebinding") || !strings.Contains(lines[0], "evil.com") || strings.Contains(log.String(), "canary") {
		t.Errorf("%d lines: %q", len(lines), lines[0])
	}
}

// TestSocketsLeaveNothing: however sockets end, nothing of them stays.
func TestSocketsLeaveNothing(t *testing.T) {
	s := serve(t, nil)
	token := s.token("main")
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	for n := range 60 {
		c, err := s.dial(s.origin("main"), "main")
		if err != nil {
			t.Fatal(err)
		}
		switch n % 6 {
		case 0: // the next one takes its place
			s.write(c, map[string]any{"token": token})
		case 1: // the page goes
			s.write(c, map[string]any{"token": token})
			_ = c.CloseNow()
		case 2: // it says nothing, and goes
			_ = c.CloseNow()
		case 3:
			s.write(c, map[string]any{"token": "x"})
		case 4: // the network goes, in the middle of events
			s.write(c, map[string]any{"token": token})
			_, _ = s.Emit("main", "news", strings.Repeat("x", 100_000))
			s.DropSockets()
		case 5:
			s.write(c, map[string]any{"token": token, "last": uint64(1) << 60})
			_ = c.Write(t.Context(), websocket.MessageBinary, []byte{1})
		}
	}
	_ = s.Close()
	after := 0
	for range 200 {
		http.DefaultClient.CloseIdleConnections()
		if after = runtime.NumGoroutine(); after <= before+2 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	stack := make([]byte, 1<<20)
	t.Errorf("%d goroutines, %d before\n%s", after, before, stack[:runtime.Stack(stack, true)])
}
