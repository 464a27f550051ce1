package kv

import (
	"sync"

	"go.etcd.io/bbolt"
)

// commits lets writers share commits: who comes while one is under way joins the
// next, and nobody waits for company.
type commits struct {
	mu      sync.Mutex
	waiting []*change
	busy    bool // somebody commits, and will see to those who wait
}

// change is what one writer wants. Apply either changes nothing and says why, or
// changes all it wants; another error than its own fails all of the commit.
type change struct {
	apply func(*bbolt.Tx) (refused, failed error)
	done  chan error
	lead  chan struct{} // it is the writer's turn to commit, for all who wait
}

// mostShared is how many changes share a commit.
const mostShared = 256

// write makes a change, which is on the disk when it returns without an error.
func (s *Store) write(apply func(*bbolt.Tx) (refused, failed error)) error {
	c := &change{apply: apply, done: make(chan error, 1), lead: make(chan struct{}, 1)}
	q := &s.commit
	q.mu.Lock()
	q.waiting = append(q.waiting, c)
	if q.busy {
		q.mu.Unlock()
		select {
		case err := <-c.done:
			return err
		case <-c.lead:
		}
		q.mu.Lock()
	}
	q.busy = true
	n := min(len(q.waiting), mostShared) // c is the first
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	q.mu.Unlock()
	s.commitAll(batch)
	q.mu.Lock()
	if len(q.waiting) > 0 {
		q.waiting[0].lead <- struct{}{}
	} else {
		q.waiting, q.busy = nil, false
	}
	q.mu.Unlock()
	return <-c.done
}

// commitAll makes changes in one transaction.
func (s *Store) commitAll(batch []*change) {
	refused := make([]error, len(batch))
	err := s.update(func(tx *bbolt.Tx) error {
		for i, c := range batch {
			var failed error
			if refused[i], failed = c.apply(tx); failed != nil {
				return failed
			}
		}
		return nil
	})
	for i, c := range batch {
		if err != nil {
			c.done <- err
			continue
		}
		c.done <- refused[i]
	}
}
