package cli

import (
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// callersOf returns the callers that an app names: its declared windows, then
// those that rules name without wildcards, each once. Remote pages are not
// among them: a URL pattern is no URL.
func (a *app) callersOf(rules []authority.Rule) []authority.Caller {
	var out []authority.Caller
	type key struct{ window, webview, origin, root string }
	seen := map[key]bool{}
	add := func(c authority.Caller) {
		k := key{window: c.Window, webview: c.Webview, origin: c.Origin.String()}
		if len(c.Chain) > 0 {
			k.root = c.Chain[0].Window
		}
		if !seen[k] {
			seen[k] = true
			out = append(out, c)
		}
	}
	for _, w := range a.app.Windows {
		add(localPage(w.Label, w.Label))
	}
	for _, r := range rules {
		callers, _ := named(r)
		for _, c := range callers {
			add(c)
		}
	}
	return out
}

// named returns the callers that a rule names without wildcards, and whether
// those are all that it is for.
func named(r authority.Rule) (callers []authority.Caller, all bool) {
	if pattern, ok := strings.CutPrefix(r.Context, "module:"); ok {
		return namedModule(pattern, r.Via)
	}
	all = r.Context == "local"
	for _, label := range r.Windows {
		if all = all && isExact(label); isExact(label) {
			callers = append(callers, localPage(label, label))
		}
	}
	for _, label := range r.Webviews {
		if all = all && isExact(label); isExact(label) {
			callers = append(callers, localPage("", label))
		}
	}
	if r.Context != "local" {
		callers = nil
	}
	return callers, all
}

func namedModule(pattern string, via []string) (callers []authority.Caller, all bool) {
	if !isExact(pattern) {
		return nil, false
	}
	c := authority.Caller{Origin: authority.ModuleOrigin(pattern)}
	if len(via) == 0 {
		return []authority.Caller{c}, true
	}
	all = true
	for _, label := range via {
		if all = all && isExact(label); isExact(label) {
			c.Chain = []authority.Caller{localPage(label, label)}
			callers = append(callers, c)
		}
	}
	return callers, all
}

func localPage(window, webview string) authority.Caller {
	return authority.Caller{Window: window, Webview: webview, Origin: authority.LocalOrigin()}
}

// isExact reports whether a pattern of labels or names has no wildcard.
func isExact(pattern string) bool { return !strings.ContainsAny(pattern, "*?[") }
