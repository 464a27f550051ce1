package pattern

import (
	"strconv"
	"strings"
)

// Surprise is a way in which a URL pattern probably does not match what its
// author thinks.
type Surprise struct {
	Kind SurpriseKind
	Text string // "matches every host": goes on after "URL pattern …"
}

// SurpriseKind says what is surprising about a pattern.
type SurpriseKind uint8

// The kinds of surprises.
const (
	// TooWide patterns match what belongs to strangers.
	TooWide SurpriseKind = iota
	// TooNarrow patterns match less than they seem to.
	TooNarrow
	// NoApex patterns match the subdomains of a domain, but not itself.
	NoApex
	// NotBelow patterns match a path, but nothing below it.
	NotBelow
)

// Surprises returns the ways in which the pattern probably matches less or
// more than its author thinks; none if there is nothing to say. They are for a
// linter: the pattern is valid.
func (u *URL) Surprises() []Surprise {
	if u == nil || u.text == "" {
		return nil
	}
	var out []Surprise
	for _, find := range []func(*URL) (SurpriseKind, string){
		(*URL).schemeSurprise, (*URL).hostSurprise, (*URL).addressSurprise, (*URL).portSurprise,
		(*URL).pathSurprise, (*URL).querySurprise, (*URL).fragmentSurprise,
	} {
		if kind, text := find(u); text != "" {
			out = append(out, Surprise{kind, text})
		}
	}
	return out
}

func (u *URL) schemeSurprise() (SurpriseKind, string) {
	const both = " (for http and https write http{s}?)"
	switch s := &u.scheme; {
	case s.shape == shapeAny:
		return TooWide, "matches every scheme"
	case s.shape == shapePrefix:
		return TooWide, "matches every scheme that starts with " + strconv.Quote(s.text) + both
	case s.wild():
		return TooWide, "matches more schemes than it seems" + both
	}
	return 0, ""
}

func (u *URL) hostSurprise() (SurpriseKind, string) {
	h := &u.host
	tail := h.tail()
	domain := strings.TrimPrefix(tail, ".")
	switch {
	case h.shape == shapeAny:
		return TooWide, "matches every host"
	case h.shape == shapeLiteral || u.ipv4:
		return 0, ""
	case h.shape == shapePrefix:
		return TooWide, "matches every domain that starts with " + strconv.Quote(h.text) + ", whoever owns it"
	case tail == "":
		return TooWide, "matches domains under every ending, whoever owns them"
	case tail != domain && domain != "localhost" && (strings.IndexByte(domain, '.') < 0 || publicSuffix(domain)):
		return TooWide, "matches every domain below " + strconv.Quote(tail)
	case h.shape != shapeSuffix:
		return 0, ""
	case tail == domain:
		return TooWide, "also matches hosts like " + strconv.Quote("evil"+tail) + " (for subdomains only write *." + tail + ")"
	}
	return NoApex, "does not match " + strconv.Quote(domain) + " itself (for both write {*.}?" + domain + ")"
}

// publicSuffix guesses whether a domain of two labels, like co.uk, is one below
// which anybody can have a domain.
func publicSuffix(domain string) bool {
	second, country, _ := strings.Cut(domain, ".")
	if len(country) != len("uk") {
		return false
	}
	switch second {
	case "ac", "co", "com", "edu", "gov", "net", "or", "org":
		return true
	}
	return false
}

// addressSurprise is for addresses and names that are read otherwise than they
// are written.
func (u *URL) addressSurprise() (SurpriseKind, string) {
	switch host := u.host.text; {
	case u.dotted:
		return TooNarrow, "matches only hosts that are written with a final dot"
	case u.host.shape == shapeLiteral && endsInNumber(host) && !strings.Contains(u.text, host):
		return TooNarrow, "matches the address " + host + " only (for a network write numbers and *, like 192.168.1.*)"
	}
	return 0, ""
}

func (u *URL) portSurprise() (SurpriseKind, string) {
	if u.port != ownPort || u.host.shape != shapeAny && !u.ipv4 && !u.local() {
		return 0, ""
	}
	return TooNarrow, "matches only the scheme's own port (for every port write :* after the host)"
}

// local reports whether the host is one at which people develop.
func (u *URL) local() bool {
	h := &u.host
	return h.shape == shapeLiteral && (h.text == "localhost" || isAddress(h.text)) || h.tail() == ".localhost"
}

// isAddress reports whether a canonical host is an IP address.
func isAddress(host string) bool { return host[0] == '[' || endsInNumber(host) }

func (u *URL) pathSurprise() (SurpriseKind, string) {
	if u.path.shape != shapeLiteral {
		return 0, ""
	}
	path := u.path.text
	last := path[strings.LastIndexByte(path, '/')+1:]
	address := u.ipv4 || u.host.shape == shapeLiteral && isAddress(u.host.text)
	switch {
	case address && len(path) <= len("/128") && strings.Trim(path[1:], "0123456789") == "":
		return TooNarrow, strconv.Quote(path) + " is a path, not the length of a network prefix (write the address as 10.*)"
	case last == "":
		return TooNarrow, "matches only the very path " + strconv.Quote(path) + " (for what is below write " + path + "*)"
	case strings.IndexByte(last, '.') < 0: // no file, by its looks
		return NotBelow, "matches the path " + strconv.Quote(path) + " but nothing below it (for both write " + path + "/**)"
	}
	return 0, ""
}

func (u *URL) querySurprise() (SurpriseKind, string) {
	if u.query.shape != shapeLiteral {
		return 0, ""
	}
	return TooNarrow, "matches only the very query " + strconv.Quote(u.query.text) + " (write * where more may stand)"
}

func (u *URL) fragmentSurprise() (SurpriseKind, string) {
	if u.fragment.shape == shapeAny {
		return 0, ""
	}
	return TooNarrow, "matches only URLs with a fragment, which no request carries (leave out what is after #)"
}

// Loopback reports whether all that the pattern matches is on the machine
// itself: localhost, names below it, and loopback addresses.
func (u *URL) Loopback() bool {
	if u == nil {
		return false
	}
	host := u.host.text
	switch u.host.shape {
	case shapeLiteral:
		host = strings.TrimSuffix(host, ".")
		return host == "localhost" || host == "[::1]" || strings.HasSuffix(host, ".localhost") ||
			strings.HasPrefix(host, "127.") && endsInNumber(host)
	case shapeSuffix:
		return strings.HasSuffix(host, ".localhost")
	case shapePrefix:
		return u.ipv4 && strings.HasPrefix(host, "127.")
	}
	return false
}
