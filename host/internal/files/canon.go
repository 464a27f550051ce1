package files

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
)

// slashPath is a canonical absolute path of the system as the patterns see it:
// with slashes, one in front, none at the end; "" is the root directory.
func slashPath(p string) string {
	s := strings.TrimSuffix(filepath.ToSlash(p), "/")
	if s != "" && s[0] != '/' {
		s = "/" + s // C:\x
	}
	return s
}

// resolveExisting resolves all links of what exists of an absolute path and
// keeps the rest as it is.
func resolveExisting(p string) string {
	p = filepath.Clean(p)
	rest := ""
	for cur := p; ; {
		if real, err := filepath.EvalSymlinks(cur); err == nil {
			return filepath.Join(real, rest)
		}
		up := filepath.Dir(cur)
		if up == cur {
			return p
		}
		rest, cur = filepath.Join(filepath.Base(cur), rest), up
	}
}

// sameObject compares by identity.
func sameObject(a, b Info) bool {
	if a.Inode != 0 || b.Inode != 0 {
		return a.Inode == b.Inode && a.Device == b.Device
	}
	return a.file != nil && b.file != nil && os.SameFile(a.file, b.file)
}

// probeEntries is how many names of a base dir are looked at for one that
// tells whether case is folded.
const probeEntries = 64

// folds finds out whether the names in dir are compared without regard to
// case. It asks for an existing name in the other case; if there is none to
// ask for, for dir itself. The name of a mount point is of another file system,
// so there the answer is yes, which only makes denies wider.
func folds(dir string) bool {
	switch runtime.GOOS {
	case "darwin", "ios", "windows":
		return true // per volume or folder there, so denied names always fold
	}
	if folderFolds(dir) {
		return true
	}
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close()                          //nolint:errcheck // only read
	names, _ := f.Readdirnames(probeEntries) // what was read before an error will do
	for _, n := range names {
		if found, sure := foldsName(dir, n); sure {
			return found
		}
	}
	if mountPoint(dir) {
		return true
	}
	found, _ := foldsName(filepath.Dir(dir), filepath.Base(dir))
	return found
}

// mountPoint reports whether dir is on another device than its parent.
func mountPoint(dir string) bool {
	a, err1 := os.Stat(dir)
	b, err2 := os.Stat(filepath.Dir(dir))
	return err1 == nil && err2 == nil && infoOfFile(a).Device != infoOfFile(b).Device
}

// foldsName asks for name in the other case.
func foldsName(dir, name string) (folds, sure bool) {
	other := flipCase(name)
	if other == name {
		return false, false
	}
	a, err := os.Lstat(filepath.Join(dir, name))
	if err != nil {
		return false, false
	}
	b, err := os.Lstat(filepath.Join(dir, other))
	if err != nil {
		return false, true
	}
	if !os.SameFile(a, b) {
		return false, true
	}
	if in := infoOfFile(a); in.Links > 1 && in.Type != TypeDir {
		return false, false // two names of one file prove nothing
	}
	return true, true
}

func flipCase(s string) string {
	return strings.Map(func(r rune) rune {
		if u := unicode.ToUpper(r); u != r {
			return u
		}
		return unicode.ToLower(r)
	}, s)
}
