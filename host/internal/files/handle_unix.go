//go:build unix && !aix && !solaris

package files

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// unixHandle is a descriptor. It is no *os.File: that costs 1 µs and three
// allocations more per open, for a poller that regular files do not use.
type unixHandle struct{ fd int }

func (h *unixHandle) readAt(p []byte, off int64) (int, error) {
	n, err := again(func() (int, error) { return unix.Pread(h.fd, p, off) })
	if n == 0 && err == nil && len(p) > 0 {
		return 0, io.EOF
	}
	return n, err
}

func (h *unixHandle) writeAt(p []byte, off int64) (int, error) {
	return again(func() (int, error) { return unix.Pwrite(h.fd, p, off) })
}

func (h *unixHandle) append(p []byte) (int, error) {
	return again(func() (int, error) { return unix.Write(h.fd, p) })
}

func (h *unixHandle) truncate(size int64) error { return kind(unix.Ftruncate(h.fd, size)) }
func (h *unixHandle) sync() error               { return kind(unix.Fsync(h.fd)) }
func (h *unixHandle) close() error              { return kind(unix.Close(h.fd)) }
func (h *unixHandle) list() lister              { return newLister(h.fd) }

func (h *unixHandle) stat() (Info, error) {
	var st unix.Stat_t
	if err := unix.Fstat(h.fd, &st); err != nil {
		return Info{}, kind(err)
	}
	return infoOf(&st), nil
}

// again repeats a call that a signal interrupted.
func again(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return max(n, 0), kind(err)
	}
}

// statType asks for the type of one name in a folder.
func statType(fd int, name string) Type {
	var st unix.Stat_t
	if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return TypeOther
	}
	return typeOf(uint32(st.Mode)) //nolint:unconvert // 16 bits on some systems
}
