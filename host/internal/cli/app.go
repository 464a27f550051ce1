package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
)

// appFile is the file that makes a folder an app's.
const appFile = "ambit.toml"

// app is an app's folder as it was read, with all that is wrong with it.
type app struct {
	fsys      fs.FS
	app       *acl.App
	policy    authority.Policy
	modules   []*module            // in the order of ambit.toml; none with --policy-only
	authority *authority.Authority // nil if a problem of the policy is an error
	problems  authority.Problems
	granted   authority.Problems  // those of problems that are of what capabilities grant
	silenced  []authority.Finding // after lint
}

// load reads an app's folder. The error is for a folder that cannot be read
// at all; what is wrong inside it are problems. Modules that no host would
// load are errors here, but do not keep the policy from being of use.
func (c *cli) load(f *appFlags) (*app, error) {
	fsys, err := c.openApp(f)
	if err != nil {
		return nil, err
	}
	return c.loadFrom(fsys, f)
}

// loadFrom is load for a folder that is open.
func (c *cli) loadFrom(fsys fs.FS, f *appFlags) (*app, error) {
	platform, err := f.target()
	if err != nil {
		return nil, err
	}
	a := &app{fsys: fsys}
	var problems authority.Problems
	a.app, problems = acl.Load(fsys, acl.Options{PolicyOnly: f.policyOnly, Profile: f.profile, Platform: platform})
	hintAppFile(problems, fsys)
	if !f.policyOnly {
		a.modules = readModules(fsys, a.app)
		a.problems = missingDirs(c.path(f.folder), a.app)
	}
	policy, more := a.app.Policy(policyModules(a.modules))
	problems = append(problems, withoutEchoes(more, problems)...)
	a.policy = policy
	auth, more := authority.New(policy)
	a.granted = withoutEchoes(more, problems)
	problems = append(problems, a.granted...)
	if problems.Err() == nil {
		a.authority = auth
	}
	a.problems = append(a.problems, refusals(problems, f.policyOnly)...)
	a.problems = append(a.problems, moduleProblems(a.modules)...)
	a.problems.Sort()
	return a, nil
}

// ofAppFile reports whether a problem is ambit.toml's own, and not of what a
// capability grants that stands in it.
func (a *app) ofAppFile(p authority.Problem) bool {
	return p.File == appFile && !slices.Contains(a.granted, p)
}

// missingDirs warns of base dirs that are not there: no host opens the app
// before they are, but where it is only checked they may well be missing.
func missingDirs(dir string, a *acl.App) authority.Problems {
	var out authority.Problems
	for _, name := range slices.Sorted(maps.Keys(a.Dirs)) {
		if path, err := host.BaseDir(dir, a.Dirs[name]); err == nil {
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				continue
			}
		}
		out = append(out, authority.Problem{
			Position: authority.Position{File: appFile}, Severity: authority.SeverityWarning, Code: "missing-dir",
			Message: fmt.Sprintf("base dir %q is %q, which is no folder here; a host does not open without it", name, a.Dirs[name]),
			Hint:    "make the folder, or correct [dirs]",
		})
	}
	return out
}

// openApp opens the app's folder, or says in words what is not there.
func (c *cli) openApp(f *appFlags) (fs.FS, error) {
	dir := c.path(f.folder)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("the app's folder %q does not exist (name it with --app)", f.folder)
	case err != nil:
		return nil, fmt.Errorf("the app's folder %q: %w", f.folder, cause(err))
	case !info.IsDir():
		return nil, fmt.Errorf("--app %q is not a folder (name the folder that holds %s)", f.folder, appFile)
	}
	return os.DirFS(dir), nil
}

// noAppFile is what to do about a folder without ambit.toml.
const noAppFile = "an app's folder has one, even if it is empty: name the folder with --app, " +
	"or give --policy-only to read capabilities/ and permissions/ alone"

// hintAppFile says what to do about a missing ambit.toml, if that is what is
// wrong.
func hintAppFile(ps authority.Problems, fsys fs.FS) {
	if _, err := fs.Lstat(fsys, appFile); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	for i := range ps {
		if ps[i].File == appFile && ps[i].Code == "bad-file" {
			ps[i].Hint = noAppFile
		}
	}
}

// cause is an error without the path, which the message around it has already.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// authorityOf loads an app for a subcommand that needs a sound policy: what is
// wrong goes to stderr, and so do modules that cannot be used.
func (c *cli) authorityOf(f *appFlags) (*app, error) {
	a, err := c.load(f)
	if err != nil {
		return nil, err
	}
	if a.authority != nil {
		c.printProblems(c.stderr, slices.DeleteFunc(slices.Clone(a.problems), func(p authority.Problem) bool {
			return p.Severity != authority.SeverityError
		}))
		return a, nil
	}
	c.printProblems(c.stderr, a.problems)
	count, _ := countProblems(a.problems)
	return nil, fmt.Errorf("the policy in %q does not load: %s", f.folder, count)
}

// summary words what was read.
func (a *app) summary() string {
	capabilities := "1 capability"
	if n := len(a.app.Capabilities); n != 1 {
		capabilities = fmt.Sprintf("%d capabilities", n)
	}
	if a.app.PolicyOnly {
		return fmt.Sprintf("%s, permissions for %s, %s", capabilities, plural(len(a.app.Permissions), "module"), a.app.Platform)
	}
	return fmt.Sprintf("%s, %s, %s", capabilities, plural(len(a.modules), "module"), a.app.Platform)
}
