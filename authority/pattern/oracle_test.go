package pattern_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dunglas/go-urlpattern"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// The oracle is another implementation of the standard, which Tauri's Rust crate
// also follows; it is used in tests only, since it needs 10 µs a match and has
// patterns and URLs that it misreads. What both sides accept must match alike,
// but for the differences listed here.

// tauri compiles a pattern as Tauri does: as a URLPattern of which an empty
// path, query or fragment, and the path "/", stand for any.
func tauri(text string) (u *urlpattern.URLPattern, ok bool) {
	defer func() {
		if recover() != nil { // of some patterns that it should refuse
			u, ok = nil, false
		}
	}()
	p, err := urlpattern.New(text, "", nil)
	if err != nil {
		return nil, false
	}
	part := func(s string, widened ...string) *string {
		for _, w := range widened {
			if s == w {
				s = "*"
			}
		}
		return &s
	}
	u, err = (&urlpattern.URLPatternInit{
		Protocol: part(p.Protocol()), Hostname: part(p.Hostname()), Port: part(p.Port()),
		Pathname: part(p.Pathname(), "", "/"), Search: part(p.Search(), ""), Hash: part(p.Hash(), ""),
	}).New(nil)
	return u, err == nil
}

// pair is a pattern and a URL on which the oracle answers otherwise than we do.
type pair struct {
	scheme, host, port, rest string // of the pattern
	url                      pattern.ParsedURL
	ours                     bool
}

var patternParts = regexp.MustCompile(`\A((?:[^:{]|\{[^}]*\})*)://(\[[^]]*\]|(?:[^/?#:{\\]|\{[^}]*\}\??|:[A-Za-z_$][\w$]*)*)(?::([0-9*]*))?(.*)\z`)

func (p *pair) special() bool {
	return slices.Contains([]string{"http", "https", "ws", "wss", "ftp"}, p.url.Scheme())
}

// deliberate are the differences that we want, or that are faults of the
// oracle.
var deliberate = []struct {
	why string
	is  func(p *pair) bool
}{
	{"no wildcard matches the final dot of a host", func(p *pair) bool {
		return !p.ours && strings.HasSuffix(p.url.Host(), ".")
	}},
	{"IPv6 addresses are compressed, and those that stand for IPv4 ones written so", func(p *pair) bool {
		return p.ours && p.host[0] == '['
	}},
	{"the standard reads each literal run of a host as a host of its own, so that 192.168.* becomes 192.0.0.168*", func(p *pair) bool {
		return strings.ContainsAny(p.host, "*:{") && strings.ContainsAny(p.host, "0123456789")
	}},
	{"the standard reads each literal run of a path as a path of its own, so that /.* becomes /*", func(p *pair) bool {
		return !p.ours && dotRun.MatchString(p.rest)
	}},
	{"a written port is compared with the scheme's own, whatever the pattern's scheme", func(p *pair) bool {
		return p.ours && strings.ContainsAny(p.scheme, "*{") && p.port == strconv.Itoa(p.url.Port())
	}},
	{"escapes have one spelling", func(p *pair) bool {
		return p.ours && strings.Contains(p.rest, "%")
	}},
	{"a ' in a query is escaped whatever the scheme, in patterns too", func(p *pair) bool {
		return p.ours && strings.Contains(p.rest, "'") && strings.Contains(p.url.Query(), "%27")
	}},
	{"a ^ in a path is escaped in patterns as in URLs", func(p *pair) bool {
		return p.ours && strings.Contains(p.rest, "^") && strings.Contains(p.url.Path(), "%5E")
	}},
	{"paths of other schemes have segments, which :name and /** keep to, and are escaped", func(p *pair) bool {
		return !p.special() && p.rest != ""
	}},
}

var dotRun = regexp.MustCompile(`/\.{1,2}([*:{}\\?#]|\z)`)

// oracle compares one pattern with the oracle.
type oracle struct {
	text   string
	ours   *pattern.URL
	theirs *urlpattern.URLPattern
	parts  []string
}

// newOracle returns nil if one of the two refuses the pattern.
func newOracle(t testing.TB, text string) *oracle {
	ours, err := pattern.CompileURL(text)
	if err != nil {
		return nil
	}
	theirs, ok := tauri(text)
	if !ok {
		return nil
	}
	parts := patternParts.FindStringSubmatch(text)
	if parts == nil {
		t.Fatalf("%q compiles, but has no parts", text)
	}
	return &oracle{text, ours, theirs, parts}
}

// compare reports whether both match, and which of the deliberate differences
// it found, or -1.
func (o *oracle) compare(t testing.TB, p pattern.ParsedURL) (matched bool, difference int) {
	ours := o.ours.Match(p)
	theirs := o.theirs.Test(p.String(), "")
	if ours == theirs {
		return ours, -1
	}
	pair := &pair{o.parts[1], o.parts[2], o.parts[3], o.parts[4], p, ours}
	for i, d := range deliberate {
		if d.is(pair) {
			return false, i
		}
	}
	t.Errorf("%q on %q: %t, the oracle says %t (%s %s %s %s %s %s)", o.text, p, ours, theirs,
		o.theirs.Protocol(), o.theirs.Hostname(), o.theirs.Port(), o.theirs.Pathname(), o.theirs.Search(), o.theirs.Hash())
	return false, -1
}

var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// onePercent gives escapes the one spelling that we use.
func onePercent(s string) string {
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[1:], 16, 8)
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", rune(n)) {
			return string(rune(n))
		}
		return strings.ToUpper(e)
	})
}

var everything, _ = (&urlpattern.URLPatternInit{}).New(nil)

// compareParse checks the canonical form of a URL, and reports whether both
// take it.
func compareParse(t testing.TB, text string) (pattern.ParsedURL, bool) {
	ours, err := pattern.ParseURL(text)
	if err != nil {
		return ours, false
	}
	theirs := everything.Exec(text, "")
	if theirs == nil {
		// It wants host names of special schemes to be valid IDNA: no "--" in
		// places, no hyphen at an end, and punycode that decodes.
		if !strings.Contains(ours.Host(), "-") {
			t.Errorf("the oracle refuses %q", text)
		}
		return ours, false
	}
	port := ""
	if ours.Origin() != ours.Scheme()+"://"+ours.Host() {
		port = strconv.Itoa(ours.Port())
	}
	caret := strings.NewReplacer("^", "%5E") // its tables are older
	quote := strings.NewReplacer("'", "%27") // for schemes that are not special
	host := theirs.Hostname.Input
	if strings.HasPrefix(host, "[::ffff:") || strings.Contains(ours.Host(), "-") {
		host = ours.Host() // the same machine as the IPv4 address; punycode that we do not decode; and it takes -0 for a number
	}
	path := theirs.Pathname.Input
	if path == "" {
		path = "/" // of other schemes
	}
	for _, c := range []struct{ what, ours, theirs string }{
		{"scheme", ours.Scheme(), theirs.Protocol.Input}, {"host", ours.Host(), host}, {"port", port, theirs.Port.Input},
		{"path", ours.Path(), caret.Replace(onePercent(path))},
		{"query", ours.Query(), quote.Replace(onePercent(theirs.Search.Input))}, {"fragment", ours.Fragment(), onePercent(theirs.Hash.Input)},
	} {
		if c.ours != c.theirs {
			t.Errorf("%q has the %s %q, the oracle says %q", text, c.what, c.ours, c.theirs)
		}
	}
	return ours, true
}

// Patterns and URLs that show each rule and each difference.
var oracleTable = [][2]string{
	{"http://*", "http://127.0.0.1:11434/"}, {"http://*:*", "http://127.0.0.1:11434/"}, {"https://*", "https://example.com./"},
	{"https://a", "https://a:443/x?y#z"}, {"https://a:443", "https://a/"}, {"https://a:443", "https://a:80/"}, {"http{s}?://a:443", "https://a/"},
	{"https://a/", "https://a/b"}, {"https://a/?", "https://a/b?c"}, {"https://a/#", "https://a/b?c#d"}, {"https://a?b", "https://a/x?b#c"},
	{"https://a#b", "https://a/x?c#b"}, {"https://a/b", "https://a/b?c#d"}, {"https://a/b#c", "https://a/b?d#c"}, {"https://a/b/", "https://a/b"},
	{"https://*.example.com", "https://example.com/"}, {"https://*.example.com", "https://a.b.example.com/"}, {"https://{*.}?example.com", "https://example.com/"},
	{"https://192.168.*", "https://192.168.0.1/"}, {"https://192.168.0.1", "https://0xc0a80001/"}, {`http://[\:\:1]:*`, "http://[0:0::1]:8080/"},
	{`http://[\:\:ffff\:7f00\:1]`, "http://127.0.0.1/"}, {`http://[0\:0\:\:1]`, "http://[::1]/"}, {"https://a/b/**", "https://a/b"}, {"https://a/b/**", "https://a/b/c/d"},
	{"https://a/b/*", "https://a/b"}, {"https://a/:x/c", "https://a/b/c"}, {"https://a/:x/c", "https://a/b/b/c"}, {"https://:x.b", "https://a.a.b/"},
	{"https://a/b{/c}?", "https://a/b/c"}, {"https://a/b{/c}??d", "https://a/b?d"}, {"https://a/.*", "https://a/b"}, {"https://a/%61%2f", "https://a/a%2F"},
	{"https://a?x='", "https://a/?x='"}, {"https://a/^*", "https://a/^b"}, {`https://a/\:b\?c`, "https://a/:b?c"}, {"HTTPS://A/B", "https://a/B"},
	{"tauri://localhost", "tauri://localhost/x"}, {"tauri://localhost", "tauri://localhost:80"}, {"tauri://a/b/**", "tauri://a/b"}, {"tauri://a/:b", "tauri://a/b/c"},
	{"*://a/*", "ws://a/x"}, {"https://a/ü *", "https://a/ü%20b"}, {`https://a/{*b}?{/:x}?`, "https://a/xb/y"}, {"https://xn--bcher-kva.example", "https://xn--bcher-kva.example/"},
}

var oracleURLs = []string{
	"https://user:pass@EXAMPLE.com:0443/a/../b/./%2E%2e/c?d'e#f`", "http://0x7f.1", "http://017700000001/", "http://[1:0:0:2::]:80", "http://1.2.3.4./",
	"http://[::ffff:1.2.3.4]/", "tauri://x", "tauri://x/a/../b?'", "https://a//..//%41%2f", "https://a/ü \"<>`{}^|;:@&=+$,?\"<>#\"<>`", "ftp://a:21/", "https://a:/",
}

func TestURLOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	used := make([]int, len(deliberate))
	compared, matched, parsed := 0, 0, 0
	try := func(o *oracle, text string) {
		p, ok := compareParse(t, text)
		if !ok {
			return
		}
		parsed++
		if o == nil {
			return
		}
		both, difference := o.compare(t, p)
		if compared++; both {
			matched++
		}
		if difference >= 0 {
			used[difference]++
		}
	}
	for _, c := range oracleTable {
		o := newOracle(t, c[0])
		if o == nil {
			t.Errorf("%q does not compile on both sides", c[0])
		}
		try(o, c[1])
	}
	for _, text := range oracleURLs {
		try(nil, text)
	}
	patterns := 3000
	if testing.Short() {
		patterns = 600
	}
	for range patterns {
		o := newOracle(t, randomURLPattern(r))
		if o == nil {
			continue
		}
		for range 20 {
			try(o, randomURL(r, o.text))
		}
	}
	t.Logf("%d URLs parsed alike, %d pairs compared, of which %d match", parsed, compared, matched)
	if compared < 5*patterns || matched < patterns/2 {
		t.Errorf("only %d pairs compared, of which %d match", compared, matched)
	}
	for i, d := range deliberate {
		if used[i] == 0 {
			t.Errorf("no longer a difference: %s", d.why)
		}
	}
}

func oneOf(r *rand.Rand, pieces ...string) string { return pieces[r.IntN(len(pieces))] }

func randomURLPattern(r *rand.Rand) string {
	text := oneOf(r, "https", "https", "http", "*", "http{s}?", "h*", "tauri") + "://" +
		pick(r, 2, "a.", "b-", "*.", ":x.", "{a.}?", "A", "1") + oneOf(r, "a", "b.a", "*", "c") + oneOf(r, "", "", ":*", ":443", ":80")
	text += pick(r, 1, "/") + pick(r, 3, "/a", "/b", "/*", "/**", "/:y", "{/a}?", "a", `\:x`, ".", "ü", "%41", "'", "^")
	return text + pick(r, 1, "?", "?a=*", "?*", "?{b}?'") + pick(r, 1, "#", "#*a", "#a")
}

var wildcard = regexp.MustCompile(`\*\*?|:[xy]|\{([^}]*)\}\??`)

// randomURL returns a URL that is likely to match a pattern, or almost.
func randomURL(r *rand.Rand, text string) string {
	out := wildcard.ReplaceAllStringFunc(text, func(w string) string {
		if w[0] == '{' {
			return oneOf(r, "", strings.TrimRight(w[1:], "}?"))
		}
		return oneOf(r, "a", "b", "a.b", "a/b", "", "c", "s", "ttp")
	})
	out = strings.ReplaceAll(out, `\`, "")
	switch r.IntN(4) {
	case 0:
		out += pick(r, 2, "/", "?", "#", "a", ".", "'", "b", "/..")
	case 1:
		i := r.IntN(len(out) + 1)
		out = out[:i] + pick(r, 1, "a", ".", "/", ":80", "/.", "b") + out[i:]
	}
	return out
}

func FuzzURLOracle(f *testing.F) {
	for _, c := range oracleTable {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, text, url string) {
		if len(text) > 60 || len(url) > 60 {
			return
		}
		if p, ok := compareParse(t, url); ok {
			if o := newOracle(t, text); o != nil {
				o.compare(t, p)
			}
		}
	})
}
