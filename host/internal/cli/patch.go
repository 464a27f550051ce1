package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/rogpeppe/go-internal/diff"
)

// remedyPatch makes a patch of what would allow a call. The error says why
// there can be none.
func (c *cli) remedyPatch(f *appFlags, a *app, d authority.Decision) (string, error) {
	if d.Allowed() {
		return "", nil
	}
	changes := d.Edits()
	if changes == nil {
		return "", fmt.Errorf("no patch helps: %s", d.Remedy())
	}
	files, err := acl.Apply(a.fsys, changes)
	if err != nil {
		return "", fmt.Errorf("no patch can be made: %w", err)
	}
	after, err := c.loadFrom(overlay{a.fsys, files}, f)
	if err != nil {
		return "", err
	}
	if now := after.authority.Decide(d.Request()); !now.Allowed() {
		return "", fmt.Errorf("no patch helps: after it, %s", now.Explain())
	}
	return patchOf(a.fsys, files)
}

// patchOf prints what differs as a unified diff, for `patch -p1` and `git
// apply` in the app's folder.
func patchOf(fsys fs.FS, files map[string][]byte) (string, error) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if printable.Line(name) != name || strings.ContainsAny(name, "\"\\") {
			return "", fmt.Errorf("there can be no patch of a file with the name %q", name)
		}
		from := "a/" + name
		was, err := fs.ReadFile(fsys, name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			from = "/dev/null"
		case err != nil:
			return "", fmt.Errorf("%s: %w", name, cause(err))
		}
		to := "b/" + name
		if strings.Contains(name, " ") { // a tab says where the name ends
			from, to = from+"\t", to+"\t"
		}
		text := diff.Diff(from, was, to, files[name])
		_, hunks, _ := strings.Cut(string(text), "\n")
		b.WriteString(hunks)
	}
	return b.String(), nil
}

// printPatch prints a patch as it is, so that programs can apply it. On a
// terminal it is printed like all other foreign text.
func (c *cli) printPatch(patch string) error {
	if isTerminal(c.stdout) {
		patch = printable.Text(patch)
	}
	_, err := fmt.Fprint(c.stdout, patch)
	return err
}
