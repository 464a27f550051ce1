package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/suggest"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/host/internal/reference"
	"github.com/spf13/cobra"
)

const docsLong = `Docs prints a reference of what modules offer, as Markdown: commands with their
powers and arguments, the default, sets and permissions with their scopes and
platforms, what each of them lends in plain words, and the keys of scopes.

It is of all modules of the app, with what the app's own permissions add, or of
those that you name. A name that ends in .wasm or .toml is the file of a module,
or of a manifest, and needs no app. With --out each module gets a file
<module>.md in that folder.

With --policy-only no module is read: every folder permissions/<module>/ is
that module's whole manifest, as of Tauri's plugins.

Exit codes
  0  printed, or written    1  an error    2  wrong usage`

type docsFlags struct {
	appFlags
	out string
}

func (c *cli) docsCommand() *cobra.Command {
	var f docsFlags
	cmd := &cobra.Command{
		Use:   "docs [MODULE | FILE.wasm | FILE.toml]...",
		Short: "Print a reference of what modules offer, as Markdown",
		Long:  docsLong,
		Example: `  ambit docs --app app                     all modules of the app
  ambit docs --app app --out app/docs      a file for each
  ambit docs modules/notes/manifest.toml   a module that is being written`,
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.docs(&f, args) }),
	}
	f.addApp(cmd)
	f.addPolicyOnly(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON, in a shape that scripts can rely on")
	cmd.Flags().StringVar(&f.out, "out", "", "the `folder` to write into, <module>.md each")
	cmd.MarkFlagsMutuallyExclusive("json", "out")
	_ = cmd.MarkFlagDirname("out")
	return cmd
}

func (c *cli) docs(f *docsFlags, args []string) (int, error) {
	refs, err := c.references(f, args)
	if err != nil {
		return exitError, err
	}
	switch {
	case f.json:
		return exitOK, writeJSON(c.stdout, struct {
			Modules []reference.Module `json:"modules"`
		}{refs})
	case f.out != "":
		return c.writeDocs(f.out, refs)
	}
	for i, r := range refs {
		if i > 0 {
			fmt.Fprintln(c.stdout)
		}
		fmt.Fprint(c.stdout, r.Markdown())
	}
	return exitOK, nil
}

// writeDocs writes a file for each module.
func (c *cli) writeDocs(dir string, refs []reference.Module) (int, error) {
	for i, r := range refs {
		if slices.ContainsFunc(refs[:i], func(o reference.Module) bool { return o.Name == r.Name }) {
			return exitError, fmt.Errorf("two of the files are of the module %q, which is one file %q", r.Name, r.Name+".md")
		}
	}
	for _, r := range refs {
		file := filepath.Join(dir, r.Name+".md") // a module's name is no path
		if err := writeFile(c.path(file), []byte(r.Markdown())); err != nil {
			return exitError, fmt.Errorf("cannot write %q: %w", file, cause(err))
		}
		fmt.Fprintf(c.stdout, "wrote %s\n", printable.Line(filepath.ToSlash(file)))
	}
	return exitOK, nil
}

// references are those of what is named, in that order.
func (c *cli) references(f *docsFlags, args []string) ([]reference.Module, error) {
	var manifests []authority.Manifest
	if slices.ContainsFunc(args, isModule) || len(args) == 0 {
		a, err := c.offeringApp(&f.appFlags)
		if err != nil {
			return nil, err
		}
		policy, _ := a.app.Policy(policyModules(a.modules))
		manifests = policy.Manifests
	}
	out := []reference.Module{}
	for _, name := range args {
		if isModule(name) {
			m, err := manifestNamed(manifests, name)
			if err != nil {
				return nil, err
			}
			out = append(out, reference.Of(*m, f.policyOnly))
			continue
		}
		m, err := c.manifestIn(name)
		if err != nil {
			return nil, err
		}
		out = append(out, reference.Of(*m, false))
	}
	if len(args) == 0 {
		for _, m := range manifests {
			out = append(out, reference.Of(m, f.policyOnly))
		}
	}
	return out, nil
}

// isModule tells the name of a module from that of a file: a module's name has
// no dot.
func isModule(name string) bool {
	return !strings.HasSuffix(name, ".wasm") && !strings.HasSuffix(name, ".toml")
}

func manifestNamed(manifests []authority.Manifest, name string) (*authority.Manifest, error) {
	var known []string
	for i := range manifests {
		if manifests[i].Name == name {
			return &manifests[i], nil
		}
		known = append(known, manifests[i].Name)
	}
	hint := "it has none"
	if near := suggest.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if len(known) > 0 {
		hint = "one of " + strings.Join(known, ", ")
	}
	return nil, usagef("the app has no module %q (%s)", name, hint)
}

// manifestIn reads the manifest of a file.
func (c *cli) manifestIn(name string) (*authority.Manifest, error) {
	m, problems, err := c.readManifestOf(name)
	if err != nil {
		return nil, err
	}
	c.printProblems(c.stderr, problems)
	if count, n := countProblems(problems); n > 0 {
		return nil, fmt.Errorf("the manifest of %q is wrong: %s", name, count)
	}
	return m, nil
}

func (c *cli) readManifestOf(name string) (*authority.Manifest, authority.Problems, error) {
	if strings.HasSuffix(name, ".toml") {
		data, err := os.ReadFile(c.path(name))
		if err != nil {
			return nil, nil, fmt.Errorf("the manifest %q: %w", name, cause(err))
		}
		m, problems := acl.ParseManifest(filepath.ToSlash(name), data)
		return &m, problems, nil
	}
	file := c.path(name)
	bin, err := host.ReadModule(os.DirFS(filepath.Dir(file)), filepath.Base(file), 0)
	if err != nil {
		return nil, nil, err
	}
	m := inspectModule(name, bin)
	if !m.readable && m.Problem != "" {
		c.printProblems(c.stderr, m.problems)
		return nil, nil, fmt.Errorf("%q has no manifest that can be read: %s", name, m.Problem)
	}
	return &m.manifest, m.problems, nil
}
