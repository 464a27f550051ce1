package cli

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const schemaLong = `Schema writes JSON Schemas of an app's files into its folder schemas/, for
editors: they complete and check capabilities with every identifier that this
app's modules offer, each with its description, and scopes with the keys of the
module that they are for.

  capability.schema.json   files in capabilities/
  permission.schema.json   files in permissions/
  ambit.schema.json        ambit.toml
  manifest.schema.json     a module's manifest.toml (the same for every app)

A file names its schema, relative to itself. In JSON, for capabilities/main.json:

  "$schema": "../schemas/capability.schema.json"

and in TOML in the first line, for capabilities/main.toml and for ambit.toml:

  #:schema ../schemas/capability.schema.json
  #:schema schemas/ambit.schema.json

Write them anew after a module or a file in permissions/ has changed; --check
says whether that is due. Capabilities may be wrong, the schemas are there to
help with that; ambit.toml and permissions/ have to be sound. Of a module that
cannot be used every identifier is taken.

Exit codes
  0  written, printed, or up to date
  1  an error; with --check, a file is missing or out of date
  2  wrong usage`

// schemaDir is the folder of an app that the schemas are written into.
const schemaDir = "schemas"

// schemaEnding follows the short name of each schema.
const schemaEnding = ".schema.json"

type schemaFlags struct {
	appFlags
	out   string
	print string
	check bool
}

func (c *cli) schemaCommand() *cobra.Command {
	var f schemaFlags
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Write JSON Schemas of an app's files, for editors",
		Long:  schemaLong,
		Example: `  ambit schema --app app                    writes app/schemas/*.schema.json
  ambit schema --app app --check            for CI: exit 1 if they are out of date
  ambit schema --print manifest > manifest.schema.json`,
		Args: exactly(),
		RunE: c.run(func(context.Context, []string) (int, error) { return c.schema(&f) }),
	}
	f.addApp(cmd)
	f.addPolicyOnly(cmd)
	cmd.Flags().StringVar(&f.out, "out", "", "the `folder` to write into (default: schemas/ in the app's folder)")
	cmd.Flags().StringVar(&f.print, "print", "", "print one schema, and write nothing: `name` is "+strings.Join(schemaNames(), ", "))
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing; exit with 1 if a file is missing or out of date")
	cmd.MarkFlagsMutuallyExclusive("print", "check")
	cmd.MarkFlagsMutuallyExclusive("print", "out")
	_ = cmd.MarkFlagDirname("out")
	complete(cmd, "print", schemaNames()...)
	return cmd
}

// schemaNames are the short names of the schemas.
func schemaNames() []string {
	var names []string
	for _, file := range []string{acl.CapabilitySchema, acl.PermissionSchema, acl.AmbitSchema, acl.ManifestSchema} {
		names = append(names, strings.TrimSuffix(file, schemaEnding))
	}
	return names
}

func (c *cli) schema(f *schemaFlags) (int, error) {
	if names := schemaNames(); f.print != "" && !slices.Contains(names, f.print) {
		return exitUsage, usagef("--print %q is not one of %s", f.print, strings.Join(names, ", "))
	}
	schemas, err := c.schemas(f)
	if err != nil {
		return exitError, err
	}
	if f.print != "" {
		_, err := c.stdout.Write(printable.JSON(schemas[f.print+schemaEnding]))
		return exitOK, err
	}
	dir := f.out
	if dir == "" {
		dir = filepath.Join(f.folder, schemaDir)
	}
	if f.check {
		return c.checkSchemas(dir, schemas)
	}
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		file := filepath.Join(dir, name)
		if err := writeFile(c.path(file), printable.JSON(schemas[name])); err != nil {
			return exitError, fmt.Errorf("cannot write %q: %w", file, cause(err))
		}
		fmt.Fprintf(c.stdout, "wrote %s\n", printable.Line(filepath.ToSlash(file)))
	}
	return exitOK, nil
}

// schemas makes the schemas of the app. That of manifests needs none.
func (c *cli) schemas(f *schemaFlags) (map[string][]byte, error) {
	if f.print+schemaEnding == acl.ManifestSchema {
		return (&acl.App{}).Schemas(nil), nil
	}
	a, err := c.offeringApp(&f.appFlags)
	if err != nil {
		return nil, err
	}
	return a.app.Schemas(policyModules(a.modules)), nil
}

// offeringApp reads what an app offers to its capabilities: its modules, and
// its own permissions. What is wrong with capabilities does not matter, and a
// module that cannot be used is only reported.
func (c *cli) offeringApp(f *appFlags) (*app, error) {
	a, err := c.load(f)
	if err != nil {
		return nil, err
	}
	var own authority.Problems
	for _, p := range a.problems {
		if p.Severity == authority.SeverityError && (p.File == "" || a.ofAppFile(p) || strings.HasPrefix(p.File, "permissions")) {
			own = append(own, p)
		}
	}
	c.printProblems(c.stderr, own)
	own = slices.DeleteFunc(own, func(p authority.Problem) bool { return p.Code == codeModule })
	if len(own) > 0 {
		count, _ := countProblems(own)
		return nil, fmt.Errorf("the app in %q cannot be read: %s", f.folder, count)
	}
	return a, nil
}

// checkSchemas compares the files in a folder with what would be written.
func (c *cli) checkSchemas(dir string, schemas map[string][]byte) (int, error) {
	var stale []string
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		data, err := os.ReadFile(c.path(filepath.Join(dir, name)))
		if err != nil || !bytes.Equal(data, printable.JSON(schemas[name])) {
			stale = append(stale, name)
		}
	}
	if stale == nil {
		return exitOK, nil
	}
	return exitError, fmt.Errorf("missing or out of date in %q: %s (write them with \"ambit schema\")", dir, strings.Join(stale, ", "))
}
