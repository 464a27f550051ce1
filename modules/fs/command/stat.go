package command

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// fileInfo has the fields of Tauri's FileInfo. What the host does not tell a
// guest is nil.
type fileInfo struct {
	IsFile         bool    `json:"isFile"`
	IsDirectory    bool    `json:"isDirectory"`
	IsSymlink      bool    `json:"isSymlink"`
	Size           int64   `json:"size"`      // bytes
	Mtime          *int64  `json:"mtime"`     // milliseconds since 1970
	Atime          *int64  `json:"atime"`     // likewise
	Birthtime      *int64  `json:"birthtime"` // WASI has none
	Readonly       *bool   `json:"readonly"`
	FileAttributes *uint32 `json:"fileAttributes"`
	Dev            *uint64 `json:"dev"`
	Ino            *uint64 `json:"ino"`
	Mode           *uint32 `json:"mode"`
	Nlink          *uint64 `json:"nlink"`
	UID            *uint32 `json:"uid"`
	GID            *uint32 `json:"gid"`
	Rdev           *uint64 `json:"rdev"`
	Blksize        *uint64 `json:"blksize"`
	Blocks         *uint64 `json:"blocks"`
}

// exists reports whether there is something by that name. A link exists even
// if it leads nowhere, since none is followed.
func (f *Files) exists(a pathArgs) (bool, error) {
	at, err := f.locate(a.Path, a.Options.base())
	if err != nil {
		return false, err
	}
	_, err = os.Lstat(at.os)
	if err == nil {
		return true, nil
	}
	if code, _ := classify(err); code == "not-found" || code == "not-a-directory" {
		return false, nil
	}
	return false, failure("look up", at, err)
}

func (f *Files) stat(a pathArgs) (fileInfo, error) {
	at, info, err := f.look(a)
	switch {
	case err != nil:
		return fileInfo{}, err
	case info.Mode()&fs.ModeSymlink != 0:
		return fileInfo{}, symlink("look up", at)
	}
	return infoOf(info), nil
}

func (f *Files) lstat(a pathArgs) (fileInfo, error) {
	_, info, err := f.look(a)
	if err != nil {
		return fileInfo{}, err
	}
	return infoOf(info), nil
}

// look is os.Lstat: the module follows no link, as its host does not.
func (f *Files) look(a pathArgs) (location, fs.FileInfo, error) {
	at, err := f.locate(a.Path, a.Options.base())
	if err != nil {
		return location{}, nil, err
	}
	info, err := os.Lstat(at.os)
	if err != nil {
		return location{}, nil, failure("look up", at, err)
	}
	return at, info, nil
}

func symlink(doing string, at location) error {
	return fail("is-symlink", doing+" "+quote(at.guest)+": is a symbolic link, and none is followed")
}

func infoOf(info fs.FileInfo) fileInfo {
	out := fileInfo{
		IsFile:      info.Mode().IsRegular(),
		IsDirectory: info.IsDir(),
		IsSymlink:   info.Mode()&fs.ModeSymlink != 0,
		Size:        info.Size(),
		Mtime:       milliseconds(info.ModTime()),
	}
	if t, ok := accessed(info); ok {
		out.Atime = milliseconds(t)
	}
	return out
}

func milliseconds(t time.Time) *int64 {
	ms := t.UnixMilli()
	return &ms
}

// size returns the bytes of a file, or those of all files below a folder that
// the scope shows. Links count nothing.
func (f *Files) size(a pathArgs) (int64, error) {
	at, info, err := f.look(a)
	switch {
	case err != nil:
		return 0, err
	case info.Mode()&fs.ModeSymlink != 0:
		return 0, symlink("measure", at)
	case !info.IsDir():
		return info.Size(), nil
	}
	total := int64(0)
	for folders := []location{at}; len(folders) > 0; {
		last := folders[len(folders)-1]
		folders = folders[:len(folders)-1]
		list, err := os.ReadDir(last.os)
		if err != nil {
			return 0, failure("list", last, err)
		}
		for _, e := range list {
			switch {
			case e.IsDir():
				folders = append(folders, last.child(e.Name()))
			case e.Type().IsRegular():
				n, err := sizeOf(e)
				if err != nil {
					return 0, failure("look up", last.child(e.Name()), err)
				}
				total += n
			}
		}
	}
	return total, nil
}

// sizeOf returns the size of a file, 0 if it is gone meanwhile.
func sizeOf(e fs.DirEntry) (int64, error) {
	info, err := e.Info()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return info.Size(), nil
}
