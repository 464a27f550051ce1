package host_test

import "golang.org/x/sys/unix"

// systemStat makes the system calls of a stat below a base dir, and nothing else:
// open the folder without following links, look at it and at the name, close it.
func systemStat(base int, folder, name string) error {
	fd, err := unix.Openat2(base, folder, &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	})
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	return unix.Close(fd)
}

func openBase(dir string) (int, error) {
	return unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

func closeBase(base int) { _ = unix.Close(base) }
