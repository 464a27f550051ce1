package image

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Of a private mapping of a file the kernel can say which pages are no longer
// the file's, which are those that were written (PAGEMAP_SCAN, Linux 6.7). They
// are copied back and stay private: what a call writes the next one usually
// writes, too, without a fault. userfaultfd would say the same by protecting
// pages, but it is not allowed in most containers, needs all pages to be there,
// and its scan took longer from 1 MiB on.

// pagemap is where a process asks for its own pages. It stays open.
type pagemap struct {
	f  *os.File
	fd uintptr
}

var openPagemap = sync.OnceValues(func() (*pagemap, error) {
	f, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return nil, err
	}
	return &pagemap{f, f.Fd()}, nil
})

func openTracked(snapshot []byte) (source, error) {
	p, err := openPagemap()
	if err != nil {
		return nil, err
	}
	return openFile(snapshot, p)
}

// The interface of PAGEMAP_SCAN, of the kernel's include/uapi/linux/fs.h.
const (
	pagemapScan = 0xc0606610
	pageFile    = 1 << 2 // it is a file's
	pagePresent = 1 << 3
	pageSwapped = 1 << 4
)

// pageRegion is a range of addresses whose pages are alike.
type pageRegion struct{ start, end, categories uint64 }

// scanArgs are the argument of PAGEMAP_SCAN.
type scanArgs struct {
	size, flags, start, end, walkEnd, vec, vecLen, maxPages   uint64
	categoryInverted, categoryMask, categoryAnyof, returnMask uint64
}

// scan finds the written pages of one memory.
type scan struct {
	pagemap *pagemap
	base    uint64
	args    scanArgs
	found   [128]pageRegion
	idle    int // resets in a row in which few of the private pages had been written
}

func newScan(p *pagemap, image []byte) *scan {
	return &scan{pagemap: p, base: uint64(uintptr(unsafe.Pointer(&image[0])))}
}

// next finds written pages from start on. It returns how many ranges there are
// and where to go on.
func (s *scan) next(start, end uint64) (int, uint64, error) {
	s.args = scanArgs{
		size: uint64(unsafe.Sizeof(s.args)), start: start, end: end,
		vec: uint64(uintptr(unsafe.Pointer(&s.found[0]))), vecLen: uint64(len(s.found)),
		categoryInverted: pageFile, categoryMask: pageFile, categoryAnyof: pagePresent | pageSwapped,
	}
	n, _, errno := unix.Syscall(unix.SYS_IOCTL, s.pagemap.fd, pagemapScan, uintptr(unsafe.Pointer(&s.args)))
	runtime.KeepAlive(s)
	if errno != 0 {
		return 0, 0, fmt.Errorf("PAGEMAP_SCAN: %w", errno)
	}
	if s.args.walkEnd <= start {
		return 0, 0, errors.New("PAGEMAP_SCAN: it does not go on")
	}
	return int(n), s.args.walkEnd, nil
}

const (
	// fewPages are so few that all of them are copied back.
	fewPages = 32
	// idleResets is for how long most of more pages may stay unwritten until all
	// are given up.
	idleResets = 16
)

// restore copies back the pages that were written.
func (m *mapped) restore() error {
	s := m.scan
	private, written := 0, 0
	for start, end := s.base, s.base+uint64(len(m.image)); start < end; {
		n, next, err := s.next(start, end)
		if err != nil {
			return err
		}
		for _, r := range s.found[:n] {
			from, to := int(r.start-s.base), int(r.end-s.base)
			if private += (to - from) / granule; private <= fewPages {
				copy(m.image[from:to], m.view[from:to])
				continue
			}
			for ; from < to; from += granule {
				if restore(m.image[from:from+granule], m.view[from:from+granule]) {
					written++
				}
			}
		}
		start = next
	}
	if private <= fewPages || 4*written > private {
		s.idle = 0
		return nil
	}
	if s.idle++; s.idle < idleResets {
		return nil
	}
	s.idle = 0
	return m.drop()
}
