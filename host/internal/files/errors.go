package files

import (
	"errors"
	"io/fs"
	"syscall"
)

// Error is why a file operation failed. It carries no path and no text of the
// operating system, so nothing of the host's real paths can reach a guest
// through it. [errors.Is] matches [fs.ErrPermission], [fs.ErrNotExist],
// [fs.ErrExist] and [fs.ErrInvalid].
type Error uint8

// The errors. Out of scope is always ErrAccess, whatever is on the disk.
const (
	ErrAccess      Error = iota + 1 // out of scope, forbidden, or refused by the system
	ErrNotExist                     // no such file or folder
	ErrExist                        // is there already
	ErrIsDir                        // a folder where a file is needed
	ErrNotDir                       // a file where a folder is needed
	ErrNotEmpty                     // the folder is not empty
	ErrLink                         // a symbolic link, and none is followed
	ErrCrossDevice                  // cannot be renamed as a whole; copy instead
	ErrInvalid                      // an argument makes no sense
	ErrName                         // the path is not valid UTF-8
	ErrNameTooLong                  // the path, or a name in it, is too long
	ErrBadFile                      // no such descriptor, or not open for this
	ErrSeek                         // not possible at this descriptor
	ErrTooManyOpen                  // the call's or the system's limit of open files
	ErrQuota                        // the call's limit of bytes written or files made
	ErrNoSpace                      // the disk is full
	ErrTooBig                       // the file would be too big
	ErrReadOnly                     // a file system that cannot be written
	ErrBusy                         // in use
	ErrUnsupported                  // the system cannot do this
	ErrIO                           // anything else
)

var errorTexts = [...]string{
	ErrAccess: "permission denied", ErrNotExist: "no such file or directory", ErrExist: "file exists",
	ErrIsDir: "is a directory", ErrNotDir: "not a directory", ErrNotEmpty: "directory not empty",
	ErrLink: "symbolic link not followed", ErrCrossDevice: "cannot be renamed as a whole",
	ErrInvalid: "invalid argument", ErrName: "name is not valid UTF-8", ErrNameTooLong: "file name too long",
	ErrBadFile: "bad file descriptor", ErrSeek: "illegal seek", ErrTooManyOpen: "too many open files",
	ErrQuota: "quota exceeded", ErrNoSpace: "no space left on device", ErrTooBig: "file too large",
	ErrReadOnly: "read-only file system", ErrBusy: "resource busy", ErrUnsupported: "not supported",
	ErrIO: "input/output error",
}

// Error returns the text, lower case.
func (e Error) Error() string {
	if int(e) < len(errorTexts) && errorTexts[e] != "" {
		return errorTexts[e]
	}
	return errorTexts[ErrIO]
}

// Is matches the errors of package io/fs.
func (e Error) Is(target error) bool {
	switch target {
	case fs.ErrPermission:
		return e == ErrAccess
	case fs.ErrNotExist:
		return e == ErrNotExist
	case fs.ErrExist:
		return e == ErrExist || e == ErrNotEmpty
	case fs.ErrInvalid:
		return e == ErrInvalid
	}
	return false
}

// kindPortable is kind by what package os can tell on every system.
func kindPortable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrNotExist
	case errors.Is(err, fs.ErrExist):
		return ErrExist
	case errors.Is(err, fs.ErrPermission):
		return ErrAccess
	case errors.Is(err, fs.ErrInvalid):
		return ErrInvalid
	case errors.Is(err, fs.ErrClosed):
		return ErrBadFile
	}
	var no syscall.Errno
	var path *fs.PathError
	if errors.As(err, &path) && !errors.As(err, &no) {
		return ErrLink // not from the system: os.Root met a link that leads out
	}
	return ErrIO
}
