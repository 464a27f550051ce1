package ipc

import (
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// inspectorHost is reserved: no window of an app has it.
const inspectorHost = "ambit-inspector"

// mostSeen is how many decisions the inspector remembers.
const mostSeen = 500

//go:embed inspector
var inspectorFolder embed.FS

func inspectorFiles() fs.FS {
	sub, err := fs.Sub(inspectorFolder, "inspector")
	if err != nil {
		panic(err) // it is compiled in
	}
	return sub
}

// Tap is a sink of a host's events that shows the last of them to the inspector. It is
// given to the host as its Audit, and to the server as its Inspect.
type Tap struct {
	next host.Sink

	mu     sync.Mutex
	seen   []seen // a ring
	at     int
	server *Server
}

// seen is an event, with what it is told to pages as, once one asked.
type seen struct {
	event host.Event
	n     uint64
}

// NewTap returns a tap that hands events on to another sink, if that is not nil.
func NewTap(next host.Sink) *Tap { return &Tap{next: next} }

// Audit remembers the event and hands it on.
func (t *Tap) Audit(e host.Event) error {
	t.mu.Lock()
	s := seen{event: e, n: 1}
	if len(t.seen) > 0 {
		s.n = t.seen[(t.at+len(t.seen)-1)%len(t.seen)].n + 1
	}
	if len(t.seen) < mostSeen {
		t.seen = append(t.seen, s)
	} else {
		t.seen[t.at] = s
		t.at = (t.at + 1) % mostSeen
	}
	server := t.server
	t.mu.Unlock()
	if server != nil {
		server.show(s)
	}
	if t.next == nil {
		return nil
	}
	return t.next.Audit(e)
}

func (t *Tap) serve(s *Server) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.server = s
}

// all are the decisions that are remembered, the oldest first.
func (t *Tap) all() []seen {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append(append([]seen(nil), t.seen[t.at:]...), t.seen[:t.at]...)
}

// decision is what the inspector shows of an event.
type decision struct {
	N uint64 `json:"n"`
	host.Record
	Remedy string `json:"remedy,omitempty"`
}

func (s seen) decision() decision {
	return decision{N: s.n, Record: s.event.Record(), Remedy: s.event.Remedy()}
}

// show tells the inspector's pages, if there are any, of a decision.
func (s *Server) show(of seen) {
	s.mu.Lock()
	var pages []*page
	for _, p := range s.pages {
		if p.window.inspector && p.listens() {
			pages = append(pages, p)
		}
	}
	s.mu.Unlock()
	if len(pages) == 0 {
		return
	}
	b, err := json.Marshal(of.decision())
	if err != nil {
		return
	}
	for _, p := range pages {
		p.queue(message{Event: "decision", Payload: b})
	}
}

// OpenInspector returns the URL with which a browser opens the inspector, once, within
// two minutes. Who has it sees all that the policy says and every decision: it is for
// the operator.
func (s *Server) OpenInspector() (string, error) {
	w := s.byLabel[inspectorHost]
	if w == nil {
		return "", errors.New("ipc: Config.Inspect is not set")
	}
	t, err := s.ticket(w, w.origin)
	return w.origin + "/#ambit=" + t, err
}

// state is all that the inspector shows but what comes later.
type state struct {
	Policy    string              `json:"policy"`
	Revision  uint64              `json:"revision"`
	Revokes   bool                `json:"revokes"` // it may
	Stats     host.Stats          `json:"stats"`
	Modules   []moduleState       `json:"modules"`
	Matrix    *authority.Matrix   `json:"matrix"`
	Rules     *authority.Resolved `json:"rules"`
	Grants    []grantState        `json:"grants"`
	Decisions []decision          `json:"decisions"`
}

type moduleState struct {
	Name    string            `json:"name"`
	Version string            `json:"version"`
	Native  bool              `json:"native"`
	Refused string            `json:"refused,omitempty"`
	SHA256  string            `json:"sha256,omitempty"`
	Size    int64             `json:"size"`
	Limits  host.Limits       `json:"limits"`
	Image   *host.ImageReport `json:"image,omitempty"`
}

type grantState struct {
	ID         string `json:"id"`
	Capability string `json:"capability"`
	Expires    string `json:"expires,omitempty"`
}

// inspect answers a page of the inspector: with the state, after it has done what it was
// asked to do.
func (s *Server) inspect(rw http.ResponseWriter, r *http.Request, w *window, origin string) {
	if s.pageOf(bearer(r), w, origin) == nil {
		writeError(rw, http.StatusUnauthorized, failure{Code: "unauthorized", Message: "the page has no token: open the inspector again"})
		return
	}
	var ask struct{ Revoke string }
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, 1<<10))
	if err != nil || len(body) > 0 && json.Unmarshal(body, &ask) != nil {
		writeError(rw, http.StatusBadRequest, failure{Code: authority.CodeBadArgs, Message: "that is no request"})
		return
	}
	if ask.Revoke != "" {
		if !s.config.InspectRevoke {
			writeError(rw, http.StatusForbidden, failure{Code: authority.CodeRefused, Message: "the inspector may look only"})
			return
		}
		s.host.Live().Revoke(ask.Revoke)
	}
	writeJSON(rw, http.StatusOK, s.state())
}

func (s *Server) state() state {
	live := s.host.Live()
	a := live.Authority()
	var callers []authority.Caller
	for _, w := range s.host.Windows() {
		callers = append(callers, host.Window(w.Label))
	}
	out := state{
		Policy: a.Digest(), Revision: live.Revision(), Revokes: s.config.InspectRevoke, Stats: s.host.Stats(),
		Modules: []moduleState{}, Matrix: a.Matrix(time.Now().UnixNano(), callers...), Rules: a.Resolved(), Grants: []grantState{}, Decisions: []decision{},
	}
	for _, m := range s.host.Modules() {
		of := moduleState{Name: m.Name, Native: m.Native, Limits: m.Limits, Image: m.Image}
		if manifest, ok := a.Manifest(m.Name); ok {
			of.Version = manifest.Version
		}
		if m.Refused != nil {
			of.Refused = m.Refused.Error()
		}
		if m.Info != nil {
			of.SHA256, of.Size = m.Info.SHA256, m.Info.Size
		}
		out.Modules = append(out.Modules, of)
	}
	for _, g := range live.List() {
		of := grantState{ID: g.ID, Capability: g.Capability.Identifier}
		if g.Expires != 0 {
			of.Expires = time.Unix(0, g.Expires).UTC().Format(time.RFC3339)
		}
		out.Grants = append(out.Grants, of)
	}
	for _, d := range s.config.Inspect.all() {
		out.Decisions = append(out.Decisions, d.decision())
	}
	return out
}
