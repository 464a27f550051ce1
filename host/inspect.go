package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// manifestSection is the custom section that carries a module's manifest.
const manifestSection = "ambit"

// maxManifest bounds that section, in bytes.
const maxManifest = 1 << 20

// ModuleInfo is what a module's binary says of itself.
type ModuleInfo struct {
	Manifest authority.Manifest // zero if there is none that could be read
	SHA256   string             // of the binary, lower-case hex
	Size     int64              // of the binary, in bytes
	Imports  []Import
	Exports  []Export
	// MemoryMin and MemoryMax are in pages of 64 KiB, TableMin and TableMax in
	// elements. A maximum of 0 means that the module sets none.
	MemoryMin, MemoryMax uint32
	TableMin, TableMax   uint32
	// Problems are those of the manifest, warnings included.
	Problems authority.Problems

	outline *wasm.Module
}

// Import is a function (or, in a module that is refused, something else) that
// a module imports.
type Import struct {
	Module, Name string
	Kind         string          // "func", "table", "memory" or "global"
	Type         string          // of a function: "(i32, i32) -> (i32)"
	Power        authority.Power // that it needs, if any
}

// Export is something that a module exports.
type Export struct {
	Name string
	Kind string // as in [Import]
	Type string // of a function
}

// Inspect reads a module's binary and checks all that [Open] checks before it
// compiles it, with these limits. The name stands for the file in positions.
// The error is a [*LoadError]; the info is not nil if the binary can be read
// at all.
func Inspect(name string, bin []byte, l Limits) (*ModuleInfo, error) {
	info, refused := inspect(name, bin, l.or(DefaultLimits()))
	if refused != nil {
		return info, refused
	}
	return info, nil
}

func inspect(name string, bin []byte, l Limits) (*ModuleInfo, *LoadError) {
	if int64(len(bin)) > l.ModuleSize {
		return nil, tooLarge(int64(len(bin)), l.ModuleSize)
	}
	outline, err := wasm.Parse(bin, wasm.Limits{Bytes: int(l.ModuleSize)})
	if err != nil {
		refused := refusef(authority.CodeModuleInvalid, "%v", err)
		refused.Err = err
		return nil, refused
	}
	info := describe(bin, outline)
	if refused := info.readManifest(name); refused != nil {
		return info, refused
	}
	if refused := checkImports(outline, &info.Manifest); refused != nil {
		return info, refused
	}
	if refused := checkExports(outline); refused != nil {
		return info, refused
	}
	if outline.Refers {
		return info, refusef(authority.CodeModuleInvalid, "its code has the instruction ref.func: each time, memory is taken that no limit counts")
	}
	return info, checkSizes(outline, l)
}

func describe(bin []byte, m *wasm.Module) *ModuleInfo {
	sum := sha256.Sum256(bin)
	info := &ModuleInfo{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(bin)), outline: m}
	for _, imp := range m.Imports {
		_, needs := power.Lookup(imp.Module, imp.Name)
		i := Import{Module: imp.Module, Name: imp.Name, Kind: imp.Kind.String(), Power: needs}
		if imp.Kind == wasm.KindFunc {
			i.Type = imp.Type.String()
		}
		info.Imports = append(info.Imports, i)
	}
	for _, exp := range m.Exports {
		e := Export{Name: exp.Name, Kind: exp.Kind.String()}
		if exp.Kind == wasm.KindFunc {
			e.Type = exp.Type.String()
		}
		info.Exports = append(info.Exports, e)
	}
	if m.Memory != nil {
		info.MemoryMin, info.MemoryMax = m.Memory.Min, m.Memory.Max
	}
	if len(m.Tables) > 0 {
		info.TableMin, info.TableMax = m.Tables[0].Min, m.Tables[0].Max
	}
	return info
}

// readManifest reads the custom section.
func (info *ModuleInfo) readManifest(name string) *LoadError {
	data, err := info.outline.Custom(manifestSection)
	if err != nil {
		hint := ""
		if missing, ok := errors.AsType[*wasm.NoSectionError](err); ok && missing.Count == 0 {
			hint = "; \"ambit build\" puts the manifest there"
		}
		return refusef(authority.CodeModuleInvalid, "it has no manifest: %v%s", err, hint)
	}
	if len(data) > maxManifest {
		return refusef(authority.CodeModuleInvalid, "its manifest has %d bytes, more than the %d allowed", len(data), maxManifest)
	}
	info.Manifest, info.Problems = acl.ParseManifestJSON(name+"#"+manifestSection, data)
	if err := info.Problems.Err(); err != nil {
		refused := refusef(codeOf(info.Problems), "its manifest is wrong: %s", firstError(info.Problems))
		refused.Problems, refused.Err = info.Problems, err
		return refused
	}
	return nil
}

// codeOf is the code of a module whose manifest is wrong.
func codeOf(ps authority.Problems) authority.Code {
	for _, p := range ps {
		if p.Severity == authority.SeverityError && p.Code == string(authority.CodeABIMismatch) {
			return authority.CodeABIMismatch
		}
	}
	return authority.CodeModuleInvalid
}

// firstError is the first problem that is no warning, and how many more there
// are.
func firstError(ps authority.Problems) string {
	first, more := "", 0
	for _, p := range ps {
		switch {
		case p.Severity != authority.SeverityError:
		case first == "":
			first = p.Error()
		default:
			more++
		}
	}
	if more > 0 {
		first += fmt.Sprintf(" (and %d more)", more)
	}
	return first
}

func tooLarge(size, limit int64) *LoadError {
	return refusef(authority.CodeModuleInvalid, "it has %d bytes, more than the %d allowed", size, limit)
}

// ReadModule reads a module's file, but never more than the limit, which is in
// bytes; 0 means the default. The error is a [*LoadError].
func ReadModule(fsys fs.FS, file string, limit int64) ([]byte, error) {
	bin, refused := readModule(fsys, file, limit)
	if refused != nil {
		return nil, refused
	}
	return bin, nil
}

func readModule(fsys fs.FS, file string, limit int64) ([]byte, *LoadError) {
	if limit <= 0 {
		limit = DefaultLimits().ModuleSize
	}
	unreadable := func(err error) *LoadError {
		why := err
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			why = p.Err
		}
		refused := refusef(authority.CodeModuleInvalid, "its file %q cannot be read: %v", file, why)
		refused.Err = err
		return refused
	}
	info, err := fs.Stat(fsys, file)
	switch {
	case err != nil:
		return nil, unreadable(err)
	case !info.Mode().IsRegular(): // opening a FIFO would wait
		return nil, refusef(authority.CodeModuleInvalid, "its file %q is not a regular file", file)
	case info.Size() > limit:
		return nil, tooLarge(info.Size(), limit)
	}
	f, err := fsys.Open(file)
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() { _ = f.Close() }()
	bin, err := io.ReadAll(io.LimitReader(f, min(limit, math.MaxInt64-1)+1))
	if err != nil {
		return nil, unreadable(err)
	}
	if int64(len(bin)) > limit {
		return nil, tooLarge(int64(len(bin)), limit)
	}
	return bin, nil
}

// Used returns, for each power that a command declares, the imports by which the
// code could use it; none for one that is declared and never imported.
func (info *ModuleInfo) Used() map[authority.Power][]string {
	out := make(map[authority.Power][]string)
	for _, c := range info.Manifest.Commands {
		for _, p := range c.Powers {
			out[p] = nil
		}
	}
	for _, imp := range info.Imports {
		name := imp.Module + "." + imp.Name
		if _, declared := out[imp.Power]; declared {
			out[imp.Power] = append(out[imp.Power], name)
		}
		if imp.Module != wasi.Module {
			continue
		}
		for p, functions := range fileImports {
			if _, declared := out[p]; declared && slices.Contains(functions, imp.Name) {
				out[p] = append(out[p], name)
			}
		}
	}
	return out
}

// fileImports are the functions without which a guest has no use of the powers for
// files: it opens and looks, or it opens and changes.
var fileImports = map[authority.Power][]string{
	authority.PowerFSRead: {"path_open", "path_filestat_get"},
	authority.PowerFSWrite: {
		"path_open", "path_create_directory", "path_remove_directory", "path_unlink_file", "path_rename", "path_filestat_set_times",
	},
}

// SetManifest puts a manifest into a module's binary, in place of the one that it
// has, if any.
func SetManifest(bin []byte, m authority.Manifest) ([]byte, error) {
	return wasm.SetCustomSection(bin, manifestSection, acl.EncodeManifest(m))
}
