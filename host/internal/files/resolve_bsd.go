//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package files

import "golang.org/x/sys/unix"

// openFolder opens a folder on the way, for reaching through it only.
const openFolder = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NONBLOCK

// eftype is what NetBSD says of a link opened with O_NOFOLLOW.
const eftype = unix.EFTYPE

// bestResolver has no choice.
func bestResolver(int) (Resolver, resolver) { return ResolverWalk, walk }
