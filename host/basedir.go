package host

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// BaseDir returns the folder that a path in [dirs] of an app's ambit.toml means:
// an absolute one, one relative to the app's folder, or one of the user's, "$HOME",
// "$CONFIG", "$CACHE" or "$TEMP" with a path below it, where Go's package os finds
// them.
func BaseDir(app, path string) (string, error) {
	name, rest := acl.SystemDir(path)
	find := map[string]func() (string, error){
		"HOME": os.UserHomeDir, "CONFIG": os.UserConfigDir, "CACHE": os.UserCacheDir,
		"TEMP": func() (string, error) { return os.TempDir(), nil },
	}[name]
	if find != nil {
		dir, err := find()
		if err == nil && !filepath.IsAbs(dir) {
			err = fmt.Errorf("%q is not absolute", dir)
		}
		if err != nil {
			return "", fmt.Errorf("the folder $%s of the user: %w", name, err)
		}
		return filepath.Join(dir, filepath.FromSlash(rest)), nil
	}
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return path, nil
	}
	return filepath.Join(app, path), nil
}
