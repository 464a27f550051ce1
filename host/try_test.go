package host_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestTry loads a good module in each way, with both engines.
func TestTry(t *testing.T) {
	engines(t, func(t *testing.T, c host.Config) {
		c.Cache = shared
		bin := wasmtest.Echo(manifest("m", "run"))
		for _, reset := range append(host.ResetStrategies(), "") {
			c.Reset = reset
			r, err := host.Try(t.Context(), "m.wasm", bin, c)
			if e, ok := errors.AsType[*host.LoadError](err); ok && e.Code == authority.CodeHostError && reset != "" {
				t.Logf("%s does not work here: %v", reset, err)
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", reset, err)
			}
			if r.Info.Manifest.Name != "m" || r.Check <= 0 || r.Compile <= 0 || r.Start <= 0 || r.Cached {
				t.Errorf("%s: report %+v", reset, r)
			}
			im := r.Image
			switch reset {
			case "restart":
				if im.Reset != reset || im.Why == "" || im.Bytes != 0 || len(im.Trials) != 0 || im.Kept != 0 {
					t.Errorf("%s: image %+v", reset, im)
				}
				continue
			case "":
				if len(im.Trials) != len(host.ResetStrategies())-1 {
					t.Errorf("trials %+v", im.Trials)
				}
			default:
				if im.Reset != reset || len(im.Trials) != 1 {
					t.Errorf("%s: image %+v", reset, im)
				}
			}
			i := slices.IndexFunc(im.Trials, func(trial host.ResetTrial) bool { return trial.Reset == im.Reset })
			if i < 0 || im.Trials[i].Err != nil || im.Trials[i].Took <= 0 || im.Why != "" || im.Bytes != 64<<10 || im.Waiting != 0 || im.Kept != im.Bytes {
				t.Errorf("%s: image %+v", reset, im)
			}
		}
	})
}

// TestTryRefuses holds that what no host loads is refused alike.
func TestTryRefuses(t *testing.T) {
	for _, bad := range hostile.Modules("m") {
		name := bad.Name
		if name == "024/another name" { // which is nobody's here
			continue
		}
		r, err := host.Try(t.Context(), "m.wasm", bad.Bytes, host.Config{Cache: shared})
		e, ok := errors.AsType[*host.LoadError](err)
		if !ok || e.Code != bad.Code || !strings.Contains(e.Text, bad.Why) {
			t.Errorf("%s: %v, want %s … %s", name, err, bad.Code, bad.Why)
		}
		if info, inspected := host.Inspect("m.wasm", bad.Bytes, host.Limits{}); (info == nil) != (r.Info == nil) || inspected != nil && r.Compile != 0 {
			t.Errorf("%s: report %+v", name, r)
		}
		if r.Image != nil {
			t.Errorf("%s: it has an image", name)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	echo := wasmtest.Echo(manifest("m", "run"))
	for name, c := range map[string]struct {
		ctx    context.Context
		bin    []byte
		config host.Config
		want   authority.Code
	}{
		"no time":        {t.Context(), ok(77), host.Config{Limits: host.Limits{Load: 1}}, authority.CodeDeadline},
		"canceled":       {gone, ok(78), host.Config{}, authority.CodeCanceled},
		"no memory":      {t.Context(), echo, host.Config{Limits: host.Limits{MemoryTotal: 1}}, authority.CodeQuota},
		"loop at start":  {t.Context(), loopAtStart(exportInitialize, ""), host.Config{Limits: host.Limits{CPU: 1e6}}, authority.CodeCPULimit},
		"limit of bytes": {t.Context(), echo, host.Config{Limits: host.Limits{ModuleSize: 9}}, authority.CodeModuleInvalid},
	} {
		c.config.Cache = shared
		_, err := host.Try(c.ctx, "m.wasm", c.bin, c.config)
		if e, ok := errors.AsType[*host.LoadError](err); !ok || e.Code != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := host.Try(t.Context(), "m.wasm", echo, host.Config{Reset: "foo"}); err == nil || !strings.Contains(err.Error(), `no "foo" here`) {
		t.Errorf("an unknown way to reset: %v", err)
	}
}

// TestForcedReset: a way that does not work for a module is no fault of the
// module's.
func TestForcedReset(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("all ways work")
	}
	g := &wasmtest.Guest{}
	g.Memory(0)
	g.Export("memory", 2, 0)
	bin := g.Invoke(wasmtest.Code{}.I32(0)).Manifest(manifest("m", "run")).Bytes()
	_, err := host.Try(t.Context(), "m.wasm", bin, host.Config{Cache: shared, Reset: "remap"})
	if e, ok := errors.AsType[*host.LoadError](err); !ok || e.Code != authority.CodeHostError || !strings.Contains(e.Text, `the strategy "remap"`) {
		t.Errorf("forced: %v", err)
	}
	r, err := host.Try(t.Context(), "m.wasm", bin, host.Config{Cache: shared}) // control
	if err != nil || r.Image.Reset != "copy" && r.Image.Reset != "compare" || r.Image.Trials[2].Err == nil {
		t.Errorf("control: %+v, %v", r.Image, err)
	}
}

// TestTryCache: code that is in the folder is found there, and nothing else is
// left: no goroutine, no open file.
func TestTryCache(t *testing.T) {
	bin, bad := wasmtest.Echo(manifest("m", "run")), trapAtStart()
	dir := cacheDir(t)
	goroutines, files := runtime.NumGoroutine(), openFiles()
	for i, cached := range []bool{false, true} {
		func() {
			cache := host.NewCache(host.KnowBuild(host.CacheOptions{Dir: dir}))
			defer func() { _ = cache.Close(context.Background()) }()
			r, err := host.Try(t.Context(), "m.wasm", bin, host.Config{Cache: cache})
			if err != nil || r.Cached != cached {
				t.Errorf("try %d: cached %v, %v", i, r.Cached, err)
			}
			if _, err := host.Try(t.Context(), "m.wasm", bad, host.Config{Cache: cache}); err == nil {
				t.Error("loaded a module that traps")
			}
		}()
	}
	waitFor(t, func() bool { return runtime.NumGoroutine() <= goroutines && openFiles() <= files })
}

func trapAtStart() []byte {
	g := wasmtest.NewGuest().Invoke(wasmtest.EchoCode())
	g.Start(g.Func("", "", "", wasmtest.Code{}.Unreachable()))
	return g.Manifest(man).Bytes()
}

// openFiles counts the files that are open, where the system tells.
func openFiles() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}
