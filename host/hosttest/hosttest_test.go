package hosttest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/hosttest"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// newApp is the folder of an app with a command in Go, for its window.
func newApp(t *testing.T, c *host.Config) string {
	t.Helper()
	dir := t.TempDir()
	capability := "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\"app:allow-ping\"]\n"
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "ambit.toml"), nil, 0o600), os.Mkdir(filepath.Join(dir, "capabilities"), 0o700),
		os.WriteFile(filepath.Join(dir, "capabilities", "main.toml"), []byte(capability), 0o600)); err != nil {
		t.Fatal(err)
	}
	c.Native = []host.Native{{
		Manifest: authority.Manifest{Name: "app", Version: "1.0.0", Commands: []authority.Command{{Name: "ping"}}},
		Funcs:    map[string]host.Func{"ping": func(context.Context, *host.NativeCall) (any, error) { return "pong", nil }},
	}}
	return dir
}

// TestHostile attacks a host of a small app.
func TestHostile(t *testing.T) {
	var native host.Config
	dir := newApp(t, &native)
	hosttest.Run(t, func(ctx context.Context, c host.Config) (*host.Host, error) {
		c.Cache, c.Native = host.NewCache(host.CacheOptions{Off: true}), native.Native
		c.Limits.MemoryTotal, c.Limits.Deadline = 192<<20, time.Second
		return host.Open(ctx, dir, c)
	})
	// A child may have 352 MiB: all together stay below 512.
	if peak := peakMemory(); peak > 160<<20 && !hosttest.IsChild() {
		t.Errorf("%d MiB of memory at the peak", peak>>20)
	}
}

// peakMemory is what this process had at most, or 0 where the system does not tell.
func peakMemory() (bytes int64) {
	text, _ := os.ReadFile("/proc/self/status")
	if _, rest, ok := strings.Cut(string(text), "VmHWM:"); ok {
		_, _ = fmt.Sscan(rest, &bytes)
	}
	return bytes << 10
}

// TestCases holds what the list of cases promises.
func TestCases(t *testing.T) {
	names, rows, last := map[string]bool{}, map[string]bool{}, ""
	for _, c := range hosttest.Cases() {
		if names[c.Name] {
			t.Errorf("the name %q is there twice", c.Name)
		}
		if c.Tries == "" || len(c.Row()) != 3 || c.Row() < last {
			t.Errorf("case %+v", c)
		}
		names[c.Name], rows[c.Row()], last = true, true, c.Row()
	}
	if len(rows) < 130 || len(names) < 300 {
		t.Errorf("%d cases of %d rows", len(names), len(rows))
	}
	t.Logf("%d cases of %d rows", len(names), len(rows))
}

// TestTightLimits attacks a host that gives modules little of everything: what a case
// cannot do there is no breach.
func TestTightLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("attacks a second host")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ambit.toml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	hosttest.Run(t, func(ctx context.Context, c host.Config) (*host.Host, error) {
		c.Cache = host.NewCache(host.CacheOptions{Off: true})
		c.Limits = host.Limits{
			ModuleSize: 64 << 10, Memory: 2 << 20, MemoryTotal: 64 << 20, Tables: 100, Deadline: 300 * time.Millisecond, CPU: 1e8, Request: 64 << 10, Reply: 32 << 10,
			Log: 1 << 10, Random: 1 << 10, HostCalls: 2000, OpenFiles: 4, WriteBytes: 1 << 10, FilesCreated: 4, Keys: 10, KeyBytes: 1 << 10, KeyValue: 100, FetchBytes: 1 << 10,
			FetchesAll: 2, Programs: 1, ProgramOutput: 1 << 10, CallDepth: 2, Invokes: 4, EventRate: 10, EventSize: 100, Kept: 2, Concurrent: 4, ConcurrentAll: 16,
		}
		return host.Open(ctx, dir, c)
	})
}

// TestGoGuest attacks with a module that is built with Go and the SDK.
func TestGoGuest(t *testing.T) {
	bin := sdktest.Build(t, "testdata/goguest")
	var native host.Config
	dir := newApp(t, &native)
	a := hosttest.NewAttacker(func(ctx context.Context, c host.Config) (*host.Host, error) {
		c.Cache, c.Native = host.NewCache(host.CacheOptions{Off: true}), native.Native
		c.Limits.Load = time.Minute
		return host.Open(ctx, dir, c)
	}, nil)
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	budgets := []authority.Code{authority.CodeDeadline, authority.CodeMemoryLimit, authority.CodeCallLimit, authority.CodeCPULimit}
	for _, tt := range []struct {
		do     string
		expect []authority.Code
	}{
		{"files", nil}, {"process", nil}, {"net", nil}, {"exec", nil}, {"goroutines", budgets}, {"memory", budgets}, {"sleep", budgets},
		{"stack", append(budgets, authority.CodeGuestError, authority.CodeStackLimit)}, {"panic", []authority.Code{authority.CodeGuestError}}, {"exit", []authority.Code{authority.CodeBadResult}},
		{"deadlock", append(budgets, authority.CodeGuestError, authority.CodeBadResult)},
	} {
		t.Run(tt.do, func(t *testing.T) {
			r := a.Attack(t.Context(), hosttest.Guest("300/Go, "+tt.do, "use what Go has", bin, map[string]string{"do": tt.do}, tt.expect...))
			t.Log(r.Happened)
			for _, b := range r.Breaches {
				t.Error(b)
			}
		})
	}
}
