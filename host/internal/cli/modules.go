package cli

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/suggest"
	"github.com/ambit-wasm/ambit/host"
)

// codeModule is the code of problems with a whole module.
const codeModule = string(authority.CodeModuleInvalid)

// module is a module of an app, as far as it can be read.
type module struct {
	ref      acl.ModuleRef
	manifest authority.Manifest
	sha256   string
	refused  string // why no host would load it; empty: it would
	problems authority.Problems
}

// readModules reads the modules that ambit.toml names. What is wrong with one
// does not touch the others.
func readModules(fsys fs.FS, a *acl.App) []*module {
	var out []*module
	for _, ref := range a.Modules {
		m := &module{ref: ref}
		m.read(fsys, a)
		out = append(out, m)
	}
	return out
}

func (m *module) read(fsys fs.FS, a *acl.App) {
	own, all := m.ref.Limits, a.Limits
	limits := host.Limits{
		ModuleSize: cmp.Or(own.ModuleSize, all.ModuleSize), Memory: cmp.Or(own.Memory, all.Memory), Tables: cmp.Or(own.Tables, all.Tables),
	}
	bin, err := host.ReadModule(fsys, m.ref.File, limits.ModuleSize)
	if err != nil {
		m.refused, _, m.problems = refusal(err)
		return
	}
	m.sha256 = digest(bin)
	info, err := host.Inspect(m.ref.File, bin, limits)
	if err != nil {
		m.refused, _, m.problems = refusal(err)
		return
	}
	m.manifest, m.problems = info.Manifest, info.Problems
	if m.manifest.Name != m.ref.Name {
		m.refused = "its manifest is of a module " + strconv.Quote(m.manifest.Name)
	}
}

// policyModules are the modules as the policy takes them.
func policyModules(modules []*module) map[string]acl.Module {
	out := make(map[string]acl.Module, len(modules))
	for _, m := range modules {
		out[m.ref.Name] = acl.Module{Manifest: m.manifest, SHA256: m.sha256, Invalid: m.refused}
	}
	return out
}

// moduleProblems are what is wrong inside the modules' manifests.
func moduleProblems(modules []*module) authority.Problems {
	var out authority.Problems
	for _, m := range modules {
		out = append(out, m.problems...)
	}
	return out
}

// refusals makes errors of the warnings about modules that cannot be used: a
// host opens without them, but an app that names them is not sound. With
// --policy-only no module is read, so there they stay warnings.
func refusals(ps authority.Problems, policyOnly bool) authority.Problems {
	for i := range ps {
		if ps[i].Code == codeModule && !policyOnly {
			ps[i].Severity = authority.SeverityError
		}
	}
	return ps
}

func digest(bin []byte) string {
	sum := sha256.Sum256(bin)
	return hex.EncodeToString(sum[:])
}

// noModule is the error for a name of the command line that is no module's.
func noModule(name string, known []string) error {
	hint := "it has no modules"
	if near := suggest.Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if len(known) > 0 {
		hint = "one of " + strings.Join(known, ", ")
	}
	return usagef("the app has no module %q (%s)", name, hint)
}
