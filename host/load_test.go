package host_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestManyChecks holds that what the compiler can bear is loaded.
func TestManyChecks(t *testing.T) {
	for name, body := range map[string]wasmtest.Code{"loops": hostile.Loops(1200), "roots": hostile.Roots(100_000)} {
		g := wasmtest.NewGuest().Invoke(wasmtest.EchoCode())
		g.Table(1)
		g.Element(0, g.Func("", "", wasmtest.I32, body)) // a reference, but not by an instruction
		g.Manifest(manifest("m", "run"))
		if r := single(t, g.Bytes(), host.Config{}).Modules()[0].Refused; r != nil {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func envGuest(manifest string) []byte {
	g := &wasmtest.Guest{}
	g.Import("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	g.Memory(1)
	g.Export("memory", 2, 0)
	return g.Invoke(wasmtest.Code{}.I32(0)).Manifest(manifest).Bytes()
}

// TestBadModules opens an app with a bad module and a good one: the bad one is
// refused by name with its reason, the good one works.
func TestBadModules(t *testing.T) {
	good := wasmtest.Echo(manifest("good", "run"))
	for _, bad := range hostile.Modules("m") {
		t.Run(bad.Name, func(t *testing.T) {
			h := open(t, app(t, map[string]string{"capabilities/main.toml": `
identifier = "main"
windows = ["main"]
permissions = ["m:allow-run", "good:allow-run"]
`}, map[string][]byte{"m": bad.Bytes, "good": good}), host.Config{})
			ms := h.Modules()
			if len(ms) != 2 || ms[0].Refused != nil {
				t.Fatalf("modules = %+v", ms)
			}
			why := ms[1].Refused
			if why == nil || why.Code != bad.Code || !strings.Contains(why.Text, bad.Why) || why.Module != "m" {
				t.Fatalf("refused = %+v, want %s … %s", why, bad.Code, bad.Why)
			}
			if strings.ContainsAny(why.Error(), "\n\x1b") {
				t.Errorf("the reason prints as %q", why)
			}
			_, err := h.Invoke(t.Context(), main, "m.run", nil)
			d := wantDenied(t, err, authority.CodeModuleInvalid)
			if !strings.Contains(d.Decision.Explain(), bad.Why) {
				t.Errorf("explained as %q", d.Decision.Explain())
			}
			if _, err := h.Invoke(t.Context(), main, "good.run", nil); err != nil {
				t.Errorf("the good module: %v", err)
			}
			if s := h.Stats(); s.Entered != 1 {
				t.Errorf("stats = %+v", s)
			}
			if len(h.Problems()) == 0 {
				t.Error("no warning of the refused module")
			}

			before := h.Live().Revision()
			loadErr := h.Load(t.Context(), "m", bad.Bytes)
			if e, ok := errors.AsType[*host.LoadError](loadErr); !ok || e.Code != bad.Code || e.Module != "m" {
				t.Errorf("loaded at run time: %v", loadErr)
			}
			if h.Live().Revision() != before {
				t.Error("a module that was refused changed the policy")
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	echo := map[string][]byte{"m": wasmtest.Echo(manifest("m", "run"))}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"bad capability": {map[string]string{"capabilities/a.toml": "identifier = \"a\"\nwindow = [\"main\"]\n"}, "capabilities/a.toml:2"},
		"unknown command": {map[string]string{"capabilities/a.toml": "identifier = \"a\"\nwindows = [\"main\"]\npermissions = [\"m:allow-fly\"]\n"},
			"capabilities/a.toml:3"},
		"missing dir": {map[string]string{"ambit.toml": "[dirs]\nAPPDATA = \"data\"\n"}, "ambit.toml"},
		"dir is file": {map[string]string{"ambit.toml": "[dirs]\nAPPDATA = \"ambit.toml\"\n"}, "not a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := host.Open(t.Context(), app(t, c.files, echo), host.Config{Cache: shared})
			if err == nil {
				closeHost(t, h)
				t.Fatal("opened")
			}
			if _, ok := errors.AsType[authority.Problems](err); !ok || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %T: %v", err, err)
			}
		})
	}
	if _, err := host.Open(t.Context(), t.TempDir(), host.Config{}); err == nil || !strings.Contains(err.Error(), "ambit.toml") {
		t.Errorf("a folder without ambit.toml: %v", err)
	}
	forbidden := app(t, map[string]string{"ambit.toml": "[dirs]\nX = \"capabilities\"\n", "capabilities/a.toml": grantTest}, nil)
	if _, err := host.Open(t.Context(), forbidden, host.Config{}); err == nil {
		t.Error("opened an app that declares its policy as a base dir")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := host.Open(gone, app(t, nil, echo), host.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("opened without time: %v", err)
	}
}

func TestLoadDeadline(t *testing.T) {
	cache := host.NewCache(host.CacheOptions{Off: true}) // nothing is compiled yet
	t.Cleanup(func() {
		if err := cache.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	h := single(t, wasmtest.Echo(manifest("m", "run")), host.Config{Limits: host.Limits{Load: 1}, Cache: cache})
	if r := h.Modules()[0].Refused; r == nil || r.Code != authority.CodeDeadline {
		t.Errorf("refused = %v", r)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	h = single(t, wasmtest.Echo(manifest("m", "run")), host.Config{Cache: cache})
	err := h.Load(gone, "m", ok(1))
	if e, ok := errors.AsType[*host.LoadError](err); !ok || e.Code != authority.CodeCanceled || !errors.Is(err, context.Canceled) {
		t.Errorf("loaded without time: %v", err)
	}
}

// TestCompileDeadline loads what the gate accepts and what takes longer to
// compile than there is time: compiling ends between two functions.
func TestCompileDeadline(t *testing.T) {
	g := wasmtest.NewGuest().Invoke(wasmtest.EchoCode())
	for range 20 {
		g.Func("", "", "", hostile.Loops(900)) // some 80 ms each
	}
	c := host.Config{Limits: host.Limits{Load: 100 * time.Millisecond}}
	h := single(t, g.Manifest(manifest("m", "run")).Bytes(), c)
	r := h.Modules()[0].Refused
	if r == nil || r.Code != authority.CodeDeadline || !strings.Contains(r.Text, "compiling it took too long") {
		t.Errorf("refused = %v", r)
	}
}

// TestLoadsTakeTurns loads while another load is under way.
func TestLoadsTakeTurns(t *testing.T) {
	h := single(t, ok(1), host.Config{Limits: host.Limits{Deadline: 200 * time.Millisecond}})
	slow := make(chan error, 1)
	go func() { slow <- h.Load(t.Context(), "m", loopAtStart(exportInitialize, "")) }()
	waitFor(t, func() bool { s := h.Stats(); return s.Memory > s.Kept })
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := h.Load(short, "m", ok(2)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("did not wait for its turn: %v", err)
	}
	if err := h.Load(t.Context(), "m", ok(3)); err != nil {
		t.Error(err)
	}
	if e, ok := errors.AsType[*host.LoadError](<-slow); !ok || e.Code != authority.CodeDeadline {
		t.Errorf("the slow one: %v", e)
	}
	if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != int64(3) {
		t.Errorf("%v, %v", res.Value, err)
	}
}

func TestInspect(t *testing.T) {
	bin := wasmtest.Echo(manifest("m", "run"))
	info, err := host.Inspect("m.wasm", bin, host.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if info.Manifest.Name != "m" || len(info.SHA256) != 64 || info.Size != int64(len(bin)) || info.MemoryMin != 1 ||
		len(info.Imports) != 5 || info.Imports[0] != (host.Import{Module: "ambit", Name: "request", Kind: "func", Type: "(i32) -> ()"}) ||
		len(info.Exports) != 2 || info.Exports[1] != (host.Export{Name: "ambit_invoke", Kind: "func", Type: "(i32) -> (i32)"}) {
		t.Errorf("info = %+v", info)
	}
	info, err = host.Inspect("m.wasm", envGuest(manifest("m", "run")), host.Limits{})
	if err == nil || info == nil || info.Imports[0].Power != authority.PowerEnv {
		t.Errorf("info of a refused module = %+v, %v", info, err)
	}
	if _, err := host.Inspect("m.wasm", bin, host.Limits{ModuleSize: 10}); err == nil {
		t.Error("a module over the limit was inspected")
	}
}

func TestReadModule(t *testing.T) {
	fsys := fstest.MapFS{"a.wasm": {Data: make([]byte, 100)}, "dir/b": {}}
	for _, limit := range []int64{0, 100, math.MaxInt64} {
		if bin, err := host.ReadModule(fsys, "a.wasm", limit); err != nil || len(bin) != 100 {
			t.Errorf("limit %d: %d bytes, %v", limit, len(bin), err)
		}
	}
	for file, limit := range map[string]int64{"a.wasm": 99, "dir": 0, "gone": 0, "../a": 0} {
		if _, err := host.ReadModule(fsys, file, limit); err == nil {
			t.Errorf("%s was read", file)
		}
	}
}

func TestLoadUnload(t *testing.T) {
	toml := "[[module]]\nname = \"m\"\n[[module]]\nname = \"n\"\n"
	h := open(t, app(t, map[string]string{"ambit.toml": toml, "capabilities/main.toml": grantTest}, nil), host.Config{})
	answers := func(n byte) []byte { return ok(n) }
	for n := range byte(3) {
		if err := h.Load(t.Context(), "m", answers(n)); err != nil {
			t.Fatal(err)
		}
		if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != int64(n) {
			t.Errorf("%v, %v", res.Value, err)
		}
	}
	if err := h.Load(t.Context(), "n", answers(1)); err == nil || !strings.Contains(err.Error(), `of a module "m"`) {
		t.Errorf("loaded under another name: %v", err)
	}
	missing := wasmtest.Answer(manifest("m", "walk"), []byte("\x81\xa2ok\xc0"))
	if _, isProblem := errors.AsType[authority.Problems](h.Load(t.Context(), "m", missing)); !isProblem {
		t.Error("loaded a module that lacks a command that a capability names")
	}
	if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != int64(2) { // control: the old one stays
		t.Errorf("%v, %v", res.Value, err)
	}
	if err := h.Unload(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantDenied(t, err, authority.CodeModuleInvalid)
	if err := h.Unload(t.Context(), "m"); err == nil {
		t.Error("unloaded twice")
	}
	if err := h.Load(t.Context(), "m", answers(9)); err != nil {
		t.Fatal(err)
	}
	if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != int64(9) {
		t.Errorf("%v, %v", res.Value, err)
	}
	closeHost(t, h)
	if err := h.Load(t.Context(), "m", answers(9)); err == nil {
		t.Error("loaded into a closed host")
	}
	_, err = h.Invoke(t.Context(), main, "m.run", nil)
	wantCode(t, err, authority.CodeCanceled)
}

// TestModuleFile looks at what ambit.toml says of a module, and that its folder
// is made only when it is lent.
func TestModuleFile(t *testing.T) {
	dir := app(t, map[string]string{"capabilities/main.toml": grantTest,
		"ambit.toml": "[[module]]\nname = \"m\"\nfile = \"ext/x.wasm\"\nlimits = { deadline = \"1s\", cpu = 5, module_data = 5 }\n",
		"ext/x.wasm": string(wasmtest.Echo(manifest("m", "run")))}, nil)
	h := open(t, dir, host.Config{Limits: host.Limits{Deadline: time.Minute, Log: 7}})
	m := h.Modules()[0]
	if m.File != "ext/x.wasm" || m.Limits.Deadline != time.Second || m.Limits.CPU != 5 || m.Limits.Log != 7 || m.Limits.Memory != 64<<20 {
		t.Errorf("module = %+v", m)
	}
	if text := h.Problems().Error(); !strings.Contains(text, `"module_data"`) || strings.Contains(text, `"cpu"`) {
		t.Errorf("problems = %v", h.Problems())
	}
	if _, err := os.Stat(filepath.Join(dir, ".ambit")); err == nil {
		t.Error("the modules' folders were made though none was lent")
	}
}
