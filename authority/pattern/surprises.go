package pattern

import (
	"strconv"
	"strings"
)

// Surprises returns a line for each way in which the pattern probably matches
// less or more than its author thinks; none if there is nothing to say. They
// are for a linter: the pattern is valid.
func (u *URL) Surprises() []string {
	if u == nil || u.text == "" {
		return nil
	}
	var out []string
	for _, s := range []string{u.schemeSurprise(), u.hostSurprise(), u.portSurprise(), u.pathSurprise()} {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (u *URL) schemeSurprise() string {
	switch u.scheme.shape {
	case shapeAny:
		return "matches every scheme"
	case shapePrefix:
		return "matches every scheme that starts with " + strconv.Quote(u.scheme.text) + " (for http and https write http{s}?)"
	}
	return ""
}

func (u *URL) hostSurprise() string {
	text := u.host.text
	switch {
	case u.host.shape == shapeAny:
		return "matches every host"
	case u.host.shape == shapePrefix && !u.ipv4:
		return "matches every domain that starts with " + strconv.Quote(text) + ", whoever owns it"
	case u.host.shape != shapeSuffix:
		return ""
	case text[0] != '.':
		return "also matches hosts like " + strconv.Quote("evil"+text) + " (for subdomains only write *." + text + ")"
	case strings.LastIndexByte(text, '.') == 0:
		return "matches every domain below " + strconv.Quote(text)
	}
	return "does not match " + strconv.Quote(text[1:]) + " itself (for both write {*.}?" + text[1:] + ")"
}

func (u *URL) portSurprise() string {
	local := u.host.shape == shapeLiteral && (u.host.text == "localhost" || isAddress(u.host.text))
	if u.port != ownPort || u.host.shape != shapeAny && !u.ipv4 && !local {
		return ""
	}
	return "matches only the scheme's own port (for every port write :* after the host)"
}

// isAddress reports whether a canonical host is an IP address.
func isAddress(host string) bool { return host[0] == '[' || endsInNumber(host) }

func (u *URL) pathSurprise() string {
	if u.path.shape != shapeLiteral {
		return ""
	}
	switch path := u.path.text; {
	case (u.ipv4 || u.host.shape == shapeLiteral && isAddress(u.host.text)) && len(path) <= len("/128") && strings.Trim(path[1:], "0123456789") == "":
		return strconv.Quote(path) + " is a path, not the length of a network prefix (write the address as 10.*)"
	case strings.HasSuffix(path, "/"):
		return "matches only the very path " + strconv.Quote(path) + " (for what is below write " + path + "*)"
	}
	return ""
}
