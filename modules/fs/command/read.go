package command

import (
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

func (f *Files) readTextFile(a pathArgs) (string, error) {
	at, err := f.locate(a.Path, a.Options.base())
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(at.os)
	if err != nil {
		return "", failure("read", at, err)
	}
	if !utf8.Valid(data) {
		return "", fail("not-utf8", "read "+quote(at.guest)+": not valid UTF-8; read_file returns its bytes")
	}
	return string(data), nil
}

func (f *Files) readFile(a pathArgs) ([]byte, error) {
	at, err := f.locate(a.Path, a.Options.base())
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(at.os)
	if err != nil {
		return nil, failure("read", at, err)
	}
	return data, nil
}

// dirEntry is one name in a folder.
type dirEntry struct {
	Name        string `json:"name"`
	IsDirectory bool   `json:"isDirectory"`
	IsFile      bool   `json:"isFile"`
	IsSymlink   bool   `json:"isSymlink"`
}

// readDir lists a folder by name, less what is out of scope.
func (f *Files) readDir(a pathArgs) ([]dirEntry, error) {
	at, err := f.locate(a.Path, a.Options.base())
	if err != nil {
		return nil, err
	}
	list, err := os.ReadDir(at.os)
	if err != nil {
		return nil, failure("list", at, err)
	}
	out := make([]dirEntry, len(list))
	for i, e := range list {
		out[i] = dirEntry{
			Name:        strings.ToValidUTF8(e.Name(), "\uFFFD"),
			IsDirectory: e.IsDir(),
			IsFile:      e.Type().IsRegular(),
			IsSymlink:   e.Type()&fs.ModeSymlink != 0,
		}
	}
	return out, nil
}
