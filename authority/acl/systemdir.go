package acl

import (
	"slices"
	"strings"
)

// systemDirs are the folders of the user that a path in [dirs] may begin with,
// those that Go programs know on every system: "$HOME", "$CONFIG/notes".
var systemDirs = []string{"HOME", "CONFIG", "CACHE", "TEMP"}

// SystemDir splits a path of [App].Dirs that begins with a folder of the user's:
// HOME, CONFIG, CACHE or TEMP, and the path below it. It is "" for any other path.
func SystemDir(path string) (name, rest string) {
	head, rest, _ := strings.Cut(path, "/")
	name, ok := strings.CutPrefix(head, "$")
	if !ok || !slices.Contains(systemDirs, name) {
		return "", ""
	}
	return name, rest
}
