package host

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// The exports and the import modules of ABI 1.
const (
	exportMemory = "memory"
	exportInvoke = "ambit_invoke"
	exportInit   = "_initialize"
	exportWarm   = "ambit_warm"

	importABI = "ambit"
)

// ownExports begin the names under which the host adds exports of its own.
var ownExports = []string{meter.TickModule, "ambit_image"}

var i32 = wasm.I32

// abiImports are the functions of the module "ambit".
var abiImports = map[string]wasm.FuncType{
	"request": wasm.Func([]wasm.ValueType{i32}, nil),
	"reply":   wasm.Func([]wasm.ValueType{i32, i32}, nil),
	"result":  wasm.Func([]wasm.ValueType{i32}, nil),
	"log":     wasm.Func([]wasm.ValueType{i32, i32, i32}, nil),
}

// wasiImports are the functions of WASI preview 1, which are no power: they
// always link, and reach nothing without a scope.
var wasiImports = wasiTypes()

func wasiTypes() map[string]wasm.FuncType {
	types := make(map[string]wasm.FuncType)
	for _, f := range wasi.Functions() {
		types[f.Name] = wasm.FuncType{Params: string(f.Params), Results: string(f.Results)}
	}
	return types
}

// importType returns the type that a function has if the host offers it.
func importType(module, name string) (wasm.FuncType, bool) {
	switch module {
	case importABI:
		t, ok := abiImports[name]
		return t, ok
	case wasi.Module:
		t, ok := wasiImports[name]
		return t, ok
	}
	f, _ := power.Lookup(module, name)
	return powerType, f != nil
}

// checkImports refuses every import that is not a function of ABI 1 with its
// exact type, and those of powers that no command of the manifest declares.
func checkImports(m *wasm.Module, manifest *authority.Manifest) *LoadError {
	for _, imp := range m.Imports {
		if imp.Kind != wasm.KindFunc {
			return refusef(authority.CodeImportDenied, "it imports the %s %q.%q, but only functions can be imported", imp.Kind, imp.Module, imp.Name)
		}
		if _, needs := power.Lookup(imp.Module, imp.Name); needs != "" && !declares(manifest, needs) {
			return refusef(authority.CodeImportDenied, "it imports %q.%q, but none of its commands declares the power %q", imp.Module, imp.Name, needs)
		}
		want, ok := importType(imp.Module, imp.Name)
		if !ok {
			return refusef(authority.CodeImportDenied, "it imports %q.%q, which ABI 1 does not have", imp.Module, imp.Name)
		}
		if imp.Type != want {
			return refusef(authority.CodeABIMismatch, "it imports %q.%q as %s, but that is %s", imp.Module, imp.Name, imp.Type, want)
		}
	}
	return nil
}

// declares reports whether any command of the manifest declares the power.
func declares(manifest *authority.Manifest, p authority.Power) bool {
	return slices.ContainsFunc(manifest.Commands, func(c authority.Command) bool { return slices.Contains(c.Powers, p) })
}

// checkExports refuses a module that lacks what ABI 1 asks for, or has what is
// the host's.
func checkExports(m *wasm.Module) *LoadError {
	for _, e := range m.Exports {
		if slices.ContainsFunc(ownExports, func(own string) bool { return strings.HasPrefix(e.Name, own) }) {
			return refusef(authority.CodeABIMismatch, "it exports %q, a name of the host's own", e.Name)
		}
	}
	if e, ok := m.Export(exportMemory); !ok {
		return refusef(authority.CodeABIMismatch, "it has no export %q%s", exportMemory, nearExport(m, exportMemory))
	} else if e.Kind != wasm.KindMemory {
		return refusef(authority.CodeABIMismatch, "its export %q is a %s, not a memory", exportMemory, e.Kind)
	}
	for _, f := range []struct {
		name     string
		want     wasm.FuncType
		optional bool
	}{
		{exportInvoke, wasm.Func([]wasm.ValueType{i32}, []wasm.ValueType{i32}), false},
		{exportInit, wasm.FuncType{}, true},
		{exportWarm, wasm.FuncType{}, true},
	} {
		e, ok := m.Export(f.name)
		switch {
		case !ok && f.optional:
		case !ok:
			return refusef(authority.CodeABIMismatch, "it has no export %q%s", f.name, nearExport(m, f.name))
		case e.Kind != wasm.KindFunc:
			return refusef(authority.CodeABIMismatch, "its export %q is a %s, not a function", f.name, e.Kind)
		case e.Type != f.want:
			return refusef(authority.CodeABIMismatch, "its export %q is %s, but must be %s", f.name, e.Type, f.want)
		}
	}
	return nil
}

// nearExport explains a missing export by what there is instead.
func nearExport(m *wasm.Module, name string) string {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	for _, e := range m.Exports {
		if plain(e.Name) == plain(name) {
			return " (but one called " + strconv.Quote(e.Name) + ")"
		}
	}
	if _, ok := m.Export("_start"); ok && name == exportInvoke {
		return " (it is a program, not a library: build it with \"ambit build\", or with -buildmode=c-shared)"
	}
	return ""
}

// checkSizes holds what the module needs from the start against its limits.
func checkSizes(m *wasm.Module, l Limits) *LoadError {
	if m.Memory != nil && int64(m.Memory.Min) > l.Memory/pageSize {
		return refusef(authority.CodeMemoryLimit, "its memory starts with %d pages of 64 KiB, more than the %d allowed", m.Memory.Min, l.Memory/pageSize)
	}
	for _, t := range m.Tables {
		if int64(t.Min) > l.Tables {
			return refusef(authority.CodeTableLimit, "its table starts with %d elements, more than the %d allowed", t.Min, l.Tables)
		}
	}
	return nil
}
