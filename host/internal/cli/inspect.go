package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const inspectLong = `Inspect shows what a module's file is: name and version, commands with the
powers that each may be lent, what of each power the code imports (one that is
declared and never imported is marked), permissions and sets, what it imports
and exports, its memory, size and digest. For a file that no host would load it
says what is wrong, and shows what can be read.

It loads the module as a host does, with the default limits: the module is
compiled, started in the sandbox without any power, and what it has then is
the image from which calls begin. No command runs. "load" says how long that
took, how large the image is, and how an instance is made clean after a call:
each way was tried, and the fastest is taken, unless --reset forces one.
With --static nothing is compiled and nothing of the module runs.

With --json, "manifest" is the manifest as the file carries it, and "load" is
null if the module was not loaded; times are in nanoseconds.

Exit codes
  0  a host would load it    1  it would not, or it cannot be read    2  wrong usage`

// pageSize is the unit of a module's memory.
const pageSize = 64 << 10

// moduleInfo is what `ambit inspect --json` prints.
type moduleInfo struct {
	File     string          `json:"file"`
	Size     int64           `json:"size"`
	SHA256   string          `json:"sha256"`
	Problem  string          `json:"problem"` // why a host would refuse it; empty: it would not
	Code     string          `json:"code"`    // the problem's code
	Problems []problemJSON   `json:"problems"`
	Name     string          `json:"name"`
	Version  string          `json:"version"`
	Manifest json.RawMessage `json:"manifest"`
	Powers   []powerJSON     `json:"powers"` // that a command declares
	Imports  []importJSON    `json:"imports"`
	Exports  []exportJSON    `json:"exports"`
	Memory   memoryJSON      `json:"memory"`
	Load     *loadJSON       `json:"load"` // null: it was not loaded

	manifest authority.Manifest
	problems authority.Problems
	readable bool // the manifest is
}

// powerJSON is a power that commands declare, and what the code imports of it.
type powerJSON struct {
	Power    string   `json:"power"`
	Commands []string `json:"commands"`
	Imports  []string `json:"imports"` // none: it is declared and never imported
}

type importJSON struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Power  string `json:"power"` // empty: it takes none
}

type exportJSON struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Type string `json:"type"`
}

type memoryJSON struct {
	MinPages uint32 `json:"min_pages"`
	MaxPages uint32 `json:"max_pages"`
}

type inspectFlags struct {
	cacheFlags
	json   bool
	static bool
	reset  string
}

func (c *cli) inspectCommand() *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect FILE.wasm",
		Short: "Show what a module is and what it asks for",
		Long:  inspectLong,
		Example: `  ambit inspect app/modules/fs.wasm
  ambit inspect --static from-a-stranger.wasm          run nothing of it
  ambit inspect --json notes.wasm | jq '.manifest.command[].powers'`,
		Args: exactly("the module's file"),
		RunE: c.run(func(ctx context.Context, args []string) (int, error) { return c.inspect(ctx, &f, args[0]) }),
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&f.static, "static", false, "read the file only: compile nothing, run nothing")
	cmd.Flags().StringVar(&f.reset, "reset", "", "the `way` to make instances clean: "+strings.Join(host.ResetStrategies(), ", ")+" (default: the fastest)")
	complete(cmd, "reset", host.ResetStrategies()...)
	f.add(cmd)
	for _, flag := range []string{"reset", "no-cache", "cache-dir"} {
		cmd.MarkFlagsMutuallyExclusive("static", flag)
	}
	cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"wasm"}, cobra.ShellCompDirectiveFilterFileExt)
	return cmd
}

func (c *cli) inspect(ctx context.Context, f *inspectFlags, name string) (int, error) {
	if f.given("reset") && !slices.Contains(host.ResetStrategies(), f.reset) {
		return exitUsage, usagef("--reset %q is not one of %s", f.reset, strings.Join(host.ResetStrategies(), ", "))
	}
	file := c.path(name)
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return exitError, fmt.Errorf("the module's file %q: %w", name, cause(err))
	case info.IsDir():
		return exitError, fmt.Errorf("%q is a folder, not a module's file", name)
	}
	bin, err := host.ReadModule(os.DirFS(filepath.Dir(file)), filepath.Base(file), 0)
	if err != nil {
		return exitError, err
	}
	m, err := c.inspectAs(ctx, f, name, bin)
	if err != nil {
		return exitError, err
	}
	code := exitOK
	if m.Problem != "" {
		code = exitError
	}
	if f.json {
		return code, writeJSON(c.stdout, m)
	}
	c.printModule(c.stdout, m)
	return code, nil
}

// inspectAs reads a module, and loads it unless nothing of it is to run.
func (c *cli) inspectAs(ctx context.Context, f *inspectFlags, name string, bin []byte) (*moduleInfo, error) {
	if f.static {
		return inspectModule(name, bin), nil
	}
	cache, err := c.cache(&f.cacheFlags, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = cache.Close(context.WithoutCancel(ctx)) }()
	r, err := host.Try(ctx, filepath.ToSlash(name), bin, host.Config{Cache: cache, Reset: f.reset})
	m := newModuleInfo(name, bin, r.Info, err)
	if err == nil {
		m.Load = newLoadJSON(r)
	}
	return m, nil
}

// inspectModule reads a module as far as it can be read.
func inspectModule(file string, bin []byte) *moduleInfo {
	info, err := host.Inspect(filepath.ToSlash(file), bin, host.Limits{})
	return newModuleInfo(file, bin, info, err)
}

// newModuleInfo is what is known of a module; err is why it is refused, if it is.
func newModuleInfo(file string, bin []byte, info *host.ModuleInfo, err error) *moduleInfo {
	m := &moduleInfo{
		File: file, Size: int64(len(bin)), SHA256: digest(bin),
		Powers: []powerJSON{}, Imports: []importJSON{}, Exports: []exportJSON{}, Manifest: json.RawMessage("null"),
	}
	if err != nil {
		m.Problem, m.Code, m.problems = refusal(err)
	}
	if info != nil {
		m.fill(info)
	}
	m.Problems = problemsJSON(m.problems)
	return m
}

// refusal takes apart the error of a module that no host would load.
func refusal(err error) (text, code string, problems authority.Problems) {
	var le *host.LoadError
	if !errors.As(err, &le) {
		return err.Error(), codeModule, nil
	}
	text = le.Text
	if text == "" {
		text = le.Error()
	}
	return text, string(le.Code), le.Problems
}

func (m *moduleInfo) fill(info *host.ModuleInfo) {
	m.manifest, m.readable = info.Manifest, info.Manifest.Name != ""
	m.problems = append(m.problems, info.Problems...)
	m.Name, m.Version = info.Manifest.Name, info.Manifest.Version
	if m.readable {
		m.Manifest = acl.EncodeManifest(info.Manifest)
	}
	m.Memory = memoryJSON{info.MemoryMin, info.MemoryMax}
	for _, i := range info.Imports {
		m.Imports = append(m.Imports, importJSON{i.Module, i.Name, i.Type, string(i.Power)})
	}
	m.Powers = powersOf(info)
	for _, e := range info.Exports {
		m.Exports = append(m.Exports, exportJSON{e.Name, e.Kind, e.Type})
	}
}

// powersOf lists the powers of a module, in the order of [authority.Powers].
func powersOf(info *host.ModuleInfo) []powerJSON {
	out := []powerJSON{}
	used := info.Used()
	for _, p := range authority.Powers() {
		imports, declared := used[p]
		if !declared {
			continue
		}
		j := powerJSON{Power: string(p), Imports: append([]string{}, imports...)}
		slices.Sort(j.Imports)
		for _, c := range info.Manifest.Commands {
			if slices.Contains(c.Powers, p) {
				j.Commands = append(j.Commands, c.Name)
			}
		}
		out = append(out, j)
	}
	return out
}

// printPowers prints what the code imports of each power, and which it declares
// for nothing.
func printPowers(w io.Writer, powers []powerJSON) {
	printNames(w, "powers", len(powers), func(i int) string {
		p := powers[i]
		if len(p.Imports) == 0 {
			return p.Power + ": " + "declared, but never imported (by " + strings.Join(p.Commands, ", ") + ")"
		}
		return p.Power + ": " + strings.Join(p.Imports, ", ")
	})
}

// printModule prints a module for people.
func (c *cli) printModule(w io.Writer, m *moduleInfo) {
	title := "module without a readable manifest"
	if m.readable {
		title = strings.TrimSpace(m.Name+" "+m.Version) + describe(m.manifest.Description)
	}
	fmt.Fprintln(w, printable.Line(title))
	fmt.Fprintf(w, "  file      %s, %s\n  sha256    %s\n", printable.Line(m.File), size(m.Size), m.SHA256)
	if m.Problem != "" {
		fmt.Fprintf(w, "  %s %s (%s)\n", c.paint(w, red, "refused:"), printable.Line(m.Problem), printable.Line(m.Code))
	}
	c.printProblems(w, m.problems)
	if m.readable {
		printManifest(w, m.manifest)
		printPowers(w, m.Powers)
	}
	if len(m.Exports) > 0 {
		fmt.Fprintf(w, "memory\n  %s\n", memoryText(m.Memory))
	}
	if m.Load != nil {
		m.Load.print(w)
	}
	printImports(w, m.Imports)
	printNames(w, "exports", len(m.Exports), func(i int) string { return m.Exports[i].Name })
}

// printImports prints what a module imports, by the module it comes from.
func printImports(w io.Writer, imports []importJSON) {
	names, order := map[string][]string{}, []string{}
	for _, imp := range imports {
		if names[imp.Module] == nil {
			order = append(order, imp.Module)
		}
		text := imp.Name
		if imp.Power != "" {
			text += " (power " + imp.Power + ")"
		}
		names[imp.Module] = append(names[imp.Module], text)
	}
	slices.Sort(order)
	printNames(w, "imports", len(order), func(i int) string {
		list := names[order[i]]
		slices.Sort(list)
		return order[i] + ": " + strings.Join(slices.Compact(list), ", ")
	})
}

func memoryText(m memoryJSON) string {
	text := size(int64(m.MinPages)*pageSize) + " at the start, "
	if m.MaxPages == 0 {
		return text + "no maximum of its own"
	}
	return text + "at most " + size(int64(m.MaxPages)*pageSize)
}

// printManifest prints what a module offers.
func printManifest(w io.Writer, m authority.Manifest) {
	fmt.Fprintf(w, "  abi       %d\n", m.ABI)
	if len(m.Commands) > 0 {
		fmt.Fprintln(w, "commands")
	}
	for _, cmd := range m.Commands {
		powers := "no power"
		if len(cmd.Powers) > 0 {
			powers = joinPowers(cmd.Powers)
		}
		fmt.Fprintf(w, "  %s [%s]%s\n", printable.Line(cmd.Name), printable.Line(powers), printable.Line(describe(cmd.Description)))
	}
	sets := m.Sets
	if m.Default != nil {
		def := *m.Default
		def.Identifier = "default"
		sets = append([]authority.Set{def}, sets...)
	}
	printNames(w, "sets", len(sets), func(i int) string {
		members := make([]string, len(sets[i].Members))
		for j, r := range sets[i].Members {
			members[j] = r.Identifier
		}
		return sets[i].Identifier + " = " + strings.Join(members, ", ")
	})
	printNames(w, "permissions", len(m.Permissions), func(i int) string {
		return m.Permissions[i].Identifier + describe(m.Permissions[i].Description)
	})
}

func describe(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	return ": " + text
}

func joinPowers(ps []authority.Power) string {
	out := make([]string, len(ps))
	for i, p := range ps {
		out[i] = string(p)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// printNames prints a list with a title, one name to a line.
func printNames(w io.Writer, title string, n int, name func(int) string) {
	if n == 0 {
		return
	}
	fmt.Fprintln(w, title)
	for i := range n {
		fmt.Fprintf(w, "  %s\n", printable.Line(name(i)))
	}
}
