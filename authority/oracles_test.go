package authority_test

import (
	"encoding/json"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// The small questions that the reference asks, answered in the obvious way.

func onPlatform(list []authority.Platform, p authority.Platform) bool {
	return len(list) == 0 || slices.Contains(list, p)
}

func count(list []authority.CommandName, command string) (n int) {
	for _, c := range list {
		if c.Name == command {
			n++
		}
	}
	return n
}

func matches(list []authority.Pattern, s string) bool {
	return slices.ContainsFunc(list, func(p authority.Pattern) bool { return globMatches(p.Text, s) })
}

// globMatches knows "*" and "?".
func globMatches(pattern, s string) bool {
	switch {
	case pattern == "":
		return s == ""
	case pattern[0] == '*':
		return globMatches(pattern[1:], s) || s != "" && globMatches(pattern, s[1:])
	case s == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && globMatches(pattern[1:], s[1:])
}

// urlMatches says by hand which URLs the patterns of the generator match.
var urlMatches = map[string]map[string]bool{
	"https://a.example":     {"https://a.example/": true, "https://a.example/x/y": true},
	"https://*.example":     {"https://a.example/": true, "https://a.example/x/y": true, "https://b.example/": true},
	"https://a.example/x/*": {"https://a.example/x/y": true},
	"https://b.example:*":   {"https://b.example/": true, "https://b.example:8443/": true},
	"http://*":              {"http://c.example/": true},
}

var someURLs = []string{"https://a.example/", "https://a.example/x/y", "https://b.example/", "https://b.example:8443/", "http://c.example/", "junk"}

// jsonOf prints scope values as JSON.
func jsonOf(values []authority.ScopeValue) []string {
	var out []string
	for _, v := range values {
		b, _ := json.Marshal(v.Value)
		out = append(out, string(b))
	}
	return out
}
