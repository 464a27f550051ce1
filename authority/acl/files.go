package acl

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/suggest"
)

// read returns a file's bytes. Only regular files are read (opening a pipe
// could wait for ever), none larger than maxFileSize.
func (r *reader) read(file string) ([]byte, error) {
	info, err := fs.Stat(r.fsys, file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if r.files++; r.files > maxFiles {
		return nil, fmt.Errorf("the app has more than %d policy files", maxFiles)
	}
	f, err := r.fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	if r.bytes += int64(len(data)); r.bytes > maxTotal {
		return nil, fmt.Errorf("the app's policy files are larger than %s together", printSize(maxTotal))
	}
	return data, nil
}

// cause prints an error without the path, which the position has already.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return "cannot be read: " + err.Error()
}

// walk returns the policy files in and below a folder, in order. What it
// cannot take for one, and must not pass over, it reports.
func (r *reader) walk(dir string) []string {
	info, err := fs.Stat(r.fsys, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if r.linked(dir) {
			r.dangling(dir)
		}
		return nil
	case err == nil && !info.IsDir():
		err = errors.New("not a folder")
	}
	if err != nil {
		r.partial = true
		r.errorf(authority.Position{File: dir}, codeFile, "", "%s", cause(err))
		return nil
	}
	return r.folder(dir, nil)
}

func (r *reader) folder(dir string, files []string) []string {
	entries, err := fs.ReadDir(r.fsys, dir)
	if err != nil || strings.Count(dir, "/") >= maxFolders {
		if err == nil {
			err = fmt.Errorf("folders are nested more than %d deep", maxFolders)
		}
		r.partial = true
		r.errorf(authority.Position{File: dir}, codeFile, "", "%s", cause(err))
		return files
	}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		switch {
		case e.IsDir() && e.Name() == "schemas":
		case e.IsDir() && strings.HasPrefix(e.Name(), "."):
			r.unread(file, "rename it, or move it elsewhere", "a hidden folder is not read")
		case e.IsDir():
			files = r.folder(file, files)
		case len(files) > maxFiles:
			return files // read reports it
		case r.isPolicy(file, e):
			files = append(files, file)
		}
	}
	return files
}

// unread reports something that may hold rules and is not read.
func (r *reader) unread(file, hint, message string) {
	r.partial = true
	r.errorf(authority.Position{File: file}, codeFile, hint, "%s", message)
}

// linked reports whether a name that cannot be followed is there, as a link.
func (r *reader) linked(name string) bool {
	_, err := fs.Lstat(r.fsys, name)
	return err == nil
}

func (r *reader) dangling(name string) {
	r.unread(name, "correct the link, or take it out", "a link to what does not exist")
}

// isPolicy reports whether a file is to be read. Documentation and hidden
// files of other programs are passed over; all else is a problem, since a rule
// that is not read may be a deny.
func (r *reader) isPolicy(file string, e fs.DirEntry) bool {
	ext := path.Ext(e.Name())
	format := formats[strings.ToLower(ext)] != nil
	switch {
	case e.Type()&fs.ModeSymlink != 0:
		if info, err := fs.Stat(r.fsys, file); err == nil && info.IsDir() {
			r.unread(file, "put the folder itself here", "a link to a folder is not followed")
			return false
		}
	case !e.Type().IsRegular() && !e.Type().IsDir():
		r.unread(file, "", "not a regular file")
		return false
	}
	switch hidden := strings.HasPrefix(e.Name(), "."); {
	case hidden && format:
		r.unread(file, "rename it, or move it elsewhere", "a hidden policy file is not read")
	case hidden || ext == ".md":
	case ext == ".json5" && strings.HasPrefix(file, permissionsDir+"/"):
		r.unread(file, "convert it to .json, or to .toml", "permissions are not read from JSON5, only capabilities are")
	case formats[ext] != nil:
		return true
	case format:
		r.unread(file, "write the ending in lower case", "the ending "+quote(ext)+" is not that of a policy file")
	default:
		r.errorf(authority.Position{File: file}, codeFile, "policy files end in .toml, .json or, for capabilities, .json5; move others elsewhere", "the ending %s is not that of a policy file", quote(ext))
	}
	return false
}

// strangers warns of names in the app's folder that look like a slip for one
// of ours, which would leave rules unread. Only the case being wrong is an
// error.
func (r *reader) strangers() {
	entries, err := fs.ReadDir(r.fsys, ".")
	if err != nil {
		r.partial = true
		r.errorf(authority.Position{File: "."}, codeFile, "", "%s", cause(err))
		return
	}
	for _, e := range entries {
		switch near := slip(e); {
		case near == "":
		case strings.EqualFold(e.Name(), near): // on some systems it would even be read
			r.unread(e.Name(), "rename it to "+quote(near), "the name is not in the right case, so what it denies would be lost")
		default:
			r.warnf(authority.Position{File: e.Name()}, codeFile, "did you mean "+quote(near)+"?", "it is not read as part of the policy")
		}
	}
}

// slip returns which of our names an entry's was probably meant to be.
func slip(e fs.DirEntry) string {
	ours, most := []string{appName}, 2
	if e.IsDir() {
		ours, most = []string{capabilitiesDir, permissionsDir}, 3
	}
	for _, name := range ours {
		if d := suggest.Slips(e.Name(), name); d <= most && e.Name() != name {
			return name
		}
	}
	return ""
}
