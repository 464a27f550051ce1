package pattern_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct{ in, want, origin string }{
		{"https://example.com", "https://example.com/", "https://example.com"},
		{"HTTPS://EXAMPLE.com/A", "https://example.com/A", "https://example.com"},
		{"https://example.com:443/", "https://example.com/", "https://example.com"},
		{"https://example.com:/", "https://example.com/", "https://example.com"},
		{"https://example.com:00443/", "https://example.com/", "https://example.com"},
		{"https://example.com:80/", "https://example.com:80/", "https://example.com:80"},
		{"https://example.com:0/", "https://example.com:0/", "https://example.com:0"},
		{"http://example.com:65535", "http://example.com:65535/", "http://example.com:65535"},
		{"ws://a:80", "ws://a/", "ws://a"},
		{"wss://a:443", "wss://a/", "wss://a"},
		{"ftp://a:21", "ftp://a/", "ftp://a"},
		{"tauri://localhost", "tauri://localhost/", "tauri://localhost"},
		{"tauri://localhost:80", "tauri://localhost:80/", "tauri://localhost:80"},
		{"app+x.y-2://h/p", "app+x.y-2://h/p", "app+x.y-2://h"},
		{"https://user:pass@example.com/", "https://example.com/", "https://example.com"},
		{"https://good.com@evil.com/", "https://evil.com/", "https://evil.com"},
		{"https://a@b@c/", "https://c/", "https://c"},
		{"https://@c/", "https://c/", "https://c"},
		{"https://evil.com#@good.com", "https://evil.com/#@good.com", "https://evil.com"},
		{"https://evil.com?@good.com", "https://evil.com/?@good.com", "https://evil.com"},
		{"https://evil.com/@good.com", "https://evil.com/@good.com", "https://evil.com"},
		{"https://example.com./", "https://example.com./", "https://example.com."},
		{"https://a_b-c.9x/", "https://a_b-c.9x/", "https://a_b-c.9x"},
		{"https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"},

		// IPv4 in all spellings.
		{"http://127.0.0.1", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://127.1", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://127.0.1", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://2130706433", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://0x7f.1", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://0X7F000001", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://0177.0.0.01", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://017700000001", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://127.0.0.1.", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://0x", "http://0.0.0.0/", "http://0.0.0.0"},
		{"http://0", "http://0.0.0.0/", "http://0.0.0.0"},
		{"http://1.0x", "http://1.0.0.0/", "http://1.0.0.0"},
		{"http://255.255.255.255", "http://255.255.255.255/", "http://255.255.255.255"},
		{"http://4294967295", "http://255.255.255.255/", "http://255.255.255.255"},
		{"http://1.16777215", "http://1.255.255.255/", "http://1.255.255.255"},
		{"http://0xg", "http://0xg/", "http://0xg"},
		{"tauri://127.1", "tauri://127.1/", "tauri://127.1"},

		// IPv6.
		{"http://[::1]", "http://[::1]/", "http://[::1]"},
		{"http://[::1]:8080", "http://[::1]:8080/", "http://[::1]:8080"},
		{"http://[::]", "http://[::]/", "http://[::]"},
		{"http://[0:0:0:0:0:0:0:1]", "http://[::1]/", "http://[::1]"},
		{"http://[2001:DB8:0:0:1:0:0:1]", "http://[2001:db8::1:0:0:1]/", "http://[2001:db8::1:0:0:1]"},
		{"http://[1:0:0:2:0:0:0:3]", "http://[1:0:0:2::3]/", "http://[1:0:0:2::3]"},
		{"http://[1:2:3:4:5:6:7::]", "http://[1:2:3:4:5:6:7:0]/", "http://[1:2:3:4:5:6:7:0]"},
		{"http://[1::]", "http://[1::]/", "http://[1::]"},
		{"http://[::2:3:4:5:6:7:8]", "http://[0:2:3:4:5:6:7:8]/", "http://[0:2:3:4:5:6:7:8]"},
		{"http://[64:ff9b::1.2.3.4]", "http://[64:ff9b::102:304]/", "http://[64:ff9b::102:304]"},
		{"http://[1:2:3:4:5:6:1.2.3.4]", "http://[1:2:3:4:5:6:102:304]/", "http://[1:2:3:4:5:6:102:304]"},
		{"http://[::ffff:127.0.0.1]", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://[::ffff:7f00:1]", "http://127.0.0.1/", "http://127.0.0.1"},
		{"http://[::127.0.0.1]", "http://[::7f00:1]/", "http://[::7f00:1]"},

		// Paths.
		{"https://a/b/../c", "https://a/c", ""},
		{"https://a/../../b", "https://a/b", ""},
		{"https://a/b/.", "https://a/b/", ""},
		{"https://a/b/..", "https://a/", ""},
		{"https://a/b/c/..", "https://a/b/", ""},
		{"https://a/./b", "https://a/b", ""},
		{"https://a/b/%2e%2E/c", "https://a/c", ""},
		{"https://a/b/.%2e", "https://a/", ""},
		{"https://a//b//..//c", "https://a//b//c", ""},
		{"https://a/..b/c../...", "https://a/..b/c../...", ""},
		{"https://a/%41%7e%2d", "https://a/A~-", ""},
		{"https://a/%2f%5c%3a", "https://a/%2F%5C%3A", ""},
		{"https://a/group%2fname", "https://a/group%2Fname", ""},
		{"https://a/x.y%2Fz", "https://a/x.y%2Fz", ""},
		{"https://a/ü \"<>`{}^|;:@&=+$,'", "https://a/%C3%BC%20%22%3C%3E%60%7B%7D%5E|;:@&=+$,'", ""},
		{"https://a/%c3%bc", "https://a/%C3%BC", ""},
		{"https://a/x;v=1/b", "https://a/x;v=1/b", ""},
		{"https://a?x", "https://a/?x", ""},
		{"https://a?", "https://a/?", ""},
		{"https://a#", "https://a/#", ""},
		{"https://a/?a b\"<>'#c d\"<>`", "https://a/?a%20b%22%3C%3E%27#c%20d%22%3C%3E%60", ""},
		{"https://a/?x?y#z#w", "https://a/?x?y#z#w", ""},
		{"https://a/?%61../..#/../", "https://a/?a../..#/../", ""},
	} {
		p, err := pattern.ParseURL(c.in)
		if err != nil {
			t.Errorf("ParseURL(%q): %v", c.in, err)
			continue
		}
		if p.String() != c.want {
			t.Errorf("ParseURL(%q) = %q, want %q", c.in, p, c.want)
		}
		if c.origin != "" && p.Origin() != c.origin {
			t.Errorf("ParseURL(%q).Origin() = %q, want %q", c.in, p.Origin(), c.origin)
		}
		again, err := pattern.ParseURL(p.String())
		if err != nil || again.String() != p.String() {
			t.Errorf("%q is not stable: %q, %v", c.in, again, err)
		}
		if got, want := p.HasUser(), strings.Contains(strings.SplitN(c.in, "/", 4)[2], "@") && !strings.Contains(c.in, "evil.com?") && !strings.Contains(c.in, "evil.com#"); got != want {
			t.Errorf("ParseURL(%q).HasUser() = %t", c.in, got)
		}
	}
}

func TestParsedURLParts(t *testing.T) {
	p := parse(t, "https://u@Example.com:8443/a/b?c=d#e")
	if p.Scheme() != "https" || p.Host() != "example.com" || p.Port() != 8443 || p.Path() != "/a/b" || p.Query() != "c=d" || p.Fragment() != "e" || !p.HasUser() {
		t.Errorf("parts of %q: %q %q %d %q %q %q %t", p, p.Scheme(), p.Host(), p.Port(), p.Path(), p.Query(), p.Fragment(), p.HasUser())
	}
	if p := parse(t, "http://a"); p.Port() != 80 || p.HasUser() || p.Query() != "" || p.Fragment() != "" {
		t.Errorf("%q has port %d, user %t, query %q", p, p.Port(), p.HasUser(), p.Query())
	}
	if p := parse(t, "tauri://a"); p.Port() != -1 {
		t.Errorf("%q has port %d", p, p.Port())
	}
	var zero pattern.ParsedURL
	if zero.String() != "" || zero.Origin() != "" || zero.Port() != -1 || zero.Host() != "" {
		t.Error("the zero ParsedURL says something")
	}
}

func TestParseURLErrors(t *testing.T) {
	for _, c := range []struct {
		in     string
		offset int
		part   string
	}{
		{"", 0, "empty URL"},
		{"example.com", 0, "scheme and a host"},
		{"//example.com", 0, "scheme and a host"},
		{"://example.com", 0, "scheme and a host"},
		{"http:good.com", 0, "scheme and a host"},
		{"http:/good.com", 0, "scheme and a host"},
		{"http:///good.com", 7, "no host"},
		{"about:blank", 0, "scheme and a host"},
		{"data:text/html,x", 0, "scheme and a host"},
		{"null", 0, "scheme and a host"},
		{"blob:https://a/x", 4, "':' cannot be in the scheme"},
		{"1http://a", 0, "'1' cannot be in the scheme"},
		{"ht tp://a", 2, "' ' cannot be in the scheme"},
		{"file:///etc/passwd", 0, "file URLs"},
		{"FILE://host/x", 0, "file URLs"},
		{" https://a", 0, "space before"},
		{"https://a ", 9, "space after"},
		{"https://a\t", 9, "control character"},
		{"ht\ntps://a", 2, "control character"},
		{"https://a/\x00", 10, "control character"},
		{"https://a/\x7f", 10, "control character"},
		{`https://a\@b`, 9, "backslash"},
		{`https:\\a`, 6, "backslash"},
		{`https://a/?\`, 11, "backslash"},
		{"https://a/\xff", 10, "not valid UTF-8"},
		{"https://a/" + strings.Repeat("x", 16<<10), 16 << 10, "longer than 16 KiB"},
		{"https://", 8, "no host"},
		{"https:///x", 8, "no host"},
		{"https://:80", 8, "no host"},
		{"https://u@", 10, "no host"},
		{"https://u@/x", 10, "no host"},
		{"https://a%62c/", 9, "percent-encoded host"},
		{"https://exämple.com", 10, "punycode"},
		{"https://gооd.com", 9, "punycode"},
		{"https://a b/", 9, "' ' cannot be in a host"},
		{"https://*.example.com/", 8, "'*' cannot be in a host"},
		{"https://a[b/", 9, "'[' cannot be in a host"},
		{"https://a|b/", 9, "'|' cannot be in a host"},
		{"https://.a/", 8, "empty label"},
		{"https://a..b/", 10, "empty label"},
		{"https://a../", 10, "empty label"},
		{"https://./", 8, "empty label"},
		{"https://" + strings.Repeat("a", 64) + ".b", 8, "longer than 63"},
		{"https://b." + strings.Repeat("a", 64), 10, "longer than 63"},
		{"https://" + strings.Repeat("a.", 127) + "b", 262, "longer than 253"},
		{"tauri://LocalHost", 8, "capital letters"},
		{"http://256.0.0.1", 7, "not an IPv4 address"},
		{"http://1.2.3.256", 7, "not an IPv4 address"},
		{"http://1.2.3.4.5", 7, "not an IPv4 address"},
		{"http://08", 7, "not an IPv4 address"},
		{"http://1.2.3.08", 7, "not an IPv4 address"},
		{"http://a.1", 7, "not an IPv4 address"},
		{"http://1..2", 7, "not an IPv4 address"},
		{"http://4294967296", 7, "not an IPv4 address"},
		{"http://1.16777216", 7, "not an IPv4 address"},
		{"http://99999999999999999999999999", 7, "not an IPv4 address"},
		{"http://good.com.0x1", 7, "not an IPv4 address"},
		{"http://[", 7, "not an IPv6 address"},
		{"http://[]", 7, "not an IPv6 address"},
		{"http://[::1", 7, "not an IPv6 address"},
		{"http://[::1]x", 7, "not an IPv6 address"},
		{"http://[:]", 7, "not an IPv6 address"},
		{"http://[:::]", 7, "not an IPv6 address"},
		{"http://[1]", 7, "not an IPv6 address"},
		{"http://[1:]", 7, "not an IPv6 address"},
		{"http://[::1::2]", 7, "not an IPv6 address"},
		{"http://[1:2:3:4:5:6:7]", 7, "not an IPv6 address"},
		{"http://[1:2:3:4:5:6:7:8:9]", 7, "not an IPv6 address"},
		{"http://[1:2:3:4:5:6:7::8]x", 7, "not an IPv6 address"},
		{"http://[1:2:3:4::5:6:7:8]", 7, "not an IPv6 address"},
		{"http://[12345::]", 7, "not an IPv6 address"},
		{"http://[::g]", 7, "not an IPv6 address"},
		{"http://[::1.2.3]", 7, "not an IPv6 address"},
		{"http://[::1.2.3.4.5]", 7, "not an IPv6 address"},
		{"http://[::1.2.3.04]", 7, "not an IPv6 address"},
		{"http://[::1.2.3.256]", 7, "not an IPv6 address"},
		{"http://[::1.2.3.x]", 7, "not an IPv6 address"},
		{"http://[1.2.3.4::]", 7, "not an IPv6 address"},
		{"http://[1:2:3:4:5:6:7:1.2.3.4]", 7, "not an IPv6 address"},
		{"http://[fe80::1%25eth0]", 7, "zones are not supported"},
		{"http://[fe80::1%eth0]", 7, "zones are not supported"},
		{"https://a:b/", 10, "not a number"},
		{"https://a:-1/", 10, "not a number"},
		{"https://a:80:90/", 12, "not a number"},
		{"https://a:65536/", 10, "above 65535"},
		{"https://a:99999999999999999999/", 10, "above 65535"},
		{"https://[::1]:x", 14, "not a number"},
		{"https://a/%", 10, "two hexadecimal digits"},
		{"https://a/%4", 10, "two hexadecimal digits"},
		{"https://a/x%zz", 11, "two hexadecimal digits"},
		{"https://a/?%", 11, "two hexadecimal digits"},
		{"https://a/#%g0", 11, "two hexadecimal digits"},
		{"https://a/..%2fb", 9, "hidden"},
		{"https://a/x%2f..", 9, "hidden"},
		{"https://a/x%5C%2e%2e%5cy", 9, "hidden"},
		{"https://a/..;/b", 9, "hidden"},
		{"https://a/.;x", 9, "hidden"},
		{"https://a/..%3bx/b", 9, "hidden"},
		{"https://a/.%2F", 9, "hidden"},
	} {
		p, err := pattern.ParseURL(c.in)
		wantError(t, c.in, err, c.offset, c.part)
		if p != (pattern.ParsedURL{}) {
			t.Errorf("%q: a URL besides the error", c.in)
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("%.20q…: the message has %d bytes", c.in, len(err.Error()))
		}
	}
}

// Paths that would cost the square of their length if taken apart naively.
func TestParseURLHostile(t *testing.T) {
	for _, path := range []string{"/a", "/..", "/a/..", "/.", "/%2e", "//", "/x.%2F"} {
		if _, err := pattern.ParseURL("https://a" + strings.Repeat(path, (16<<10-9)/len(path))); err != nil {
			t.Errorf("%q repeated: %v", path, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{
		"https://u:p@EXAMPLE.com:0443/a/%2e%2e/b?c'#d", "http://0x7f.1", "http://[::ffff:1.2.3.4]:80/", "tauri://x/..;",
		"https://a//..//%41%2f", "http://1.2.3.4./", "http://[1:0:0:2::]",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := pattern.ParseURL(s)
		if err != nil {
			var e *pattern.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(s) {
				t.Errorf("%q: error %#v", s, err)
			}
			return
		}
		for i := range len(p.String()) {
			if c := p.String()[i]; c <= ' ' || c >= 0x7f {
				t.Errorf("%q holds %q", p, c)
			}
		}
		again, err := pattern.ParseURL(p.String())
		if err != nil || again.String() != p.String() || again.Origin() != p.Origin() || again.Host() != p.Host() ||
			again.Port() != p.Port() || again.Path() != p.Path() || again.Query() != p.Query() || again.Fragment() != p.Fragment() {
			t.Errorf("%q is not stable: %q, %q, %v", s, p, again, err)
		}
		for segment := range strings.SplitSeq(p.Path()[1:], "/") {
			if segment == "." || segment == ".." {
				t.Errorf("%q keeps a dot segment: %q", s, p)
			}
		}
		if !urlPattern(t, "*://*:*").Match(p) && !strings.HasSuffix(p.Host(), ".") {
			t.Errorf("*://*:* does not match %q", p)
		}
	})
}
