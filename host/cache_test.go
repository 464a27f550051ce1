package host_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// newCache makes a cache that is closed after the test.
func newCache(t testing.TB, o host.CacheOptions) *host.Cache {
	t.Helper()
	c := host.NewCache(o)
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

// cacheDir is a folder that caches accept, whatever the umask.
func cacheDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestCache: a module that one host has compiled is not compiled by the next,
// if both keep code in the same folder and the module is metered alike.
func TestCache(t *testing.T) {
	dir := cacheDir(t)
	echo, other, grower := wasmtest.Echo(manifest("m", "run")), ok(1), tableGrower()
	onDisk := host.KnowBuild(host.CacheOptions{Dir: dir})
	for _, step := range []struct {
		name     string
		bin      []byte
		cache    host.CacheOptions
		limits   host.Limits
		result   any
		compiled uint64
	}{
		{"first", echo, onDisk, host.Limits{}, nil, 1},
		{"again", echo, onDisk, host.Limits{}, nil, 0},
		{"again, with another manifest", wasmtest.Echo(manifest("m", "run", "more")), onDisk, host.Limits{}, nil, 0},
		{"another module", other, onDisk, host.Limits{}, int64(1), 1},
		{"a limit in the code", grower, onDisk, host.Limits{Tables: 50}, int64(6), 1},
		{"a lower limit", grower, onDisk, host.Limits{Tables: 20}, int64(2), 1},
		{"the first limit", grower, onDisk, host.Limits{Tables: 50}, int64(6), 0},
		{"the first module", echo, onDisk, host.Limits{}, nil, 0},
		{"off", echo, host.CacheOptions{Off: true}, host.Limits{}, nil, 1},
		{"another folder", echo, host.KnowBuild(host.CacheOptions{Dir: cacheDir(t)}), host.Limits{}, nil, 1},
	} {
		c := newCache(t, step.cache)
		h := single(t, step.bin, host.Config{Cache: c, Limits: step.limits})
		res, err := h.Invoke(t.Context(), main, "m.run", nil)
		if err != nil || step.result != nil && res.Value != step.result {
			t.Errorf("%s: %v, %v, want %v", step.name, res.Value, err, step.result)
		}
		if got := c.Compiled(); got != step.compiled {
			t.Errorf("%s: %d modules compiled, want %d", step.name, got, step.compiled)
		}
		if c.OnDisk() == step.cache.Off {
			t.Errorf("%s: on disk: %v", step.name, c.OnDisk())
		}
	}
}

// TestCacheFolder: without a folder that can be used, modules load, and the log
// says why.
func TestCacheFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("nothing is checked there, and the user's cache dir has another name")
	}
	public := cacheDir(t)
	if err := os.Chmod(public, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		home, xdg string
		variable  string
		options   host.CacheOptions
		used      string // folder
		level     string
	}{
		"given":                      {options: host.KnowBuild(host.CacheOptions{Dir: public + "/../given"}), used: public + "/../given"},
		"default":                    {home: cacheDir(t), xdg: public + "/../xdg", options: host.KnowBuild(host.CacheOptions{}), used: public + "/../xdg/ambit"},
		"variable":                   {home: cacheDir(t), variable: public + "/../variable", options: host.KnowBuild(host.CacheOptions{}), used: public + "/../variable"},
		"given, not variable":        {variable: public + "/../no", options: host.KnowBuild(host.CacheOptions{Dir: public + "/../given2"}), used: public + "/../given2"},
		"variable: off":              {home: cacheDir(t), variable: "off", options: host.KnowBuild(host.CacheOptions{}), level: "debug"},
		"variable: others may write": {variable: public, options: host.KnowBuild(host.CacheOptions{}), level: "warn"},
		"no home":                    {options: host.KnowBuild(host.CacheOptions{}), level: "debug"},
		"others may write":           {options: host.KnowBuild(host.CacheOptions{Dir: public}), level: "warn"},
		"no folder":                  {options: host.KnowBuild(host.CacheOptions{Dir: "/dev/null/x"}), level: "warn"},
		"as tests are built":         {home: cacheDir(t), level: "debug"},
		"the same, given":            {options: host.CacheOptions{Dir: cacheDir(t)}, level: "warn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", c.home)
			t.Setenv("XDG_CACHE_HOME", c.xdg)
			t.Setenv("AMBIT_CACHE", c.variable)
			if runtime.GOOS == "darwin" && c.xdg != "" {
				c.used = c.home + "/Library/Caches/ambit"
			}
			var log bytes.Buffer
			c.options.Logger = hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Debug, JSONFormat: true})
			cache := newCache(t, c.options)
			if cache.OnDisk() != (c.used != "") {
				t.Errorf("on disk: %v", cache.OnDisk())
			}
			if got := log.String(); c.level == "" && got != "" || !strings.Contains(got, c.level) {
				t.Errorf("the log says %q, want level %q", got, c.level)
			}
			single(t, wasmtest.Echo(manifest("m", "run")), host.Config{Cache: cache})
			if c.used == "" {
				return
			}
			if list, err := os.ReadDir(c.used); err != nil || len(list) != 1 {
				t.Errorf("in the folder: %v, %v", list, err)
			}
		})
	}
}

// TestCacheForbidden: no base dir may be where compiled code is, be it of this
// cache or of others. Package files holds that no scope reaches it from above.
func TestCacheForbidden(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the user's cache dir has another name")
	}
	xdg, given := cacheDir(t), cacheDir(t)
	t.Setenv("XDG_CACHE_HOME", xdg)
	variable := cacheDir(t)
	t.Setenv("AMBIT_CACHE", variable)
	link := given + "-link"
	if err := os.Symlink(given, link); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		base    string
		options host.CacheOptions
		opens   bool
	}{
		"given":               {given, host.KnowBuild(host.CacheOptions{Dir: given}), false},
		"given, not used":     {given, host.CacheOptions{Dir: given, Off: true}, false},
		"behind a link":       {given, host.KnowBuild(host.CacheOptions{Dir: link}), false},
		"below":               {given + "/sub", host.KnowBuild(host.CacheOptions{Dir: given}), false},
		"default":             {xdg + "/ambit", host.KnowBuild(host.CacheOptions{}), false},
		"default, not used":   {xdg + "/ambit", host.CacheOptions{Off: true}, false},
		"variable":            {variable, host.CacheOptions{Off: true}, false},
		"default, above":      {xdg, host.KnowBuild(host.CacheOptions{}), true},
		"another, as control": {given, host.KnowBuild(host.CacheOptions{}), true},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(c.base, 0o700); err != nil {
				t.Fatal(err)
			}
			dir := app(t, map[string]string{"ambit.toml": "[dirs]\nX = " + strconv.Quote(c.base) + "\n"}, nil)
			h, err := host.Open(t.Context(), dir, host.Config{Cache: newCache(t, c.options)})
			if err == nil {
				closeHost(t, h)
			}
			if c.opens != (err == nil) {
				t.Errorf("opened with a base dir %s: %v", c.base, err)
			}
		})
	}
}

// TestLoadQueue: loads take turns. As many wait as may, and give up when their
// context ends; one more is refused at once.
func TestLoadQueue(t *testing.T) {
	h := single(t, ok(1), host.Config{})
	release := h.HoldLoads()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	results := make(chan error, host.MaxWaiting)
	for range host.MaxWaiting {
		go func() { results <- h.Load(ctx, "m", ok(1)) }()
	}
	for h.WaitingLoads() < host.MaxWaiting {
		time.Sleep(time.Millisecond)
	}
	err := h.Load(t.Context(), "m", ok(1))
	if e, is := errors.AsType[*host.LoadError](err); !is || e.Code != authority.CodeQuota || e.Module != "m" {
		t.Errorf("one too many: %v", err)
	}
	unloaded := make(chan error)
	go func() { unloaded <- h.Unload(t.Context(), "m") }() // is not refused
	select {
	case err := <-unloaded:
		t.Errorf("unloaded during a load: %v", err)
	case <-time.After(10 * time.Millisecond):
	}
	cancel()
	for range host.MaxWaiting {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("one that waited: %v", err)
		}
	}
	go func() { results <- h.Load(t.Context(), "m", ok(2)) }()
	for h.WaitingLoads() == 0 {
		time.Sleep(time.Millisecond)
	}
	release()
	if err := errors.Join(<-results, <-unloaded); err != nil {
		t.Errorf("control: %v", err)
	}
	if n := h.WaitingLoads(); n != 0 {
		t.Errorf("%d loads wait", n)
	}
}
