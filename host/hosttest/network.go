package hosttest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// httpManifest is of attackers that send requests.
var httpManifest = manifestOf(attacker, "2s", "http")

// refusals are how a request is refused.
var refusals = []authority.Code{"scope-mismatch", "bad-args"}

// fetch is a request of a guest.
func fetch(url string, more ...any) use {
	args := map[string]any{"method": "GET", "url": url}
	for i := 0; i+1 < len(more); i += 2 {
		args[more[i].(string)] = more[i+1]
	}
	return use{"ambit_http", "fetch", args}
}

// network are attacks by way of requests, sent to two servers on this machine.
func network() (all []Case) {
	for name, host := range map[string]string{
		"127.1": "127.1", "zero": "0", "decimal": "2130706433", "hexadecimal": "0x7f000001", "hexadecimal parts": "0x7f.1", "octal": "0177.0.0.1", "IPv4 in IPv6": "[::ffff:127.0.0.1]", "IPv6": "[::1]", "any": "0.0.0.0", "any IPv6": "[::]",
		"IPv4 in IPv6, hexadecimal": "[::ffff:7f00:1]", "compatible": "[::127.0.0.1]", "full width": "１２７.0.0.1", "dot at the end": "127.0.0.1.", "loopback": "127.0.0.1", "another loopback": "127.77.0.1",
	} {
		all = append(all, Case{
			Name: "126/" + name, Tries: "send a request to this machine, by an address that the entry does not name", Expect: append(refusals, "unreachable"),
			attack: func(a *attack) { a.notSent(host, "") },
		})
	}
	for name, host := range map[string]string{
		"NAT64": "[64:ff9b::7f00:1]", "6to4": "[2002:7f00:1::]", "carrier": "100.64.0.1", "benchmark": "198.18.0.1", "reserved": "240.0.0.1", "broadcast": "255.255.255.255", "site local": "[fec0::1]", "unique local": "[fd00::1]", "link local": "169.254.1.1",
		"metadata": "169.254.169.254", "metadata IPv6": "[fd00:ec2::254]", "private 10": "10.0.0.1", "private 172": "172.16.0.1", "private 192": "192.168.0.1", "multicast": "224.0.0.1", "documentation": "192.0.2.1", "Teredo": "[2001:0:7f00:1::]", "zone": "[fe80::1%25lo]", "this network": "0.1.2.3",
	} {
		all = append(all, Case{
			Name: "127/" + name, Tries: "send a request to an address that is not public", Expect: refusals,
			attack: func(a *attack) { a.notSent(host, "") },
		})
	}
	for name, host := range map[string]string{"localhost": "localhost", "localhost and a dot": "localhost.", "localhost in capitals": "LOCALHOST", "below localhost": "x.localhost"} {
		all = append(all, Case{
			Name: "128/" + name, Tries: "send a request to a name of this machine", Expect: append(refusals, "unreachable"),
			attack: func(a *attack) { a.notSent(host, "") },
		})
	}
	for name, format := range map[string]string{
		"user": "http://user@HOST/api/x", "user that looks like the host": "http://HOST@OTHER/api/x", "host as password": "http://a:HOST@OTHER/", "backslash": `http://OTHER\@HOST/api/x`, "backslashes": `http:\\OTHER/api/x`, "no slashes": "http:OTHER/api/x", "three slashes": "http:///OTHER/api/x",
		"fragment": "http://OTHER#@HOST/api/x", "question": "http://OTHER?@HOST/api/x", "space": "http:// OTHER/api/x", "tab": "http://OTH\tER/", "newline": "http://HOST/api/x\r\nX: y", "NUL": "http://HOST/api/\x00", "no scheme": "//OTHER/api/x", "file": "file:///etc/passwd", "gopher": "gopher://OTHER/x", "data": "data:text/plain,x", "unix": "unix:///x",
		"Cyrillic": "http://gооd.com/api/x", "empty": "", "percent host": "http://127%2e0%2e0%2e1/api/x", "port overflow": "http://HOST0000/api/x", "negative port": "http://127.0.0.1:-1/api/x", "two hosts": "http://OTHER,HOST/api/x", "path up": "http://HOST/api/../secret", "path up encoded": "http://HOST/api/%2e%2e/secret", "path up twice": "http://HOST/api/%252e%252e/../../secret", "another path": "http://HOST/secret", "upper case path": "http://HOST/API/x",
	} {
		all = append(all, Case{
			Name: "130/" + name, Tries: "send a request to a URL that reads as another one", Expect: refusals,
			attack: func(a *attack) {
				hosts := strings.NewReplacer("HOST", a.host1(), "OTHER", a.host2())
				a.requests(hosts.Replace(format))
			},
		})
	}
	for name, header := range map[string][2]string{
		"Host": {"Host", "evil.example"}, "Content-Length": {"Content-Length", "0"}, "Transfer-Encoding": {"Transfer-Encoding", "chunked"}, "Connection": {"Connection", "upgrade"}, "Upgrade": {"Upgrade", "websocket"}, "proxy": {"Proxy-Authorization", "x"}, "Proxy-Connection": {"Proxy-Connection", "x"},
		"forwarded": {"X-Forwarded-For", "127.0.0.1"}, "line break in a value": {"X-A", "b\r\nHost: evil.example"}, "line break in a name": {"X-A: b\r\nX-B", "c"}, "space in a name": {"Host ", "evil.example"}, "NUL in a value": {"X-A", "b\x00c"}, "empty name": {"", "x"}, "TE": {"TE", "trailers"}, "Trailer": {"Trailer", "X-A"}, "Expect": {"Expect", "100-continue"}, "Keep-Alive": {"Keep-Alive", "x"}, "in small letters": {"host", "evil.example"},
	} {
		all = append(all, Case{
			Name: "131/" + name, Tries: "set a header that is not the request's to set", Expect: refusals,
			attack: func(a *attack) {
				a.fetches(fetch("http://"+a.host1()+"/api/x", "headers", []any{[]any{header[0], header[1]}}), func(code string, asked []*http.Request) {
					if code == "" { // sent without it
						for _, r := range asked {
							if r.Host == "evil.example" || r.Header.Get("X-B") != "" || strings.Contains(header[0], "Forwarded") && r.Header.Get(header[0]) == "" {
								a.breachf("the server got the header %q", header)
							}
						}
					}
				}, "")
			},
		})
	}
	for name, to := range map[string]string{
		"another host": "http://OTHER/", "another path": "/secret", "file": "file:///etc/passwd", "gopher": "gopher://OTHER/", "user": "http://user@HOST/api/x", "metadata": "http://169.254.169.254/latest/", "no scheme": "//OTHER/", "up": "../secret", "javascript": "javascript:x", "broken": "http://[::1", "backslash": `\\OTHER\`,
	} {
		all = append(all, Case{
			Name: "129/" + name, Tries: "be redirected to where it may not go", Expect: append(refusals, "unreachable"),
			attack: func(a *attack) {
				hosts := strings.NewReplacer("HOST", a.host1(), "OTHER", a.host2())
				a.requests("http://" + a.host1() + "/api/to?to=" + url.QueryEscape(hosts.Replace(to)))
			},
		})
	}
	slices.SortFunc(all, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return append(all, []Case{
		{Name: "129/for ever", Tries: "be redirected for ever", Expect: append(refusals, "unreachable"), attack: func(a *attack) { a.requests("http://" + a.host1() + "/api/again/x") }},
		{Name: "129/a secret header", Tries: "have a header for one server sent to another", attack: secretHeader},
		{Name: "080/40 000 headers", Tries: "send 40 000 headers", Expect: append(refusals, authority.CodeBadResult), attack: func(a *attack) {
			headers := make([]any, 40_000)
			for i := range headers {
				headers[i] = []any{"X-A", "b"}
			}
			a.fetches(fetch("http://"+a.host1()+"/api/x", "headers", headers), nil, "")
		}},
		{Name: "080/a header of 1 MiB", Tries: "send a header of 1 MiB", Expect: append(refusals, "unreachable", "too-large"), attack: func(a *attack) {
			a.fetches(fetch("http://"+a.host1()+"/api/x", "headers", []any{[]any{"X-A", strings.Repeat("x", 1<<20)}}), nil, "")
		}},
		{Name: "080/headers of a response", Tries: "have a server answer with 2 MB of headers", Expect: []authority.Code{"unreachable"}, attack: func(a *attack) { a.requests("http://" + a.host1() + "/api/headers") }},
		{Name: "132/gzip", Tries: "have the host unpack a response", attack: func(a *attack) {
			a.reads("bomb", 16, func(code string, got []byte) {
				if code != "" || slices.Max(got) != 0 {
					a.breachf("it was looked into: %s", code)
				}
			})
		}},
		{Name: "132/endless", Tries: "read a body that does not end", attack: func(a *attack) {
			a.reads("endless", 1<<14, func(code string, got []byte) {
				if code != "" || len(got) > 1<<14 {
					a.breachf("%s, %d bytes", code, len(got))
				}
			})
		}},
		{Name: "132/slow", Tries: "wait for a server that sends a byte now and then, longer than the call may take", Child: true, Expect: []authority.Code{authority.CodeDeadline}, attack: func(a *attack) {
			uses := []use{fetch("http://" + a.host1() + "/api/slow")}
			for range 100 {
				uses = append(uses, use{"ambit_http", "read", map[string]any{"id": 1, "max": 100}})
			}
			a.waits(user(manifestOf(attacker, "200ms", "http"), uses...))
		}},
		{Name: "038/a server that does not answer", Tries: "wait for a server that does not answer, longer than the call may take", Child: true, Expect: []authority.Code{authority.CodeDeadline}, attack: func(a *attack) {
			a.waits(user(manifestOf(attacker, "200ms", "http"), fetch("http://"+a.host1()+"/api/wait")))
		}},
		{Name: "038/a program that does not end", Tries: "wait for a program that does not end, longer than the call may take", Child: true, Expect: []authority.Code{authority.CodeDeadline, authority.CodeBadResult, "allowed"}, attack: func(a *attack) {
			a.load(attacker, user(manifestOf(attacker, "200ms", "exec"), use{"ambit_exec", "start", map[string]any{"program": "sleep", "args": []any{"60"}}}, use{"ambit_exec", "wait", map[string]any{"id": 1}}))
			a.allow(`{ program = "sleep", args = ["60"] }`)
			a.honest = true
			_, err := a.try()
			a.ends(err)
		}},
		{Name: "050/a request left open", Tries: "return with a request open", attack: func(a *attack) {
			a.fetches(fetch("http://"+a.host1()+"/api/endless"), nil, "public")
		}},
		{Name: "050/a program left running", Tries: "return with a program running", attack: func(a *attack) {
			a.load(attacker, user(manifestOf(attacker, "1s", "exec"), use{"ambit_exec", "start", map[string]any{"program": "sleep", "args": []any{"61"}}}))
			a.allow(`{ program = "sleep", args = ["61"] }`)
			a.honest = true
			_, err := a.try()
			a.works(err)
			if pid := processOf("sleep\x0061\x00"); pid != 0 {
				a.breachf("the program runs on, as process %d", pid)
			}
		}},
	}...)
}

func (a *attack) host1() string { return strings.TrimPrefix(a.server.named.URL, "http://") }
func (a *attack) host2() string { return strings.TrimPrefix(a.server.other.URL, "http://") }

// notSent sends a request to a host, with the port of a server of this machine: no
// server must get it. The entry lets through all that is public.
func (a *attack) notSent(host, _ string) {
	_, port, _ := strings.Cut(a.host2(), ":")
	a.server.take()
	a.load(attacker, user(httpManifest, fetch("http://"+host+":"+port+"/")))
	a.allow(`{ url = "http://*:*/**" }`)
	a.honest = true
	got, err := a.try()
	a.answered(got, err)
	if _, hits := a.server.take(); hits > 0 {
		a.breachf("a server of this machine got the request")
	}
}

// answered asserts that all uses of powers were answered with codes that the case
// expects.
func (a *attack) answered(got any, err error) {
	if err != nil {
		a.ends(err)
		return
	}
	codes, _ := outcomes(got)
	a.happens(strings.Join(codes, " "))
	for _, c := range codes {
		if !slices.Contains(a.kase.Expect, authority.Code(c)) {
			a.breachf("it was answered %q, want one of %v", c, a.kase.Expect)
		}
	}
}

// requests sends a request that must be refused, with an entry for one server of
// this machine. The other one must get nothing, nor this one outside of the entry.
func (a *attack) requests(target string) {
	a.fetches(fetch(target), nil, "")
}

// fetches is requests, for any use of the power. look sees how it was answered and
// what the servers got. A want that is not empty means that it must be sent.
func (a *attack) fetches(u use, look func(code string, asked []*http.Request), want string) {
	a.server.take()
	a.load(attacker, user(httpManifest, u))
	a.allow(entry("url", "http://"+a.host1()+"/api/**", "private", "true"))
	a.honest = true
	got, err := a.try()
	codes, _ := outcomes(got)
	asked, hits := a.server.take()
	if hits > 0 {
		a.breachf("the other server got the request")
	}
	for _, r := range asked {
		if !strings.HasPrefix(r.URL.Path, "/api/") {
			a.breachf("the server got a request for %q", r.URL.Path)
		}
	}
	switch {
	case want != "":
		a.works(err)
		if len(codes) != 1 || codes[0] != "" {
			a.breachf("it was answered %q", codes)
		}
	case look != nil && err == nil && len(codes) == 1 && codes[0] == "":
		a.happens("sent")
	default:
		a.answered(got, err)
	}
	if look != nil && len(codes) == 1 {
		look(codes[0], asked)
	}
}

// secretHeader sends a header with a secret to one server, which redirects to the
// other: that one gets the request, and not the header.
func secretHeader(a *attack) {
	a.server.take()
	to := "http://" + a.host1() + "/api/to?to=" + url.QueryEscape("http://"+a.host2()+"/api/x")
	a.load(attacker, user(httpManifest, fetch(to, "headers", []any{[]any{"Authorization", "Bearer x"}, []any{"Cookie", "y"}})))
	a.allow(entry("url", "http://"+a.host1()+"/api/**", "private", "true"), entry("url", "http://"+a.host2()+"/api/**", "private", "true"))
	a.honest = true
	_, err := a.try()
	a.works(err)
	asked, hits := a.server.take()
	if hits != 1 || len(asked) != 2 || asked[0].Header.Get("Authorization") == "" {
		a.breachf("control: %d requests, %d to the other server", len(asked), hits)
		return
	}
	if h := asked[1].Header; h.Get("Authorization") != "" || h.Get("Cookie") != "" {
		a.breachf("the other server got %v", h)
	}
}

// reads fetches a path and reads of it once.
func (a *attack) reads(path string, most int, look func(code string, got []byte)) {
	a.load(attacker, user(httpManifest, fetch("http://"+a.host1()+"/api/"+path), use{"ambit_http", "read", map[string]any{"id": 1, "max": most}}))
	a.allow(entry("url", "http://"+a.host1()+"/api/**", "private", "true"))
	a.honest = true
	got, err := a.try()
	a.works(err)
	codes, values := outcomes(got)
	if len(codes) != 2 || codes[0] != "" {
		a.breachf("control: %q", codes)
		return
	}
	b, _ := values[1].([]byte)
	look(codes[1], b)
}

// waits runs an attacker that waits for the server.
func (a *attack) waits(bin []byte) {
	a.load(attacker, bin)
	a.allow(entry("url", "http://"+a.host1()+"/api/**", "private", "true"))
	a.honest = true
	_, err := a.try()
	a.ends(err)
}
