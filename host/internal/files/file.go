package files

import (
	"io"
	"math"
)

// File is an open file or folder of a [Table].
type File struct {
	table               *Table
	fd                  int32
	h                   handle // nil: the virtual root
	place               place
	folder              bool
	read, write, append bool
	sync                bool
	pos                 int64
	size                int64 // no more than this was seen to be there
	listing             listing
}

// Folder reports whether it is a folder.
func (f *File) Folder() bool { return f.folder }

// Readable reports whether it was opened for reading.
func (f *File) Readable() bool { return f.read }

// Writable reports whether it was opened for writing.
func (f *File) Writable() bool { return f.write }

// Appends reports whether every write goes to the end.
func (f *File) Appends() bool { return f.append }

// Syncs reports whether every write waits until it is on the disk.
func (f *File) Syncs() bool { return f.sync }

func (f *File) shut() error {
	f.listing.close()
	if f.h == nil {
		return nil
	}
	return f.h.close()
}

// forRead and forWrite check that content may be read or written here.
func (f *File) forRead() error {
	switch {
	case f.folder:
		return ErrIsDir
	case !f.read:
		return ErrBadFile
	}
	return nil
}

func (f *File) forWrite() error {
	switch {
	case f.folder:
		return ErrIsDir
	case !f.write:
		return ErrBadFile
	}
	return nil
}

// Read reads at the position and moves it; [io.EOF] at the end.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.pos)
	f.pos += int64(n)
	return n, err
}

// ReadAt reads at an offset. It may read less than asked for.
func (f *File) ReadAt(p []byte, off int64) (int, error) {
	if err := f.forRead(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, ErrInvalid
	}
	return f.h.readAt(p, off)
}

// Write writes at the position and moves it, or to the end.
func (f *File) Write(p []byte) (int, error) {
	if !f.append {
		n, err := f.WriteAt(p, f.pos)
		f.pos += int64(n)
		return n, err
	}
	if err := f.forWrite(); err != nil {
		return 0, err
	}
	if err := f.table.spend(int64(len(p))); err != nil {
		return 0, err
	}
	n, err := f.h.append(p)
	if in, e := f.h.stat(); e == nil {
		f.pos, f.size = in.Size, in.Size
	}
	return n, err
}

// WriteAt writes at an offset; a file opened to append writes to its end. What
// lies between the old end and the offset counts as written.
func (f *File) WriteAt(p []byte, off int64) (int, error) {
	if err := f.forWrite(); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, ErrInvalid
	}
	if off > math.MaxInt64-int64(len(p)) {
		return 0, ErrTooBig
	}
	if f.append { // which writes at the end all the same, and leaves the position
		defer func(pos int64) { f.pos = pos }(f.pos)
		return f.Write(p)
	}
	if len(p) == 0 {
		return 0, nil
	}
	gap, err := f.gap(off)
	if err != nil {
		return 0, err
	}
	if err := f.table.spend(gap + int64(len(p))); err != nil {
		return 0, err
	}
	n, err := f.h.writeAt(p, off)
	f.size = max(f.size, off+int64(n))
	return n, err
}

// gap is by how much the file grows before off.
func (f *File) gap(off int64) (int64, error) {
	if off <= f.size {
		return 0, nil
	}
	in, err := f.h.stat()
	if err != nil {
		return 0, err
	}
	f.size = in.Size
	return max(0, off-f.size), nil
}

// Seek moves the position, as [io.Seeker].
func (f *File) Seek(off int64, whence int) (int64, error) {
	if f.folder {
		return 0, ErrBadFile
	}
	from := int64(0)
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		from = f.pos
	case io.SeekEnd:
		in, err := f.h.stat()
		if err != nil {
			return 0, err
		}
		from = in.Size
	default:
		return 0, ErrInvalid
	}
	if off > 0 && from > math.MaxInt64-off || from+off < 0 {
		return 0, ErrInvalid
	}
	f.pos = from + off
	return f.pos, nil
}

// Truncate sets the size. By how much it grows counts as written.
func (f *File) Truncate(size int64) error {
	if err := f.forWrite(); err != nil {
		return err
	}
	if size < 0 {
		return ErrInvalid
	}
	gap, err := f.gap(size)
	if err != nil {
		return err
	}
	if err := f.table.spend(gap); err != nil {
		return err
	}
	if err := f.h.truncate(size); err != nil {
		return err
	}
	f.size = size
	return nil
}

// Sync waits until everything written is on the disk.
func (f *File) Sync() error {
	if f.h == nil {
		return nil
	}
	return f.h.sync()
}

// Stat tells about the open file.
func (f *File) Stat() (Info, error) {
	if f.h == nil {
		return rootInfo, nil
	}
	return f.h.stat()
}

// rootInfo is what the virtual root tells.
var rootInfo = Info{Type: TypeDir, Inode: 1, Links: 1}
