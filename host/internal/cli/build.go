package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const buildLong = `Build compiles a Go package to a module and puts its manifest into it.

The package is a main package written with the SDK. The manifest is
manifest.toml in the package's folder or the nearest one above it, up to the
folder of go.mod. It is read strictly; commands, permissions and sets that do
not fit together are errors, and so is a module that imports a power which no
command declares. The module is then tried in a sandbox, without any power: one
that does not start, or does not register a command of its manifest, is
refused. The file is only written if all is well.

The same source gives the same bytes: paths and version control stamps are
left out.

Exit codes
  0  built    1  an error    2  wrong usage`

// manifestFile is the name of a manifest in a source tree.
const manifestFile = "manifest.toml"

type buildFlags struct {
	cacheFlags
	out      string
	manifest string
	json     bool
}

func (c *cli) buildCommand() *cobra.Command {
	var f buildFlags
	cmd := &cobra.Command{
		Use:   "build [-o FILE.wasm] [--manifest FILE.toml] PKGDIR",
		Short: "Compile a Go package to a module, manifest included",
		Long:  buildLong,
		Example: `  ambit build ./modules/notes                          writes notes.wasm
  ambit build -o app/modules/notes.wasm ./modules/notes
  ambit build -m other.toml ./modules/notes            another manifest`,
		Args: exactly("the package's folder"),
		RunE: c.run(func(ctx context.Context, args []string) (int, error) { return c.build(ctx, &f, args[0]) }),
	}
	cmd.Flags().StringVarP(&f.out, "output", "o", "", "the `file` to write (default: <module>.wasm here)")
	cmd.Flags().StringVarP(&f.manifest, "manifest", "m", "", "the manifest's `file` (default: see above)")
	f.add(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON: what \"ambit inspect --static --json\" prints of the result")
	return cmd
}

func (c *cli) build(ctx context.Context, f *buildFlags, pkg string) (int, error) {
	cache, err := c.cache(&f.cacheFlags, nil)
	if err != nil {
		return exitUsage, err
	}
	defer func() { _ = cache.Close(context.WithoutCancel(ctx)) }()
	dir := c.path(pkg)
	if info, err := os.Stat(dir); err != nil {
		return exitError, fmt.Errorf("the package's folder %q: %w", pkg, cause(err))
	} else if !info.IsDir() {
		return exitError, fmt.Errorf("the package's folder: %q is not a folder (give the folder, not a file)", pkg)
	}
	manifest, problems, err := c.readManifest(f.manifest, dir)
	if err != nil {
		return exitError, err
	}
	c.printProblems(c.stderr, problems)
	if count, n := countProblems(problems); n > 0 {
		return exitError, fmt.Errorf("the manifest is wrong: %s", count)
	}
	bin, err := c.compile(ctx, dir)
	if err != nil {
		return exitError, err
	}
	bin, err = host.SetManifest(bin, *manifest)
	if err != nil {
		return exitError, fmt.Errorf("the compiler's output: %w", err)
	}
	return c.finishBuild(ctx, f, cache, manifest, bin)
}

// finishBuild verifies the module as a host would, and writes it.
func (c *cli) finishBuild(ctx context.Context, f *buildFlags, cache *host.Cache, manifest *authority.Manifest, bin []byte) (int, error) {
	out := f.out
	if out == "" {
		out = manifest.Name + ".wasm"
	}
	info := inspectModule(out, bin)
	if info.Problem != "" {
		return exitError, fmt.Errorf("a host would refuse the module: %s", info.Problem)
	}
	if err := tryModule(ctx, cache, manifest, bin); err != nil {
		return exitError, err
	}
	if err := writeFile(c.path(out), bin); err != nil {
		return exitError, fmt.Errorf("cannot write %q: %w", out, err)
	}
	if f.json {
		return exitOK, writeJSON(c.stdout, info)
	}
	fmt.Fprintf(c.stdout, "%s: %s %s, %s, sha256 %s\n", printable.Line(out), printable.Line(info.Name), printable.Line(info.Version), size(int64(len(bin))), info.SHA256)
	return exitOK, nil
}

// readManifest finds, reads and checks the manifest of the package in dir.
func (c *cli) readManifest(name, dir string) (*authority.Manifest, authority.Problems, error) {
	file := c.path(name)
	if name == "" {
		var err error
		if file, err = findManifest(dir); err != nil {
			return nil, nil, err
		}
		name = c.shorten(file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("the manifest %q: %w", name, cause(err))
	}
	m, problems := acl.ParseManifest(filepath.ToSlash(name), data)
	if problems.Err() != nil {
		return nil, problems, nil
	}
	_, more := authority.New(authority.Policy{
		Manifests: []authority.Manifest{m}, Platform: host.Platform(),
	})
	// Which modules an app has besides, the manifest need not know.
	more = slices.DeleteFunc(more, func(p authority.Problem) bool {
		return p.Severity == authority.SeverityWarning && p.Code == "unknown-module"
	})
	return &m, append(problems, more...), nil
}

// shorten makes a path that the program found as short as the person who
// reads it expects: relative to the current folder if it is below it.
func (c *cli) shorten(file string) string {
	here, err := filepath.Abs(c.path("."))
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}

// findManifest looks for the manifest in dir and above it, up to the folder
// of go.mod.
func findManifest(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := start; ; at = filepath.Dir(at) {
		file := filepath.Join(at, manifestFile)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
		_, err := os.Stat(filepath.Join(at, "go.mod"))
		if err == nil || at == filepath.Dir(at) {
			return "", fmt.Errorf("no %s in %q or above it, up to %q (write one, or name it with --manifest)", manifestFile, start, at)
		}
	}
}

// compile runs the Go compiler on the package in dir.
func (c *cli) compile(ctx context.Context, dir string) ([]byte, error) {
	tool, err := c.lookPath("go")
	if err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "ambit-build-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	out := filepath.Join(tmp, "module.wasm")
	cmd := exec.CommandContext(ctx, tool, "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(append([]string{}, c.env...), "GOOS=wasip1", "GOARCH=wasm")
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	if err := cmd.Run(); err != nil {
		fmt.Fprint(c.stderr, printable.Text(text.String()))
		if ctx.Err() != nil {
			return nil, errors.New("interrupted")
		}
		hint := ""
		if bytes.Contains(text.Bytes(), []byte("exactly one main package")) {
			hint = " (a module is a package main with an empty func main)"
		}
		return nil, fmt.Errorf("go build failed in %q: %w%s", c.shorten(dir), err, hint)
	}
	return os.ReadFile(out)
}

// lookPath finds a program in the PATH that Main was given.
func (c *cli) lookPath(program string) (string, error) {
	for _, dir := range filepath.SplitList(c.getenv("PATH")) {
		if !filepath.IsAbs(dir) {
			continue // never run what lies in the current folder
		}
		if file, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return file, nil
		}
	}
	return "", fmt.Errorf("the %s command is not on PATH (install Go from https://go.dev/dl, or add it to PATH)", program)
}

// writeFile writes data to file as a whole or not at all. A file that is there
// keeps who may read it.
func writeFile(file string, data []byte) (err error) {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".ambit-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Chmod(mode); err != nil && runtime.GOOS != "windows" {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}

// size words a number of bytes.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/(1<<20)), ".0") + " MiB"
	case n >= 1<<10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/(1<<10)), ".0") + " KiB"
	}
	return plural(int(n), "byte")
}
