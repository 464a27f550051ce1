package pattern

import "strings"

// URL is a compiled URL pattern. It is immutable and safe for concurrent use.
// A nil or zero URL matches nothing.
type URL struct {
	text string

	scheme   part
	host     part
	path     part
	query    part
	fragment part
	port     int  // anyPort, ownPort or a number
	ipv4     bool // the host is an address with wildcards: only IPv4 addresses match
	dotted   bool // the host ends in a dot: else no host that does so matches
}

const (
	anyPort = -2 // "*"
	ownPort = -3 // none written: the scheme's own, or none if it has none
)

// CompileURL compiles a URL pattern. The error is an [*Error].
func CompileURL(text string) (*URL, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	u := &URL{text: text}
	if err := u.compile(); err != nil {
		return nil, err
	}
	return u, nil
}

func (u *URL) compile() *Error {
	r, err := splitURL(u.text)
	if err != nil {
		return err
	}
	if u.scheme, err = compilePart(r.scheme, partScheme); err != nil {
		return err
	}
	if u.scheme.shape == shapeLiteral && u.scheme.text == "file" {
		return fault(0, "file URLs have no origin (grant files by path, not by url)")
	}
	if err = u.compileHost(r.host); err != nil {
		return err
	}
	if u.port, err = compilePort(r.port); err != nil {
		return err
	}
	if u.path, err = compileWidened(r.path, partPath); err != nil {
		return err
	}
	if u.query, err = compileWidened(r.query, partQuery); err != nil {
		return err
	}
	u.fragment, err = compileWidened(r.fragment, partFragment)
	return err
}

func compilePort(r rawPart) (int, *Error) {
	switch {
	case !r.present:
		return ownPort, nil
	case r.text == "*" && r.question:
		return 0, fault(r.at+1, `"?" after "*" makes it optional in URLPattern (to start a query write \?)`)
	case r.text == "*":
		return anyPort, nil
	case r.text == "":
		return 0, fault(r.at, `no port after ":" (leave ":" out for the scheme's own port, write :* for any)`)
	case strings.Trim(r.text, "0123456789") != "":
		return 0, fault(r.at, "a port is a number or *")
	}
	return parsePort(r.text, r.at)
}

// compileWidened compiles a part that stands for anything when it is left out.
func compileWidened(r rawPart, kind partKind) (part, *Error) {
	if r.text == "" || kind == partPath && r.text == "/" {
		return part{shape: shapeAny}, nil
	}
	if kind == partPath {
		if err := checkSegments(r); err != nil {
			return part{}, err
		}
	}
	return compilePart(r, kind)
}

// checkSegments refuses dot segments, which no canonical URL has.
func checkSegments(r rawPart) *Error {
	at := r.at
	for segment := range strings.SplitSeq(r.text, "/") {
		plain, err := appendEscaped(nil, segment, at, escapePath)
		if err == nil && (string(plain) == "." || string(plain) == "..") {
			return fault(at, "dot segment in a path (write the path without it)")
		}
		at += len(segment) + 1
	}
	return nil
}

// Match reports whether a URL matches. It allocates nothing; its cost is at
// most proportional to the product of the lengths of pattern and URL. User info
// is not looked at: see [ParsedURL.HasUser].
func (u *URL) Match(p ParsedURL) bool {
	return u != nil && p.scheme != "" &&
		u.scheme.match(p.scheme) && u.matchPort(&p) && u.matchHost(&p.host) &&
		u.path.match(p.path) && u.query.match(p.query) && u.fragment.match(p.fragment)
}

func (u *URL) matchPort(p *ParsedURL) bool {
	switch u.port {
	case anyPort:
		return true
	case ownPort:
		return p.port == defaultPort(p.scheme)
	default:
		return p.port == u.port
	}
}

func (u *URL) matchHost(h *host) bool {
	if u.ipv4 && !h.ipv4 || !u.dotted && strings.HasSuffix(h.text, ".") {
		return false
	}
	return u.host.match(h.text)
}

// String returns the pattern as written.
func (u *URL) String() string {
	if u == nil {
		return ""
	}
	return u.text
}

// OriginOnly reports whether the pattern restricts scheme, host and port only,
// so that a URL's origin decides whether it matches.
func (u *URL) OriginOnly() bool {
	return u != nil && u.anyPath() && u.query.shape == shapeAny && u.fragment.shape == shapeAny
}

// anyPath reports whether every path matches; those of special schemes start
// with a slash.
func (u *URL) anyPath() bool {
	special := u.scheme.shape == shapeLiteral && defaultPort(u.scheme.text) >= 0
	return u.path.shape == shapeAny || special && u.path.shape == shapePrefix && u.path.text == "/"
}
