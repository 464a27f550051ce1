package command

import (
	"io/fs"
	"syscall"
	"time"
)

// accessed returns when the file was last read, if that is known.
func accessed(info fs.FileInfo) (time.Time, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(0, int64(st.Atime)), true
}
