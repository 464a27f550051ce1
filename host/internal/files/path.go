package files

import (
	"path"
	"runtime"
	"strings"
	"unicode/utf8"
)

// Bounds of guest paths, in bytes.
const (
	maxPath = 4096
	maxName = 255
)

// place is a guest path after it was made absolute and clean.
type place struct {
	path   string // "VAR/rest" without a slash in front; "" is the virtual root
	base   *base  // nil for the virtual root
	rel    string // below base; "." is the base itself
	canon  string
	folder bool // the path ended in a slash, so it must be a folder
}

// find resolves a guest's path against the folder dir, lexically: no link is
// followed later, so this is the path that will be reached. A path that leaves
// dir, or names a base dir that does not exist, is out of scope.
func (s *Scope) find(dir, p string) (place, error) {
	if len(p) > maxPath {
		return place{}, ErrNameTooLong
	}
	if p == "" || strings.IndexByte(p, 0) >= 0 {
		return place{}, ErrInvalid
	}
	if !utf8.ValidString(p) {
		return place{}, ErrName
	}
	if p[0] == '/' {
		return place{}, ErrAccess
	}
	full := path.Join(dir, p)
	if full == "." {
		full = ""
	}
	if full == ".." || strings.HasPrefix(full, "../") || dir != "" && full != dir && !strings.HasPrefix(full, dir+"/") {
		return place{}, ErrAccess
	}
	out := place{path: full, folder: strings.HasSuffix(p, "/") || strings.HasSuffix(p, "/.")}
	if full == "" {
		return out, nil
	}
	name, rest, _ := strings.Cut(full, "/")
	if s == nil || s.bases.byName[name] == nil {
		return place{}, ErrAccess
	}
	out.base, out.rel, out.canon = s.bases.byName[name], ".", s.bases.byName[name].canon
	if rest != "" {
		if err := checkNames(rest, runtime.GOOS == "windows"); err != nil {
			return place{}, err
		}
		out.rel = rest
		out.canon += "/" + rest
	}
	return out, nil
}

// checkNames refuses names that are too long and those that a system reads as
// something else.
func checkNames(rel string, windows bool) error {
	for name := range strings.SplitSeq(rel, "/") {
		if len(name) > maxName {
			return ErrNameTooLong
		}
		if windows && windowsReads(name) {
			return ErrAccess
		}
	}
	return nil
}

// windowsReads reports whether Windows takes the name for another one: a
// separator, stream or wildcard in it, a dot or space at its end, a short name
// (PROGRA~1), a device (CON, NUL.txt, COM¹).
func windowsReads(name string) bool {
	if strings.ContainsAny(name, `\/:*?"<>|`) || strings.HasSuffix(name, ".") || strings.HasSuffix(name, " ") {
		return true
	}
	for i, c := range name {
		if c < ' ' {
			return true
		}
		if c == '~' && i+1 < len(name) && name[i+1] >= '0' && name[i+1] <= '9' {
			return true
		}
	}
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}
