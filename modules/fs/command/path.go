package command

import (
	"strconv"
	"strings"
)

// maxPath bounds a path, in bytes, as the host does.
const maxPath = 4096

// A location is one file or folder: as the guest names it, and as package os
// does.
type location struct{ guest, os string }

// isBase reports whether the location is a base dir or the root above them.
func (l location) isBase() bool { return strings.Count(l.guest, "/") < 2 }

// child is the location of a name in the folder.
func (l location) child(name string) location {
	return location{guest: strings.TrimSuffix(l.guest, "/") + "/" + name, os: strings.TrimSuffix(l.os, "/") + "/" + name}
}

// locate finds the file that a caller means by path and options.baseDir.
//
// This is a courtesy, for clear errors: the host decides about the path that
// it gets to see, whatever a module made of it.
func (f *Files) locate(path string, base any) (location, error) {
	rest, err := absolute(path, base)
	if err != nil {
		return location{}, err
	}
	var clean strings.Builder
	for name := range strings.SplitSeq(rest, "/") {
		switch name {
		case "", ".":
		case "..":
			return location{}, badPath(path, `".." is not allowed`)
		default:
			clean.WriteByte('/')
			clean.WriteString(name)
		}
	}
	guest := clean.String()
	if guest == "" {
		guest = "/"
	}
	return location{guest: guest, os: f.Root + guest}, nil
}

// absolute returns the path from the root on: "APPDATA/notes/a.md" for
// "$APPDATA/notes/a.md", "/APPDATA/notes/a.md", and "notes/a.md" with the base
// dir AppData.
func absolute(path string, base any) (string, error) {
	dir, err := baseDir(base)
	switch {
	case err != nil:
		return "", err
	case len(path) > maxPath:
		return "", fail("bad-path", "the path is longer than "+strconv.Itoa(maxPath)+" bytes")
	case strings.IndexByte(path, 0) >= 0:
		return "", badPath(path, "it contains a NUL")
	}
	switch fixed := strings.HasPrefix(path, "$") || strings.HasPrefix(path, "/"); {
	case fixed && dir != "":
		return "", badPath(path, "it names its base dir, and so does options.baseDir")
	case fixed:
		return path[1:], nil
	case dir == "":
		return "", badPath(path, "it is relative; write $APPDATA/… or give options.baseDir")
	}
	return dir + "/" + path, nil
}

// directories are Tauri's BaseDirectory numbers, from 1 on.
var directories = [...]string{
	"AUDIO", "CACHE", "CONFIG", "DATA", "LOCALDATA", "DOCUMENT", "DOWNLOAD", "PICTURE", "PUBLIC", "VIDEO", "RESOURCE", "TEMP",
	"APPCONFIG", "APPDATA", "APPLOCALDATA", "APPCACHE", "APPLOG", "DESKTOP", "EXE", "FONT", "HOME", "RUNTIME", "TEMPLATE",
}

// baseDir returns the name of a base dir: "" for nil, Tauri's for its number,
// or for its name in any case ("AppData"), and any other name as it is, so that
// dirs of the app's own can be named too. A "$" in front is left out.
func baseDir(v any) (string, error) {
	n := int64(-1)
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return baseDirNamed(v)
	case int64:
		n = v
	case float64: // as some JavaScript encoders write integers
		if v == float64(int64(v)) {
			n = int64(v)
		}
	}
	if n < 1 || n > int64(len(directories)) {
		return "", fail("bad-path", `options.baseDir is no base dir; give a name like "AppData" or its number`)
	}
	return directories[n-1], nil
}

func baseDirNamed(text string) (string, error) {
	name := strings.TrimPrefix(text, "$")
	if name == "" || strings.ContainsAny(name, "/\x00") || name == "." || name == ".." {
		return "", fail("bad-path", "options.baseDir is "+quote(text)+`, which is no name like "AppData"`)
	}
	upper := strings.ToUpper(name)
	if upper == "EXECUTABLE" { // the one that has two names in Tauri
		return "EXE", nil
	}
	for _, d := range directories {
		if d == upper {
			return d, nil
		}
	}
	return name, nil
}

func badPath(path, why string) error { return fail("bad-path", "path "+quote(path)+": "+why) }

// quote escapes the text of a caller, which may be long.
func quote(text string) string {
	const longest = 256
	if len(text) > longest {
		return strconv.Quote(text[:longest]) + "…"
	}
	return strconv.Quote(text)
}
