//go:build !unix

package codecache

import "io/fs"

// Without Unix owners and modes, nothing is known of who may write.

func owned(fs.FileInfo) bool            { return true }
func ownedByRoot(fs.FileInfo) bool      { return true }
func writableByOthers(fs.FileInfo) bool { return false }
func closedToOthers(fs.FileInfo) bool   { return true }
