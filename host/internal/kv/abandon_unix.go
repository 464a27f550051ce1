//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package kv

import (
	"errors"
	"os"
	"syscall"
)

// abandon gives up a file that bbolt cannot close any more. The mapping stays,
// and with it the lock unless it is released.
func abandon(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}
