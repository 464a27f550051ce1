package hosttest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/hosttest"
)

// TestHostile attacks a host of an empty app.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ambit.toml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	hosttest.Run(t, func(ctx context.Context, c host.Config) (*host.Host, error) {
		c.Cache = host.NewCache(host.CacheOptions{Off: true})
		c.Limits.MemoryTotal, c.Limits.Deadline = 256<<20, time.Second
		return host.Open(ctx, dir, c)
	})
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
