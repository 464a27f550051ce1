package files

import (
	"os"
	"path/filepath"
	"strings"
)

// maxHops bounds how many links a path may lead through, as systems do.
const maxHops = 255

// trail returns all places that decide what an absolute path means: each link
// on the way, by its own canonical path, and what the path leads to in the end,
// whether it exists or not. Who can replace one of them decides what the path
// means from then on.
func trail(path string) []string {
	var places []string
	root := filepath.VolumeName(path) + string(filepath.Separator)
	cur, rest := root, names(path)
	for hops := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == ".." {
			cur = filepath.Dir(cur)
			continue
		}
		cur = filepath.Join(cur, name)
		target, err := os.Readlink(cur)
		if err != nil {
			continue // no link, or not there
		}
		places = append(places, cur)
		if hops++; hops > maxHops {
			return places
		}
		rest = append(names(target), rest...)
		if cur = filepath.Dir(cur); filepath.IsAbs(target) {
			cur = filepath.VolumeName(target) + string(filepath.Separator)
		}
	}
	return append(places, cur)
}

// names splits a path, which may hold "..": behind a link that is not the same
// as the clean path.
func names(path string) []string {
	return strings.FieldsFunc(path[len(filepath.VolumeName(path)):], func(r rune) bool {
		return r == '/' || r == filepath.Separator
	})
}
