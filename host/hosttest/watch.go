package hosttest

import (
	"bytes"
	"slices"
	"sync"

	"github.com/ambit-wasm/ambit/host"
)

// logBuffer is what the host logs.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// take returns what was logged since it was last asked.
func (l *logBuffer) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.b.Reset()
	return l.b.String()
}

// sink is what the host audits, but for the neighbour's calls.
type sink struct {
	mu      sync.Mutex
	records []host.Record
}

func (s *sink) Audit(e host.Event) error {
	r := e.Record()
	if r.Caller.Window == neighbour {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r)
	return nil
}

// take returns the records since it was last asked.
func (s *sink) take() []host.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.records
	s.records = nil
	return out
}

// size is how much was logged since take.
func (l *logBuffer) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Len()
}

// last is the last record.
func (s *sink) last() (r host.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.records); n > 0 {
		r = s.records[n-1]
	}
	return r
}

// all are the records since take.
func (s *sink) all() []host.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}
