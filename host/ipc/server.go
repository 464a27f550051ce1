package ipc

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/host"
)

// Config says how windows are served.
type Config struct {
	// URL is where the server is reached: a scheme, a host name and, if it is not the
	// scheme's, a port: "http://localhost:7070". A window is served at the same with its
	// host before the name. Host names below localhost are this machine, for browsers.
	URL string
	// App holds the folders of assets that the windows name; nil serves none.
	App fs.FS
	// Authenticate looks at each request before all else, if it is not nil; its error is
	// for the log. It is required if URL is not below localhost.
	Authenticate func(*http.Request) error
	// Explain tells local windows why a call was denied: for development.
	Explain bool
	// ContentSecurityPolicy replaces the one that pages are served with, but for
	// frame-ancestors. Empty is [DefaultPolicy].
	ContentSecurityPolicy string
	// Inspect shows what the authority does, at a window of its own: see [Tap] and
	// [Server.OpenInspector]. Nil shows nothing.
	Inspect *Tap
	// InspectRevoke lets the inspector take grants back that were given at run time.
	InspectRevoke bool
	// MaxBody is how large the body of an invoke may be, in bytes; 0 is 8 MiB. The
	// limits of the module hold besides.
	MaxBody int64
}

// DefaultPolicy lets a page load what its own origin has, and nothing inline.
const DefaultPolicy = "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"

// defaultMaxBody is what Config.MaxBody is by default.
const defaultMaxBody = 8 << 20

// Server serves the windows of an app. It is safe for concurrent use.
type Server struct {
	host    *host.Host
	config  Config
	byHost  map[string]*window // as in the Host header
	byLabel map[string]*window

	mu       sync.Mutex
	tickets  map[string]ticket
	pages    map[string]*page // by the hash of their token
	handlers map[string]Handler
	closed   bool
}

// window is one that is served.
type window struct {
	label  string
	host   string // with its port, as in the Host header
	origin string // as in the Origin header
	remote string // origin of a page elsewhere that may use it, or ""

	inspector bool
	assets    fs.FS // nil: none
}

// New returns a server of all windows that the host's app declares.
func New(h *host.Host, c Config) (*Server, error) {
	base, err := url.Parse(c.URL)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || strings.TrimSuffix(base.Path, "/") != "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, fmt.Errorf("ipc: the URL %q is not a scheme and a host (write http://localhost:7070)", c.URL)
	}
	name := strings.ToLower(base.Hostname())
	if net.ParseIP(name) != nil {
		return nil, fmt.Errorf("ipc: windows need host names of their own, which %q has none of below it (write localhost)", name)
	}
	if name != "localhost" && !strings.HasSuffix(name, ".localhost") && c.Authenticate == nil {
		return nil, fmt.Errorf("ipc: %q is not this machine alone, so Config.Authenticate has to say who may come", name)
	}
	if c.MaxBody <= 0 {
		c.MaxBody = defaultMaxBody
	}
	if c.ContentSecurityPolicy == "" {
		c.ContentSecurityPolicy = DefaultPolicy
	}
	s := &Server{
		host: h, config: c, byHost: make(map[string]*window), byLabel: make(map[string]*window),
		tickets: make(map[string]ticket), pages: make(map[string]*page), handlers: make(map[string]Handler),
	}
	var problems []error
	for _, w := range h.Windows() {
		problems = append(problems, s.addWindow(w, base, name))
	}
	if c.Inspect != nil {
		problems = append(problems, s.addWindow(host.WindowInfo{Label: inspectorHost}, base, name))
		if w := s.byLabel[inspectorHost]; w != nil {
			w.inspector, w.assets = true, inspectorFiles()
		}
		c.Inspect.serve(s)
	}
	return s, errors.Join(problems...)
}

func (s *Server) addWindow(w host.WindowInfo, base *url.URL, name string) error {
	sub := w.Host
	if sub == "" {
		sub = w.Label
	}
	if !isHostLabel(sub) {
		return fmt.Errorf("ipc: window %q needs a host in ambit.toml: its label is no name of one", w.Label)
	}
	at := sub + "." + name
	if port := base.Port(); port != "" && (base.Scheme != "http" || port != "80") && (base.Scheme != "https" || port != "443") {
		at += ":" + port
	}
	win := &window{label: w.Label, host: at, origin: base.Scheme + "://" + at, remote: w.Remote}
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
	w, status := s.gate(r)
	if w == nil {
		s.secure(rw.Header())
		http.Error(rw, http.StatusText(status), status)
		return
	}
	api, isAPI := strings.CutPrefix(r.URL.Path, "/_ambit/")
	if !isAPI || api == "ambit.js" || api == "ambit.d.ts" {
		s.serveFile(rw, r, w)
		return
	}
	origin, status := w.from(r)
	if status != 0 {
		s.secure(rw.Header())
		http.Error(rw, http.StatusText(status), status)
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
		s.secure(rw.Header())
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
		writeError(rw, http.StatusUnauthorized, failure{Code: "unauthorized", Message: "the page has no token: open its window again"})
	default:
		http.NotFound(rw, r)
	}
}

// secure are the headers of all that a window's own pages get.
func (s *Server) secure(h http.Header) {
	h.Set("Content-Security-Policy", s.config.ContentSecurityPolicy+"; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()")
}

// Close ends all pages: their sockets, and their tokens. The handler answers nobody
// after it.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	pages := s.pages
	s.pages, s.tickets = make(map[string]*page), make(map[string]ticket)
	s.mu.Unlock()
	for _, p := range pages {
		p.end()
	}
	return nil
}

// now is the time, for tests to change.
var now = time.Now
