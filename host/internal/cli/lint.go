package cli

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// lint adds what the linter finds to the problems of a policy that has no
// errors.
func (a *app) lint(dir string) {
	o := a.app.Lint
	o.Dirs = make(map[string]string)
	for name, path := range a.app.Dirs {
		if path, err := host.BaseDir(dir, path); err == nil {
			o.Dirs[name] = canonical(path)
		}
	}
	own := []string{appFile, "ambit.lock", "capabilities", "permissions", "modules"}
	for _, ref := range a.app.Modules {
		own = append(own, ref.File)
	}
	for _, name := range own {
		o.Own = append(o.Own, canonical(dir)+"/"+name)
	}
	for _, f := range a.authority.Lint(o) {
		if f.Reason != "" {
			a.silenced = append(a.silenced, f)
		} else {
			a.problems = append(a.problems, f.Problem)
		}
	}
	a.problems.Sort()
}

// canonical returns a path as the patterns of policies see it: absolute,
// without links as far as it exists, with slashes.
func canonical(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	path = filepath.ToSlash(filepath.Clean(path))
	if !strings.HasPrefix(path, "/") { // C:/app
		path = "/" + path
	}
	return path
}

// printSilenced prints findings that ambit.toml takes as they are.
func (c *cli) printSilenced(findings []authority.Finding) {
	for _, f := range findings {
		fmt.Fprintf(c.stdout, "%s: %s %s\n  %s %s\n", printable.Line(f.String()), c.paint(c.stdout, dim, "silenced:"), printable.Line(f.Message),
			c.paint(c.stdout, dim, "reason:"), printable.Text(indent(f.Reason)))
	}
}
