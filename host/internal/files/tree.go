package files

import (
	"io/fs"
	"time"
)

// A tree reaches what lies below one base dir and never follows a symbolic
// link. There are three: by openat2 (Linux), by openat with O_NOFOLLOW for
// each name (other Unix, and Linux where openat2 is refused), and by os.Root
// with each step verified (the rest). Paths are relative, clean,
// slash-separated; "." is the base itself. Errors are of type [Error].
type tree interface {
	// open opens the regular file or folder at rel, and nothing else.
	open(rel string, m mode) (handle, Info, error)
	// parent opens the folder that holds the last name of rel.
	parent(rel string) (folder, error)
	// close gives up the base's handle.
	close() error
}

// A folder is an open parent: operations on one name in it, which is never
// followed if it is a link.
type folder interface {
	info() (Info, error)
	stat(name string) (Info, error)
	create(name string, m mode) (handle, Info, error) // a new regular file
	mkdir(name string) error
	unlink(name string) error // anything but a folder
	rmdir(name string) error
	chtimes(name string, accessed, modified time.Time) error // a zero time stays
	rename(name string, to folder, toName string) error
	close()
}

// A handle is an open regular file or folder.
type handle interface {
	readAt(p []byte, off int64) (int, error)
	writeAt(p []byte, off int64) (int, error)
	append(p []byte) (int, error) // only if opened with mode.append
	truncate(size int64) error
	sync() error
	stat() (Info, error)
	list() lister // of a folder; at most one at a time
	close() error
}

// A lister reads a folder forward.
type lister interface {
	next() ([]Entry, error) // some entries in no order; none at the end
	rewind() error
	close()
}

// listBatch is how many names are asked for at once.
const listBatch = 256

// mode says how a file is opened.
type mode struct {
	read, write bool
	append      bool
	sync        bool
	folder      bool // must be a folder
}

// Permissions of what a guest makes.
const (
	filePerm   = 0o600
	folderPerm = 0o700
)

// Type is what a name stands for.
type Type uint8

// The types. Everything that is neither a file, a folder nor a link is Other
// and cannot be opened.
const (
	TypeOther Type = iota
	TypeFile
	TypeDir
	TypeLink
)

// Info is what is known about a file. Times are Unix nanoseconds. Device and
// Inode are 0 where the system does not tell.
type Info struct {
	Device, Inode      uint64
	Type               Type
	Links              uint64
	Size               int64
	Accessed, Modified int64
	Changed            int64

	file fs.FileInfo // for comparing where Inode is 0
}

// Entry is one name in a folder.
type Entry struct {
	Name  string
	Inode uint64 // 0 where the system does not tell
	Type  Type
}

// Time is a time to set.
type Time struct {
	Set  bool  // else it stays
	Now  bool  // the system's clock
	Nano int64 // Unix nanoseconds
}

// Times are the times to set on a file.
type Times struct{ Accessed, Modified Time }
