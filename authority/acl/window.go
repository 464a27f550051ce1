package acl

import (
	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
)

// windows reads the [[window]] tables.
func (t *table) windows() []Window {
	var windows []Window
	labels, hosts := make(map[string]authority.Position), make(map[string]authority.Position)
	for _, w := range t.tables("window", called("window", "a", "label")) {
		var win Window
		win.Label, win.Position = w.name("label", "")
		if win.Label != "" && !validLabel(win.Label) {
			t.errorf(win.Position, codeIdentifier, `letters, digits and any of "-/:_"`, "%s is no label of a window", quote(win.Label))
		}
		var at authority.Position
		var host string
		win.Host, host, at = w.host(win)
		if n := w.typed("assets", kindString, ""); n != nil {
			win.Assets = w.inside(n, "assets")
		}
		win.Remote = w.origin("remote")
		w.done()

		if first, twice := labels[win.Label]; twice {
			duplicate(t.sink, win.Position, first, "window "+quote(win.Label))
			continue
		}
		if first, twice := hosts[host]; twice && host != "" {
			duplicate(t.sink, at, first, "host "+quote(host))
		}
		if win.Label != "" {
			labels[win.Label], hosts[host] = win.Position, at
			windows = append(windows, win)
		}
	}
	return windows
}

// reservedHost is the inspector's.
const reservedHost = "ambit-inspector"

// host returns a window's host as written, and the host name label under which
// the window would be served: that host, or else its label if it can be one.
func (t *table) host(win Window) (written, served string, at authority.Position) {
	n := t.typed("host", kindString, "")
	if n == nil {
		if win.Label == reservedHost {
			t.errorf(win.Position, codeBadValue, `choose another, or give a "host"`, "label %q is a reserved host", win.Label)
		} else if validHost(win.Label) {
			served = win.Label
		}
		return "", served, win.Position
	}
	switch {
	case n.text == reservedHost:
		t.badValue(n, "host", "choose another", "is %q, which is reserved", n.text)
	case !validHost(n.text):
		t.badValue(n, "host", "lower-case letters, digits and inner hyphens, at most 63", "is %s, which is no host name label", quote(n.text))
	default:
		served = n.text
	}
	return n.text, served, n.pos
}

// origin reads the origin of a remote page: scheme, host and port. It returns
// it as browsers write it.
func (t *table) origin(key string) string {
	const hint = `write it like "https://example.org"`
	n := t.typed(key, kindString, hint)
	if n == nil {
		return ""
	}
	u, err := pattern.ParseURL(n.text)
	switch {
	case err != nil:
		t.badValue(n, key, hint, "is %s, which is no origin: %v", quote(n.text), err)
	case u.Scheme() != "https" && u.Scheme() != "http":
		t.badValue(n, key, hint, "is %s, which is neither http nor https", quote(n.text))
	case u.HasUser() || u.Path() != "/" || u.Query() != "" || u.Fragment() != "":
		t.badValue(n, key, hint, "is %s, but an origin has only scheme, host and port", quote(n.text))
	}
	return u.Origin()
}
