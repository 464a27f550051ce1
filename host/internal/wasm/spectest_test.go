package wasm_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// generous are limits for modules that test an engine and not its host.
var generous = wasm.Limits{Tables: 100, Functions: 1_000_000, Body: 16 << 20, Name: 1 << 20, AllNames: 1 << 24, Nesting: 100_000, Targets: 1 << 20,
	Blocks: 1 << 20, AllBlocks: 1 << 30, Merges: 1 << 30, Loops: 1 << 30, Passed: 1 << 30, Exports: 100_000}

// specCommand is a step of a test of the core specification.
type specCommand struct {
	Type       string `json:"type"`
	Filename   string `json:"filename"`
	Text       string `json:"text"`
	ModuleType string `json:"module_type"`
}

// forEachSpecModule visits the binaries of the specification's tests that
// wazero carries in the module cache.
func forEachSpecModule(t testing.TB, visit func(name string, c specCommand, bin []byte)) {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal", "integration_test", "spectest")
	if _, missing := os.Stat(dir); err != nil || missing != nil {
		t.Skipf("the module cache has no source of wazero with the specification's tests: %v", errors.Join(err, missing))
	}
	scripts, err := filepath.Glob(filepath.Join(dir, "v[12]", "testdata", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		var steps struct {
			Commands []specCommand `json:"commands"`
		}
		if err := json.Unmarshal(text, &steps); err != nil {
			t.Fatal(err)
		}
		for _, c := range steps.Commands {
			if !strings.HasSuffix(c.Filename, ".wasm") {
				continue
			}
			bin, err := os.ReadFile(filepath.Join(filepath.Dir(script), c.Filename))
			if err != nil {
				t.Fatal(err)
			}
			visit(filepath.Base(filepath.Dir(filepath.Dir(script)))+"/"+c.Filename, c, bin)
		}
	}
}

// TestSpec holds the gate against the tests of the core specification: what
// must be a module is one here, and what must not be a binary is none.
func TestSpec(t *testing.T) {
	valid, malformed, invalid, refused := 0, 0, 0, 0
	forEachSpecModule(t, func(name string, c specCommand, bin []byte) {
		_, err := wasm.Parse(bin, generous)
		switch c.Type {
		case "module", "assert_uninstantiable", "assert_unlinkable", "assert_trap":
			if valid++; err != nil {
				t.Errorf("%s (%s): %v", name, c.Type, err)
			}
		case "assert_malformed":
			if malformed++; err == nil {
				t.Errorf("%s: accepted, but: %s", name, c.Text)
			}
		case "assert_invalid":
			if invalid++; err != nil {
				refused++
			}
		}
	})
	t.Logf("%d modules accepted, %d malformed ones refused; of %d with wrong types or indices %d refused here, the others are for wazero",
		valid, malformed, invalid, refused)
	if valid < 1000 || malformed < 100 {
		t.Errorf("looked at %d modules and %d malformed ones", valid, malformed)
	}
}
