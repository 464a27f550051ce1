package hostile

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// Liar is a module that loads and does not answer as it should.
type Liar struct {
	Name  string // "043/exit with 0": the row, and what it does
	Bytes []byte
	Code  authority.Code // with which its call ends
	Why   string         // words of the reason that the operator reads
}

const replyAt = 1024

// Liars returns them, sorted by name. Their command is begun by code that may
// return; nil is none.
func Liars(manifest string, begin wasmtest.Code) []Liar {
	w := want{manifest, begin}
	withReply := func(c code) []byte { // a valid reply lies ready
		g := wasmtest.NewGuest()
		g.Data(replyAt, []byte("\x81\xa2ok\xc0"))
		return w.guest(g, c)
	}
	good := wasmtest.ReplyCode(replyAt, 5)
	nested := func(open ...byte) []byte { return append(bytes.Repeat(open, 40), 0xc0) }
	all := []Liar{
		{"058/false length of a text", w.ok(0xdb, 0x7f, 0xff, 0xff, 0xff), authority.CodeBadResult, `the reply is not valid: truncated (byte 4)`},
		{"058/false length of an ext", w.ok(0xc9, 0xff, 0xff, 0xff, 0xff), authority.CodeBadResult, `the reply is not valid: ext type (byte 4)`},
		{"058/false count in a list", w.ok(0x91, 0xdd, 0, 1, 0, 0), authority.CodeBadResult, `the reply is not valid: count exceeds the input (byte 5)`},
		{"059/maps too deep", w.ok(nested(0x81, 0xa1, 'a')...), authority.CodeBadResult, `the reply is not valid: nested too deep (byte 100)`},
		{"059/a million lists", w.many(0x91, 1<<20), authority.CodeBadResult, `the reply is not valid: too many elements (byte 4)`},
		{"060/a million nils", w.many(0xc0, 1<<20), authority.CodeBadResult, `the reply is not valid: too many elements (byte 4)`},
		{"062/two replies as one", w.answer([]byte("\x81\xa2ok\xc0\x81\xa2ok\xc0")...), authority.CodeBadResult, `the reply is not valid: trailing bytes (byte 5)`},
		{"063/reserved byte inside", w.ok(0x92, 1, 0xc1), authority.CodeBadResult, `the reply is not valid: reserved byte (byte 6)`},
		{"064/key is a list", w.ok(0x81, 0x90, 1), authority.CodeBadResult, `the reply is not valid: map key is not a string (byte 5)`},
		{"064/key is nil", w.ok(0x81, 0xc0, 1), authority.CodeBadResult, `the reply is not valid: map key is not a string (byte 5)`},
		{"064/key is a float", w.ok(0x81, 0xca, 0, 0, 0, 0, 1), authority.CodeBadResult, `the reply is not valid: map key is not a string (byte 5)`},
		{"064/key is bytes", w.ok(0x81, 0xc4, 1, 'a', 1), authority.CodeBadResult, `the reply is not valid: map key is not a string (byte 5)`},
		{"064/key not UTF-8", w.ok(0x81, 0xa1, 0xff, 1), authority.CodeBadResult, `the reply is not valid: string is not valid UTF-8 (byte 5)`},
		{"066/ok and a grant", w.answer([]byte("\x82\xa2ok\xc0\xa5grant\x81\xa1*\xc3")...), authority.CodeBadResult, `the reply is not valid: expected ok or err alone (byte 0)`},
		{"066/an error that asks to be tried again", w.answer([]byte("\x81\xa3err\x83\xa4code\xa1x\xa7message\xa0\xa5retry\xc3")...), authority.CodeBadResult, `the reply is not valid: unknown field "retry" (byte 22)`},
		{"066/a reply that is no map", w.answer(0x92, 0xc3, 0xc0), authority.CodeBadResult, `the reply is not valid: expected a map, found an array (byte 0)`},
		{"065/no reply", w.plain(code{}.I32(0)), authority.CodeBadResult, `it returned without a reply`},
		{"065/two replies", withReply(wasmtest.ReplyCode(replyAt, 5).Op(good...).Op(0x6a)), authority.CodeBadResult, `it replied twice`},
		{"054/returned 1", withReply(good.Drop().I32(1)), authority.CodeBadResult, `ambit_invoke returned 1`},
		{"054/returned -1", withReply(good.Drop().I32(-1)), authority.CodeBadResult, `ambit_invoke returned -1`},
		{"053/reply at the end", w.plain(wasmtest.ReplyCode(65535, 2)), authority.CodeBadResult, `ambit.reply: 2 bytes at 65535 are outside the memory`},
		{"053/reply past the end", w.plain(wasmtest.ReplyCode(-1, 1)), authority.CodeBadResult, `ambit.reply: 1 bytes at 4294967295 are outside the memory`},
		{"053/reply overflows", w.plain(wasmtest.ReplyCode(-16, 32)), authority.CodeBadResult, `ambit.reply: 32 bytes at 4294967280 are outside the memory`},
		{"053/empty reply", w.plain(wasmtest.ReplyCode(0, 0)), authority.CodeBadResult, `the reply is not valid: truncated (byte 0)`},
		{"053/empty reply past the end", w.plain(wasmtest.ReplyCode(-1, 0)), authority.CodeBadResult, `ambit.reply: 0 bytes at 4294967295 are outside the memory`},
		{"053/huge reply", w.plain(wasmtest.ReplyCode(0, -1)), authority.CodeOutputLimit, `the reply has 4294967295 bytes, more than the 4194304 allowed`},
		{"053/reply over the limit", w.plain(wasmtest.ReplyCode(0, 4<<20+1)), authority.CodeOutputLimit, `the reply has 4194305 bytes, more than the 4194304 allowed`},
		{"051/request past the end", w.plain(code{}.I32(-8).Call(wasmtest.Request).I32(0)), authority.CodeBadResult, `are outside the memory`},
		{"051/request near the end", w.plain(code{}.I32(65530).Call(wasmtest.Request).I32(0)), authority.CodeBadResult, `are outside the memory`},
		{"067/result without a power call", w.plain(code{}.I32(0).Call(wasmtest.Result).I32(0)), authority.CodeBadResult, `it asked for a result without a power call before`},
		{"051/log past the end", w.plain(code{}.I32(3).I32(65535).I32(2).Call(wasmtest.Log).I32(0)), authority.CodeBadResult, `ambit.log: 2 bytes at 65535 are outside the memory`},
		{"063/no msgpack", w.answer(0xc1), authority.CodeBadResult, `the reply is not valid: reserved byte (byte 0)`},
		{"058/truncated", w.answer(0x81, 0xa2, 'o', 'k'), authority.CodeBadResult, `the reply is not valid: truncated (byte 4)`},
		{"062/trailing", w.ok(0xc0, 0xc0), authority.CodeBadResult, `the reply is not valid: trailing bytes (byte 5)`},
		{"058/false count of a list", w.ok(0xdd, 0xff, 0xff, 0xff, 0xff), authority.CodeBadResult, `the reply is not valid: count exceeds the input (byte 4)`},
		{"058/false count of a map", w.ok(0xdf, 0xff, 0xff, 0xff, 0xff), authority.CodeBadResult, `the reply is not valid: count exceeds the input (byte 4)`},
		{"058/false length of bytes", w.ok(0xc6, 0xff, 0xff, 0xff, 0xff), authority.CodeBadResult, `the reply is not valid: truncated (byte 4)`},
		{"063/ext", w.ok(0xd4, 1, 0), authority.CodeBadResult, `the reply is not valid: ext type (byte 4)`},
		{"063/timestamp", w.ok(0xd6, 0xff, 0, 0, 0, 0), authority.CodeBadResult, `the reply is not valid: ext type (byte 4)`},
		{"059/too deep", w.ok(nested(0x91)...), authority.CodeBadResult, `the reply is not valid: nested too deep (byte 36)`},
		{"061/duplicate keys", w.ok(0x82, 0xa1, 'a', 1, 0xa1, 'a', 2), authority.CodeBadResult, `the reply is not valid: duplicate key (byte 8)`},
		{"064/key is no string", w.ok(0x81, 1, 1), authority.CodeBadResult, `the reply is not valid: map key is not a string (byte 5)`},
		{"064/not UTF-8", w.ok(0xa1, 0xff), authority.CodeBadResult, `the reply is not valid: string is not valid UTF-8 (byte 4)`},
		{"066/neither ok nor err", w.answer(0x81, 0xa2, 'n', 'o', 0xc0), authority.CodeBadResult, `the reply is not valid: unknown field "no" (byte 1)`},
		{"066/ok and err", w.answer([]byte("\x82\xa2ok\xc0\xa3err\x82\xa4code\xa1x\xa7message\xa0")...), authority.CodeBadResult, `the reply is not valid: expected ok or err alone (byte 0)`},
		{"066/err without code", w.answer([]byte("\x81\xa3err\x81\xa7message\xa0")...), authority.CodeBadResult, `the reply is not valid: missing field (byte 15)`},
		{"044/unreachable", w.plain(code{}.Unreachable()), authority.CodeGuestError, `wasm error: unreachable`},
		{"044/division by zero", w.plain(code{}.I32(1).I32(0).Op(0x6d)), authority.CodeGuestError, `wasm error: integer divide by zero`},
		{"044/load past the end", w.plain(code{}.I32(-1).Load32()), authority.CodeGuestError, `wasm error: out of bounds memory access`},
		{"057/trap after the reply", withReply(good.Unreachable()), authority.CodeGuestError, `wasm error: unreachable`},
		{"043/exit with 0", withReply(good.I32(0).Call(wasmtest.ProcExit)), authority.CodeBadResult, `wasi: bad-result: the module exited with code 0`},
		{"043/exit with 0 before", w.plain(code{}.I32(0).Call(wasmtest.ProcExit).I32(0)), authority.CodeBadResult, `wasi: bad-result: the module exited with code 0`},
		{"043/exit with 1", w.plain(code{}.I32(1).Call(wasmtest.ProcExit).I32(0)), authority.CodeGuestError, `wasi: guest-error: the module exited with code 1`},
		{"043/exit with the code of a deadline", w.plain(code{}.I32(-0x10000001).Call(wasmtest.ProcExit).I32(0)), authority.CodeGuestError, `wasi: guest-error: the module exited with code 4026531839`},
		{"043/exit with the code of a cancellation", w.plain(code{}.I32(-1).Call(wasmtest.ProcExit).I32(0)), authority.CodeGuestError, `wasi: guest-error: the module exited with code 4294967295`},
	}
	slices.SortFunc(all, func(a, b Liar) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Replies are bytes that are no answer, for who reads them without a guest.
func Replies() (all [][]byte) {
	for _, tail := range []string{
		"\xc0\xc0", "\xdd\xff\xff\xff\xff", "\xdf\xff\xff\xff\xff", "\xc6\xff\xff\xff\xff", "\xdb\x7f\xff\xff\xff", "\xd4\x01\x00", "\xd6\xff\x00\x00\x00\x00", strings.Repeat("\x91", 40) + "\xc0",
		"\x82\xa1a\x01\xa1a\x02", "\x81\x01\x01", "\xa1\xff", "\xc0",
	} {
		all = append(all, []byte("\x81\xa2ok"+tail))
	}
	for _, whole := range []string{"", "\xc1", "\x81\xa2no\xc0", "\x82\xa2ok\xc0\xa3err\x82\xa4code\xa1x\xa7message\xa0", "\x81\xa3err\x81\xa7message\xa0", "\x82\xa2ok\xc0\xa5grant\x81\xa1*\xc3"} {
		all = append(all, []byte(whole))
	}
	return all
}

// answer is a guest that replies with the given bytes.
func (w want) answer(reply ...byte) []byte {
	g := wasmtest.NewGuest()
	g.Data(replyAt, reply)
	return w.guest(g, wasmtest.ReplyCode(replyAt, int32(len(reply))))
}

// many is a guest that replies {ok: a list of n lists, or other values, of a byte}.
func (w want) many(value byte, n int32) []byte {
	const at = 1 << 16
	g := wasmtest.NewGuest()
	g.Resize(uint32(n>>16) + 2)
	head := []byte{0x81, 0xa2, 'o', 'k', 0xdd, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
	g.Data(at-int32(len(head)), head)
	return w.guest(g, code{}.I32(at).I32(int32(value)).I32(n).Op(0xfc, 11, 0).Op(wasmtest.ReplyCode(at-int32(len(head)), n+int32(len(head)))...))
}

// ok is a guest that replies {ok: value}.
func (w want) ok(value ...byte) []byte {
	return w.answer(append([]byte("\x81\xa2ok"), value...)...)
}
