package codecache

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// private makes a folder if it is missing, and returns it without symbolic
// links if only the current user, and root, can write there or put another one
// in its place.
func private(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	chain := []string{dir}
	for up := filepath.Dir(dir); up != chain[len(chain)-1]; up = filepath.Dir(up) {
		chain = append(chain, up)
	}
	closed := false // nobody else can enter a folder above
	for _, p := range slices.Backward(chain) {
		fi, err := os.Lstat(p)
		switch {
		case err != nil:
			return "", err
		case !fi.IsDir():
			return "", fmt.Errorf("%q is not a folder", p)
		case !owned(fi) && (p == dir || !ownedByRoot(fi)):
			return "", fmt.Errorf("%q belongs to another user", p)
		case writableByOthers(fi) && (p == dir || !closed && fi.Mode()&fs.ModeSticky == 0):
			return "", fmt.Errorf("others may write %q (chmod go-w)", p)
		}
		closed = closed || closedToOthers(fi)
	}
	return dir, nil
}
