package image

import (
	"errors"
	"fmt"
	"math"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// systemStrategies are those that need the kernel's help.
var systemStrategies = []strategy{
	{Remap, func(snapshot []byte) (source, error) { return openFile(snapshot, nil) }},
	{Scan, openScanned},
	{Track, openTracked},
}

// file is an image in memory that the kernel maps: a page is shared by all
// mappings until one of them writes to it. It is sealed, so nobody can change
// it.
type file struct {
	f       *os.File
	view    []byte       // the image, read-only
	tracker *tracker     // nil: pages are dropped and not tracked
	users   atomic.Int64 // the image, until it is closed, and each of its memories
}

func openFile(snapshot []byte, t *tracker) (source, error) {
	if math.MaxInt == math.MaxInt32 {
		return nil, errors.New("there are too few addresses to map memories of any size")
	}
	if len(snapshot)%os.Getpagesize() != 0 || len(snapshot) == 0 {
		return nil, fmt.Errorf("an image of %d bytes is not of whole pages of the system", len(snapshot))
	}
	fd, err := unix.MemfdCreate("ambit-image", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), "ambit-image")
	_, err = f.Write(snapshot)
	if err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_WRITE|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	view, err := unix.Mmap(fd, 0, len(snapshot), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mmap: %w", err), f.Close())
	}
	s := &file{f: f, view: view, tracker: t}
	s.users.Store(1)
	return s, nil
}

func (s *file) close() error { return s.leave() }

// leave ends one use of the file. Memories read what they are reset to, so the
// last one frees it.
func (s *file) leave() error {
	if s.users.Add(-1) > 0 {
		return nil
	}
	return errors.Join(unix.Munmap(s.view), s.f.Close())
}

// mapped is a reservation that begins with a private mapping of the image.
type mapped struct {
	reservation
	file  *file
	image []byte // its beginning
	view  []byte // the image as it is; of the file
	scan  *scan  // nil: pages are dropped
}

func (s *file) make(limit int64) (region, error) {
	n := len(s.view)
	r, err := reserve(max(limit, int64(n)))
	if err != nil {
		return nil, err
	}
	m := &mapped{reservation: r, image: r.all[:n:n], view: s.view, file: s}
	m.used = n
	s.users.Add(1)
	_, err = unix.MmapPtr(int(s.f.Fd()), 0, unsafe.Pointer(&r.all[0]), uintptr(n),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_NORESERVE)
	if err == nil {
		err = unix.Madvise(m.image, unix.MADV_NOHUGEPAGE)
		if errors.Is(err, unix.EINVAL) { // the kernel has none
			err = nil
		}
	}
	if err == nil && s.tracker != nil {
		m.scan = newScan(s.tracker, m.image)
		err = s.tracker.watch(m.image)
	}
	if err != nil {
		m.free()
		return nil, fmt.Errorf("mmap: %w", err)
	}
	return m, nil
}

func (m *mapped) free() {
	if m.all != nil {
		m.reservation.free()
		_ = m.file.leave() // it fails only for what is no mapping
	}
}

func (m *mapped) reset() error {
	if m.scan == nil {
		return m.drop()
	}
	return m.restore()
}

// drop makes all pages those of the image again. They come back when they are
// used, each with a fault.
func (m *mapped) drop() error {
	if err := unix.Madvise(m.image, unix.MADV_DONTNEED); err != nil {
		return fmt.Errorf("madvise: %w", err)
	}
	return nil
}
