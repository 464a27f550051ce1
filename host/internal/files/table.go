package files

import "errors"

// RootFD is the descriptor of the virtual root "/", whose folders are the base
// dirs. It is always open. Descriptors that [Table.Open] gives are higher.
const RootFD int32 = 3

// The limits of a call for which [Limits] says nothing.
const (
	DefaultOpenFiles    = 64
	DefaultWriteBytes   = 64 << 20
	DefaultFilesCreated = 1024
)

// Limits bound what a call may do with files. Zero means the default.
type Limits struct {
	OpenFiles    int   // open at once
	WriteBytes   int64 // written, and by which files grow without being written
	FilesCreated int   // files and folders made
}

// Config says how a [Table] works. The zero value is fine.
type Config struct {
	Limits Limits
	// First is the lowest descriptor to give; 0 means RootFD+1. Where an
	// instance outlives its call, this is [Table.Next] of the call before, so
	// that no descriptor is ever given twice.
	First int32
	// Charge, if not nil, is told of work that grows with what is on the
	// disk: one unit for every 16 names looked at. Its error ends the
	// operation and is returned as it is.
	Charge func(n int) error
}

// Table holds the open files of one call, bounded by its scope. The nil Table
// reaches nothing. A Table is not safe for concurrent use; close it when the
// call has ended. Errors are of type [Error], or what Charge returned.
type Table struct {
	scope   *Scope
	limits  Limits
	charge  func(int) error
	files   []*File // few: searched in order
	next    int32
	written int64
	created int
	root    File
}

// NewTable starts a call. The scope may be nil.
func NewTable(s *Scope, c Config) *Table {
	if s != nil && !s.bases.acquire() {
		s = nil
	}
	t := &Table{scope: s, limits: c.Limits, charge: c.Charge, next: max(c.First, RootFD+1), root: File{fd: RootFD, folder: true}}
	if t.limits.OpenFiles == 0 {
		t.limits.OpenFiles = DefaultOpenFiles
	}
	if t.limits.WriteBytes == 0 {
		t.limits.WriteBytes = DefaultWriteBytes
	}
	if t.limits.FilesCreated == 0 {
		t.limits.FilesCreated = DefaultFilesCreated
	}
	t.root.table = t
	return t
}

// Close closes all files and gives up the scope. It may be called more than
// once.
func (t *Table) Close() error {
	if t == nil {
		return nil
	}
	var errs []error
	for _, f := range t.files {
		errs = append(errs, f.shut())
	}
	t.files = nil
	if t.scope != nil {
		errs = append(errs, t.scope.bases.release())
		t.scope = nil
	}
	return errors.Join(errs...)
}

// Next is the lowest descriptor that was never given.
func (t *Table) Next() int32 {
	if t == nil {
		return RootFD + 1
	}
	return t.next
}

// Usage is how many files are open, and how many bytes were written and files
// made so far.
func (t *Table) Usage() (open int, written int64, created int) {
	if t == nil {
		return 0, 0, 0
	}
	return len(t.files), t.written, t.created
}

// File finds an open descriptor; nil if there is none.
func (t *Table) File(fd int32) *File {
	if t == nil {
		return nil
	}
	if fd == RootFD {
		return &t.root
	}
	for _, f := range t.files {
		if f.fd == fd {
			return f
		}
	}
	return nil
}

// CloseFile closes one descriptor. The root cannot be closed.
func (t *Table) CloseFile(fd int32) error {
	if t != nil {
		for i, f := range t.files {
			if f.fd == fd {
				t.files = append(t.files[:i], t.files[i+1:]...)
				return f.shut()
			}
		}
	}
	return ErrBadFile
}

// add gives an open file a descriptor.
func (t *Table) add(f *File) int32 {
	f.table, f.fd = t, t.next
	t.next++
	t.files = append(t.files, f)
	return f.fd
}

// full reports whether no more file can be opened.
func (t *Table) full() bool {
	return len(t.files) >= t.limits.OpenFiles || t.next < 0 || t.next == 1<<31-1
}

// pay charges for n names looked at.
func (t *Table) pay(n int) error {
	if t.charge == nil || n == 0 {
		return nil
	}
	return t.charge((n + 15) / 16)
}

// spend takes n bytes of what may be written.
func (t *Table) spend(n int64) error {
	if n > t.limits.WriteBytes-t.written {
		return ErrQuota
	}
	t.written += n
	return nil
}

// visible reports whether there is anything below the virtual root.
func (t *Table) visible() bool {
	return t.scope != nil && len(t.scope.read.allow)+len(t.scope.write.allow) > 0
}

// find resolves a guest's path against a folder's descriptor.
func (t *Table) find(at int32, path string) (place, error) {
	f := t.File(at)
	if f == nil {
		return place{}, ErrBadFile
	}
	if !f.folder {
		return place{}, ErrNotDir
	}
	return t.scope.find(f.place.path, path)
}

// refused reports whether an object that was reached is one that no scope
// reaches: policy under another name, or a file of the kernel.
func (t *Table) refused(in Info) bool {
	return t.scope.bases.guard.has(in) || inKernelFS(in)
}
