//go:build !unix || aix || solaris

package files

import "io/fs"

const nonblock = 0

// infoOfFile is what package os knows.
func infoOfFile(fi fs.FileInfo) Info {
	t := fi.ModTime().UnixNano()
	return Info{
		Type: typeOfMode(fi.Mode()), Size: fi.Size(), Links: 1, Accessed: t, Modified: t, Changed: t, file: fi,
	}
}
