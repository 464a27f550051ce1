//go:build !wasip1

package sdktest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk"
)

// built are the modules that [Build] has made in this process, by folder.
var built sync.Map // of func() ([]byte, error)

// Build compiles the main package in dir and puts in the manifest, both as "ambit
// build" does: manifest.toml is in that folder or the nearest one above it, up to
// the folder of go.mod. A folder is built once in a process; each call returns a
// copy, which the test may change. It skips the test under -short. It is safe for
// concurrent use.
func Build(t testing.TB, dir string) []byte {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a module")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	build, _ := built.LoadOrStore(dir, sync.OnceValues(func() ([]byte, error) { return buildModule(dir) }))
	bin, err := build.(func() ([]byte, error))()
	if err != nil {
		t.Fatalf("sdktest: %v", err)
	}
	return bytes.Clone(bin)
}

func buildModule(dir string) ([]byte, error) {
	file, err := findManifest(dir)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m, problems := acl.ParseManifest(file, text)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "ambit-module-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	out := filepath.Join(tmp, "module.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build %s: %w\n%s", dir, err, text)
	}
	bin, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return host.SetManifest(bin, m)
}

// findManifest looks for the manifest where "ambit build" does.
func findManifest(dir string) (string, error) {
	for at := dir; ; at = filepath.Dir(at) {
		file := filepath.Join(at, "manifest.toml")
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil || at == filepath.Dir(at) {
			return "", fmt.Errorf("no manifest.toml in %q or above it, up to %q", dir, at)
		}
	}
}

// CheckManifest reads a manifest and complains of whatever a host would, and of
// commands that differ from those registered.
func CheckManifest(t testing.TB, file string, registered []string) authority.Manifest {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, problems := acl.ParseManifest(file, text)
	_, more := authority.New(authority.Policy{Manifests: []authority.Manifest{m}, Platform: host.Platform()})
	for _, p := range append(problems, more...) {
		t.Error(p)
	}
	var names []string
	for _, c := range m.Commands {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	if registered = slices.Sorted(slices.Values(registered)); !slices.Equal(names, registered) {
		t.Errorf("the manifest has the commands %q, registered are %q", names, registered)
	}
	return m
}

// compiled keeps the code of modules for all hosts of a test's process.
var compiled = sync.OnceValue(func() *host.Cache { return host.NewCache(host.CacheOptions{Off: true}) })

// Open opens a real host on an app with modules, as [Build] returns them, which
// the app trusts, and capabilities, the text of a TOML file in the folder
// capabilities; empty means that there is none. It is closed after the test. All
// hosts of a process share compiled code, unless c names a cache. Limits of loading
// and of a call's time that are not given are those of a slow machine.
func Open(t testing.TB, c host.Config, capabilities string, modules ...[]byte) *host.Host {
	t.Helper()
	files := make(map[string][]byte)
	if capabilities != "" {
		files["capabilities/main.toml"] = []byte(capabilities)
	}
	return open(t, c, nil, files, modules...)
}

// open opens a host on an app with these base dirs, policy files and modules.
func open(t testing.TB, c host.Config, dirs map[string]string, files map[string][]byte, modules ...[]byte) *host.Host {
	t.Helper()
	dir, toml := t.TempDir(), "[dirs]\n"
	for name, path := range dirs {
		toml += fmt.Sprintf("%s = %q\n", name, path)
	}
	for _, bin := range modules {
		info, err := host.Inspect("module.wasm", bin, host.Limits{})
		if err != nil {
			t.Fatalf("sdktest: %v", err)
		}
		name := info.Manifest.Name
		files["modules/"+name+".wasm"] = bin
		toml += "[[module]]\nname = \"" + name + "\"\ntrusted = true\n"
	}
	files["ambit.toml"] = []byte(toml)
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if c.Limits.Load == 0 {
		c.Limits.Load = 5 * time.Minute
	}
	if c.Limits.Deadline == 0 {
		c.Limits.Deadline = time.Minute
	}
	if c.Cache == nil {
		c.Cache = compiled()
	}
	h, err := host.Open(t.Context(), dir, c)
	if err != nil {
		t.Fatalf("sdktest: %v", err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, m := range h.Modules() {
		if m.Refused != nil {
			t.Fatalf("sdktest: %v", m.Refused)
		}
	}
	return h
}

// Code returns the code of an error of [Host.Invoke] or of [host.Host.Invoke];
// "denied" if the authority refused, "" if there is none.
func Code(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*sdk.Error](err); ok {
		return e.Code
	}
	if e, ok := errors.AsType[*host.Error](err); ok {
		return string(e.Code)
	}
	return "denied"
}
