//go:build unix

package codecache

import (
	"io/fs"
	"os"
	"syscall"
)

// owned reports whether a file belongs to the current user.
func owned(fi fs.FileInfo) bool {
	s, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int64(s.Uid) == int64(os.Geteuid())
}

func ownedByRoot(fi fs.FileInfo) bool {
	s, ok := fi.Sys().(*syscall.Stat_t)
	return ok && s.Uid == 0
}

// writableByOthers reports whether the mode lets anybody but the owner write.
func writableByOthers(fi fs.FileInfo) bool { return fi.Mode()&0o022 != 0 }

// closedToOthers reports whether the mode lets nobody but the owner enter a
// folder.
func closedToOthers(fi fs.FileInfo) bool { return fi.Mode()&0o011 == 0 }
