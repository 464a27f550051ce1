package command

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

type mkdirArgs struct {
	Path    string        `json:"path"`
	Options *mkdirOptions `json:"options"`
}

type mkdirOptions struct {
	BaseDir   any   `json:"baseDir"`
	Recursive *bool `json:"recursive"`
	Mode      any   `json:"mode"` // taken for Tauri's sake; the host makes folders 0700
}

// mkdir makes a folder; if recursive also those above it, and then it is no
// error if the folder is there.
func (f *Files) mkdir(a mkdirArgs) (none, error) {
	o := mkdirOptions{}
	if a.Options != nil {
		o = *a.Options
	}
	at, err := f.locate(a.Path, o.BaseDir)
	if err != nil {
		return nil, err
	}
	if is(o.Recursive, false) {
		err = os.MkdirAll(at.os, folderPerm)
	} else {
		err = os.Mkdir(at.os, folderPerm)
	}
	if err != nil {
		return nil, failure("make folder", at, err)
	}
	return nil, nil
}

type removeArgs struct {
	Path    string         `json:"path"`
	Options *removeOptions `json:"options"`
}

type removeOptions struct {
	BaseDir   any   `json:"baseDir"`
	Recursive *bool `json:"recursive"`
}

// remove removes a file or an empty folder; if recursive a folder with all
// that the scope shows in it. If it holds something else it stays, emptied of
// the rest, and the error is "not-empty".
func (f *Files) remove(a removeArgs) (none, error) {
	o := removeOptions{}
	if a.Options != nil {
		o = *a.Options
	}
	at, err := f.locate(a.Path, o.BaseDir)
	if err != nil {
		return nil, err
	}
	if at.isBase() {
		return nil, badPath(a.Path, "a base dir cannot be removed")
	}
	if !is(o.Recursive, false) {
		err = os.Remove(at.os)
	} else {
		at, err = removeTree(at)
	}
	if err != nil {
		return nil, failure("remove", at, err)
	}
	return nil, nil
}

// removeTree is os.RemoveAll, except that it works by whole paths, never opens
// the folder above, and says what is missing. It returns where it failed.
func removeTree(at location) (location, error) {
	info, err := os.Lstat(at.os)
	if err != nil {
		return at, err
	}
	return removeAll(at, info.IsDir())
}

func removeAll(at location, folder bool) (location, error) {
	if folder {
		list, err := os.ReadDir(at.os)
		if err != nil {
			return at, err
		}
		for _, e := range list {
			where, err := removeAll(at.child(e.Name()), e.IsDir())
			if err != nil && !errors.Is(err, fs.ErrNotExist) { // what is gone meanwhile is fine
				return where, err
			}
		}
	}
	return at, os.Remove(at.os)
}

type renameArgs struct {
	OldPath string         `json:"oldPath"`
	NewPath string         `json:"newPath"`
	Options *renameOptions `json:"options"`
}

type renameOptions struct {
	OldPathBaseDir any `json:"oldPathBaseDir"`
	NewPathBaseDir any `json:"newPathBaseDir"`
}

// rename moves a file or folder. A file at the new path is replaced, a folder
// is not.
func (f *Files) rename(a renameArgs) (none, error) {
	o := renameOptions{}
	if a.Options != nil {
		o = *a.Options
	}
	from, to, err := f.both(a.OldPath, o.OldPathBaseDir, a.NewPath, o.NewPathBaseDir)
	if err != nil {
		return nil, err
	}
	if err := os.Rename(from.os, to.os); err != nil {
		return nil, failure("rename", from, err)
	}
	return nil, nil
}

type copyFileArgs struct {
	FromPath string           `json:"fromPath"`
	ToPath   string           `json:"toPath"`
	Options  *copyFileOptions `json:"options"`
}

type copyFileOptions struct {
	FromPathBaseDir any `json:"fromPathBaseDir"`
	ToPathBaseDir   any `json:"toPathBaseDir"`
}

// copyFile copies the contents of a file; a file at the target is replaced.
func (f *Files) copyFile(a copyFileArgs) (none, error) {
	o := copyFileOptions{}
	if a.Options != nil {
		o = *a.Options
	}
	from, to, err := f.both(a.FromPath, o.FromPathBaseDir, a.ToPath, o.ToPathBaseDir)
	if err != nil {
		return nil, err
	}
	source, err := os.Open(from.os)
	if err != nil {
		return nil, failure("copy", from, err)
	}
	defer source.Close() //nolint:errcheck // only read
	info, err := source.Stat()
	switch {
	case err != nil:
		return nil, failure("copy", from, err)
	case info.IsDir():
		return nil, fail("is-a-directory", "copy "+quote(from.guest)+": is a folder")
	}
	return nil, fill(to, source, info)
}

// fill makes the file at the location one with the contents of source. Two
// base dirs may show one folder, so whether both are one file shows only when
// both are open, and not before that the target is emptied.
func fill(to location, source *os.File, info fs.FileInfo) error {
	target, err := os.OpenFile(to.os, os.O_WRONLY|os.O_CREATE, filePerm)
	if err != nil {
		return failure("copy to", to, err)
	}
	there, err := target.Stat()
	switch {
	case err != nil:
	case os.SameFile(info, there):
		_ = target.Close() // nothing was written
		return fail("same-file", "copy to "+quote(to.guest)+": it is the file to copy")
	default:
		err = target.Truncate(0)
	}
	if err == nil {
		_, err = io.Copy(target, source)
	}
	if closed := target.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return failure("copy to", to, err)
	}
	return nil
}

// both locates the two files of a command, neither of which may be a base dir.
func (f *Files) both(from string, fromBase any, to string, toBase any) (a, b location, err error) {
	if a, err = f.locate(from, fromBase); err != nil {
		return a, b, err
	}
	if b, err = f.locate(to, toBase); err != nil {
		return a, b, err
	}
	switch {
	case a.isBase():
		err = badPath(from, "it is a base dir")
	case b.isBase():
		err = badPath(to, "it is a base dir")
	}
	return a, b, err
}
