//go:build unix

package image

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// reservation is a range of addresses of which a beginning is memory. It grows
// without moving, its memory comes from the system page by page and goes back to
// it at once, where Go's own would be cleared first and collected some time.
type reservation struct {
	all  []byte
	used int
}

// reserve takes addresses for so many bytes, and no memory.
func reserve(size int64) (reservation, error) {
	if size > math.MaxInt {
		return reservation{}, unix.ENOMEM
	}
	all, err := unix.Mmap(-1, 0, int(size), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|noReserve)
	if err != nil {
		return reservation{}, fmt.Errorf("mmap: %w", err)
	}
	return reservation{all: all}, nil
}

func (r *reservation) room(size, _ uint64) uint64 { return max(size, uint64(r.used)) }

func (r *reservation) grow(size, _ uint64) []byte {
	if size > uint64(len(r.all)) {
		return nil
	}
	if n := int(size); n > r.used {
		more := r.all[r.used:n]
		if unix.Mprotect(more, unix.PROT_READ|unix.PROT_WRITE) != nil {
			return nil
		}
		large(more)
		r.used = n
	}
	return r.all[:size:size]
}

func (r *reservation) free() {
	if r.all != nil {
		_ = unix.Munmap(r.all) // it fails only for what is no mapping
		r.all = nil
	}
}

// plain is memory that begins as a copy of the image.
type plain struct {
	reservation
	image   []byte
	compare bool // before copying
}

// newPlain returns a region that begins as the image and can grow to limit
// bytes. Where addresses are scarce it is Go's own memory.
func newPlain(image []byte, limit int64, compare bool) region {
	if math.MaxInt == math.MaxInt32 {
		return newHeap(image, compare)
	}
	r, err := reserve(max(limit, int64(len(image)), pageSize))
	if err != nil {
		return newHeap(image, compare)
	}
	p := &plain{reservation: r, image: image, compare: compare}
	if len(image) > 0 && p.grow(uint64(len(image)), 0) == nil {
		p.free()
		return newHeap(image, compare)
	}
	copy(p.all, image)
	return p
}

func (p *plain) reset() error {
	resetTo(p.all[:len(p.image)], p.image, p.compare)
	return nil
}
