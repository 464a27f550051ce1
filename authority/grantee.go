package authority

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// fit says how near a rule of a capability comes to a caller, the nearest
// last. An allow needs fits. A deny binds from unsure on: when it cannot be
// told whether a capability is in force, what it allows does not count and
// what it denies does.
type fit uint8

const (
	fitsNothing fit = iota // neither origin nor window
	fitsWindow             // the window, but not the origin
	fitsOrigin             // the origin, but not the window
	expired                // both, but it has run out
	unsureChain            // both, but it is not known which window began the chain
	unsureTime             // both, but it runs out and the request has no time
	spent                  // both, but its limits are used up
	fits
)

// binds reports whether what the capability denies counts.
func (f fit) binds() bool { return f >= unsureChain }

// code is the reason of a deny for which f was the nearest.
func (f fit) code() Code {
	switch f {
	case fitsOrigin, unsureChain:
		return CodeWindowMismatch
	case expired, unsureTime:
		return CodeExpired
	case spent:
		return CodeRate
	}
	return CodeOriginMismatch
}

// label is a compiled pattern of labels. Most are plain words, which compare
// faster than they match.
type label struct {
	text  string
	head  string // of text, up to the first character that may be special
	exact bool   // there is none
	glob  *pattern.Label
}

func newLabel(text string, glob *pattern.Label) label {
	n := 0
	for n < len(text) && (isAlnum(text[n]) || text[n] == '-' || text[n] == '_') {
		n++
	}
	return label{text: text, head: text[:n], exact: n == len(text) && n > 0, glob: glob}
}

func (l *label) match(s string) bool {
	if l.exact {
		return l.text == s
	}
	return strings.HasPrefix(s, l.head) && l.glob.Match(s)
}

func matchAny(labels []label, s string) bool {
	for i := range labels {
		if labels[i].match(s) {
			return true
		}
	}
	return false
}

// grantee is whom a capability means, compiled.
type grantee struct {
	local    bool
	remote   []*pattern.URL
	windows  []label
	webviews []label
	modules  []label
	via      []label
	expires  int64  // Unix nanoseconds; 0: never
	limited  string // the capability's identifier, if it has limits

	// Most capabilities are for one window, for good. Of the app's own pages
	// those are told at a glance: only is that window's label, here what the
	// capability is to it, elsewhere what it is to the others.
	only            string
	here, elsewhere fit
}

// atAGlance prepares for the capabilities that most are.
func (g *grantee) atAGlance() {
	if len(g.windows) != 1 || !g.windows[0].exact || len(g.webviews) > 0 || g.expires != 0 || g.limited != "" {
		return
	}
	g.only, g.here, g.elsewhere = g.windows[0].text, fitsWindow, fitsNothing
	if g.local {
		g.here, g.elsewhere = fits, fitsOrigin
	}
}

// regard says how near a capability for g comes to the caller of a request.
func (g *grantee) regard(req *Request) fit {
	if g.only != "" && req.Caller.Origin.kind == originLocal {
		if req.Caller.Window == g.only {
			return g.here
		}
		return g.elsewhere
	}
	f := g.caller(&req.Caller)
	if f < fits && f != unsureChain {
		return f
	}
	switch {
	case g.expires == 0:
	case req.Now <= 0:
		return unsureTime
	case req.Now >= g.expires:
		return expired
	}
	if g.limited != "" && slices.Contains(req.Spent, g.limited) {
		return min(f, spent)
	}
	return f
}

func (g *grantee) caller(c *Caller) fit {
	origin := false
	switch c.Origin.kind {
	case originModule:
		return g.module(c)
	case originLocal:
		origin = g.local
	case originRemote:
		for _, u := range g.remote {
			if u.Match(*c.Origin.url) {
				origin = true
				break
			}
		}
	}
	window := matchAny(g.windows, c.Window) || matchAny(g.webviews, c.Webview)
	switch {
	case origin && window:
		return fits
	case window:
		return fitsWindow
	case origin && (len(g.modules) == 0 || len(g.windows)+len(g.webviews) > 0):
		return fitsOrigin
	}
	return fitsNothing // among others, what is only for modules
}

// module regards a call that a module makes: it has no window of its own.
func (g *grantee) module(c *Caller) fit {
	if !matchAny(g.modules, c.Origin.text) {
		return fitsNothing
	}
	if len(g.via) == 0 {
		return fits
	}
	if len(c.Chain) == 0 {
		return unsureChain
	}
	root := &c.Chain[0]
	if root.Window == "" || root.Origin.kind == originModule || root.Origin.kind == originNone {
		return unsureChain
	}
	if matchAny(g.via, root.Window) {
		return fits
	}
	return fitsOrigin
}
