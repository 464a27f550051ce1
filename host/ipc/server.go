package ipc

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
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
	closed   atomic.Bool               // is set with mu
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
			if r.Header.Get("Access-Control-Request-Private-Network") == "true" { // from a page on the web to this machine
				rw.Header().Set("Access-Control-Allow-Private-Network", "true")
			}
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		rw.Header().Set("Access-Control-Expose-Headers", "content-type, ambit-sent")
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

// Close ends all pages: their sockets, and their tokens. The handler answers nobody
// after it.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed.Store(true)
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

// now is the time, which tests may put ahead.
func now() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }

var ahead atomic.Int64
