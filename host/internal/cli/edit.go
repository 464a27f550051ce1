package cli

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/suggest"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

// editFlags are those of subcommands that change an app's files.
type editFlags struct {
	appFlags
	dryRun bool
}

func (f *editFlags) add(cmd *cobra.Command) {
	f.addFolder(cmd)
	f.addPolicyOnly(cmd)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would change as a patch, and write nothing")
}

// change makes changes in the app's files. Nothing is written if the policy
// would have an error that it does not have now.
func (c *cli) change(f *editFlags, a *app, changes []authority.Edit, done string) (int, error) {
	files, err := acl.Apply(a.fsys, changes)
	if err != nil {
		return exitError, err
	}
	after, err := c.loadFrom(overlay{a.fsys, files}, &f.appFlags)
	if err != nil {
		return exitError, err
	}
	if worse := newErrors(a.problems, after.problems); len(worse) > 0 {
		c.printProblems(c.stderr, worse)
		count, _ := countProblems(worse)
		return exitError, fmt.Errorf("nothing is changed, since the policy would not load: %s", count)
	}
	patch, err := patchOf(a.fsys, files)
	if err != nil {
		return exitError, err
	}
	if f.dryRun && !f.json {
		return exitOK, c.printPatch(patch)
	}
	if !f.dryRun {
		err = c.write(f, files)
	}
	if err != nil {
		return exitError, err
	}
	return c.edited(f, editJSON{!f.dryRun, slices.Sorted(maps.Keys(files)), patch, done})
}

// editJSON is what subcommands that change files print with --json.
type editJSON struct {
	Written bool     `json:"written"`
	Files   []string `json:"files"`
	Patch   string   `json:"patch"`
	Message string   `json:"message"`
}

// edited says what was done, or why nothing had to be.
func (c *cli) edited(f *editFlags, e editJSON) (int, error) {
	if f.json {
		return exitOK, writeJSON(c.stdout, e)
	}
	_, err := fmt.Fprintln(c.stdout, printable.Text(e.Message))
	return exitOK, err
}

// write puts files into the app's folder.
func (c *cli) write(f *editFlags, files map[string][]byte) error {
	// ambit.toml, which names others, comes last.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(files))) {
		if err := writeFile(c.target(f.folder, name), files[name]); err != nil {
			return fmt.Errorf("%s: %w", name, cause(err))
		}
	}
	return nil
}

// target is where a file of the app is written: where it is a link to another,
// there.
func (c *cli) target(folder, name string) string {
	file := filepath.Join(c.path(folder), filepath.FromSlash(name))
	if real, err := filepath.EvalSymlinks(file); err == nil {
		return real
	}
	return file
}

// newErrors returns the errors that were not there before. Where in its file an
// error stands may have changed.
func newErrors(before, after authority.Problems) authority.Problems {
	type key struct{ file, code, message string }
	known := map[key]int{}
	for _, p := range before {
		known[key{p.File, p.Code, p.Message}]++
	}
	return slices.DeleteFunc(slices.Clone(after), func(p authority.Problem) bool {
		k := key{p.File, p.Code, p.Message}
		known[k]--
		return p.Severity != authority.SeverityError || known[k] >= 0
	})
}

// group makes a subcommand of those that it stands for.
func (c *cli) group(name, short, long string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: short, Long: long, Args: cobra.ArbitraryArgs}
	var names []string
	for _, sub := range commands {
		names = append(names, sub.Name())
		cmd.AddCommand(sub)
	}
	cmd.RunE = c.run(func(_ context.Context, args []string) (int, error) {
		switch {
		case len(args) == 0:
			return exitUsage, usagef("which of %s?", strings.Join(names, ", "))
		case suggest.Nearest(args[0], names) != "":
			return exitUsage, usagef("unknown subcommand %q (did you mean %q?)", args[0], suggest.Nearest(args[0], names))
		}
		return exitUsage, usagef("unknown subcommand %q (one of %s)", args[0], strings.Join(names, ", "))
	})
	return cmd
}
