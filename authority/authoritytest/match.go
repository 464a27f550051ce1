package authoritytest

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// The small questions that the reference asks, answered in the obvious way.

func manifestOf(p authority.Policy, name string) *authority.Manifest {
	for i := range p.Manifests {
		if p.Manifests[i].Name == name {
			return &p.Manifests[i]
		}
	}
	return nil
}

func splitIdentifier(id, home string) (module, base string) {
	if m, b, ok := strings.Cut(id, ":"); ok {
		return m, b
	}
	return home, id
}

func onPlatform(list []authority.Platform, p authority.Platform) bool {
	return len(list) == 0 || slices.Contains(list, p)
}

// mentions counts how often a list names a command.
func mentions(list []authority.CommandName, command string) (n int) {
	for _, c := range list {
		if c.Name == command {
			n++
		}
	}
	return n
}

func anyLabel(list []authority.Pattern, s string) bool {
	return slices.ContainsFunc(list, func(p authority.Pattern) bool { return globMatches([]rune(p.Text), []rune(s)) })
}

// globMatches knows "*", "?" and classes of single characters, "[ab]" and
// "[!ab]".
func globMatches(pattern, s []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(s) == 0
	case pattern[0] == '*':
		return globMatches(pattern[1:], s) || len(s) > 0 && globMatches(pattern, s[1:])
	case len(s) == 0:
		return false
	case pattern[0] == '[':
		end := slices.Index(pattern, ']')
		class := pattern[1:end]
		if class[0] == '!' {
			return !slices.Contains(class[1:], s[0]) && globMatches(pattern[end+1:], s[1:])
		}
		return slices.Contains(class, s[0]) && globMatches(pattern[end+1:], s[1:])
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && globMatches(pattern[1:], s[1:])
}

// urlMatches matches a URL in canonical form, part by part. A pattern without
// port means the scheme's own; one without a path means any; user, query and
// fragment are not looked at.
func urlMatches(pattern, url string) bool {
	want, got := splitURL(pattern), splitURL(url)
	path := want.path
	if path == "" || path == "/" {
		path = "*"
	}
	star := func(pattern, s string) bool { return starMatches(pattern, s) }
	return want.scheme == got.scheme && star(want.host, got.host) && star(want.port, got.port) && star(path, got.path) &&
		strings.HasSuffix(want.host, ".") == strings.HasSuffix(got.host, ".")
}

type urlParts struct{ scheme, host, port, path string }

func splitURL(text string) (u urlParts) {
	scheme, rest, _ := strings.Cut(text, "://")
	u.scheme = scheme
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	host := rest
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, u.path = rest[:i], rest[i:]
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	u.host, u.port = host, map[string]string{"http": "80", "https": "443"}[scheme]
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		u.host, u.port = host[:i], host[i+1:]
	}
	return u
}

// starMatches knows "*" only.
func starMatches(pattern, s string) bool {
	first, rest, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	for i := len(first); i <= len(s); i++ {
		if starMatches(rest, s[i:]) {
			return true
		}
	}
	return false
}
