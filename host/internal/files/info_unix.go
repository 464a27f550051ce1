//go:build unix && !aix && !solaris

package files

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// nonblock makes opening a FIFO return.
const nonblock = unix.O_NONBLOCK

// infoOfFile is what package os knows, with the numbers of the system.
func infoOfFile(fi fs.FileInfo) Info {
	in := Info{
		Type: typeOfMode(fi.Mode()), Size: fi.Size(), Links: 1,
		Accessed: fi.ModTime().UnixNano(), Modified: fi.ModTime().UnixNano(), Changed: fi.ModTime().UnixNano(), file: fi,
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		in.Device, in.Inode, in.Links = uint64(st.Dev), uint64(st.Ino), uint64(st.Nlink) //nolint:unconvert // differ by system
	}
	return in
}
