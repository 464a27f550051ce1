package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
)

// otherPlatforms stands for all systems that policies have no name for.
const otherPlatforms authority.Platform = "other"

// appChanges compares two apps: what the names in them stand for, and their
// policies on each platform, unless one is given.
func (c *cli) appChanges(f *diffFlags, before, after string) ([]changeJSON, error) {
	was, err := c.appSide(f, before)
	if err != nil {
		return nil, err
	}
	is, err := c.appSide(f, after)
	if err != nil {
		return nil, err
	}
	compared := []authority.Platform{authority.Platform(f.platform)}
	if f.platform == "" {
		compared = []authority.Platform{otherPlatforms}
		for _, p := range platforms {
			compared = append(compared, authority.Platform(p))
		}
	}
	all, found := acl.DiffApps(was.app, is.app), make(map[string][]authority.Platform)
	for _, p := range compared {
		old, err := c.authorityOn(p, before, was)
		if err != nil {
			return nil, err
		}
		now, err := c.authorityOn(p, after, is)
		if err != nil {
			return nil, err
		}
		for _, ch := range authority.Diff(old, now) {
			found[ch.String()] = append(found[ch.String()], p)
			all = append(all, ch)
		}
	}
	all.Sort()
	out := make([]changeJSON, len(all))
	for i, ch := range all {
		out[i].Change = ch
		if on := found[ch.String()]; len(on) > 0 && len(on) < len(compared) {
			out[i].Text, out[i].Platforms = "on "+platformWords(on)+": "+ch.Text, on
		}
	}
	return out, nil
}

func (c *cli) appSide(f *diffFlags, folder string) (*app, error) {
	side := f.appFlags
	side.folder = folder
	return c.authorityOf(&side)
}

// authorityOn compiles an app's policy for a platform.
func (c *cli) authorityOn(p authority.Platform, folder string, a *app) (*authority.Authority, error) {
	policy, _ := a.app.Policy(policyModules(a.modules))
	policy.Platform = p
	compiled, problems := authority.New(policy)
	if problems.Err() != nil {
		c.printProblems(c.stderr, problems)
		return nil, fmt.Errorf("the policy in %q does not load on %s", folder, platformWords([]authority.Platform{p}))
	}
	return compiled, nil
}

func platformWords(list []authority.Platform) string {
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = string(p)
		if p == otherPlatforms {
			words[i] = "systems without a name"
		}
	}
	return strings.Join(words, ", ")
}

// moduleChanges compares two versions of a module.
func (c *cli) moduleChanges(before, after string) ([]changeJSON, error) {
	was, err := c.manifestOf(before)
	if err != nil {
		return nil, err
	}
	is, err := c.manifestOf(after)
	if err != nil {
		return nil, err
	}
	if was.Name != is.Name {
		return nil, fmt.Errorf("%q is module %q and %q is module %q, not two versions of one", before, was.Name, after, is.Name)
	}
	out := []changeJSON{}
	for _, ch := range acl.DiffManifests(was, is) {
		out = append(out, changeJSON{Change: ch})
	}
	return out, nil
}

// manifestOf reads the manifest of a module: a file *.toml, or else one that
// carries it.
func (c *cli) manifestOf(name string) (authority.Manifest, error) {
	if filepath.Ext(name) == ".toml" {
		m, problems, err := c.readManifest(name, "")
		if err != nil {
			return authority.Manifest{}, err
		}
		c.printProblems(c.stderr, problems)
		if count, n := countProblems(problems); n > 0 {
			return authority.Manifest{}, fmt.Errorf("the manifest %q is wrong: %s", name, count)
		}
		return *m, nil
	}
	dir, file := filepath.Split(c.path(name))
	bin, err := host.ReadModule(os.DirFS(filepath.Clean(dir)), file, 0)
	if err != nil {
		return authority.Manifest{}, fmt.Errorf("%q: %w", name, err)
	}
	info := inspectModule(name, bin)
	c.printProblems(c.stderr, info.problems)
	if info.Problem != "" {
		return authority.Manifest{}, fmt.Errorf("no host would load %q: %s", name, info.Problem)
	}
	return info.manifest, nil
}
