package image

import (
	"bytes"
	"runtime"
)

// granule is the unit in which memory is compared and tracked, in bytes. It is
// the page of most processors; a strategy that needs the system's looks at it.
const granule = 4096

// heap is memory of Go's own, for systems without anything better. wazero's
// allocation grows by a page at a time, copying all; this one doubles.
type heap struct {
	buf     []byte
	image   []byte
	compare bool // before copying
}

// newHeap returns a region that begins as the image.
func newHeap(image []byte, compare bool) *heap {
	h := &heap{image: image, compare: compare}
	if len(image) > 0 {
		h.buf = make([]byte, len(image))
		copy(h.buf, image)
	}
	return h
}

func (h *heap) room(size, limit uint64) uint64 {
	if had := uint64(cap(h.buf)); size > had {
		return max(size, min(2*had, limit))
	}
	return uint64(cap(h.buf))
}

func (h *heap) grow(size, room uint64) []byte {
	switch {
	case h.buf == nil:
		h.buf = make([]byte, size, room)
	case size <= uint64(len(h.buf)): // an instance begins with less than its image
		return h.buf[:size]
	case size > uint64(cap(h.buf)):
		grown := make([]byte, size, room)
		copyInPieces(grown, h.buf)
		h.buf = grown
	}
	h.buf = h.buf[:size]
	return h.buf
}

// copyInPieces copies, and lets others have their turn between pieces: nothing
// can stop a copy, which takes 100 ms where all of it has to be provided first.
func copyInPieces(to, from []byte) {
	const piece = 1 << 20
	for len(from) > 0 {
		n := copy(to, from[:min(piece, len(from))])
		to, from = to[n:], from[n:]
		runtime.Gosched()
	}
}

func (h *heap) reset() error {
	resetTo(h.buf, h.image, h.compare)
	return nil
}

// resetTo makes memory the image again.
func resetTo(buf, image []byte, compare bool) {
	if !compare {
		copy(buf, image)
		return
	}
	for at := 0; at < len(image); at += granule {
		end := min(at+granule, len(image))
		restore(buf[at:end], image[at:end])
	}
}

// restore copies want to page if they differ, and reports whether they did.
func restore(page, want []byte) bool {
	if bytes.Equal(page, want) {
		return false
	}
	copy(page, want)
	return true
}

func (h *heap) free() { h.buf = nil }
