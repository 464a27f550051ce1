package ipc

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/coder/websocket"
)

const (
	mostEmitted = 64 << 10         // bytes of a message of a page
	mostHello   = 256              // sockets at a time that have not said whose they are
	helloTime   = 10 * time.Second // in which a socket says whose it is
	pingTime    = 30 * time.Second
)

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
	p.socket, p.away, p.heard = c, time.Time{}, true
}

// detach is for a socket that has ended.
func (p *page) detach(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.socket == c {
		p.socket, p.away = nil, now()
	}
}

// write sends the messages of the page, after one with the number 0, which says that it
// is the page's socket.
func (p *page) write(ctx context.Context, c *websocket.Conn, last uint64) {
	if c.Write(ctx, websocket.MessageText, []byte(`{"seq":0,"payload":null}`)) != nil {
		return
	}
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
