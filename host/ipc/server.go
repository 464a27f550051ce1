package ipc

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ambit-wasm/ambit/host"
	"github.com/hashicorp/go-hclog"
)

// Config says how windows are served.
type Config struct {
	// URL is where the server is reached: a scheme, a host name and, if it is not the
	// scheme's, a port: "http://localhost:7070". A window is served at the same with its
	// host before the name. Host names below localhost are this machine, for browsers.
	URL string
	// URLs are those of windows that are reached elsewhere, by label: a name of their own
	// ("https://notes.example.org"), or, for browsers that do not resolve names below
	// localhost, one port for each ("http://127.0.0.1:7071"). [InspectorLabel] is the
	// inspector's.
	URLs map[string]string
	// App holds the folders of assets that the windows name; nil serves none.
	App fs.FS
	// Authenticate looks at each request before all else, if it is not nil; its error is
	// for the log. It is required if a URL is not this machine's alone; without it,
	// requests that came by another address than one of loopback are refused.
	Authenticate func(*http.Request) error
	// Logger is told of requests that are refused, a few each second; nil logs nothing.
	Logger hclog.Logger
	// Explain tells local windows why a call was denied: for development.
	Explain bool
	// ContentSecurityPolicy replaces the one that pages are served with, but for
	// frame-ancestors, and for the scripts and styles that stand in a page's file, which
	// are allowed. Empty is [DefaultPolicy].
	ContentSecurityPolicy string
	// Inspect shows what the authority does, at a window of its own: see [Tap] and
	// [Server.OpenInspector]. Nil shows nothing.
	Inspect *Tap
	// InspectRevoke lets the inspector take grants back that were given at run time.
	InspectRevoke bool
	// MaxBody is how large the body of an invoke may be, in bytes; 0 is 8 MiB. The
	// limits of the module hold besides. All bodies at one time may be 16 times that.
	MaxBody int64
}

const (
	defaultMaxBody = 8 << 20 // what Config.MaxBody is by default
	bodiesAtOnce   = 16      // of that size, that calls may have together
)

// Server serves the windows of an app. It is safe for concurrent use.
type Server struct {
	host    *host.Host
	config  Config
	byHost  map[string]*window // as in the Host header
	byLabel map[string]*window

	reading  atomic.Int64 // bytes of bodies of invokes that are being read or used
	greeting atomic.Int64 // sockets that have not said whose they are

	mu       sync.Mutex
	tickets  map[string]ticket
	handlers map[string]Handler
	warned   struct{ second, n int64 } // refusals that were logged
	closed   bool
}

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

// New returns a server of all windows that the host's app declares.
func New(h *host.Host, c Config) (*Server, error) {
	base, err := c.parse(c.URL)
	if err != nil {
		return nil, err
	}
	if c.MaxBody <= 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.ContentSecurityPolicy == "" {
		c.ContentSecurityPolicy = DefaultPolicy
	}
	s := &Server{
		host: h, config: c, byHost: make(map[string]*window), byLabel: make(map[string]*window),
		tickets: make(map[string]ticket), handlers: make(map[string]Handler),
	}
	var problems []error
	for _, w := range h.Windows() {
		problems = append(problems, s.addWindow(w, base))
	}
	if c.Inspect != nil {
		problems = append(problems, s.addWindow(host.WindowInfo{Label: InspectorLabel}, base))
		if w := s.byLabel[InspectorLabel]; w != nil {
			w.inspector, w.assets = true, inspectorFiles()
		}
		c.Inspect.serve(s)
	}
	for label := range c.URLs {
		if s.byLabel[label] == nil {
			problems = append(problems, fmt.Errorf("ipc: Config.URLs has a URL for %q, which is no window", label))
		}
	}
	return s, errors.Join(problems...)
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

// ServeHTTP serves a window's page, or does what a page asks for.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w, why := s.gate(r)
	if why != nil {
		s.answer(rw, r, w, why)
		return
	}
	api, isAPI := strings.CutPrefix(r.URL.Path, "/_ambit/")
	if !isAPI || api == "ambit.js" || api == "ambit.d.ts" {
		if why := framed(r); why != nil {
			s.answer(rw, r, w, why)
			return
		}
		s.serveFile(rw, r, w)
		return
	}
	origin, why := w.from(r)
	if why != nil {
		s.answer(rw, r, w, why)
		return
	}
	if origin != w.origin { // a page elsewhere
		rw.Header().Set("Access-Control-Allow-Origin", origin)
		rw.Header().Add("Vary", "Origin")
		if r.Method == http.MethodOptions {
			rw.Header().Set("Access-Control-Allow-Methods", "POST, GET")
			rw.Header().Set("Access-Control-Allow-Headers", "authorization, content-type, ambit-channel")
			rw.Header().Set("Access-Control-Max-Age", "600")
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		rw.Header().Set("Access-Control-Expose-Headers", "content-type")
	} else {
		s.secure(rw.Header(), w)
	}
	rw.Header().Set("Cache-Control", "no-store")
	command, isInvoke := strings.CutPrefix(api, "invoke/")
	switch {
	case api == "token" && r.Method == http.MethodPost:
		s.exchange(rw, r, w, origin)
	case api == "socket" && r.Method == http.MethodGet:
		s.socket(rw, r, w, origin)
	case w.inspector && api == "inspect" && r.Method == http.MethodPost:
		s.inspect(rw, r, w, origin)
	case w.inspector && isInvoke: // it is nobody for the authority
		http.NotFound(rw, r)
	case isInvoke && r.Method == http.MethodPost:
		if p := s.pageOf(bearer(r), w, origin); p != nil {
			s.invoke(rw, r, p, command)
			return
		}
		s.unauthorized(rw, r, w, http.StatusUnauthorized, "the page has no token")
	default:
		http.NotFound(rw, r)
	}
}

// secure are the headers of all that a window's own pages get, or who asks for no window.
func (s *Server) secure(h http.Header, w *window) {
	setPolicy(h, s.policyOf(w))
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()")
}

// policyOf is the policy for the content of a window, if it is one.
func (s *Server) policyOf(w *window) string {
	if w != nil && w.inspector {
		return DefaultPolicy
	}
	return s.config.ContentSecurityPolicy
}

func setPolicy(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy+"; frame-ancestors 'none'")
}

// Close ends all pages: their sockets, and their tokens. The handler answers nobody
// after it.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	s.tickets = make(map[string]ticket)
	var pages []*page
	for _, w := range s.byHost {
		pages = slices.AppendSeq(pages, maps.Values(w.pages))
		clear(w.pages)
	}
	s.mu.Unlock()
	for _, p := range pages {
		p.end()
	}
	return nil
}

// now is the time, for tests to change.
var now = time.Now
