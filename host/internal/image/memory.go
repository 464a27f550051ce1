package image

import (
	"errors"

	"github.com/tetratelabs/wazero/experimental"
)

// memory is the linear memory of one instance, within its limit and the budget
// of the host. It is wazero's allocator and its only product, used by one
// instance.
type memory struct {
	budget  *Budget
	limit   uint64 // bytes
	region  region
	size    uint64 // bytes, as the guest sees it
	taken   int64  // from the budget
	there   bool   // the module has one
	refused bool   // growth was refused because of limit or budget
}

// region is where a memory lies. What it has beyond what it began with is zero.
type region interface {
	// room is how many bytes it would rather take to have size of them, never
	// more than limit.
	room(size, limit uint64) uint64
	// grow returns the region with size bytes, for which it may take room; nil
	// if the system has none. It never shrinks.
	grow(size, room uint64) []byte
	// reset makes it what it began with, if it has not grown.
	reset() error
	free()
}

// ErrNoMemory means that the system has none for an instance.
var ErrNoMemory = errors.New("the system has no memory for an instance")

// newMemory takes least bytes beforehand, of the budget and of the system, since
// wazero cannot be told that an instance's first allocation failed. The error is
// [ErrBudget] or ErrNoMemory.
func newMemory(b *Budget, least, limit int64, r region) (*memory, error) {
	if !b.take(least) {
		r.free()
		return nil, ErrBudget
	}
	m := &memory{budget: b, limit: uint64(max(limit, least)), region: r, taken: least}
	if r.grow(uint64(least), uint64(least)) == nil {
		m.release()
		return nil, ErrNoMemory
	}
	return m, nil
}

// Allocate is called once, when the instance is made, if the module has a memory.
func (m *memory) Allocate(_, _ uint64) experimental.LinearMemory {
	m.there = true
	return m
}

// Reallocate returns the memory with size bytes, or nil if there is no room.
func (m *memory) Reallocate(size uint64) []byte {
	if size > m.limit {
		m.refused = true
		return nil
	}
	room := m.region.room(size, m.limit)
	if !m.reserve(room) {
		if room = size; !m.reserve(room) {
			m.refused = true
			return nil
		}
	}
	buf := m.region.grow(size, room)
	if buf == nil {
		m.refused = true
		return nil
	}
	m.size = size
	return buf
}

// reserve makes sure that room bytes are taken from the budget.
func (m *memory) reserve(room uint64) bool {
	if more := int64(room) - m.taken; more > 0 {
		if !m.budget.take(more) {
			return false
		}
		m.taken = int64(room)
	}
	return true
}

// Free is called when the instance is closed, but not if making it failed, so
// release does the work.
func (m *memory) Free() {}

// release gives the memory back. It may be called twice.
func (m *memory) release() {
	if m.region != nil {
		m.region.free()
		m.region = nil
	}
	m.budget.give(m.taken)
	m.taken = 0
}
