package command

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, test := range []struct {
		err  error
		code string
	}{
		{syscall.EACCES, "forbidden"}, {syscall.EPERM, "forbidden"}, {syscall.ENOENT, "not-found"}, {syscall.EEXIST, "exists"},
		{syscall.ENOTDIR, "not-a-directory"}, {syscall.EISDIR, "is-a-directory"}, {syscall.ENOTEMPTY, "not-empty"},
		{syscall.ELOOP, "is-symlink"}, {syscall.EXDEV, "cross-device"}, {syscall.EILSEQ, "bad-path"}, {syscall.EINVAL, "bad-path"},
		{syscall.ENAMETOOLONG, "name-too-long"}, {syscall.ENOSPC, "no-space"}, {syscall.EDQUOT, "quota"}, {syscall.EFBIG, "too-large"},
		{syscall.EMFILE, "too-many-open"}, {syscall.EROFS, "read-only"}, {syscall.EBUSY, "busy"}, {syscall.ENOTSUP, "unsupported"},
		{syscall.ENOSYS, "unsupported"}, {syscall.EIO, "io"},
		{fs.ErrPermission, "forbidden"}, {errors.New("disk on fire"), "io"},
	} {
		for _, err := range []error{
			test.err,
			&fs.PathError{Op: "open", Path: "/srv/real", Err: test.err},
			&os.LinkError{Op: "rename", Old: "/srv/real", New: "/srv/new", Err: test.err},
			os.NewSyscallError("read", test.err),
		} {
			if code, text := classify(err); code != test.code || text == "" {
				t.Errorf("classify(%v) = %q, %q; want %q", err, code, text, test.code)
			}
		}
	}
}

// TestFailureHidesRoot wants the guest's path in messages, not the real one.
func TestFailureHidesRoot(t *testing.T) {
	f := Files{Root: "/srv/real"}
	at, err := f.locate("$APPDATA/a", nil)
	if err != nil || at.os != "/srv/real/APPDATA/a" {
		t.Fatalf("location %q, error %v", at, err)
	}
	got := failure("read", at, &fs.PathError{Op: "open", Path: at.os, Err: errors.New("/srv/real is gone")}).Error()
	if want := `read "/APPDATA/a": input/output error`; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
}
