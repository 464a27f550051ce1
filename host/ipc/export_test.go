package ipc

import (
	"testing"
	"time"
)

// Later moves the clock until the test ends.
func Later(t testing.TB, by time.Duration) {
	now = func() time.Time { return time.Now().Add(by) }
	t.Cleanup(func() { now = time.Now })
}

// Config changes the configuration of a server that nobody uses.
func (s *Server) Config(change func(*Config)) { change(&s.config) }
