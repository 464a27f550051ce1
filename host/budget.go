package host

import (
	"sync/atomic"

	"github.com/tetratelabs/wazero/experimental"
)

// budget is the linear memory that all instances of a host may have together.
type budget struct {
	total int64
	used  atomic.Int64
}

// take reserves n bytes, or nothing.
func (b *budget) take(n int64) bool {
	for {
		used := b.used.Load()
		if n > b.total-used {
			return false
		}
		if b.used.CompareAndSwap(used, used+n) {
			return true
		}
	}
}

func (b *budget) give(n int64) { b.used.Add(-n) }

// linearMemory is the memory of one instance. wazero's own allocation grows a
// page at a time, copying all of it, and knows no bound for all instances
// together; this one doubles, within its limit and the budget.
//
// It is the allocator and its only product, used by one instance.
type linearMemory struct {
	budget  *budget
	limit   uint64 // bytes
	buf     []byte
	taken   int64 // from the budget
	refused bool  // growth was refused because of limit or budget
}

// newMemory reserves the minimum beforehand, since wazero cannot be told that
// an instance's first allocation failed.
func (b *budget) newMemory(least, limit int64) (*linearMemory, bool) {
	if !b.take(least) {
		return nil, false
	}
	return &linearMemory{budget: b, limit: uint64(limit), taken: least}, true
}

// Allocate is called once, when the instance is made.
func (m *linearMemory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate returns the memory with size bytes, or nil if there is no room.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > m.limit {
		m.refused = true
		return nil
	}
	if size <= uint64(cap(m.buf)) {
		m.buf = m.buf[:size]
		return m.buf
	}
	room := max(size, min(2*uint64(cap(m.buf)), m.limit))
	if !m.reserve(int64(room)) {
		if room = size; !m.reserve(int64(room)) {
			m.refused = true
			return nil
		}
	}
	grown := make([]byte, size, room)
	copy(grown, m.buf)
	m.buf = grown
	return grown
}

// reserve makes sure that room bytes are taken from the budget.
func (m *linearMemory) reserve(room int64) bool {
	if more := room - m.taken; more > 0 {
		if !m.budget.take(more) {
			return false
		}
		m.taken = room
	}
	return true
}

// Free is called when the instance is closed, but not if making it failed;
// what the memory took is given back by release.
func (m *linearMemory) Free() {}

// release gives the memory back to the budget. It may be called twice.
func (m *linearMemory) release() {
	m.budget.give(m.taken)
	m.taken, m.buf = 0, nil
}
