package files

import "golang.org/x/sys/unix"

// openFolder opens a folder on the way, for reaching through it only.
const openFolder = unix.O_PATH | unix.O_DIRECTORY

// eftype is an error of other systems.
const eftype = unix.ELOOP

// maxRetries bounds how often a lookup that raced with a rename is repeated.
const maxRetries = 64

// beneath resolves in one system call: the kernel refuses to leave dir, to
// follow a link and to jump through /proc.
func beneath(dir int, rel string, flags int, perm uint32) (int, error) {
	how := unix.OpenHow{
		Flags:   uint64(flags | unix.O_CLOEXEC),
		Mode:    uint64(perm),
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	}
	for try := 0; ; {
		fd, err := unix.Openat2(dir, rel, &how)
		switch {
		case err == unix.EINTR:
		case err == unix.EAGAIN && try < maxRetries:
			try++
		default:
			return fd, err
		}
	}
}

// bestResolver tries openat2, which old kernels and some containers refuse.
func bestResolver(dir int) (Resolver, resolver) {
	fd, err := beneath(dir, ".", openFolder, 0)
	if err != nil {
		return ResolverWalk, walk
	}
	_ = unix.Close(fd)
	return ResolverOpenat2, beneath
}
