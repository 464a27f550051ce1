package wasi_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

// goGuest builds testdata/guest once.
var goGuest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	c := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, "./testdata/guest")
	c.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if text, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, text)
	}
	return os.ReadFile(out)
})

// want is what each scenario of the guest prints.
var want = map[string]string{
	"start":                   "permission permission /ok [] []",
	"read":                    "text",
	"read relative":           "text",
	"read denied":             "permission",
	"read dotfile":            "permission",
	"read missing":            "not exist",
	"read outside":            "permission",
	"read above":              "permission",
	"read link":               "open /A/link: Too many symbolic links",
	"write":                   "ok new",
	"write denied":            "permission, permission, open /A/link: Too many symbolic links",
	"append":                  "ok, ok, ok text and more",
	"exclusive":               "exist",
	"truncate":                "ok te",
	"mkdir all":               "ok, ok, exist, permission, permission",
	"read dir":                "dd f- hiddend linkL manyd ok",
	"walk":                    "/ /A/ /A/d/ /A/d/e/ /A/d/e/g /A/d/h /A/f /A/hidden/ /A/hidden/x /A/link /A/many/ /B/ /B/ro ok",
	"glob":                    "/A/d/e /A/d/h ok",
	"rename":                  "ok, permission, permission, permission text",
	"rename dir":              "ok /A/e/ /A/e/e/ /A/e/e/g /A/e/h ok",
	"rename dir with dotfile": "rename /A/hidden /A/e: Cross-device link",
	"remove":                  "ok, not exist, exist, permission, permission, ok, permission",
	"remove all":              "ok, ok, permission /A/ /A/f /A/hidden/ /A/hidden/x /A/link /A/many/ ok",
	"stat":                    "f4 -rw------- false permission, permission true",
	"stat slash":              "true <nil> true",
	"lstat":                   "L---------",
	"same file":               "true false",
	"chtimes":                 "ok, true",
	"links":                   "permission, permission, permission, permission not exist",
	"seek":                    "789 3AB6 ok, ok, ok, ok, ok",
	"big file":                "ok, ok, true",
	"quota":                   "true",
	"many files":              "8 true",
	"temp":                    "ok, ok, ok, ok",
	"os.Root":                 "gg ok, ok true",
	"chdir":                   "g text",
	"read dir in parts":       "300 300 300 ok",
	"sleep":                   "true",
	"world":                   "true [] true, ok, 0 true true",
	"stderr":                  "ok",
}

func TestGoGuest(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a guest")
	}
	for _, c := range []struct {
		name   string
		config wazero.RuntimeConfig
	}{{"interpreter", wazero.NewRuntimeConfigInterpreter()}, {"compiler", wazero.NewRuntimeConfigCompiler()}} {
		t.Run(c.name, func(t *testing.T) { goGuestScenarios(t, c.config) })
	}
}

func goGuestScenarios(t *testing.T, c wazero.RuntimeConfig) {
	binary, err := goGuest()
	must(t, err)
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, c)
	defer r.Close(ctx)
	must(t, wasi.Register(ctx, r))
	m, err := r.InstantiateWithConfig(ctx, binary, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	must(t, err)
	n, err := m.ExportedFunction("count").Call(ctx)
	must(t, err)
	if int(n[0]) != len(want) {
		t.Errorf("%d scenarios, %d expectations", n[0], len(want))
	}
	next := int32(0)
	for i := range n[0] {
		st, output := scenario(t, next)
		if _, err := m.ExportedFunction("run").Call(with(ctx, st), i); err != nil {
			t.Fatalf("%d: %v\n%s", i, err, output)
		}
		next = st.Files.Next()
		must(t, st.Files.Close())
		name, got, _ := strings.Cut(strings.TrimSuffix(output.String(), "\n"), ": ")
		if got != want[name] {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want[name])
		}
	}
}

// scenario is a fresh world and the state of a call in it.
func scenario(t *testing.T, first int32) (*wasi.State, *strings.Builder) {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"a/d/e", "a/private", "a/hidden", "a/many", "b", "c"} {
		must(t, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	for f, text := range map[string]string{
		"a/f": "text", "a/d/e/g": "g", "a/d/h": "h", "a/private/f": "SECRET", "a/.env": "SECRET", "a/hidden/.git": "", "a/hidden/x": "x", "b/ro": "ro", "c/x": "x",
	} {
		must(t, os.WriteFile(filepath.Join(dir, f), []byte(text), 0o644))
	}
	must(t, os.Symlink("private/f", filepath.Join(dir, "a/link")))
	b, err := files.Open(map[string]string{"A": dir + "/a", "B": dir + "/b", "C": dir + "/c"}, files.Options{})
	must(t, err)
	rule := func(s string) files.Rule {
		p, err := pattern.ParsePath(s)
		must(t, err)
		return files.Rule{Pattern: p}
	}
	deny := []files.Rule{rule("$A/private/**")}
	many := files.Rules{
		ReadAllow: []files.Rule{rule("$A/**"), rule("$B/*")}, ReadDeny: deny, WriteAllow: []files.Rule{rule("$A/**")}, WriteDeny: deny,
	}
	s, err := b.Scope(many)
	must(t, err)
	table := files.NewTable(s, files.Config{First: first, Limits: files.Limits{OpenFiles: 8, WriteBytes: 4 << 20}})
	must(t, b.Close())
	output := &strings.Builder{}
	return &wasi.State{Files: table, Output: &wasi.Output{Limit: 4096, Sink: sink(func(stream int, p []byte) {
		if stream == 1 {
			output.Write(p)
		}
	})}}, output
}

// A sleeping Go guest ends with its deadline, one that crashes says so on
// stderr.
func TestGoGuestEnds(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a guest")
	}
	binary, err := goGuest()
	must(t, err)
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	defer r.Close(ctx)
	must(t, wasi.Register(ctx, r))
	m, err := r.InstantiateWithConfig(ctx, binary, wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize"))
	must(t, err)
	st, output := scenario(t, 0)
	for i := range len(want) {
		late, cancel := context.WithDeadline(ctx, time.Now().Add(-time.Second))
		_, err := m.ExportedFunction("run").Call(with(late, st), uint64(i))
		cancel()
		var a *wasi.Abort
		if errors.As(err, &a) {
			if a.Code != authority.CodeDeadline {
				t.Errorf("ended with %v", a)
			}
			must(t, st.Files.Close())
			return
		}
		must(t, err)
	}
	t.Errorf("no scenario slept: %s", output)
}
