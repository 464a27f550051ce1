package command

import (
	"os"
	"unicode/utf8"
)

// Permissions of what is made. The host has the last word, and says the same.
const (
	filePerm   = 0o600
	folderPerm = 0o700
)

type writeArgs struct {
	Path     string        `json:"path"`
	Contents any           `json:"contents"` // a string or bytes
	Options  *writeOptions `json:"options"`
}

type writeOptions struct {
	BaseDir   any   `json:"baseDir"`
	Append    *bool `json:"append"`
	Create    *bool `json:"create"` // default: true
	CreateNew *bool `json:"createNew"`
	Mode      any   `json:"mode"` // taken for Tauri's sake; the host makes files 0600
}

func (f *Files) writeTextFile(a writeArgs) (none, error) { return nil, f.write(a, true) }

func (f *Files) writeFile(a writeArgs) (none, error) { return nil, f.write(a, false) }

// append writes text or bytes at the end of a file.
func (f *Files) append(a writeArgs) (none, error) {
	o := writeOptions{}
	if a.Options != nil {
		o = *a.Options
	}
	yes := true
	o.Append = &yes
	a.Options = &o
	return nil, f.write(a, false)
}

// write writes the contents of a call, which for text must be UTF-8.
func (f *Files) write(a writeArgs, text bool) error {
	o := writeOptions{}
	if a.Options != nil {
		o = *a.Options
	}
	at, err := f.locate(a.Path, o.BaseDir)
	if err != nil {
		return err
	}
	var write func(*os.File) (int, error)
	switch c := a.Contents.(type) {
	case string:
		write = func(file *os.File) (int, error) { return file.WriteString(c) }
	case []byte:
		if text && !utf8.Valid(c) {
			return fail("not-utf8", "write "+quote(at.guest)+": the contents are not valid UTF-8; write_file takes bytes")
		}
		write = func(file *os.File) (int, error) { return file.Write(c) }
	default:
		return fail("bad-args", "contents must be a string or bytes")
	}
	file, err := os.OpenFile(at.os, o.flags(), filePerm)
	if err != nil {
		return failure("write", at, err)
	}
	_, err = write(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return failure("write", at, err)
	}
	return nil
}

// flags returns how the file is opened.
func (o *writeOptions) flags() int {
	flags := os.O_WRONLY
	switch {
	case is(o.CreateNew, false):
		flags |= os.O_CREATE | os.O_EXCL
	case is(o.Create, true):
		flags |= os.O_CREATE
	}
	if is(o.Append, false) {
		return flags | os.O_APPEND
	}
	return flags | os.O_TRUNC
}

type truncateArgs struct {
	Path    string       `json:"path"`
	Len     *int64       `json:"len"` // bytes; default: 0
	Options *baseOptions `json:"options"`
}

// truncate cuts a file, or extends it by zeros. It makes none.
func (f *Files) truncate(a truncateArgs) (none, error) {
	at, err := f.locate(a.Path, a.Options.base())
	if err != nil {
		return nil, err
	}
	length := int64(0)
	if a.Len != nil {
		length = *a.Len
	}
	if length < 0 {
		return nil, fail("bad-args", "len is negative")
	}
	if err := os.Truncate(at.os, length); err != nil {
		return nil, failure("truncate", at, err)
	}
	return nil, nil
}
