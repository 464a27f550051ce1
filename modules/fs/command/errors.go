package command

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/ambit-wasm/ambit/sdk"
)

func fail(code, message string) error { return sdk.NewError(code, message) }

// failure turns an error of package os into one for the caller: a code and a
// message that names the path as the guest sees it.
func failure(doing string, at location, err error) error {
	code, text := classify(err)
	return fail(code, doing+" "+quote(at.guest)+": "+text)
}

// classify returns code and text of an error of package os.
func classify(err error) (code, text string) {
	if e, ok := cause(err).(syscall.Errno); ok { //nolint:errorlint // cause unwraps
		for _, k := range kinds {
			if k.errno == e {
				return k.code, k.text
			}
		}
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "forbidden", "permission denied"
	case errors.Is(err, fs.ErrNotExist):
		return "not-found", "no such file or folder"
	case errors.Is(err, fs.ErrExist):
		return "exists", "is there already"
	}
	return "io", "input/output error"
}

// kinds are the errors that package io/fs does not tell apart.
var kinds = []struct {
	errno      syscall.Errno
	code, text string
}{
	{syscall.ENOTDIR, "not-a-directory", "not a folder"},
	{syscall.EISDIR, "is-a-directory", "is a folder"},
	{syscall.ENOTEMPTY, "not-empty", "the folder is not empty"},
	{syscall.ELOOP, "is-symlink", "is a symbolic link, and none is followed"},
	{syscall.EXDEV, "cross-device", "cannot be renamed as a whole; copy it instead"},
	{syscall.EILSEQ, "bad-path", "the path is not valid UTF-8"},
	{syscall.EINVAL, "bad-path", "not possible for this path"},
	{syscall.ENAMETOOLONG, "name-too-long", "the name is too long"},
	{syscall.ENOSPC, "no-space", "the disk is full"},
	{syscall.EDQUOT, "quota", "the limit of what may be written is reached"},
	{syscall.EFBIG, "too-large", "the file would be too large"},
	{syscall.EMFILE, "too-many-open", "too many open files"},
	{syscall.EROFS, "read-only", "the file system is read-only"},
	{syscall.EBUSY, "busy", "in use"},
	{syscall.ENOTSUP, "unsupported", "the host cannot do this"},
	{syscall.ENOSYS, "unsupported", "the host cannot do this"},
}

// cause returns what is inside the errors of package os, which wrap once.
// errors.As would cost a guest reflection.
func cause(err error) error {
	switch e := err.(type) { //nolint:errorlint // see above
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	case *os.SyscallError:
		return e.Err
	}
	return err
}
