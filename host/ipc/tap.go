package ipc

import (
	"slices"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

const (
	mostSeen    = 500 // decisions that the inspector remembers
	mostRefused = 100 // refusals
)

// Tap is a sink of a host's events that shows the last of them to the inspector. It is
// given to the host as its Audit, and to the server as its Inspect. The inspector is
// served to this machine only, whomever Config.Authenticate lets in.
type Tap struct {
	next host.Sink

	mu      sync.Mutex
	n       uint64 // of what was shown last
	seen    ring[seen[host.Event]]
	refused ring[seen[Refusal]]
	modules map[string]*figures
	server  *Server
}

// seen is something the inspector shows, with its number in the order of all.
type seen[T any] struct {
	n  uint64
	of T
}

// ring holds the last of what was added.
type ring[T any] struct {
	list []T
	at   int // of the oldest, once it is full
}

func (r *ring[T]) add(of T, most int) {
	if len(r.list) < most {
		r.list = append(r.list, of)
		return
	}
	r.list[r.at] = of
	r.at = (r.at + 1) % most
}

// all is a copy, the oldest first.
func (r *ring[T]) all() []T { return slices.Concat(r.list[r.at:], r.list[:r.at]) }

// figures are what the calls of a module came to.
type figures struct {
	Calls  uint64        `json:"calls"`
	Denied uint64        `json:"denied"`
	Failed uint64        `json:"failed"`
	CPU    int64         `json:"cpu"`
	Time   time.Duration `json:"time_ns"`
	Memory int64         `json:"memory"` // the most that one had
}

// NewTap returns a tap that hands events on to another sink, if that is not nil.
func NewTap(next host.Sink) *Tap { return &Tap{next: next, modules: make(map[string]*figures)} }

// Audit remembers the event and hands it on.
func (t *Tap) Audit(e host.Event) error {
	t.mu.Lock()
	t.n++
	s := seen[host.Event]{t.n, e}
	t.seen.add(s, mostSeen)
	t.count(e)
	server := t.server
	t.mu.Unlock()
	if server != nil {
		server.show("decision", func() any { return decisionOf(s) })
	}
	if t.next == nil {
		return nil
	}
	return t.next.Audit(e)
}

// count adds an event to the figures of its module. t.mu is held.
func (t *Tap) count(e host.Event) {
	module, ok := e.Module()
	if !ok {
		return
	}
	f := t.modules[module]
	if f == nil {
		f = new(figures)
		t.modules[module] = f
	}
	f.Calls++
	switch {
	case !e.Allowed():
		f.Denied++
	case e.Code != authority.CodeAllowed:
		f.Failed++
	}
	f.CPU += e.Stats.CPU
	f.Time += e.Stats.Duration
	f.Memory = max(f.Memory, e.Stats.Memory)
}

// refuse remembers a refusal.
func (t *Tap) refuse(r Refusal) {
	t.mu.Lock()
	t.n++
	s := seen[Refusal]{t.n, r}
	t.refused.add(s, mostRefused)
	server := t.server
	t.mu.Unlock()
	if server != nil {
		server.show("refusal", func() any { return refusalOf(s) })
	}
}

// remembered is a copy of all that the tap has.
func (t *Tap) remembered() ([]seen[host.Event], []seen[Refusal], map[string]figures) {
	t.mu.Lock()
	defer t.mu.Unlock()
	modules := make(map[string]figures, len(t.modules))
	for name, f := range t.modules {
		modules[name] = *f
	}
	return t.seen.all(), t.refused.all(), modules
}

func (t *Tap) serve(s *Server) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.server = s
}
