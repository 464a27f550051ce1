package files

import (
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// rootTree is a base dir held by an os.Root, for systems without openat.
// os.Root follows links that stay inside; so each name is looked at first, and
// what was opened must be what was looked at.
type rootTree struct{ root *os.Root }

func openRootTree(real string) (Resolver, tree, error) {
	r, err := os.OpenRoot(real)
	if err != nil {
		return "", nil, kind(err)
	}
	return ResolverRoot, &rootTree{root: r}, nil
}

func (t *rootTree) close() error { return kind(t.root.Close()) }

func (t *rootTree) parent(rel string) (folder, error) {
	f, err := t.folder(rel)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (t *rootTree) open(rel string, m mode) (handle, Info, error) {
	f, err := t.folder(rel)
	if err != nil {
		return nil, Info{}, err
	}
	defer f.close()
	name := rel[strings.LastIndexByte(rel, '/')+1:]
	before, err := f.lstat(name)
	if err != nil {
		return nil, Info{}, err
	}
	switch {
	case before.Mode().IsRegular() && m.folder:
		return nil, Info{}, ErrNotDir
	case before.IsDir() && m.write:
		return nil, Info{}, ErrIsDir
	case !before.Mode().IsRegular() && !before.IsDir():
		return nil, Info{}, ErrAccess
	}
	return verified(f.root, name, m, 0, before)
}

// verified opens name and compares it with what was there before (nil: it
// must be new).
func verified(r *os.Root, name string, m mode, flags int, before fs.FileInfo) (handle, Info, error) {
	file, err := r.OpenFile(name, m.osFlags()|flags|nonblock, filePerm)
	if err != nil {
		return nil, Info{}, kind(err)
	}
	after, err := file.Stat()
	if err == nil && before != nil && !os.SameFile(before, after) {
		err = ErrLink
	}
	if err == nil && !after.Mode().IsRegular() && !after.IsDir() {
		err = ErrAccess
	}
	if err != nil {
		_ = file.Close() // nothing was done with it
		return nil, Info{}, kind(err)
	}
	return &rootHandle{file}, infoOfFile(after), nil
}

// folder walks to the folder that holds the last name of rel.
func (t *rootTree) folder(rel string) (*rootFolder, error) {
	cur := &rootFolder{root: t.root, top: t.root, borrowed: true}
	for {
		name, rest, more := strings.Cut(rel, "/")
		if !more {
			return cur, nil
		}
		next, err := cur.enter(name)
		cur.close()
		if err != nil {
			return nil, err
		}
		cur, rel = next, rest
	}
}

// rootFolder is an open parent.
type rootFolder struct {
	root     *os.Root
	top      *os.Root // the base
	path     string   // from top
	borrowed bool     // root is top
}

func (d *rootFolder) close() {
	if !d.borrowed {
		_ = d.root.Close() // only passed through
	}
}

// enter opens the folder name if it is one and still the one looked at.
func (d *rootFolder) enter(name string) (*rootFolder, error) {
	before, err := d.lstat(name)
	if err != nil {
		return nil, err
	}
	if !before.IsDir() {
		return nil, ErrNotDir
	}
	sub, err := d.root.OpenRoot(name)
	if err != nil {
		return nil, kind(err)
	}
	after, err := sub.Stat(".")
	if err != nil || !os.SameFile(before, after) {
		_ = sub.Close() // nothing was done with it
		return nil, ErrLink
	}
	return &rootFolder{root: sub, top: d.top, path: joinRel(d.path, name)}, nil
}

// lstat refuses links.
func (d *rootFolder) lstat(name string) (fs.FileInfo, error) {
	fi, err := d.root.Lstat(name)
	if err != nil {
		return nil, kind(err)
	}
	if fi.Mode()&fs.ModeSymlink != 0 {
		return nil, ErrLink
	}
	return fi, nil
}

func (d *rootFolder) info() (Info, error) { return d.stat(".") }

func (d *rootFolder) stat(name string) (Info, error) {
	fi, err := d.root.Lstat(name)
	if err != nil {
		return Info{}, kind(err)
	}
	return infoOfFile(fi), nil
}

func (d *rootFolder) create(name string, m mode) (handle, Info, error) {
	return verified(d.root, name, m, os.O_CREATE|os.O_EXCL, nil)
}

func (d *rootFolder) mkdir(name string) error { return kind(d.root.Mkdir(name, folderPerm)) }

func (d *rootFolder) unlink(name string) error {
	if fi, err := d.root.Lstat(name); err == nil && fi.IsDir() {
		return ErrIsDir
	}
	return kind(d.root.Remove(name))
}

func (d *rootFolder) rmdir(name string) error {
	if fi, err := d.root.Lstat(name); err == nil && !fi.IsDir() {
		return ErrNotDir
	}
	return kind(d.root.Remove(name))
}

func (d *rootFolder) chtimes(name string, accessed, modified time.Time) error {
	if _, err := d.lstat(name); err != nil {
		return err
	}
	return kind(d.root.Chtimes(name, accessed, modified))
}

// rename within one folder is safe; between two, os.Root takes both paths from
// the base again, which another process could swap for a link inside the base
// in the meantime.
func (d *rootFolder) rename(name string, to folder, toName string) error {
	t, ok := to.(*rootFolder)
	if !ok || d.top != t.top {
		return ErrCrossDevice
	}
	if d.path == t.path {
		return kind(d.root.Rename(name, toName))
	}
	return kind(d.top.Rename(joinRel(d.path, name), joinRel(t.path, toName)))
}

func joinRel(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func (m mode) osFlags() int {
	f := os.O_RDONLY
	switch {
	case m.read && m.write:
		f = os.O_RDWR
	case m.write:
		f = os.O_WRONLY
	}
	if m.append {
		f |= os.O_APPEND
	}
	if m.sync {
		f |= os.O_SYNC
	}
	return f
}

// rootHandle is a file or folder opened through an os.Root.
type rootHandle struct{ file *os.File }

func (h *rootHandle) readAt(p []byte, off int64) (int, error) {
	n, err := h.file.ReadAt(p, off)
	if err == io.EOF {
		if n > 0 {
			err = nil
		}
		return n, err
	}
	return n, kind(err)
}

func (h *rootHandle) writeAt(p []byte, off int64) (int, error) {
	n, err := h.file.WriteAt(p, off)
	return n, kind(err)
}

func (h *rootHandle) append(p []byte) (int, error) {
	n, err := h.file.Write(p)
	return n, kind(err)
}

func (h *rootHandle) truncate(size int64) error { return kind(h.file.Truncate(size)) }
func (h *rootHandle) sync() error               { return kind(h.file.Sync()) }
func (h *rootHandle) close() error              { return kind(h.file.Close()) }
func (h *rootHandle) list() lister              { return rootLister{h.file} }

func (h *rootHandle) stat() (Info, error) {
	fi, err := h.file.Stat()
	if err != nil {
		return Info{}, kind(err)
	}
	return infoOfFile(fi), nil
}

// rootLister reads a folder by package os.
type rootLister struct{ file *os.File }

func (l rootLister) close() {}

func (l rootLister) rewind() error {
	_, err := l.file.Seek(0, io.SeekStart)
	return kind(err)
}

func (l rootLister) next() ([]Entry, error) {
	list, err := l.file.ReadDir(listBatch)
	if err == io.EOF {
		return nil, nil
	}
	out := make([]Entry, len(list))
	for i, e := range list {
		out[i] = Entry{Name: e.Name(), Type: typeOfMode(e.Type())}
	}
	return out, kind(err)
}

func typeOfMode(m fs.FileMode) Type {
	switch m.Type() {
	case 0:
		return TypeFile
	case fs.ModeDir:
		return TypeDir
	case fs.ModeSymlink:
		return TypeLink
	}
	return TypeOther
}
