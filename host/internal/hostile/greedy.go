package hostile

import (
	"bytes"
	"strings"

	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// Greedy guests do what takes long for how little it is: each of them
// wants to run for ever, and to keep the garbage collector waiting.
//
// A guest is begun by code of the caller's, which may return: nil is none.

// pages is the memory of these guests, the default limit.
const pages = 64 << 20 >> 16

type code = wasmtest.Code

// forever loops and calls nothing.
var forever = code{}.Loop(nil).I32(0)

// answer replies {ok: nil}.
var answer = code{}.I32(1024).I32(0x6b6fa281).Store32().I32(1028).I32(0xc0).Store8().I32(1024).I32(5).Call(wasmtest.Reply).I32(0)

// greedy is a guest whose command runs body, a function with locals of its own.
// More is added to the guest by prepare, before any function: it returns the
// function's body.
func (w want) greedy(locals string, prepare func(g *wasmtest.Guest) code) []byte {
	g := wasmtest.NewGuest()
	body := prepare(g)
	f := g.Func("", "", locals, body)
	return w.guest(g, code{}.Call(f).I32(0))
}

// want is how all guests are made.
type want struct {
	manifest string
	begin    code
}

// guest gives g its command and its manifest.
func (w want) guest(g *wasmtest.Guest, body code) []byte {
	return g.Invoke(w.begin.Op(body...)).Manifest(w.manifest).Bytes()
}

// plain is a guest without more than its command.
func (w want) plain(body code) []byte { return w.guest(wasmtest.NewGuest(), body) }

// grown is a body that has all of its memory.
func grown(body code) code { return code{}.I32(pages - 1).Grow().Drop().Op(body...) }

func only(body code) func(*wasmtest.Guest) code {
	return func(*wasmtest.Guest) code { return body }
}

func times(n int, c code) code { return code(bytes.Repeat(c, n)) }

// down runs body until local n, which is set to count, is zero.
func down(n uint32, count int32, body code) code {
	return code{}.I32(count).Set(n).Op(0x03, 0x40).Op(body...).Get(n).I32(1).Op(0x6b).Op(0x22, byte(n), 0x0d, 0, 0x0b)
}

// vector is the code of an instruction on vectors.
func vector(op uint32, b ...byte) code {
	return code(wasmtest.U32([]byte{0xfd}, op)).Op(b...)
}

// chase walks through all of memory in an order that no cache foresees, each
// address from the last one's value.
func chase() code {
	// 0 = (0 * 1664525 + 1013904223 + load(0 & mask)) with the upper bits as address
	return code{}.Get(0).I32(1664525).Op(0x6c).I32(1013904223).Add().Op(0x22, 0).
		I32(6).Op(0x76).I32(0x03fffffc).Op(0x71).Load32().Get(0).Add().Set(0)
}

// Greedy are these guests by name.
func Greedy(manifest string, begin wasmtest.Code) map[string][]byte {
	w := want{manifest, begin}
	v1 := wasmtest.I32
	v := "\x7b"
	wasiCall := func(name, params string, body func(f uint32) code, prepare ...func(*wasmtest.Guest)) []byte {
		return w.greedy(v1+v1, func(g *wasmtest.Guest) code {
			f := g.Import("wasi_snapshot_preview1", name, params, v1)
			for _, p := range prepare {
				p(g)
			}
			return body(f)
		})
	}
	i4 := v1 + v1 + v1 + v1
	guests := map[string][]byte{
		"loop":         w.plain(forever),
		"calls":        Doubling(manifest, begin, 60),
		"fills":        Fills(manifest, begin, true),
		"copies up":    w.greedy("", only(grown(code{}.Loop(code{}.I32(1).I32(0).I32(64<<20-1).Op(0xfc, 10, 0, 0))))),
		"copies down":  w.greedy("", only(grown(code{}.Loop(code{}.I32(0).I32(1).I32(64<<20-1).Op(0xfc, 10, 0, 0))))),
		"fills bytes":  w.greedy("", only(grown(code{}.Loop(code{}.I32(0).I32(7).I32(64<<20).Op(0xfc, 11, 0))))),
		"small copies": w.greedy(v1, only(grown(code{}.Loop(times(20, code{}.I32(100).I32(7000).I32(15).Op(0xfc, 10, 0, 0)))))),
		"grows":        w.plain(code{}.Loop(code{}.I32(1).Grow().Drop()).I32(0)),
		"grows by 0":   w.plain(code{}.Loop(code{}.I32(0).Grow().Drop()).I32(0)),
		"tables": w.greedy("", func(g *wasmtest.Guest) code {
			g.Table(1)
			return code{}.TableGrow(99_999).Drop().Loop(code{}.I32(0).Op(0xd0, 0x70).I32(100_000).Op(0xfc, 17, 0).
				I32(1).I32(0).I32(99_999).Op(0xfc, 14, 0, 0))
		}),
		"table grows": w.greedy("", func(g *wasmtest.Guest) code {
			g.Table(1)
			return code{}.Loop(code{}.TableGrow(1).Drop())
		}),
		"indirect": w.greedy(v1, func(g *wasmtest.Guest) code {
			g.Table(16)
			t := g.Type("", "")
			var fs []uint32
			for range 16 {
				fs = append(fs, g.Func("", "", "", code{}.Op(1)))
			}
			g.Element(0, fs...)
			return code{}.Loop(code{}.Get(0).I32(1664525).Op(0x6c).I32(1013904223).Add().Op(0x22, 0).I32(28).Op(0x76).Op(0x11, byte(t), 0))
		}),
		"br_table": w.greedy(v1, only(code{}.Op(0x03, 0x40).Op(times(499, code{}.Op(0x02, 0x40))...).
			Get(0).I32(1664525).Op(0x6c).I32(1013904223).Add().Op(0x22, 0).I32(20).Op(0x76).I32(511).Op(0x71).
			Op(0x0e).Op(wasmtest.U32(nil, 499)...).Op(branches(500)...).Op(times(499, code{}.Op(0x0b, 0x0c, 0))...).Op(0x0b, 0x00))),
		"around":  w.plain(code{}.Op(0x03, 0x40, 0x02, 0x40).I32(1).Op(0x0d, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b).Op(times(300, code{}.I32(1).Drop())...).Op(0x0c, 0, 0x0b).I32(0)),
		"returns": w.returns(),
		"long":    w.greedy("\x7e", only(code{}.I64(1).Set(0).Loop(times(10_000, code{}.Get(0).I64(3).Op(0x7e).Set(0))))),
		"divides": w.greedy("\x7e", only(code{}.Loop(times(50, code{}.I64(-1<<63+12345).Get(0).I64(7).Op(0x84, 0x7f).Set(0))))),
		"remains": w.greedy("\x7e", only(code{}.Loop(times(50, code{}.I64(-1<<63+12345).Get(0).I64(7).Op(0x84, 0x82).Set(0))))),
		"sqrt":    w.greedy("\x7c", only(code{}.Op(0x44, 1, 2, 3, 4, 5, 6, 7, 8).Set(0).Loop(times(50, code{}.Get(0).Op(0x9f, 0x9f, 0x9f, 0x9f).Set(0))))),
		"denormals": w.greedy("\x7c", only(code{}.Op(0x44, 1, 0, 0, 0, 0, 0, 8, 0).Set(0).Loop(times(50,
			code{}.Get(0).Op(0x44, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f, 0xa2).Op(0x44, 0, 0, 0, 0, 0, 0, 0x00, 0x40, 0xa2).Op(0x44, 1, 0, 0, 0, 0, 0, 0, 0, 0xa0).Set(0))))),
		"float to int": w.greedy("\x7c", only(code{}.Op(0x44, 1, 2, 3, 4, 5, 6, 7, 0x40).Set(0).Loop(times(50, code{}.Get(0).Op(0xfc, 7).Op(0xba).Set(0))))),
		"v sqrt":       w.greedy(v, only(code{}.Loop(times(50, code{}.Get(0).Op(vector(0xef)...).Op(vector(0xef)...).Set(0))))),
		"v div":        w.greedy(v+v, only(code{}.Loop(times(50, code{}.Get(0).Get(1).Op(vector(0xf3)...).Set(0))))),
		"v mul":        w.greedy(v, only(code{}.Loop(times(50, code{}.Get(0).Get(0).Op(vector(0xd5)...).Set(0))))),
		"v shift":      w.greedy(v, only(code{}.Loop(times(50, code{}.Get(0).I32(3).Op(vector(0x6c)...).I32(3).Op(vector(0xcc)...).Set(0))))),
		"v other": w.greedy(v, only(code{}.Loop(times(20, code{}.Get(0).Op(vector(0xfe)...).Op(vector(0x62)...).Get(0).Op(vector(0x0e)...).
			Op(vector(0xf8)...).Op(vector(0x94)...).Op(vector(0x5e)...).Op(vector(0x7a)...).Set(0))))),
		"chase":  w.greedy(v1, only(grown(code{}.I32(0).I32(1).I32(64<<20).Op(0xfc, 11, 0).Loop(times(20, chase()))))),
		"touch":  w.greedy(v1+v1, only(grown(down(1, pages*16, code{}.Get(0).I32(4096).Add().Op(0x22, 0).I32(0x3ffffff).Op(0x71).I32(1).Store8())).Loop(nil))),
		"turns":  w.greedy(v1+v1, only(grown(code{}.Loop(down(1, 3_000_000, code{}).Op(down(1, 20_000, chase())...))))),
		"locals": w.manyLocals(),
		"merges": w.merges(),
		"passes": w.passes(),

		"yields": wasiCall("sched_yield", "", func(f uint32) code { return code{}.Loop(code{}.Call(f).Drop()) }),
		"clock":  wasiCall("clock_time_get", v1+"\x7e"+v1, func(f uint32) code { return code{}.Loop(code{}.I32(0).I64(1).I32(8).Call(f).Drop()) }),
		"random": wasiCall("random_get", v1+v1, func(f uint32) code { return code{}.Loop(code{}.I32(0).I32(0).Call(f).Drop()) }),
		"random 1 MiB": wasiCall("random_get", v1+v1, func(f uint32) code {
			return grown(code{}.I32(0).I32(1 << 20).Call(f).Drop().Loop(nil))
		}),
		"prints": wasiCall("fd_write", i4, func(f uint32) code {
			fill := down(1, 1024, code{}.Get(1).I32(8).Op(0x6c).I32(2<<20-1<<10).Op(0x36, 2, 4))
			return grown(fill.Loop(code{}.I32(1).I32(0).I32(1020).I32(60000).Call(f).Drop()))
		}),
		"polls": wasiCall("poll_oneoff", i4, func(f uint32) code {
			return grown(code{}.Loop(code{}.I32(0).I32(1 << 20).I32(256).I32(2 << 20).Call(f).Drop()))
		}),
		"opens": wasiCall("path_open", i4+v1+"\x7e\x7e"+v1+v1, func(f uint32) code {
			return grown(code{}.I32(0).I32('a').I32(1<<20).Op(0xfc, 11, 0).
				Loop(code{}.I32(3).I32(0).I32(0).I32(1 << 20).I32(0).I64(2).I64(2).I32(0).I32(2 << 20).Call(f).Drop()))
		}),
		"slashes": wasiCall("path_open", i4+v1+"\x7e\x7e"+v1+v1, func(f uint32) code {
			return grown(code{}.I32(0).I32(0x2f61).Op(0x3b, 1, 0).I32(2).I32(0).I32(4094).Op(0xfc, 10, 0, 0).
				Op(down(1, 2047, code{}.Get(1).I32(2).Op(0x6c).I32(0x2f61).Op(0x3b, 1, 0))...).
				Loop(code{}.I32(3).I32(0).I32(0).I32(4000).I32(0).I64(2).I64(2).I32(0).I32(2 << 20).Call(f).Drop()))
		}),
		"logs":     w.plain(grown(code{}.Loop(code{}.I32(3).I32(0).I32(60 << 20).Call(wasmtest.Log)).I32(0))),
		"requests": w.plain(grown(code{}.Loop(code{}.I32(0).Call(wasmtest.Request)).I32(0))),
	}
	return guests
}

// branches are n branch targets.
func branches(n int) []byte {
	var b []byte
	for i := range n {
		b = wasmtest.U32(b, uint32(i))
	}
	return b
}

// returns is calls that return one after another, each with a long way to go.
func (w want) returns() []byte {
	g := wasmtest.NewGuest()
	f := g.Func(wasmtest.I32, "", "", code{}.Get(0).If(code{}.Get(0).I32(1).Op(0x6b).Call(wasmtest.ProcExit+1)).
		Op(times(20_000, code{}.I32(1).Drop())...))
	return w.guest(g, code{}.Loop(code{}.I32(500).Call(f)).I32(0))
}

// manyLocals calls a function with about as many locals as there may be.
func (w want) manyLocals() []byte {
	g := wasmtest.NewGuest()
	f := g.Func("", "", strings.Repeat(wasmtest.I32, 20_000), code{}.Op(1))
	return w.guest(g, code{}.Loop(code{}.Call(f)).I32(0))
}

// merges is a loop in which many locals come from one of two places, though
// never from the second.
func (w want) merges() []byte {
	const n = 3000
	set := code{}
	for i := range uint32(n) {
		set = append(set, code{}.Get(i).I32(1).Add().Set(i).I32(0).Get(i).Store8()...)
	}
	return w.greedy(strings.Repeat(wasmtest.I32, n), only(code{}.Loop(code{}.I32(64).Load8().If(set))))
}

// passes is a loop that passes many values to its beginning.
func (w want) passes() []byte {
	const n = 1000
	return w.greedy("", func(g *wasmtest.Guest) code {
		t := g.Type(strings.Repeat(wasmtest.I32, n), "")
		return code(wasmtest.S64(times(n, code{}.I32(1)).Op(0x03), int64(t))).Op(0x0c, 0, 0x0b)
	})
}

// Doubling is a guest whose command makes 2^depth calls, without a loop.
func Doubling(manifest string, begin wasmtest.Code, depth int) []byte {
	g := wasmtest.NewGuest()
	last := g.Func("", "", "", code{}.Op(0x01))
	for range depth {
		last = g.Func("", "", "", code{}.Call(last).Call(last))
	}
	return want{manifest, begin}.guest(g, code{}.Call(last).Op(answer...))
}

// Fills is a guest that fills its memory over and over, in a loop or not.
func Fills(manifest string, begin wasmtest.Code, loop bool) []byte {
	g := wasmtest.NewGuest()
	fill := code{}.I32(0).I32(0).I32(500*65536).Op(0xfc, 11, 0)
	body := code{}.I32(499).Grow().Drop()
	if loop {
		body = body.Loop(fill)
	} else {
		for range 200 {
			body = append(body, fill...)
		}
	}
	return want{manifest, begin}.guest(g, body.I32(0))
}
