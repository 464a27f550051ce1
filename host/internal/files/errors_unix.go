//go:build unix && !aix && !solaris

package files

import (
	"errors"

	"golang.org/x/sys/unix"
)

// kind turns what the operating system said into an [Error]; nil stays nil.
func kind(err error) error {
	if err == nil {
		return nil
	}
	if e := Error(0); errors.As(err, &e) {
		return e
	}
	var no unix.Errno
	if !errors.As(err, &no) {
		return kindPortable(err)
	}
	switch no {
	case unix.EACCES, unix.EPERM, unix.ENXIO, unix.EXDEV: // openat2: EXDEV is "left the base"
		return ErrAccess
	case unix.ENOENT:
		return ErrNotExist
	case unix.EEXIST:
		return ErrExist
	case unix.EISDIR:
		return ErrIsDir
	case unix.ENOTDIR:
		return ErrNotDir
	case unix.ENOTEMPTY:
		return ErrNotEmpty
	case unix.ELOOP:
		return ErrLink
	case unix.EINVAL:
		return ErrInvalid
	case unix.EILSEQ:
		return ErrName
	case unix.ENAMETOOLONG:
		return ErrNameTooLong
	case unix.EBADF:
		return ErrBadFile
	case unix.ESPIPE:
		return ErrSeek
	case unix.EMFILE, unix.ENFILE:
		return ErrTooManyOpen
	case unix.EDQUOT:
		return ErrQuota
	case unix.ENOSPC:
		return ErrNoSpace
	case unix.EFBIG, unix.EOVERFLOW:
		return ErrTooBig
	case unix.EROFS:
		return ErrReadOnly
	case unix.EBUSY, unix.ETXTBSY:
		return ErrBusy
	case unix.ENOSYS, unix.EOPNOTSUPP:
		return ErrUnsupported
	}
	return ErrIO
}
