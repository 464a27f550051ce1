package ipc

import (
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

const (
	mostKept   = 1024             // messages that a page has not confirmed
	mostBytes  = 1 << 20          // of them
	awayTime   = 30 * time.Second // that a page may be without a socket before nobody listens
	mostPages  = 4000             // of a window and an origin; beyond, those that are longest unused are forgotten
	unusedTime = 24 * time.Hour   // after which a page that has no socket is forgotten
)

// page is one page of a window, with its messages until it has confirmed them: a socket
// that breaks is followed by another, which goes on where that ended.
type page struct {
	server *Server
	window *window
	origin string
	caller authority.Caller
	used   atomic.Int64 // when its token was last used, as Unix nanoseconds

	mu      sync.Mutex
	seq     uint64
	kept    []message // not confirmed
	bytes   int
	away    time.Time     // since when there is no socket; zero: there is one
	changed chan struct{} // closed when any of this changes
	heard   bool          // it had a socket
	ended   bool
	socket  *connection
}

var errGone = errors.New("ipc: the page is gone")

func newPage(s *Server, w *window, origin string) *page {
	p := &page{server: s, window: w, origin: origin, caller: callerOf(w, origin), away: now(), changed: make(chan struct{})}
	p.used.Store(now().UnixNano())
	return p
}

// addPage adds a page and forgets those that are too many.
func (s *Server) addPage(key string, p *page) bool {
	s.mu.Lock()
	if s.closed.Load() {
		s.mu.Unlock()
		return false
	}
	gone := p.window.forget(p.origin)
	p.window.pages[key] = p
	s.mu.Unlock()
	for _, p := range gone {
		p.end()
	}
	return true
}

func (p *page) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	p.kept, p.bytes = nil, 0
	if p.socket != nil { // write says why it ends, if the other side takes it
		time.AfterFunc(time.Second, p.socket.cancel)
	}
	p.change()
}

// unused reports whether nobody has used the page for long.
func (p *page) unused() bool {
	return !p.tidy() && p.used.Load() < now().Add(-unusedTime).UnixNano()
}

// tidy reports whether the page has a socket. Messages of one that was gone for too long
// are dropped.
func (p *page) tidy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.room(&message{})
	return p.away.IsZero()
}

// listens reports whether the page has a socket, or had one a short while ago.
func (p *page) listens() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.room(&message{})
	return err == nil && p.heard
}

// message is one to a page: an event, or what a command emits to a channel.
type message struct {
	Seq     uint64          `json:"seq"`
	Event   string          `json:"event,omitempty"`
	Channel string          `json:"channel,omitempty"`
	Topic   string          `json:"topic,omitempty"`
	Payload json.RawMessage `json:"payload"`
}

func (m *message) size() int {
	return len(m.Payload) + len(m.Event) + len(m.Channel) + len(m.Topic) + 64
}

// change wakes who waits. p.mu is held.
func (p *page) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// room reports whether a message fits, or that nobody listens. p.mu is held.
func (p *page) room(m *message) (bool, error) {
	if p.ended || !p.away.IsZero() && now().Sub(p.away) > awayTime {
		p.kept, p.bytes = nil, 0
		return false, errGone
	}
	return len(p.kept) < mostKept && (p.bytes+m.size() <= mostBytes || len(p.kept) == 0), nil
}

// keep adds a message. p.mu is held.
func (p *page) keep(m message) {
	p.seq++
	m.Seq = p.seq
	p.kept = append(p.kept, m)
	p.bytes += m.size()
	p.change()
}

// sent is the number of the last message.
func (p *page) sent() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seq
}

// queue sends a message if there is room.
func (p *page) queue(m message) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	ok, err := p.room(&m)
	if ok && err == nil {
		p.keep(m)
		return true
	}
	return false
}

// confirm forgets messages that the page has.
func (p *page) confirm(seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for n < len(p.kept) && p.kept[n].Seq <= seq {
		p.bytes -= p.kept[n].size()
		n++
	}
	if n > 0 {
		p.kept = append([]message(nil), p.kept[n:]...)
		p.change()
	}
}

// after returns the messages after seq, and what is closed when there may be more.
func (p *page) after(seq uint64) ([]message, <-chan struct{}, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, m := range p.kept {
		if m.Seq > seq {
			return append([]message(nil), p.kept[i:]...), p.changed, p.ended
		}
	}
	return nil, p.changed, p.ended
}
