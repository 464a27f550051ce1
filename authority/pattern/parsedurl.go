package pattern

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxURL is how many bytes a URL may have.
const maxURL = 16 << 10

// ParsedURL is a URL in canonical form, as [ParseURL] made it. It is
// immutable. The zero ParsedURL is no URL and matches no pattern.
type ParsedURL struct {
	text     string // the whole, without user info
	scheme   string
	host     host
	port     int // -1: none given and none by default
	path     string
	query    string
	fragment string
	origin   int // bytes of text that are the origin
	user     bool
}

// ParseURL brings a URL with a host into canonical form, as the URL standard
// (WHATWG) does, and refuses what the standard takes only to repair it. See
// the package documentation for what changes and what is refused. The error is
// an [*Error].
func ParseURL(text string) (ParsedURL, error) {
	p, err := parseURL(text)
	if err != nil {
		return ParsedURL{}, err
	}
	return p, nil
}

func parseURL(text string) (p ParsedURL, err *Error) {
	if err := checkURLText(text); err != nil {
		return p, err
	}
	end, err := schemeLength(text)
	if err != nil {
		return p, err
	}
	p.scheme = strings.ToLower(text[:end])
	at := end + len("://")
	stop := len(text)
	if i := strings.IndexAny(text[at:], "/?#"); i >= 0 {
		stop = at + i
	}
	if err := p.parseAuthority(text[at:stop], at); err != nil {
		return p, err
	}
	return p, p.parseRest(text[stop:], stop)
}

func checkURLText(text string) *Error {
	switch {
	case text == "":
		return fault(0, "empty URL")
	case len(text) > maxURL:
		return fault(maxURL, "URL longer than 16 KiB")
	case text[0] == ' ':
		return fault(0, "space before a URL")
	case text[len(text)-1] == ' ':
		return fault(len(text)-1, "space after a URL")
	}
	for i, r := range text {
		switch {
		case r < ' ' || r == 0x7f:
			return fault(i, "control character in a URL")
		case r == '\\':
			return fault(i, `backslash in a URL (write "/", or %5C for the character itself)`)
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return fault(i, "URL is not valid UTF-8")
			}
		}
	}
	return nil
}

// schemeLength returns the length of the scheme of a URL that has a host.
func schemeLength(text string) (int, *Error) {
	n := strings.Index(text, "://")
	if n <= 0 {
		return 0, fault(0, "not a URL with a scheme and a host (https://example.com)")
	}
	for i := range n {
		if !schemeByte(text[i], i == 0) {
			return 0, fault(i, strconv.QuoteRune(rune(text[i]))+" cannot be in the scheme of a URL")
		}
	}
	if strings.EqualFold(text[:n], "file") {
		return 0, fault(0, "file URLs have no origin (grant files by path, not by url)")
	}
	return n, nil
}

func schemeByte(c byte, first bool) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		return true
	case '0' <= c && c <= '9', c == '+', c == '-', c == '.':
		return !first
	}
	return false
}

// defaultPort returns the port of a special scheme, or -1.
func defaultPort(scheme string) int {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	case "ftp":
		return 21
	}
	return -1
}

func (p *ParsedURL) parseAuthority(s string, at int) (err *Error) {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		p.user = true
		s, at = s[i+1:], at+i+1
	}
	name, port := splitPort(s)
	p.port = defaultPort(p.scheme)
	if p.host, err = parseHost(name, at, p.port >= 0); err != nil || len(port) <= 1 {
		return err // a ":" without digits is taken, as browsers do
	}
	n, err := parsePort(port[1:], at+len(name)+1)
	p.port = n
	return err
}

// splitPort splits the port off, with its colon.
func splitPort(s string) (name, port string) {
	from := 0
	if strings.HasPrefix(s, "[") {
		from = max(strings.IndexByte(s, ']'), 0)
	}
	if i := strings.IndexByte(s[from:], ':'); i >= 0 {
		return s[:from+i], s[from+i:]
	}
	return s, ""
}

func parsePort(s string, at int) (int, *Error) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, fault(at+i, "port that is not a number")
		}
		if n = n*10 + int(s[i]-'0'); n > 65535 {
			return 0, fault(at, "port above 65535")
		}
	}
	return n, nil
}

// parseRest reads path, query and fragment and puts the text together.
func (p *ParsedURL) parseRest(s string, at int) (err *Error) {
	before, fragment, hasFragment := strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(before, "?")

	b := make([]byte, 0, len(p.scheme)+len("://")+len(p.host.text)+len(":65535")+len(s)+16)
	b = append(b, p.scheme...)
	b = append(b, "://"...)
	b = append(b, p.host.text...)
	if p.port != defaultPort(p.scheme) {
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(p.port), 10)
	}
	p.origin = len(b)
	if b, err = appendPath(b, path, at); err != nil {
		return err
	}
	afterPath := len(b)
	if hasQuery {
		if b, err = appendEscaped(append(b, '?'), query, at+len(path)+1, escapeQuery); err != nil {
			return err
		}
	}
	afterQuery := len(b)
	if hasFragment {
		if b, err = appendEscaped(append(b, '#'), fragment, at+len(before)+1, escapeFragment); err != nil {
			return err
		}
	}
	p.text = string(b)
	p.path = p.text[p.origin:afterPath]
	p.query = strings.TrimPrefix(p.text[afterPath:afterQuery], "?")
	p.fragment = strings.TrimPrefix(p.text[afterQuery:], "#")
	return nil
}

// Scheme returns the scheme, in small letters, without ":".
func (p ParsedURL) Scheme() string { return p.scheme }

// Host returns the host: a name in small letters, four decimal numbers, or an
// IPv6 address in brackets. A final dot is kept.
func (p ParsedURL) Host() string { return p.host.text }

// Port returns the port, the scheme's own if none was given, or -1 if there is
// none at all.
func (p ParsedURL) Port() int {
	if p.scheme == "" {
		return -1
	}
	return p.port
}

// Path returns the path, which starts with "/".
func (p ParsedURL) Path() string { return p.path }

// Query returns the query without "?".
func (p ParsedURL) Query() string { return p.query }

// Fragment returns the fragment without "#".
func (p ParsedURL) Fragment() string { return p.fragment }

// HasUser reports whether the URL carried user info (user:password@). It is
// no part of the canonical URL, and patterns do not look at it; a caller that
// would send or show it should refuse such a URL.
func (p ParsedURL) HasUser() bool { return p.user }

// Origin returns "scheme://host", with ":port" unless it is the scheme's own.
// It returns "" for the zero ParsedURL.
func (p ParsedURL) Origin() string { return p.text[:p.origin] }

// String returns the canonical URL, without user info.
func (p ParsedURL) String() string { return p.text }
