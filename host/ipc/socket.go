package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/coder/websocket"
)

const (
	mostKept    = 1024             // messages that a page has not confirmed
	mostBytes   = 1 << 20          // of them
	mostEmitted = 64 << 10         // bytes of a message of a page
	mostHello   = 256              // sockets at a time that have not said whose they are
	helloTime   = 10 * time.Second // in which a socket says whose it is
	awayTime    = 30 * time.Second // that a page may be without a socket before nobody listens
	pingTime    = 30 * time.Second
)

// Handler takes what a page emits. It must not block for long: the page's next message
// waits for it.
type Handler func(ctx context.Context, caller authority.Caller, payload any)

// Handle has f take an event that pages emit; nil takes it away. What pages emit reaches
// Go code only, never another page.
func (s *Server) Handle(event string, f Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.handlers, event); f != nil {
		s.handlers[event] = f
	}
}

// Emit sends an event to the pages of a window, as many as listen, and returns to how
// many. A page that does not take its messages loses the event. The page elsewhere that
// the window names as remote hears none of them.
func (s *Server) Emit(label, event string, payload any) (int, error) {
	b, err := json.Marshal(jsonvalue.Encodable(payload))
	if err != nil {
		return 0, err
	}
	w := s.byLabel[label]
	if w == nil {
		return 0, fmt.Errorf("ipc: ambit.toml declares no window %q", label)
	}
	n := 0
	for _, p := range s.listening(w, w.origin) {
		if p.queue(message{Event: event, Payload: b}) {
			n++
		}
	}
	return n, nil
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
	ended   bool
	socket  *connection
}

var errGone = errors.New("ipc: the page is gone")

func newPage(s *Server, w *window, origin string) *page {
	p := &page{server: s, window: w, origin: origin, caller: callerOf(w, origin), away: now(), changed: make(chan struct{})}
	p.used.Store(now().UnixNano())
	return p
}

// change wakes who waits. p.mu is held.
func (p *page) change() {
	close(p.changed)
	p.changed = make(chan struct{})
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

// listens reports whether the page has a socket, or had one a short while ago.
func (p *page) listens() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, err := p.room(&message{})
	return err == nil
}

// tidy reports whether the page has a socket. Messages of one that was gone for too long
// are dropped.
func (p *page) tidy() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.room(&message{})
	return p.away.IsZero()
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

// channel sends what a call emits to a channel of the page. It waits for room, so that
// a page which is slow makes its command slow, until the call ends.
func (p *page) channel(id string) func(context.Context, host.Message) error {
	return func(ctx context.Context, got host.Message) error {
		b, err := json.Marshal(jsonvalue.Encodable(got.Value()))
		if err != nil {
			return err
		}
		m := message{Channel: id, Topic: got.Topic, Payload: b}
		for {
			p.mu.Lock()
			ok, err := p.room(&m)
			if ok && err == nil {
				p.keep(m)
			}
			changed := p.changed
			p.mu.Unlock()
			if ok || err != nil {
				return err
			}
			timer := time.NewTimer(awayTime) // to look whether it is gone
			select {
			case <-ctx.Done():
				timer.Stop()
				return ctx.Err()
			case <-changed:
			case <-timer.C:
			}
			timer.Stop()
		}
	}
}

// events sends what a call without a channel emits to the pages of the window that
// listen to its topic, as an event, if they are of the page's origin. It does not wait.
func (p *page) events(_ context.Context, got host.Message) error {
	pages := p.server.listening(p.window, p.origin)
	if len(pages) == 0 {
		return errGone
	}
	b, err := json.Marshal(jsonvalue.Encodable(got.Value()))
	if err != nil {
		return err
	}
	for _, to := range pages {
		to.queue(message{Event: got.Topic, Payload: b})
	}
	return nil
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

// hello is the first message of a socket: whose it is, which a URL must not say, and
// the last message that the page has.
type hello struct {
	Token string `json:"token"`
	Last  uint64 `json:"last"`
}

// fromPage is any later one.
type fromPage struct {
	Ack     uint64          `json:"ack"`
	Event   string          `json:"event"`
	Payload json.RawMessage `json:"payload"`
}

// socket is a page's connection for events and channels. There is one at a time: a new
// one ends the one before.
func (s *Server) socket(rw http.ResponseWriter, r *http.Request, w *window, origin string) {
	// Whose it may be was decided by gate and from; the library would know less.
	c, err := websocket.Accept(rw, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // it has answered
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(mostEmitted)
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	defer cancel()
	var first hello
	if !s.greet(ctx, c, &first) {
		return
	}
	p := s.pageOf(first.Token, w, origin)
	if p == nil {
		s.refuse(r, w, &refused{http.StatusUnauthorized, "the page of a socket has no token"})
		_ = c.Close(websocket.StatusPolicyViolation, "the page has no token")
		return
	}
	mine := &connection{cancel}
	p.attach(mine, first.Last)
	defer p.detach(mine)
	var all sync.WaitGroup
	all.Go(func() {
		defer cancel()
		p.write(ctx, c, first.Last)
	})
	all.Go(func() {
		defer cancel()
		keepAlive(ctx, c)
	})
	p.read(ctx, c)
	cancel()
	all.Wait()
}

// greet reads the first message of a socket. Not many may be without theirs.
func (s *Server) greet(ctx context.Context, c *websocket.Conn, first *hello) bool {
	defer s.greeting.Add(-1)
	if s.greeting.Add(1) > mostHello {
		_ = c.Close(websocket.StatusTryAgainLater, "too many sockets have not said whose they are")
		return false
	}
	return readJSON(ctx, c, helloTime, first)
}

// keepAlive returns when the other side does not answer any more.
func keepAlive(ctx context.Context, c *websocket.Conn) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pingTime):
		}
		ping, stop := context.WithTimeout(ctx, pingTime)
		err := c.Ping(ping)
		stop()
		if err != nil {
			return
		}
	}
}

// connection is a socket of a page.
type connection struct{ cancel context.CancelFunc }

// attach makes a socket the page's, which has the messages up to last.
func (p *page) attach(c *connection, last uint64) {
	p.confirm(last)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket != nil {
		p.socket.cancel()
	}
	p.socket, p.away = c, time.Time{}
}

// detach is for a socket that has ended.
func (p *page) detach(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket == c {
		p.socket, p.away = nil, now()
	}
}

// write sends the messages of the page.
func (p *page) write(ctx context.Context, c *websocket.Conn, last uint64) {
	for {
		list, changed, ended := p.after(last)
		if ended {
			_ = c.Close(websocket.StatusGoingAway, "the window is closed")
			return
		}
		for _, m := range list {
			b, err := json.Marshal(m)
			if err != nil || c.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
			last = m.Seq
		}
		if len(list) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// read takes what the page confirms and emits.
func (p *page) read(ctx context.Context, c *websocket.Conn) {
	for {
		var m fromPage
		if !readJSON(ctx, c, 0, &m) {
			return
		}
		p.used.Store(now().UnixNano())
		if m.Ack > 0 {
			p.confirm(m.Ack)
		}
		if m.Event == "" {
			continue
		}
		p.server.mu.Lock()
		handle := p.server.handlers[m.Event]
		p.server.mu.Unlock()
		if handle == nil {
			continue
		}
		if len(m.Payload) == 0 {
			m.Payload = json.RawMessage("null")
		}
		if payload, err := jsonvalue.Parse(m.Payload); err == nil {
			handle(ctx, p.caller, payload)
		}
	}
}

// readJSON reads one message; false ends the socket.
func readJSON(ctx context.Context, c *websocket.Conn, within time.Duration, into any) bool {
	if within > 0 {
		limited, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		ctx = limited
	}
	kind, b, err := c.Read(ctx)
	if err != nil {
		return false
	}
	if kind != websocket.MessageText || json.Unmarshal(b, into) != nil {
		_ = c.Close(websocket.StatusUnsupportedData, "messages are JSON")
		return false
	}
	return true
}
