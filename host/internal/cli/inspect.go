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

const inspectLong = `Inspect shows what a module's file is, without running it: name and version,
commands with the powers that each may be lent, permissions and sets, what it
imports and exports, its memory, size and digest. For a file that no host
would load it says what is wrong, and shows what can be read.

With --json, "manifest" is the manifest as the file carries it.

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
	Imports  []importJSON    `json:"imports"`
	Exports  []exportJSON    `json:"exports"`
	Memory   memoryJSON      `json:"memory"`

	manifest authority.Manifest
	problems authority.Problems
	readable bool // the manifest is
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

func (c *cli) inspectCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "inspect FILE.wasm",
		Short: "Show what a module is and what it asks for",
		Long:  inspectLong,
		Example: `  ambit inspect app/modules/fs.wasm
  ambit inspect --json notes.wasm | jq '.manifest.command[].powers'`,
		Args: exactly("the module's file"),
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.inspect(args[0], asJSON) }),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.ValidArgsFunction = cobra.FixedCompletions([]string{"wasm"}, cobra.ShellCompDirectiveFilterFileExt)
	return cmd
}

func (c *cli) inspect(name string, asJSON bool) (int, error) {
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
	m := inspectModule(name, bin)
	code := exitOK
	if m.Problem != "" {
		code = exitError
	}
	if asJSON {
		return code, writeJSON(c.stdout, m)
	}
	c.printModule(c.stdout, m)
	return code, nil
}

// inspectModule reads a module as far as it can be read.
func inspectModule(file string, bin []byte) *moduleInfo {
	m := &moduleInfo{
		File: file, Size: int64(len(bin)), SHA256: digest(bin),
		Imports: []importJSON{}, Exports: []exportJSON{}, Manifest: json.RawMessage("null"),
	}
	info, err := host.Inspect(filepath.ToSlash(file), bin, host.Limits{})
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
	for _, e := range info.Exports {
		m.Exports = append(m.Exports, exportJSON{e.Name, e.Kind, e.Type})
	}
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
	}
	if len(m.Exports) > 0 {
		fmt.Fprintf(w, "memory\n  %s\n", memoryText(m.Memory))
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
