package host_test

import (
	"bytes"
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
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// badModules are what must be refused at load, with the code and some words of
// the reason.
func badModules() map[string]struct {
	bin  []byte
	code authority.Code
	text string
} {
	type bad = struct {
		bin  []byte
		code authority.Code
		text string
	}
	invalid, abi, imports := authority.CodeModuleInvalid, authority.CodeABIMismatch, authority.CodeImportDenied
	m := manifest("m", "run")
	good := wasmtest.Echo(m)
	change := func(f func(*wasmtest.Guest)) []byte {
		g := wasmtest.NewGuest().Invoke(wasmtest.EchoCode())
		f(g)
		return g.Manifest(m).Bytes()
	}
	imported := func(module, name, params, results string) []byte {
		g := &wasmtest.Guest{}
		g.Import(module, name, params, results)
		g.Memory(1)
		g.Export("memory", 2, 0)
		return g.Invoke(wasmtest.Code{}.I32(0)).Manifest(m).Bytes()
	}
	bare := func(f func(*wasmtest.Guest)) []byte {
		g := &wasmtest.Guest{}
		f(g)
		return g.Manifest(m).Bytes()
	}
	return map[string]bad{
		"not wasm":           {[]byte("#!/bin/sh\n"), invalid, "not a WebAssembly binary"},
		"empty":              {nil, invalid, "not a WebAssembly binary"},
		"truncated":          {good[:len(good)/2], invalid, "cut off"},
		"component":          {[]byte("\x00asm\x0d\x00\x01\x00"), invalid, "component"},
		"false count":        {append([]byte(wasmtest.Header), 3, 5, 0xff, 0xff, 0xff, 0xff, 0x0f), invalid, "do not fit"},
		"no manifest":        {wasmtest.NewGuest().Invoke(wasmtest.EchoCode()).Bytes(), invalid, "ambit build"},
		"two manifests":      {wasmtest.NewGuest().Invoke(wasmtest.EchoCode()).Manifest(m).Manifest(m).Bytes(), invalid, "2 times"},
		"manifest no JSON":   {wasmtest.Echo("{"), invalid, "m.wasm#ambit:1"},
		"manifest wrong":     {wasmtest.Echo(strings.Replace(m, "abi", "aby", 1)), invalid, "lacks the key"},
		"another ABI":        {wasmtest.Echo(strings.Replace(m, `"abi":1`, `"abi":2`, 1)), abi, "ABI 2"},
		"another name":       {wasmtest.Echo(manifest("other", "run")), invalid, `"other"`},
		"manifest too large": {wasmtest.Echo(m + strings.Repeat(" ", 1<<20)), invalid, "manifest has"},
		"file too large":     {append(good, make([]byte, 16<<20)...), invalid, "more than the"},
		"instruction":        {change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.Op(0xff)) }), invalid, "instruction 0xff is not known"},
		"tail call":          {change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.Op(0x12, 0)) }), invalid, "of the feature tail-call, which is not granted"},
		"references to functions": {change(func(g *wasmtest.Guest) {
			g.Table(1)
			g.Element(0, g.Func("", "", "", wasmtest.Code{}.Op(0xd2).Op(wasmtest.U32(nil, wasmtest.ProcExit+2)...).Drop()))
		}), invalid, "ref.func"},
		"too many operands": {change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.I32(1)) }), invalid, "leaves 1 values"},
		"type error":        {change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.I64(1).I64(1).Add().Drop()) }), invalid, "does not compile"},
		"dear to compile":   {change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Fills(128<<10)) }), invalid, "blocks and branches"},
		"too many checks":   {change(func(g *wasmtest.Guest) { g.Func("", "", "", loops(1600)) }), invalid, "with the checks of the meter"},
		"checks among values": {change(func(g *wasmtest.Guest) { g.Func("", "", strings.Repeat(wasmtest.I32, 3000), roots(100_000)) }), invalid,
			"with the checks of the meter"},
		"data past the end": {change(func(g *wasmtest.Guest) { g.Data(65530, []byte("0123456789")) }), invalid, "initialised"},

		"unknown import":     {imported("env", "secret", "", ""), imports, `"env"."secret"`},
		"unknown function":   {imported("ambit", "secret", "", ""), imports, `"ambit"."secret"`},
		"the meter's import": {imported("ambit_meter", "tick", wasmtest.I64, wasmtest.I64), imports, `"ambit_meter"."tick"`},
		"undeclared power":   {imported("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32), imports, `declares the power "env"`},
		"import of another type": {imported("ambit", "reply", wasmtest.I32, ""), abi,
			`"ambit"."reply" as (i32) -> (), but that is (i32, i32) -> ()`},
		"WASI of another type": {imported("wasi_snapshot_preview1", "fd_close", wasmtest.I64, wasmtest.I32), abi, "(i64) -> (i32)"},
		"imported memory": {bare(func(g *wasmtest.Guest) {
			g.ImportRaw("env", "memory", 2, 0, 1)
			g.Export("memory", 2, 0)
			g.Invoke(wasmtest.Code{}.I32(0))
		}), imports, `the memory "env"."memory"`},
		"imported table":  {bare(func(g *wasmtest.Guest) { g.ImportRaw("env", "t", 1, 0x70, 0, 1) }), imports, `the table "env"."t"`},
		"imported global": {bare(func(g *wasmtest.Guest) { g.ImportRaw("env", "g", 3, 0x7f, 1) }), imports, `the global "env"."g"`},

		"no memory": {bare(func(g *wasmtest.Guest) { g.Invoke(wasmtest.Code{}.I32(0)) }), abi, `no export "memory"`},
		"memory under another name": {bare(func(g *wasmtest.Guest) {
			g.Memory(1)
			g.Export("Memory", 2, 0)
			g.Invoke(wasmtest.Code{}.I32(0))
		}), abi, `one called "Memory"`},
		"memory is a function": {bare(func(g *wasmtest.Guest) { g.Export("memory", 0, g.Func("", "", "", nil)) }), abi, "not a memory"},
		"no ambit_invoke":      {wasmtest.NewGuest().Manifest(m).Bytes(), abi, `no export "ambit_invoke"`},
		"a program": {bare(func(g *wasmtest.Guest) {
			g.Memory(1)
			g.Export("memory", 2, 0)
			g.Export("_start", 0, g.Func("", "", "", nil))
		}), abi, "c-shared"},
		"ambit_invoke of another type": {bare(func(g *wasmtest.Guest) {
			g.Memory(1)
			g.Export("memory", 2, 0)
			g.Export("ambit_invoke", 0, g.Func(wasmtest.I32+wasmtest.I32, wasmtest.I64, "", wasmtest.Code{}.I64(0)))
		}), abi, "(i32, i32) -> (i64), but must be (i32) -> (i32)"},
		"_initialize of another type": {change(func(g *wasmtest.Guest) {
			g.Export("_initialize", 0, g.Func(wasmtest.I32, "", "", nil))
		}), abi, "_initialize"},
		"an export of the meter":    {change(func(g *wasmtest.Guest) { g.Export("ambit_meter.left", 2, 0) }), abi, `exports "ambit_meter.left", a name of the host's own`},
		"an export of the image":    {change(func(g *wasmtest.Guest) { g.Export("ambit_image0", 2, 0) }), abi, `exports "ambit_image0", a name of the host's own`},
		"ambit_warm is no function": {change(func(g *wasmtest.Guest) { g.Export("ambit_warm", 2, 0) }), abi, "ambit_warm"},
		"too much memory": {bare(func(g *wasmtest.Guest) {
			g.Memory(1025)
			g.Export("memory", 2, 0)
			g.Invoke(wasmtest.Code{}.I32(0))
		}), authority.CodeMemoryLimit, "1025 pages"},
		"too large a table": {change(func(g *wasmtest.Guest) { g.Table(100_001) }), authority.CodeTableLimit, "100001"},

		"exit at start": {change(func(g *wasmtest.Guest) {
			g.Export("_initialize", 0, g.Func("", "", "", wasmtest.Code{}.I32(0).Call(wasmtest.ProcExit)))
		}), invalid, "initialised"},
		"trap at start": {change(func(g *wasmtest.Guest) { g.Start(g.Func("", "", "", wasmtest.Code{}.Unreachable())) }), invalid, "unreachable"},
		"trap at warming": {change(func(g *wasmtest.Guest) {
			g.Export("ambit_warm", 0, g.Func("", "", "", wasmtest.Code{}.Unreachable()))
		}), invalid, "unreachable"},
		"request at start": {change(func(g *wasmtest.Guest) {
			g.Export("_initialize", 0, g.Func("", "", "", wasmtest.Code{}.I32(0).Call(wasmtest.Request)))
		}), invalid, "there was none"},
		"reply at start": {change(func(g *wasmtest.Guest) {
			g.Start(g.Func("", "", "", wasmtest.Code{}.I32(0).I32(0).Call(wasmtest.Reply)))
		}), invalid, "no request"},
	}
}

// loops are n loops, of which each needs a check.
func loops(n int) wasmtest.Code {
	return bytes.Repeat(wasmtest.Code{}.Op(0x03, 0x40).I32(0).Op(0x0d, 0, 0x0b), n)
}

// roots are n instructions that take long, so that there are checks among them.
func roots(n int) wasmtest.Code {
	return wasmtest.Code{}.Op(0x44, 0, 0, 0, 0, 0, 0, 0, 0).Op(bytes.Repeat([]byte{0x9f}, n)...).Drop()
}

// TestManyChecks holds that what the compiler can bear is loaded.
func TestManyChecks(t *testing.T) {
	for name, body := range map[string]wasmtest.Code{"loops": loops(1200), "roots": roots(100_000)} {
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
	for name, bad := range badModules() {
		t.Run(name, func(t *testing.T) {
			h := open(t, app(t, map[string]string{"capabilities/main.toml": `
identifier = "main"
windows = ["main"]
permissions = ["m:allow-run", "good:allow-run"]
`}, map[string][]byte{"m": bad.bin, "good": good}), host.Config{})
			ms := h.Modules()
			if len(ms) != 2 || ms[0].Refused != nil {
				t.Fatalf("modules = %+v", ms)
			}
			why := ms[1].Refused
			if why == nil || why.Code != bad.code || !strings.Contains(why.Text, bad.text) || why.Module != "m" {
				t.Fatalf("refused = %+v, want %s … %s", why, bad.code, bad.text)
			}
			if strings.ContainsAny(why.Error(), "\n\x1b") {
				t.Errorf("the reason prints as %q", why)
			}
			_, err := h.Invoke(t.Context(), main, "m.run", nil)
			d := wantDenied(t, err, authority.CodeModuleInvalid)
			if !strings.Contains(d.Decision.Explain(), bad.text) {
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
			loadErr := h.Load(t.Context(), "m", bad.bin)
			if e, ok := errors.AsType[*host.LoadError](loadErr); !ok || e.Code != bad.code || e.Module != "m" {
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
		g.Func("", "", "", loops(900)) // some 80 ms each
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
