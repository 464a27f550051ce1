package hostile

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// Module is one that no host loads.
type Module struct {
	Name  string // "020/no memory": the row, and what it is
	Bytes []byte
	Code  authority.Code // with which it is refused
	Why   string         // words of the reason
}

// Modules returns them for a module of the name, sorted by theirs.
func Modules(name string) []Module {
	invalid, abi, imports := authority.CodeModuleInvalid, authority.CodeABIMismatch, authority.CodeImportDenied
	m := wasmtest.Manifest(name, "run")
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
	all := []Module{
		{"014/not wasm", []byte("#!/bin/sh\n"), invalid, "not a WebAssembly binary"},
		{"014/no bytes", nil, invalid, "not a WebAssembly binary"},
		{"014/truncated", good[:len(good)/2], invalid, "cut off"},
		{"014/component", []byte("\x00asm\x0d\x00\x01\x00"), invalid, "component"},
		{"001/false count", append([]byte(wasmtest.Header), 3, 5, 0xff, 0xff, 0xff, 0xff, 0x0f), invalid, "do not fit"},
		{"020/no manifest", wasmtest.NewGuest().Invoke(wasmtest.EchoCode()).Bytes(), invalid, "ambit build"},
		{"020/two manifests", wasmtest.NewGuest().Invoke(wasmtest.EchoCode()).Manifest(m).Manifest(m).Bytes(), invalid, "2 times"},
		{"020/manifest no JSON", wasmtest.Echo("{"), invalid, "#ambit:1"},
		{"020/manifest wrong", wasmtest.Echo(strings.Replace(m, "abi", "aby", 1)), invalid, "lacks the key"},
		{"020/another ABI", wasmtest.Echo(strings.Replace(m, `"abi":1`, `"abi":2`, 1)), abi, "ABI 2"},
		{"024/another name", wasmtest.Echo(wasmtest.Manifest("other", "run")), invalid, `"other"`},
		{"009/manifest too large", wasmtest.Echo(m + strings.Repeat(" ", 1<<20)), invalid, "manifest has"},
		{"009/file too large", append(good, make([]byte, 16<<20)...), invalid, "more than the 16777216 allowed"},
		{"015/instruction", change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.Op(0xff)) }), invalid, "instruction 0xff is not known"},
		{"015/tail call", change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.Op(0x12, 0)) }), invalid, "of the feature tail-call, which is not granted"},
		{"013/references to functions", change(func(g *wasmtest.Guest) {
			g.Table(1)
			g.Element(0, g.Func("", "", "", wasmtest.Code{}.Op(0xd2).Op(wasmtest.U32(nil, wasmtest.ProcExit+2)...).Drop()))
		}), invalid, "ref.func"},
		{"014/too many operands", change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.I32(1)) }), invalid, "leaves 1 values"},
		{"014/type error", change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Code{}.I64(1).I64(1).Add().Drop()) }), invalid, "does not compile"},
		{"007/dear to compile", change(func(g *wasmtest.Guest) { g.Func("", "", "", wasmtest.Fills(128<<10)) }), invalid, "blocks and branches"},
		{"007/too many checks", change(func(g *wasmtest.Guest) { g.Func("", "", "", Loops(1600)) }), invalid, "with the checks of the meter"},
		{"007/checks among values", change(func(g *wasmtest.Guest) { g.Func("", "", strings.Repeat(wasmtest.I32, 3000), Roots(100_000)) }), invalid,
			"with the checks of the meter"},
		{"012/data past the end", change(func(g *wasmtest.Guest) { g.Data(65530, []byte("0123456789")) }), invalid, "initialised"},

		{"016/unknown import", imported("env", "secret", "", ""), imports, `"env"."secret"`},
		{"016/unknown function", imported("ambit", "secret", "", ""), imports, `"ambit"."secret"`},
		{"049/the meter's import", imported("ambit_meter", "tick", wasmtest.I64, wasmtest.I64), imports, `"ambit_meter"."tick"`},
		{"016/undeclared power", imported("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32), imports, `declares the power "env"`},
		{"017/import of another type", imported("ambit", "reply", wasmtest.I32, ""), abi,
			`"ambit"."reply" as (i32) -> (), but that is (i32, i32) -> ()`},
		{"017/WASI of another type", imported("wasi_snapshot_preview1", "fd_close", wasmtest.I64, wasmtest.I32), abi, "(i64) -> (i32)"},
		{"019/imported memory", bare(func(g *wasmtest.Guest) {
			g.ImportRaw("env", "memory", 2, 0, 1)
			g.Export("memory", 2, 0)
			g.Invoke(wasmtest.Code{}.I32(0))
		}), imports, `the memory "env"."memory"`},
		{"019/imported table", bare(func(g *wasmtest.Guest) { g.ImportRaw("env", "t", 1, 0x70, 0, 1) }), imports, `the table "env"."t"`},
		{"019/imported global", bare(func(g *wasmtest.Guest) { g.ImportRaw("env", "g", 3, 0x7f, 1) }), imports, `the global "env"."g"`},

		{"020/no memory", bare(func(g *wasmtest.Guest) { g.Invoke(wasmtest.Code{}.I32(0)) }), abi, `no export "memory"`},
		{"020/memory under another name", bare(func(g *wasmtest.Guest) {
			g.Memory(1)
			g.Export("Memory", 2, 0)
			g.Invoke(wasmtest.Code{}.I32(0))
		}), abi, `one called "Memory"`},
		{"020/memory is a function", bare(func(g *wasmtest.Guest) { g.Export("memory", 0, g.Func("", "", "", nil)) }), abi, "not a memory"},
		{"020/no ambit_invoke", wasmtest.NewGuest().Manifest(m).Bytes(), abi, `no export "ambit_invoke"`},
		{"022/a program", bare(func(g *wasmtest.Guest) {
			g.Memory(1)
			g.Export("memory", 2, 0)
			g.Export("_start", 0, g.Func("", "", "", nil))
		}), abi, "c-shared"},
		{"020/ambit_invoke of another type", bare(func(g *wasmtest.Guest) {
			g.Memory(1)
			g.Export("memory", 2, 0)
			g.Export("ambit_invoke", 0, g.Func(wasmtest.I32+wasmtest.I32, wasmtest.I64, "", wasmtest.Code{}.I64(0)))
		}), abi, "(i32, i32) -> (i64), but must be (i32) -> (i32)"},
		{"022/_initialize of another type", change(func(g *wasmtest.Guest) {
			g.Export("_initialize", 0, g.Func(wasmtest.I32, "", "", nil))
		}), abi, "_initialize"},
		{"049/an export of the meter", change(func(g *wasmtest.Guest) { g.Export("ambit_meter.left", 2, 0) }), abi, `exports "ambit_meter.left", a name of the host's own`},
		{"049/an export of the image", change(func(g *wasmtest.Guest) { g.Export("ambit_image0", 2, 0) }), abi, `exports "ambit_image0", a name of the host's own`},
		{"020/ambit_warm is no function", change(func(g *wasmtest.Guest) { g.Export("ambit_warm", 2, 0) }), abi, "ambit_warm"},
		{"010/too much memory", bare(func(g *wasmtest.Guest) {
			g.Memory(1025)
			g.Export("memory", 2, 0)
			g.Invoke(wasmtest.Code{}.I32(0))
		}), authority.CodeMemoryLimit, "1025 pages"},
		{"011/too large a table", change(func(g *wasmtest.Guest) { g.Table(100_001) }), authority.CodeTableLimit, "100001"},

		{"022/exit at start", change(func(g *wasmtest.Guest) {
			g.Export("_initialize", 0, g.Func("", "", "", wasmtest.Code{}.I32(0).Call(wasmtest.ProcExit)))
		}), invalid, "initialised"},
		{"021/trap at start", change(func(g *wasmtest.Guest) { g.Start(g.Func("", "", "", wasmtest.Code{}.Unreachable())) }), invalid, "unreachable"},
		{"021/trap at warming", change(func(g *wasmtest.Guest) {
			g.Export("ambit_warm", 0, g.Func("", "", "", wasmtest.Code{}.Unreachable()))
		}), invalid, "unreachable"},
		{"021/request at start", change(func(g *wasmtest.Guest) {
			g.Export("_initialize", 0, g.Func("", "", "", wasmtest.Code{}.I32(0).Call(wasmtest.Request)))
		}), invalid, "there was none"},
		{"021/reply at start", change(func(g *wasmtest.Guest) {
			g.Start(g.Func("", "", "", wasmtest.Code{}.I32(0).I32(0).Call(wasmtest.Reply)))
		}), invalid, "no request"},
	}
	slices.SortFunc(all, func(a, b Module) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Loops are n loops, of which each needs a check.
func Loops(n int) wasmtest.Code {
	return bytes.Repeat(wasmtest.Code{}.Op(0x03, 0x40).I32(0).Op(0x0d, 0, 0x0b), n)
}

// Roots are n instructions that take long, so that there are checks among them.
func Roots(n int) wasmtest.Code {
	return wasmtest.Code{}.Op(0x44, 0, 0, 0, 0, 0, 0, 0, 0).Op(bytes.Repeat([]byte{0x9f}, n)...).Drop()
}
