package ipc

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// Later moves the clock until the test ends.
func Later(t testing.TB, by time.Duration) {
	ahead.Store(int64(by))
	t.Cleanup(func() { ahead.Store(0) })
}

// DropSockets breaks the connections of all pages.
func (s *Server) DropSockets() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.byHost {
		for _, p := range w.pages {
			p.mu.Lock()
			if p.socket != nil {
				p.socket.cancel()
				n++
			}
			p.mu.Unlock()
		}
	}
	return n
}

// Config changes the configuration of a server that nobody uses.
func (s *Server) Config(change func(*Config)) { change(&s.config) }

// At is a context of a request that came by an address of this machine.
func At(ctx context.Context, addr string) context.Context {
	return context.WithValue(ctx, http.LocalAddrContextKey, net.Addr(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))))
}

// BodyTime sets how long a body may take, until the test ends.
func BodyTime(t testing.TB, to time.Duration) {
	before := bodyTime
	bodyTime = to
	t.Cleanup(func() { bodyTime = before })
}
