package image

import (
	"sync"
	"sync/atomic"
)

// Budget is the linear memory that all instances and images of a host may have
// together. It is safe for concurrent use.
type Budget struct {
	total int64
	used  atomic.Int64
	spare func() bool

	mu     sync.Mutex
	images map[*Image]struct{}
}

// NewBudget returns a budget of so many bytes.
func NewBudget(total int64) *Budget {
	return &Budget{total: total, images: make(map[*Image]struct{})}
}

// Spare says how to get room when no instance is left that waits for calls:
// close gives some back, or reports that it has none. It is called by any
// goroutine that needs memory, and set before there are any.
func (b *Budget) Spare(close func() bool) { b.spare = close }

// Total is how many bytes there are.
func (b *Budget) Total() int64 { return b.total }

// Used is how many of them are taken.
func (b *Budget) Used() int64 { return b.used.Load() }

// take reserves n bytes, or nothing. If there is no room, instances that wait
// for calls give theirs back.
func (b *Budget) take(n int64) bool {
	for !b.tryTake(n) {
		if !b.reclaim() {
			return false
		}
	}
	return true
}

func (b *Budget) tryTake(n int64) bool {
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

func (b *Budget) give(n int64) { b.used.Add(-n) }

// reclaim closes one instance that waits for a call, or whatever else can be
// spared.
func (b *Budget) reclaim() bool {
	if in := b.waiting(); in != nil {
		in.Close()
		return true
	}
	return b.spare != nil && b.spare()
}

// waiting takes one instance that waits for a call; nil if there is none.
func (b *Budget) waiting() *Instance {
	b.mu.Lock()
	defer b.mu.Unlock()
	for im := range b.images {
		if in := im.oldest(); in != nil {
			return in
		}
	}
	return nil
}

func (b *Budget) join(im *Image) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.images[im] = struct{}{}
}

func (b *Budget) part(im *Image) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.images, im)
}
