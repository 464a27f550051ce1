package codecache

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// abandoned is the age at which what a process left behind that died, or that
// takes longer over one module, is removed.
const abandoned = time.Hour

// evict removes the entries that were used longest ago until all have no more
// bytes than they may have, and what dead processes left behind. Other processes
// may do the same at the same time.
func (c *Cache) evict() {
	list, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var entries []fs.FileInfo
	var total int64
	for _, e := range list {
		fi, err := e.Info()
		if err != nil {
			continue
		}
		switch {
		case isEntry(fi):
			entries = append(entries, fi)
			total += fi.Size()
		case isLeft(fi) && time.Since(fi.ModTime()) > abandoned:
			_ = os.RemoveAll(filepath.Join(c.dir, fi.Name()))
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, fi := range entries {
		if total <= c.options.MaxBytes {
			return
		}
		if err := os.Remove(filepath.Join(c.dir, fi.Name())); err == nil {
			c.options.Logger.Debug("compiled code evicted", "file", fi.Name(), "bytes", fi.Size())
		}
		total -= fi.Size()
	}
}

func isEntry(fi fs.FileInfo) bool {
	k, ok := strings.CutSuffix(fi.Name(), entrySuffix)
	return ok && isHash(k) && fi.Mode().IsRegular()
}

// isLeft reports whether a file or folder is one that a process makes for a
// while.
func isLeft(fi fs.FileInfo) bool {
	if fi.IsDir() {
		return strings.HasPrefix(fi.Name(), stagingPrefix)
	}
	k, _, _ := strings.Cut(fi.Name(), ".")
	return isHash(k) && strings.HasSuffix(fi.Name(), partSuffix)
}
