//go:build unix && !aix && !solaris

package files

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

// walk resolves one name at a time, none of which may be a link: openat with
// O_NOFOLLOW from the descriptor of the folder before. rel is clean, so it
// cannot go up.
func walk(dir int, rel string, flags int, perm uint32) (int, error) {
	cur := dir
	for {
		name, rest, more := strings.Cut(rel, "/")
		step := flags
		if more {
			step = openFolder
		}
		fd, err := openNoFollow(cur, name, step, perm)
		if cur != dir {
			_ = unix.Close(cur) // only passed through
		}
		if err != nil || !more {
			return fd, err
		}
		cur, rel = fd, rest
	}
}

// openNoFollow opens one name. All systems answer alike for a link.
func openNoFollow(dir int, name string, flags int, perm uint32) (int, error) {
	for {
		fd, err := unix.Openat(dir, name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, perm)
		if err == nil {
			return fd, nil
		}
		if err == unix.EINTR {
			continue
		}
		if err == unix.ENOTDIR || err == unix.EMLINK || errors.Is(err, eftype) {
			var st unix.Stat_t
			if e := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW); e == nil && typeOf(uint32(st.Mode)) == TypeLink { //nolint:unconvert // 16 bits on some systems
				return -1, unix.ELOOP
			}
		}
		return -1, err
	}
}
