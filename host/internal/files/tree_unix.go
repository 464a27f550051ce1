//go:build unix && !aix && !solaris

package files

import (
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// resolver opens rel below the folder dir, following no link anywhere.
type resolver func(dir int, rel string, flags int, perm uint32) (int, error)

// unixTree is a base dir held by a descriptor. Its two flavours differ in how
// a path is resolved.
type unixTree struct {
	fd      int
	resolve resolver
}

// openUnixTree opens a base dir whose last name is no link.
func openUnixTree(real string, want Resolver, flags int) (Resolver, tree, error) {
	if want == ResolverRoot {
		return openRootTree(real)
	}
	fd, err := unix.Open(real, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", nil, kind(err)
	}
	how, r := bestResolver(fd)
	if want == ResolverWalk {
		how, r = want, walk
	}
	return how, &unixTree{fd: fd, resolve: r}, nil
}

func (t *unixTree) close() error { return kind(unix.Close(t.fd)) }

// open opens without waiting (a FIFO would) and looks at the type before
// anything can happen to the content.
func (t *unixTree) open(rel string, m mode) (handle, Info, error) {
	fd, err := t.resolve(t.fd, rel, m.flags(), 0)
	if err != nil {
		return nil, Info{}, kind(err)
	}
	return checked(fd)
}

func (t *unixTree) parent(rel string) (folder, error) {
	i := strings.LastIndexByte(rel, '/')
	if i < 0 {
		return &unixFolder{fd: t.fd, resolve: t.resolve, borrowed: true}, nil
	}
	fd, err := t.resolve(t.fd, rel[:i], openFolder, 0)
	if err != nil {
		return nil, kind(err)
	}
	return &unixFolder{fd: fd, resolve: t.resolve}, nil
}

// checked takes the descriptor of anything and keeps only files and folders.
func checked(fd int) (handle, Info, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		_ = unix.Close(fd) // nothing was done with it
		return nil, Info{}, kind(err)
	}
	in := infoOf(&st)
	if in.Type != TypeFile && in.Type != TypeDir {
		_ = unix.Close(fd) // nothing was done with it
		return nil, Info{}, ErrAccess
	}
	return &unixHandle{fd: fd}, in, nil
}

func (m mode) flags() int {
	f := unix.O_RDONLY
	switch {
	case m.read && m.write:
		f = unix.O_RDWR
	case m.write:
		f = unix.O_WRONLY
	}
	if m.append {
		f |= unix.O_APPEND
	}
	if m.sync {
		f |= unix.O_SYNC
	}
	if m.folder {
		f |= unix.O_DIRECTORY
	}
	return f | unix.O_NONBLOCK | unix.O_NOCTTY
}

func infoOf(st *unix.Stat_t) Info {
	in := Info{
		Device: uint64(st.Dev), Inode: uint64(st.Ino), Links: uint64(st.Nlink), Size: st.Size, //nolint:unconvert // differ by system
		Type: typeOf(uint32(st.Mode)), //nolint:unconvert // 16 bits on some systems
	}
	in.Accessed, in.Modified, in.Changed = st.Atim.Nano(), st.Mtim.Nano(), st.Ctim.Nano()
	return in
}

func typeOf(m uint32) Type {
	switch m & unix.S_IFMT {
	case unix.S_IFREG:
		return TypeFile
	case unix.S_IFDIR:
		return TypeDir
	case unix.S_IFLNK:
		return TypeLink
	}
	return TypeOther
}

// unixFolder is an open parent.
type unixFolder struct {
	fd       int
	resolve  resolver
	borrowed bool // the base's own descriptor
}

func (d *unixFolder) close() {
	if !d.borrowed {
		_ = unix.Close(d.fd) // only passed through
	}
}

func (d *unixFolder) info() (Info, error) {
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		return Info{}, kind(err)
	}
	return infoOf(&st), nil
}

func (d *unixFolder) stat(name string) (Info, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return Info{}, kind(err)
	}
	return infoOf(&st), nil
}

func (d *unixFolder) create(name string, m mode) (handle, Info, error) {
	fd, err := d.resolve(d.fd, name, m.flags()|unix.O_CREAT|unix.O_EXCL, filePerm)
	if err != nil {
		return nil, Info{}, kind(err)
	}
	return checked(fd)
}

func (d *unixFolder) mkdir(name string) error  { return kind(unix.Mkdirat(d.fd, name, folderPerm)) }
func (d *unixFolder) unlink(name string) error { return kind(unix.Unlinkat(d.fd, name, 0)) }
func (d *unixFolder) rmdir(name string) error {
	return kind(unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR))
}

func (d *unixFolder) chtimes(name string, accessed, modified time.Time) error {
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return kind(err)
	}
	ts := []unix.Timespec{st.Atim, st.Mtim} // not every system can leave one out
	for i, t := range []time.Time{accessed, modified} {
		if !t.IsZero() {
			ts[i] = unix.NsecToTimespec(t.UnixNano())
		}
	}
	return kind(unix.UtimesNanoAt(d.fd, name, ts, unix.AT_SYMLINK_NOFOLLOW))
}

func (d *unixFolder) rename(name string, to folder, toName string) error {
	t, ok := to.(*unixFolder)
	if !ok {
		return ErrCrossDevice
	}
	err := unix.Renameat(d.fd, name, t.fd, toName)
	if err == unix.EXDEV {
		return ErrCrossDevice
	}
	return kind(err)
}
