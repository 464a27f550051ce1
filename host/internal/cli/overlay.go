package cli

import (
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// overlay is a folder in which some files are others, or new: as it would be
// after a change.
type overlay struct {
	fs.FS
	files map[string][]byte
}

// Open opens a file.
func (o overlay) Open(name string) (fs.File, error) {
	if data, ok := o.files[name]; ok {
		return &openFile{fileInfo{path.Base(name), len(data), 0}, bytes.NewReader(data)}, nil
	}
	return o.FS.Open(name)
}

// Stat describes a file or folder.
func (o overlay) Stat(name string) (fs.FileInfo, error) { return o.info(name, fs.Stat) }

// Lstat describes a file, a folder or a link.
func (o overlay) Lstat(name string) (fs.FileInfo, error) { return o.info(name, fs.Lstat) }

// ReadLink reads a link.
func (o overlay) ReadLink(name string) (string, error) { return fs.ReadLink(o.FS, name) }

func (o overlay) info(name string, stat func(fs.FS, string) (fs.FileInfo, error)) (fs.FileInfo, error) {
	if data, ok := o.files[name]; ok {
		return fileInfo{path.Base(name), len(data), 0}, nil
	}
	info, err := stat(o.FS, name)
	if err != nil && len(o.below(name)) > 0 {
		return fileInfo{path.Base(name), 0, fs.ModeDir}, nil
	}
	return info, err
}

// ReadDir lists a folder.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	added := o.below(name)
	if err != nil && len(added) == 0 {
		return nil, err
	}
	for _, a := range added {
		if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == a.Name() }) {
			entries = append(entries, a)
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// below lists what is put into a folder.
func (o overlay) below(name string) []fs.DirEntry {
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	var out []fs.DirEntry
	for file, data := range o.files {
		rest, ok := strings.CutPrefix(file, prefix)
		if !ok {
			continue
		}
		info := fileInfo{rest, len(data), 0}
		if dir, _, nested := strings.Cut(rest, "/"); nested {
			info = fileInfo{dir, 0, fs.ModeDir}
		}
		out = append(out, fs.FileInfoToDirEntry(info))
	}
	return out
}

// fileInfo describes a file of an overlay.
type fileInfo struct {
	name string
	size int
	mode fs.FileMode
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return int64(i.size) }
func (i fileInfo) Mode() fs.FileMode  { return i.mode | 0o644 }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

// openFile is a file of an overlay.
type openFile struct {
	info fileInfo
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Close() error               { return nil }
