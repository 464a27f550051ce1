package wasi

import "encoding/binary"

// The guest's memory: every pointer and length is checked here. Views are
// never kept longer than the function that took them.

// view is n bytes at p.
func (c call) view(p, n uint64) ([]byte, errno) {
	if n > 1<<32-1 {
		return nil, eFAULT
	}
	b, in := c.mem.Read(uint32(p), uint32(n))
	if !in {
		return nil, eFAULT
	}
	return b, ok
}

// slot is the place of a result of n bytes, checked before anything happens,
// so that a bad pointer has no effect.
func (c call) slot(p, n uint64) ([]byte, errno) { return c.view(p, n) }

// u32 writes a result.
func u32(slot []byte, v uint32) errno {
	binary.LittleEndian.PutUint32(slot, v)
	return ok
}

// u64 writes a result.
func u64(slot []byte, v uint64) errno {
	binary.LittleEndian.PutUint64(slot, v)
	return ok
}

// maxPath is the longest path that is copied out of a guest, in bytes.
const maxPath = 4096

// path copies a path.
func (c call) path(p, n uint64) (string, errno) {
	if n > maxPath {
		return "", eNAMETOOLONG
	}
	b, e := c.view(p, n)
	return string(b), e
}
