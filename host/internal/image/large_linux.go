package image

import "golang.org/x/sys/unix"

// noReserve keeps addresses without memory out of the system's accounts.
const noReserve = unix.MAP_NORESERVE

// large asks for large pages, which are provided with fewer faults. It is no
// more than a wish.
func large(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }
