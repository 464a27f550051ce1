package pattern

import (
	"strconv"
	"strings"
)

// Surprise is a way in which a URL pattern probably does not match what its
// author thinks.
type Surprise struct {
	Kind SurpriseKind
	Text string // "matches every host"
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
		(*URL).schemeSurprise, (*URL).hostSurprise, (*URL).portSurprise, (*URL).pathSurprise,
	} {
		if kind, text := find(u); text != "" {
			out = append(out, Surprise{kind, text})
		}
	}
	return out
}

func (u *URL) schemeSurprise() (SurpriseKind, string) {
	switch u.scheme.shape {
	case shapeAny:
		return TooWide, "matches every scheme"
	case shapePrefix:
		return TooWide, "matches every scheme that starts with " + strconv.Quote(u.scheme.text) + " (for http and https write http{s}?)"
	}
	return 0, ""
}

func (u *URL) hostSurprise() (SurpriseKind, string) {
	text := u.host.text
	switch {
	case u.host.shape == shapeAny:
		return TooWide, "matches every host"
	case u.host.shape == shapePrefix && !u.ipv4:
		return TooWide, "matches every domain that starts with " + strconv.Quote(text) + ", whoever owns it"
	case u.host.shape != shapeSuffix:
		return 0, ""
	case text[0] != '.':
		return TooWide, "also matches hosts like " + strconv.Quote("evil"+text) + " (for subdomains only write *." + text + ")"
	case strings.LastIndexByte(text, '.') == 0:
		return TooWide, "matches every domain below " + strconv.Quote(text)
	}
	return NoApex, "does not match " + strconv.Quote(text[1:]) + " itself (for both write {*.}?" + text[1:] + ")"
}

func (u *URL) portSurprise() (SurpriseKind, string) {
	local := u.host.shape == shapeLiteral && (u.host.text == "localhost" || isAddress(u.host.text))
	if u.port != ownPort || u.host.shape != shapeAny && !u.ipv4 && !local {
		return 0, ""
	}
	return TooNarrow, "matches only the scheme's own port (for every port write :* after the host)"
}

// isAddress reports whether a canonical host is an IP address.
func isAddress(host string) bool { return host[0] == '[' || endsInNumber(host) }

func (u *URL) pathSurprise() (SurpriseKind, string) {
	if u.path.shape != shapeLiteral {
		return 0, ""
	}
	switch path := u.path.text; {
	case (u.ipv4 || u.host.shape == shapeLiteral && isAddress(u.host.text)) && len(path) <= len("/128") && strings.Trim(path[1:], "0123456789") == "":
		return TooNarrow, strconv.Quote(path) + " is a path, not the length of a network prefix (write the address as 10.*)"
	case strings.HasSuffix(path, "/"):
		return TooNarrow, "matches only the very path " + strconv.Quote(path) + " (for what is below write " + path + "*)"
	}
	return 0, ""
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
