package egress

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
	"golang.org/x/net/dns/dnsmessage"
)

func TestClassify(t *testing.T) {
	for class, addresses := range map[class]string{
		public: `1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 100.128.0.1 169.253.0.1 198.20.0.1 223.255.255.255 2606:4700::1 2a00:1450::1
64:ff9b::808:808 ::ffff:8.8.8.8`,
		private: `127.0.0.1 127.255.255.255 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.1.1 100.64.0.1 100.127.255.255 198.18.0.1 198.19.255.255
192.0.2.1 198.51.100.1 203.0.113.1 192.88.99.1 ::1 ::ffff:127.0.0.1 ::7f00:1 fe80::1 fe80::1%eth0 2606:4700::1%eth0 fc00::1 fd12::1 fec0::1 64:ff9b::7f00:1
64:ff9b::a00:1 64:ff9b:1::808:808 2002:7f00:1:: 2002:808:808:: 2001::1 2001:db8::1 3fff::1 4000::1`,
		metadata: `169.254.169.254 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe fd00:ec2::254 100.100.100.200 169.254.170.2`,
		never:    `0.0.0.0 0.1.2.3 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 :: ff02::1 ::ffff:0.0.0.0 64:ff9b::0.0.0.0`,
	} {
		for text := range strings.FieldsSeq(addresses) {
			if got := classify(netip.MustParseAddr(text)); got != class {
				t.Errorf("%s is %d, want %d", text, got, class)
			}
		}
	}
	if classify(netip.Addr{}) != never {
		t.Error("no address is one")
	}
}

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		address, host string
		own, want     bool
	}{
		{"1.1.1.1", "x.example", false, true}, {"1.1.1.1", "x.example", true, true},
		{"127.0.0.1", "x.example", false, false}, {"127.0.0.1", "x.example", true, true},
		{"169.254.169.254", "x.example", true, false}, {"169.254.169.254", "169.254.169.254", true, true}, {"169.254.169.254", "169.254.169.254", false, false},
		{"0.0.0.0", "0.0.0.0", true, false},
	} {
		if got := check(netip.MustParseAddr(tt.address), tt.host, tt.own); (got == nil) != tt.want {
			t.Errorf("%s of %s, private %t: %v", tt.address, tt.host, tt.own, got)
		}
	}
}

// TestSpellings: every spelling of an address that is not public is refused when
// it is dialled, or before, with Go's resolver and the system's. The control: the
// same server is reached when the entry says private = true.
func TestSpellings(t *testing.T) {
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { hits.Add(1); _, _ = io.WriteString(w, "canary-77b1") }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, resolver := range []*net.Resolver{{PreferGo: true}, nil} {
		c := NewClient(Options{Resolver: resolver})
		for host := range strings.FieldsSeq(`127.0.0.1 127.1 0 2130706433 0x7f000001 0x7f.1 0177.0.0.1 127.0.1 0.0.0.0 [::ffff:127.0.0.1] [::1] [::] [::7f00:1] localhost
LOCALHOST localhost. [64:ff9b::7f00:1] 127.0.0.1. ①27.0.0.1 127。0。0。1 %31%32%37.0.0.1`) {
			r := &Request{Method: "GET", URL: "http://" + host + port + "/", Redirects: 5, Policy: entries(authority.Sending{})}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			resp, err := c.Do(ctx, r)
			cancel()
			if err == nil {
				_ = resp.Body.Close()
				t.Errorf("%s was reached", host)
			}
			_, refused := errors.AsType[*AddressError](err)
			_, bad := errors.AsType[*BadRequest](err)
			_, dead := errors.AsType[*Unreachable](err)
			if !refused && !bad && !dead {
				t.Errorf("%s: %v", host, err)
			}
		}
		if hits.Load() != 0 {
			t.Fatalf("the server was reached %d times", hits.Load())
		}
		for _, host := range []string{"127.0.0.1", "127.1", "2130706433", "localhost"} {
			resp, err := c.Do(t.Context(), &Request{Method: "GET", URL: "http://" + host + port, Policy: entries(authority.Sending{Private: true})})
			if err != nil {
				t.Errorf("control %s: %v", host, err)
				continue
			}
			_ = resp.Body.Close()
		}
		if hits.Swap(0) != 4 {
			t.Error("the control did not reach the server")
		}
	}
}

// entries is a policy that lets everything through by these.
func entries(e ...authority.Sending) func(string, pattern.ParsedURL) ([]authority.Sending, error) {
	return func(string, pattern.ParsedURL) ([]authority.Sending, error) { return e, nil }
}

var own = entries(authority.Sending{Private: true})

// TestURLs: what is refused before anything is looked up. What is sent is what
// was decided about.
func TestURLs(t *testing.T) {
	for _, text := range []string{
		"", "x", "file:///etc/passwd", "gopher://x.example/", "ftp://x.example/", "data:text/plain,x", "http:x.example", "http:/x.example", "//x.example",
		"http://user@x.example/", "http://user:pw@x.example/", "http://good.example@evil.example/", "http://x.example\\@evil.example/",
		"http://x.example:99999/", "http://x.example:a/", "http://[::1/", "http://x example/", "http://x.example/\n", "http://gооd.example/",
		"http://x.example%2f.evil.example/", "javascript:alert(1)", "http://", "http://?x", "ws://x.example/",
	} {
		called := false
		_, err := NewClient(Options{}).Do(t.Context(), &Request{Method: "GET", URL: text, Policy: func(string, pattern.ParsedURL) ([]authority.Sending, error) {
			called = true
			return nil, errors.New("asked")
		}})
		if e, ok := errors.AsType[*BadRequest](err); !ok || called && !strings.Contains(e.Text, "net/url") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"HTTP://X.Example:80/a/../b?c#d": "http://x.example/b?c", "https://x.example:443": "https://x.example/", "http://x.example:/": "http://x.example/",
		"http://x.example/a%2fb?q=%20": "http://x.example/a%2Fb?q=%20", "http://127.1/": "http://127.0.0.1/", "http://[0:0::1]/": "http://[::1]/", "http://x.example/?": "http://x.example/?",
	} {
		u, err := parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := sent(u); err != nil || !strings.EqualFold(got.String(), want) {
			t.Errorf("%q is sent as %v, %v; want %s", text, got, err, want)
		}
	}
}

func FuzzSent(f *testing.F) {
	for _, s := range []string{"http://x.example/a?b#c", "https://[::1]:8443/%2e%2e/;x", "http://127.1:80//a//b?", "http://x/a b", "http://x.example./"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := parse(text)
		if err != nil {
			return
		}
		out, err := sent(u)
		if err != nil {
			return
		}
		again, err := parse(out.String())
		if err != nil || again.Origin() != u.Origin() || again.Path() != u.Path() || again.Query() != u.Query() {
			t.Fatalf("%q was decided as %s and is sent as %s (%v)", text, u, out, err)
		}
		host := out.Hostname()
		if a, err := netip.ParseAddr(host); err == nil && a.Is4() != (strings.Trim(u.Host(), "[]") == a.String()) && a.Is4() {
			t.Fatalf("%q: host %s of %s", text, host, u)
		}
	})
}

func TestHeaders(t *testing.T) {
	many := make([][2]string, mostHeaders+1)
	for i := range many {
		many[i] = [2]string{"a", "b"}
	}
	for name, list := range map[string][][2]string{
		"host": {{"Host", "evil"}}, "length": {{"Content-Length", "1"}}, "encoding": {{"transfer-encoding", "chunked"}}, "connection": {{"Connection", "upgrade"}},
		"proxy": {{"Proxy-Authorization", "x"}}, "split": {{"X", "a\r\nHost: evil"}}, "nul": {{"X", "a\x00"}}, "name": {{"X\r\nY", "a"}}, "empty": {{"", "a"}}, "space": {{"a b", "c"}},
		"many": many, "large": {{"A", strings.Repeat("x", mostHeaderBytes)}},
	} {
		if _, err := headers(list); err == nil {
			t.Errorf("%s: %v is taken", name, list)
		}
	}
	if h, err := headers(append(many[:mostHeaders-1:mostHeaders-1], [2]string{"Authorization", "Bearer ü"})); err != nil || len(h["A"]) != 99 {
		t.Errorf("control: %v, %v", h, err)
	}
	for _, m := range []string{"", "get", "TRACE", "CONNECT", "GET /", "G\r\n", strings.Repeat("A", 33)} {
		if checkMethod(m) == nil {
			t.Errorf("method %q is taken", m)
		}
	}
}

// TestNothingOfTheHosts: no proxy, cookies, credentials or names of the host, and
// what an entry sets counts.
func TestNothingOfTheHosts(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	var got []http.Header
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header)
		w.Header().Set("Set-Cookie", "a=b")
	}))
	defer server.Close()
	entry := authority.Sending{Private: true, Headers: []authority.Header{{Name: "Authorization", Secret: "key"}, {Name: "X-Fixed", Value: "v"}}}
	r := &Request{Method: "GET", URL: server.URL, Header: [][2]string{{"authorization", "mine"}, {"Accept", "a"}}, Policy: entries(entry),
		Secret: func(name string) (string, error) { return "canary-of-" + name, nil }}
	for range 2 {
		resp, err := NewClient(Options{}).Do(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	for _, h := range got {
		if len(h) != 4 || h.Get("Connection") != "close" || h.Get("Authorization") != "canary-of-key" || h.Get("X-Fixed") != "v" || h.Get("Accept") != "a" {
			t.Errorf("the server got %v", h)
		}
	}
	for _, secret := range []func(string) (string, error){nil, func(string) (string, error) { return "", nil }, func(string) (string, error) { return "a\r\nb", nil }, func(string) (string, error) { return "", io.EOF }} {
		r.Secret = secret
		if _, err := NewClient(Options{}).Do(t.Context(), r); err == nil || !strings.Contains(err.Error(), `secret "key"`) {
			t.Errorf("%v", err)
		}
	}
	if len(got) != 2 {
		t.Error("a request without its secret was sent")
	}
}

// TestRedirects: each hop is decided, and no more goes along than may.
func TestRedirects(t *testing.T) {
	type seen struct {
		method, path, body string
		header             http.Header
	}
	var hops []seen
	record := func(r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		hops = append(hops, seen{r.Method, r.URL.Path, string(b), r.Header})
	}
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { record(r) }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		record(r)
		code := http.StatusFound
		switch r.URL.Query().Get("code") {
		case "303":
			code = http.StatusSeeOther
		case "307":
			code = http.StatusTemporaryRedirect
		}
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(code)
		}
	}))
	defer server.Close()
	denied := errors.New("denied")
	policy := func(_ string, u pattern.ParsedURL) ([]authority.Sending, error) {
		switch {
		case strings.HasPrefix(u.Path(), "/denied"):
			return nil, denied
		case u.Origin() == server.URL:
			return []authority.Sending{{Private: true, Headers: []authority.Header{{Name: "X-Secret", Secret: "s"}}}}, nil
		}
		return []authority.Sending{{Private: true}}, nil
	}
	do := func(r *Request, to, code string) (*Response, error) {
		hops = nil
		r.URL = server.URL + "/start?code=" + code + "&to=" + url.QueryEscape(to)
		r.Policy, r.Secret = policy, func(string) (string, error) { return "secret", nil }
		r.Header = [][2]string{{"Authorization", "mine"}, {"Cookie", "a=b"}, {"X-Own", "o"}, {"Content-Type", "text/plain"}}
		resp, err := NewClient(Options{}).Do(t.Context(), r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return resp, err
	}
	body := func() io.Reader { return strings.NewReader("body") }

	resp, err := do(&Request{Method: "POST", Body: body(), Size: 4, Redirects: 5}, other.URL+"/x", "302")
	if err != nil || len(hops) != 2 || resp.URL != other.URL+"/x" {
		t.Fatalf("%v, %v", hops, err)
	}
	if first := hops[0]; first.body != "body" || first.header.Get("X-Secret") != "secret" || first.header.Get("Authorization") != "mine" {
		t.Errorf("first hop %v", first)
	}
	if last := hops[1]; last.method != "GET" || last.body != "" || last.header.Get("X-Own") != "o" ||
		last.header.Get("Authorization")+last.header.Get("Cookie")+last.header.Get("X-Secret")+last.header.Get("Content-Type") != "" {
		t.Errorf("second hop, of another origin: %v", last)
	}
	if _, err := do(&Request{Method: "POST", Body: body(), Size: 4, Again: body, Redirects: 5}, "/next", "307"); err != nil || len(hops) != 2 || hops[1].method != "POST" || hops[1].body != "body" ||
		hops[1].header.Get("Authorization") != "mine" || hops[1].header.Get("X-Secret") != "secret" {
		t.Errorf("307 in the origin: %v, %v", hops, err)
	}
	if _, err := do(&Request{Method: "PUT", Body: body(), Size: 4, Redirects: 5}, "/next", "307"); err == nil || len(hops) != 1 {
		t.Errorf("307 with a body that cannot be sent again: %v, %v", hops, err)
	}
	if _, err := do(&Request{Method: "PUT", Body: body(), Size: 4, Redirects: 5}, "/next", "303"); err != nil || len(hops) != 2 || hops[1].method != "GET" {
		t.Errorf("303: %v, %v", hops, err)
	}
	for _, to := range []string{"/denied", other.URL + "/denied/x"} {
		if _, err := do(&Request{Method: "GET", Redirects: 5}, to, "302"); !errors.Is(err, denied) || len(hops) != 1 {
			t.Errorf("to %s: %v, %v", to, hops, err)
		}
	}
	for _, to := range []string{"file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/", "http://[", "data:,x"} {
		if _, err := do(&Request{Method: "GET", Redirects: 5}, to, "302"); err == nil || len(hops) != 1 {
			t.Errorf("to %s: %v, %v", to, hops, err)
		}
	}
	if resp, err := do(&Request{Method: "GET", Redirects: -1}, "/next", "302"); err != nil || resp.Status != 302 || len(hops) != 1 {
		t.Errorf("manual: %v, %v", hops, err)
	}
	if _, err := do(&Request{Method: "GET", Redirects: 0}, "/next", "302"); err == nil || len(hops) != 1 {
		t.Errorf("error: %v, %v", hops, err)
	}
	if _, err := do(&Request{Method: "GET", Redirects: 1000}, "/start?to=/start", "302"); err != nil || len(hops) != 3 {
		t.Errorf("two redirects: %v, %v", hops, err)
	}
	loop := httptest.NewServer(http.RedirectHandler("/again", http.StatusFound))
	defer loop.Close()
	if _, err := NewClient(Options{}).Do(t.Context(), &Request{Method: "GET", URL: loop.URL, Redirects: 1000, Policy: own}); err == nil || !strings.Contains(err.Error(), "too many redirects") {
		t.Errorf("loop: %v", err)
	}
}

// TestDowngrade: a redirect from https to http is refused, TLS is verified, and a
// host of another name is none.
func TestDowngrade(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the downgrade was followed") }))
	defer plain.Close()
	server := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer server.Close()
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	roots := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	r := &Request{Method: "GET", URL: server.URL, Redirects: 5, Policy: own}
	if _, err := NewClient(Options{Roots: roots}).Do(t.Context(), r); err == nil || !strings.Contains(err.Error(), "https to http") {
		t.Errorf("%v", err)
	}
	r.Redirects = -1
	if resp, err := NewClient(Options{Roots: roots}).Do(t.Context(), r); err != nil {
		t.Errorf("control: %v", err)
	} else {
		_ = resp.Body.Close()
	}
	if _, err := NewClient(Options{}).Do(t.Context(), r); err == nil || !strings.Contains(err.Error(), "trusted") {
		t.Errorf("without the authority: %v", err)
	}
}

// TestEntries: an entry is used whole. The next is tried only where the first
// must not dial.
func TestEntries(t *testing.T) {
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = append(got, r.Header.Get("X-Secret")+string(b))
	}))
	defer server.Close()
	secret := authority.Sending{Headers: []authority.Header{{Name: "X-Secret", Value: "s"}}}
	r := &Request{Method: "POST", URL: server.URL, Body: strings.NewReader("body"), Size: -1, Policy: entries(secret, authority.Sending{Private: true})}
	resp, err := NewClient(Options{}).Do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if len(got) != 1 || got[0] != "body" {
		t.Errorf("the server got %q", got)
	}
}

// names is a resolver whose answers for a name change from one to the next.
func names(t *testing.T, answers ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		b, asked := make([]byte, 512), 0
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var p dnsmessage.Parser
			h, _ := p.Start(b[:n])
			q, err := p.Question()
			if err != nil {
				continue
			}
			m := dnsmessage.Message{Header: dnsmessage.Header{ID: h.ID, Response: true, RecursionAvailable: true}, Questions: []dnsmessage.Question{q}}
			if q.Type == dnsmessage.TypeA {
				a := netip.MustParseAddr(answers[min(asked, len(answers)-1)]).As4()
				asked++
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: a}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// TestRebinding: whatever a name led to before, what counts is where it leads
// when it is dialled.
func TestRebinding(t *testing.T) {
	hits := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	r := &Request{Method: "GET", URL: "http://rebind.example" + port, Redirects: 5, Policy: entries(authority.Sending{})}
	c := NewClient(Options{Resolver: names(t, "127.0.0.1")})
	for range 3 {
		if _, err := c.Do(t.Context(), r); err == nil {
			t.Error("loopback was reached by a name")
		} else if e, ok := errors.AsType[*AddressError](err); !ok || !e.Private() {
			t.Errorf("%v", err)
		}
	}
	if hits != 0 {
		t.Error("the server was reached")
	}
	r.Policy = own
	resp, err := c.Do(t.Context(), r)
	if err != nil || hits != 1 {
		t.Fatalf("control: %v, %d", err, hits)
	}
	_ = resp.Body.Close()
	c = NewClient(Options{Resolver: names(t, "169.254.169.254")})
	if _, err := c.Do(t.Context(), r); err == nil || !strings.Contains(err.Error(), "credentials") {
		t.Errorf("metadata by a name, with private = true: %v", err)
	}
}

// TestTime: the context ends what waits, and the response's body.
func TestTime(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	for _, path := range []string{"/head", "/body"} {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, cancel)
		resp, err := NewClient(Options{}).Do(ctx, &Request{Method: "GET", URL: server.URL + path, Policy: own})
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", path, err)
		}
		cancel()
	}
	bomb := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", mostResponseHeaders+1))
	}))
	defer bomb.Close()
	if _, err := NewClient(Options{}).Do(t.Context(), &Request{Method: "GET", URL: bomb.URL, Policy: own}); err == nil {
		t.Error("a header of 64 KiB was taken")
	}
}
