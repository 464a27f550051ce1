package pattern_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

func TestURLMatch(t *testing.T) {
	for _, c := range []struct{ pattern, yes, no string }{
		// Tauri's own cases.
		{"http://*", "http://tauri.app http://tauri.app/path http://a/?q#f", "https://tauri.app http://127.0.0.1:11434 ws://a"},
		{"https://*.example.com", "https://a.example.com https://a.b.example.com/x", "https://example.com https://evilexample.com http://a.example.com https://a.example.com:8443"},
		{"https://tauri.app", "https://tauri.app https://tauri.app/a/b?c#d https://TAURI.app:443/", "https://x.tauri.app https://tauri.app.evil.com https://tauri.app:444 http://tauri.app"},
		{"https://*.example.com/path/*", "https://a.example.com/path/ https://a.example.com/path/x/y?q", "https://a.example.com/path https://a.example.com/pathx https://a.example.com/a/path/x"},
		{"http*://example.com", "http://example.com https://example.com https://example.com:443", "ws://example.com http://example.com:443"},
		{"http://*:*", "http://a http://a:1 http://127.0.0.1:11434 http://[::1]:80", "https://a"},
		{"https://a/", "https://a https://a/x", "https://b"},
		{"https://a/?", "https://a/x?y", ""},
		{"https://a/#", "https://a/x?y#z", ""},
		{"https://a/*?x=*", "", ""}, // an error, see below
		{"*://*:*", "http://a tauri://localhost https://[::1]:1/ https://1.2.3.4", ""},
		{"*://*", "http://a tauri://localhost https://a", "http://a:1 tauri://localhost:1"},

		// Scheme and port.
		{"http{s}?://a", "http://a https://a", "httpss://a httpx://a"},
		{"HTTPS://A", "https://a", "http://a"},
		{"tauri://localhost", "tauri://localhost", "tauri://localhost:80 http://localhost"},
		{"https://a:443", "https://a https://a:443", "https://a:444"},
		{"https://a:8443", "https://a:8443", "https://a"},
		{"http*://a:443", "https://a http://a:443", "http://a https://a:80"},
		{"http://a:080", "http://a", "http://a:8080"},
		{"h*s://a", "https://a hs://a", "http://a"},
		{`a\+b://x`, "a+b://x", "ab://x"},

		// Hosts.
		{"https://EXAMPLE.com", "https://example.com", "https://example.org"},
		{"https://{*.}?example.com", "https://example.com https://a.example.com https://a.b.example.com", "https://evilexample.com"},
		{"https://:sub.example.com", "https://a.example.com", "https://example.com https://a.b.example.com"},
		{"https://a.:x.c:*", "https://a.b.c https://a.b.c:9", "https://a.b.d.c https://a.c"},
		{"https://api-*.example.com", "https://api-1.example.com https://api-.example.com https://api-a.b.example.com", "https://api.example.com"},
		{"https://example.*", "https://example.com https://example.co.uk", "https://example https://an.example.com https://example.com./"},
		{"https://*a*", "https://a https://bab", "https://b https://1.2.3.4"},
		{"https://example.com.", "https://example.com./", "https://example.com"},
		{"https://*.", "https://a./ https://a.b./", "https://a https://1.2.3.4"},
		{"https://*", "https://a https://1.2.3.4 https://[::1]", "https://a./"},
		{"http://192.168.*", "http://192.168.0.1 http://192.168.1 http://0xc0a80001", "http://192.168.evil.com http://192.169.0.1 http://19.2.168.0"},
		{"http://10.*.*.1", "http://10.1.2.1 http://10.0.1", "http://10.1.2.3"},
		{"http://*.1", "", ""}, // an error, see below
		{"http://*.0.0.1", "http://127.0.0.1 http://127.1", "http://127.0.0.2"},
		{"http://0x7f.1", "http://127.0.0.1 http://2130706433 http://[::ffff:7f00:1]", "http://127.0.0.2"},
		{"http://[::FFFF:127.0.0.1]", "http://127.0.0.1", "http://[::1]"},
		{"http://[0::1]:*", "http://[::1] http://[::1]:8080", "http://[::2] http://localhost"},
		{`http://[\:\:1]:80`, "http://[::1]", "http://[::2]"},
		{"tauri://127.1", "tauri://127.1", "tauri://127.0.0.1"},
		{"https://1-*.example", "https://1-2.example", "https://12.example"},

		// Paths.
		{"https://a/b", "https://a/b https://a/b?q#f https://a/c/../b https://a/%62", "https://a/b/ https://a/b/c https://a/B https://a/"},
		{"https://a/b/", "https://a/b/", "https://a/b https://a/b/c"},
		{"https://a/b/**", "https://a/b https://a/b/ https://a/b/c/d", "https://a/bc"},
		{"https://a/**", "https://a https://a/b", "https://b"},
		{"https://a/**/c", "https://a/c https://a/b/c https://a/b/d/c", "https://a/bc https://a/c/d"},
		{"https://a/*.png", "https://a/x.png https://a/x/y.png https://a/.png", "https://a/x.jpg"},
		{"https://a/:id", "https://a/x https://a/x.y", "https://a/ https://a/x/y https://a/x/"},
		{"https://a/u/:id/edit", "https://a/u/1/edit", "https://a/u/edit https://a/u//edit https://a/u/1/2/edit"},
		{`https://a/:id\ü/\:ü`, "https://a/xü/:ü", "https://a/xü/x"},
		{"https://a/:id.json", "https://a/x.json https://a/x.json.json", "https://a/.json"},
		{"https://a/b{/c}?", "https://a/b https://a/b/c", "https://a/b/ https://a/b/c/c"},
		{"https://a/b{x}c", "https://a/bxc", "https://a/bc"},
		{"https://a/{x/*}?y", "https://a/y https://a/x/y https://a/x/z/y", "https://a/xy"},
		{`https://a/b\:c\(\*\)`, "https://a/b:c(*)", "https://a/b:cx"},
		{"https://a/b:1", "https://a/b:1", "https://a/b"},
		{"https://a/ü b", "https://a/ü%20b https://a/%c3%bc%20b", "https://a/u%20b"},
		{"https://a/%41%2f%7E", "https://a/A%2F~", "https://a/A/~"},
		{"https://a/x*y*z", "https://a/xyz https://a/x/1/y/2/z", "https://a/xzy"},
		{"https://a/{a}?{b}?{c}?d", "https://a/d https://a/ad https://a/bd https://a/acd https://a/abcd", "https://a/bad https://a/abc"},
		{"https://a//b", "https://a//b", "https://a/b"},

		// Query and fragment.
		{"https://a?x=1", "https://a/?x=1 https://a/b?x=1#f", "https://a https://a/?x=12 https://a/?y&x=1"},
		{"https://a/?x=*", "https://a/?x= https://a/b?x=1", "https://a/?y=1"},
		{`https://a/*\?x=*`, "https://a/b?x=1", "https://a/b"},
		{"https://a/b{/c}?", "https://a/b", ""},
		{"https://a/b{/c}??q", "https://a/b?q https://a/b/c?q", "https://a/b https://a/b?r"},
		{"https://a:*/?q", "https://a:1/?q", "https://a:1/"},
		{"https://a#top", "https://a/#top https://a/b?c#top", "https://a https://a/#bottom"},
		{`https://a/*\#x*`, "https://a/b#xy", "https://a/b#y"},
		{"https://a/?q#f", "https://a/?q#f", "https://a/?q https://a/#f"},
		{"https://a/?x='{y}?", "https://a/?x=' https://a/?x='y", "https://a/?x="},
		{`https://a/?a\?b`, "https://a/?a?b", "https://a/?ab"},
		{"https://a/#a{b}?/?", "", ""}, // an error, see below
	} {
		if c.yes+c.no == "" {
			continue
		}
		u, err := pattern.CompileURL(c.pattern)
		if err != nil {
			t.Errorf("CompileURL(%q): %v", c.pattern, err)
			continue
		}
		for _, s := range strings.Fields(c.yes) {
			if !u.Match(parse(t, s)) {
				t.Errorf("%q does not match %q", c.pattern, s)
			}
		}
		for _, s := range strings.Fields(c.no) {
			if u.Match(parse(t, s)) {
				t.Errorf("%q matches %q", c.pattern, s)
			}
		}
		if u.String() != c.pattern {
			t.Errorf("String() = %q, want %q", u, c.pattern)
		}
	}
}

func TestURLErrors(t *testing.T) {
	for _, c := range []struct {
		pattern string
		offset  int
		part    string
	}{
		{"", 0, "empty pattern"},
		{"*", 0, "scheme and a host"},
		{"example.com", 0, "scheme and a host"},
		{"https:*", 0, "scheme and a host"},
		{"https:/a", 0, "scheme and a host"},
		{"://a", 0, "scheme and a host"},
		{"{https://}?a", 0, "scheme and a host"},
		{"https://a\n", 9, "control character"},
		{"https://" + strings.Repeat("a", 4096), 4096, "longer than 4096"},
		{"ht tp://a", 2, "' ' cannot be in the scheme"},
		{"http+x://a", 4, "must be escaped"},
		{":s://a", 0, "scheme and a host"},
		{"http{s://a", 0, "scheme and a host"},
		{"https*?://a", 6, `"?" after "*"`},
		{"(http)://a", 0, "regular expressions"},
		{"https://", 8, "no host"},
		{"https:///a", 8, "no host"},
		{"https://:80", 8, "no host"},
		{"file:///a", 0, "file URLs"},
		{"FILE://host/a", 0, "file URLs"},
		{"https://u@a", 9, "user info"},
		{"https://u:p@a", 11, "user info"},
		{"https://exämple.com", 10, "punycode"},
		{"https://*.exämple.com", 12, "punycode"},
		{"https://a%62", 9, "percent-encoded host"},
		{"https://*.a%62", 11, "percent-encoded host"},
		{"https://a b", 9, "' ' cannot be in a host"},
		{"https://*.a b", 11, "' ' cannot be in a host"},
		{`https://a\:b`, 9, "':' cannot be in a host"},
		{"https://a{:80}?", 10, "':' cannot be in a host"},
		{"https://a..b", 10, "empty label"},
		{"https://*..b", 8, "empty label"},
		{"https://.*", 8, "empty label"},
		{"https://*{a.}?", 8, "final dot of a host in a group"},
		{"https://a{.}", 8, "final dot of a host in a group"},
		{"https://a(b)", 9, "regular expressions"},
		{"https://(.*)", 8, "regular expressions"},
		{"https://:x(a|b).c", 10, "regular expressions"},
		{"https://**", 8, `"**" must be a whole segment`},
		{"https://**.a", 8, `"**" must be a whole segment`},
		{"https://*+", 9, "modifiers"},
		{"https://:x?.a", 10, "modifiers"},
		{"https://:x*", 10, "modifiers"},
		{"https://:x+", 10, "modifiers"},
		{"https://{a}*", 11, "modifiers"},
		{"https://{a}+", 11, "modifiers"},
		{"https://{a}b}", 12, `"}" without "{"`},
		{"https://{a", 10, "not closed"},
		{"https://{}a", 9, "empty group"},
		{"https://{a{b}}", 10, "nested"},
		{"https://a:", 10, "no port"},
		{"https://a:x", 9, "a port is a number or *"},
		{"https://a:port/", 9, "a port is a number or *"},
		{"https://a:8*", 10, "a port is a number or *"},
		{"https://a:65536", 10, "above 65535"},
		{"https://a:*?q", 11, `"?" after "*"`},
		{"https://*?q", 9, `"?" after "*"`},
		{"https://:x?q", 10, "modifiers"},
		{"https://a/*?x=*", 11, `"?" after "*"`},
		{"https://a/**?x", 12, `"?" after "*"`},
		{"https://a/:x?y", 12, "modifiers"},
		{"https://a/*+", 11, "modifiers"},
		{"https://a/a+b", 11, `must be escaped (write \+)`},
		{"https://a/?a?b", 12, `must be escaped (write \?)`},
		{"https://a/#a?b", 12, `must be escaped (write \?)`},
		{"https://a/a**", 11, `"**" must be a whole segment`},
		{"https://a/**b", 10, `"**" must be a whole segment`},
		{"https://a/***", 10, `"**" must be a whole segment`},
		{"https://a{/**}?", 10, "'/' cannot be in a host"},
		{"https://a/b{/**}?", 13, `"**" must be a whole segment`},
		{"https://a/?**", 11, `"**" must be a whole segment`},
		{"https://a/x:y", 11, `":" starts a group`},
		{"https://a/:größe", 13, "ASCII only"},
		{"https://a/:ü", 11, "ASCII only"},
		{"https://a/x:ü", 11, `":" starts a group`},
		{"https://a/?q=:y", 13, `":" starts a group`},
		{"https://a/#:y", 11, `":" starts a group`},
		{"https://a/(x)", 10, "regular expressions"},
		{"https://a/:x(.*)", 12, "regular expressions"},
		{"https://a/b{?x}?", 12, `must be escaped`},
		{`https://a/b{\?x}?`, 12, "cannot be in a path"},
		{"https://a/b{#x}?", 12, "cannot be in a path"},
		{"https://a/?b{#x}?", 13, "cannot be in a query"},
		{"https://a/b/../c", 12, "dot segment"},
		{"https://a/./c", 10, "dot segment"},
		{"https://a/%2e%2E", 10, "dot segment"},
		{"https://a/%", 10, "two hexadecimal digits"},
		{"https://a/%4", 10, "two hexadecimal digits"},
		{"https://a/%zz*", 10, "two hexadecimal digits"},
		{`https://a/\`, 10, "nothing after it"},
		{`https://a/\%41`, 10, "two hexadecimal digits"},
		{"https://a/#%", 11, "two hexadecimal digits"},
		{"https://a/?%", 11, "two hexadecimal digits"},
		{"https://a/" + strings.Repeat("x*", 600), 1025, "longer than 1000"},
		{"http://256.1.1.1", 7, "not an IPv4 address"},
		{"http://a.1", 7, "not an IPv4 address"},
		{"http://*.a.1", 7, "ends in a number"},
		{"http://a*.0x1", 7, "ends in a number"},
		{"http://x{.1}", 7, "ends in a number"},
		{"http://x*.1{2}.", 7, "ends in a number"},
		{"http://*.1", 7, "four numbers"},
		{"http://1.*.2", 7, "four numbers"},
		{"http://1.2.3.4.*", 7, "four numbers"},
		{"http://1*", 7, "decimal numbers and whole *"},
		{"http://192.168.1*", 7, "decimal numbers and whole *"},
		{"http://192.168.01.*", 7, "decimal numbers and whole *"},
		{"http://192.256.*", 7, "decimal numbers and whole *"},
		{"http://192.168.*.", 7, "decimal numbers and whole *"},
		{"http://:n.1", 7, "decimal numbers and whole *"},
		{"http://{a}?1.*", 7, "decimal numbers and whole *"},
		{"http://[::*]", 7, "wildcards in an IPv6 address"},
		{"http://[::g]", 7, "not an IPv6 address"},
		{"http://[::1", 7, "not an IPv6 address"},
		{"tauri://LocalHost", 8, "capital letters"},
		{"tauri://*.Host", 10, "capital letters"},
	} {
		u, err := pattern.CompileURL(c.pattern)
		wantError(t, c.pattern, err, c.offset, c.part)
		if u != nil {
			t.Errorf("%q: a pattern besides the error", c.pattern)
		}
	}
}

func TestNoURL(t *testing.T) {
	p := parse(t, "https://a")
	for _, u := range []*pattern.URL{nil, {}} {
		if u.Match(p) || u.Match(pattern.ParsedURL{}) || u.String() != "" || u.Surprises() != nil {
			t.Errorf("%v matches", u)
		}
	}
	if urlPattern(t, "*://*:*").Match(pattern.ParsedURL{}) {
		t.Error("the zero ParsedURL matches")
	}
	var none *pattern.URL
	if none.OriginOnly() {
		t.Error("a nil URL is said to look at origins")
	}
}

func TestOriginOnly(t *testing.T) {
	for text, want := range map[string]bool{
		"https://a": true, "https://a/": true, "https://*:*/*": true, "https://a/*": true, "app://a/*": false, "*://a/*": false, "https://a/b": false, "https://a?b": false, "https://a/#b": false, "https://a/?": true,
	} {
		if got := urlPattern(t, text).OriginOnly(); got != want {
			t.Errorf("%q: OriginOnly() = %t", text, got)
		}
	}
}

// naivePart translates the pattern of a path or host into a regular
// expression, which the standard library matches.
func naivePart(p, delimiter string) *regexp.Regexp {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\':
			i++
			b.WriteString(regexp.QuoteMeta(p[i : i+1]))
		case strings.HasPrefix(p[i:], "/**"):
			b.WriteString("(?:/.*)?")
			i += 2
		case c == '*':
			b.WriteString(".*")
		case c == '{':
			b.WriteString("(?:")
		case c == '}':
			b.WriteString(")")
			if strings.HasPrefix(p[i+1:], "?") {
				b.WriteString("?")
				i++
			}
		case c == ':' && groupName.MatchString(p[i:]):
			i += len(groupName.FindString(p[i:])) - 1
			b.WriteString("[^" + delimiter + "]+")
		default:
			b.WriteString(regexp.QuoteMeta(p[i : i+1]))
		}
	}
	return regexp.MustCompile(`\A(?:` + b.String() + `)\z`)
}

var (
	groupName = regexp.MustCompile(`\A:[A-Za-z_$][A-Za-z0-9_$]*`)
	plainPath = regexp.MustCompile(`\A/[-A-Za-z0-9._~:*{}?\\/@!&()]+\z`)
	plainHost = regexp.MustCompile(`\A[-a-z0-9.:*{}?]+\z`)
)

func FuzzURL(f *testing.F) {
	for _, c := range [][3]string{
		{"*.example.com", "/a/**/b", "https://a.example.com/a/x/b"}, {"{*.}?a.b", "/:x/{y/}?z", "https://a.b/x/y/z"},
		{"192.168.*", "/*", "https://192.168.1"}, {"a-:b.c", "/x*y*z", "https://a/xyz"}, {":a.:b.com", `/\:x{/y}?`, "https://a.b.com/:x"},
	} {
		f.Add(c[0], c[1], c[2])
	}
	f.Fuzz(func(t *testing.T, host, path, text string) {
		if strings.Contains(host, "/") || !plainPath.MatchString(path) || !plainHost.MatchString(host) || len(host)+len(path) > 60 {
			return
		}
		u, err := pattern.CompileURL("https://" + host + path)
		if err != nil {
			var e *pattern.Error
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len("https://"+host+path) {
				t.Errorf("https://%s%s: error %#v", host, path, err)
			}
			return
		}
		p, err := pattern.ParseURL(text)
		if err != nil || p.Scheme() != "https" || p.Port() != 443 || strings.Contains(host, ":") && !groupName.MatchString(host[strings.IndexByte(host, ':'):]) {
			return
		}
		// An escaped "?" starts the query, and an address has other spellings.
		if strings.Contains(path, `\?`) || strings.Trim(host, "0123456789.x") == "" || strings.Contains(strings.ReplaceAll(path, "}?", ""), "?") {
			return
		}
		want := naivePart(host, ".").MatchString(p.Host()) && naivePart(path, "/").MatchString(p.Path())
		if strings.HasSuffix(p.Host(), ".") && !strings.HasSuffix(host, ".") || strings.Trim(host, "0123456789.*") == "" && !isIPv4(p.Host()) && strings.ContainsAny(host, "0123456789") {
			want = false
		}
		if got := u.Match(p); got != want {
			t.Errorf("%q on %q: %t, want %t", u, p, got, want)
		}
	})
}

func isIPv4(host string) bool { return strings.Trim(host, "0123456789.") == "" }

// With backtracking these would never end.
func TestURLHostile(t *testing.T) {
	long := parse(t, "https://a/"+strings.Repeat("a/", 8000))
	for _, path := range []string{
		strings.Repeat("*a", 400) + "b", strings.Repeat("{a}?", 400) + "b", strings.Repeat("/:x", 300) + "b",
		strings.Repeat("/**", 300) + "/b", strings.Repeat("{*a}?", 150) + "b",
	} {
		if urlPattern(t, "https://a/"+strings.TrimPrefix(path, "/")).Match(long) {
			t.Errorf("%.20q… matches", path)
		}
	}
}
