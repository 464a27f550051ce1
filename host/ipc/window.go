package ipc

import (
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// window is one that is served.
type window struct {
	label  string
	host   string // with its port, as in the Host header
	origin string // as in the Origin header
	remote string // origin of a page elsewhere that may use it, or ""

	inspector bool
	assets    fs.FS            // nil: none
	pages     map[string]*page // by the hash of their token; Server.mu guards it
}

// parse reads a URL at which windows are served.
func (c *Config) parse(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.TrimSuffix(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("ipc: the URL %q is not a scheme and a host (write http://localhost:7070)", text)
	}
	name := strings.ToLower(u.Hostname())
	ip := net.ParseIP(name)
	if name != "localhost" && !strings.HasSuffix(name, ".localhost") && !ip.IsLoopback() && c.Authenticate == nil {
		return nil, fmt.Errorf("ipc: %q is not this machine alone, so Config.Authenticate has to say who may come", name)
	}
	if port := u.Port(); port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		u.Host = name
		if strings.Contains(name, ":") {
			u.Host = "[" + name + "]"
		}
	} else {
		u.Host = net.JoinHostPort(name, port)
	}
	return u, nil
}

// addressOf is the host of a window, as in the Host header, and its scheme.
func (s *Server) addressOf(w host.WindowInfo, base *url.URL) (scheme, at string, err error) {
	if own, ok := s.config.URLs[w.Label]; ok {
		u, err := s.config.parse(own)
		if err != nil {
			return "", "", err
		}
		return u.Scheme, u.Host, nil
	}
	sub := w.Host
	if sub == "" {
		sub = w.Label
	}
	if !isHostLabel(sub) {
		return "", "", fmt.Errorf("ipc: window %q needs a host in ambit.toml: its label is no name of one", w.Label)
	}
	if net.ParseIP(base.Hostname()) != nil {
		return "", "", fmt.Errorf("ipc: window %q needs a host name of its own, and there is none below %q (write localhost, or give it one of Config.URLs)", w.Label, base.Hostname())
	}
	return base.Scheme, sub + "." + base.Host, nil
}

func (s *Server) addWindow(w host.WindowInfo, base *url.URL) error {
	scheme, at, err := s.addressOf(w, base)
	if err != nil {
		return err
	}
	win := &window{label: w.Label, host: at, origin: scheme + "://" + at, remote: w.Remote, pages: make(map[string]*page)}
	if w.Assets != "" && s.config.App != nil {
		sub, err := fs.Sub(s.config.App, w.Assets)
		if err != nil {
			return fmt.Errorf("ipc: the assets of window %q: %w", w.Label, err)
		}
		win.assets = sub
	}
	if s.byHost[at] != nil {
		return fmt.Errorf("ipc: windows %q and %q have the same host", s.byHost[at].label, w.Label)
	}
	s.byHost[at], s.byLabel[w.Label] = win, win
	return nil
}

// isHostLabel reports whether s can stand in a host name: DESIGN §7.
func isHostLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// forget takes pages out that nobody has used for long, and one if there is no room for
// another of an origin: the one that is longest unused, of those without a socket if there
// are such. Server.mu is held.
func (w *window) forget(origin string) (gone []*page) {
	take := func(key string) {
		gone = append(gone, w.pages[key])
		delete(w.pages, key)
	}
	var oldest string
	var since int64
	n := 0
	for key, p := range w.pages {
		if p.unused() {
			take(key)
			continue
		}
		if p.origin != origin {
			continue
		}
		used := p.used.Load()
		if p.tidy() {
			used = now().UnixNano()
		}
		if n++; oldest == "" || used < since {
			oldest, since = key, used
		}
	}
	if n >= mostPages {
		take(oldest)
	}
	return gone
}

// pageOf is the page of a token, if it is good for the window and the origin.
func (s *Server) pageOf(token string, w *window, origin string) *page {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := w.pages[digest(token)]
	if p == nil || p.origin != origin || p.unused() {
		return nil
	}
	p.used.Store(now().UnixNano())
	return p
}

// callerOf is who a page of the window is for the authority.
func callerOf(w *window, origin string) authority.Caller {
	c := host.Window(w.label)
	if origin != w.origin {
		c.Origin = authority.RemoteOrigin(origin)
	}
	return c
}

// listening are the pages of a window and an origin that may hear events.
func (s *Server) listening(w *window, origin string) (all []*page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range w.pages {
		if p.origin == origin && p.listens() {
			all = append(all, p)
		}
	}
	return all
}
