package ipc

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
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
