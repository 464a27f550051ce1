package hosttest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

type code = wasmtest.Code

// begin is how the command of an attacker begins: a request that is shorter than
// those of attacks is answered as it should be.
var begin = code{}.Get(0).I32(600).Op(0x49).If(answer.Op(0x0f))

// answer replies {ok: nil}.
var answer = code{}.I32(1024).I32(0x6b6fa281).Store32().I32(1028).I32(0xc0).Store8().I32(1024).I32(5).Call(wasmtest.Reply).I32(0)

// manifestOf is the JSON of the manifest of a module with the command run, which has
// so much time and may be lent these powers.
func manifestOf(name, timeout string, powers ...string) string {
	list, _ := json.Marshal(powers)
	if powers == nil {
		list = []byte("[]")
	}
	return fmt.Sprintf(`{"module":{"name":%q,"version":"1.0.0","abi":1},"command":[{"name":"run","timeout":%q,"powers":%s}],"scope":%s}`,
		name, timeout, list, scopeSchema)
}

// scopeSchema is of entries that are the attacker's own, which no power is.
const scopeSchema = `{"type":"object","properties":{"own":{"type":"string"}}}`

// short is enough for what must end by itself, and what a case waits for that does
// not.
const (
	short     = "100ms"
	shortTime = 100 * time.Millisecond
)

var plainManifest = manifestOf(attacker, short)

// guest is the attacker with a command of its own.
func guest(body code) []byte {
	return wasmtest.NewGuest().Invoke(begin.Op(body...)).Manifest(plainManifest).Bytes()
}

// step is a call of a function of WASI that returns an errno, with arguments of type
// int (i32) or int64, made times times if that is not 0.
type step struct {
	name  string
	args  []any
	times int32
}

func wasiStep(name string, args ...any) step { return step{name: name, args: args} }

// Where a script keeps things in its memory: the errno of each step, and what steps
// are to write for the case to see.
const (
	scriptData = 0x8000
	errnosAt   = 0x10000
	outAt      = 0x11000
	outSize    = 0x4000
)

// script is an attacker that calls functions of WASI one after another, with data in
// its memory from scriptData on. It answers with what [errnos] reads.
func script(manifest string, data []byte, steps ...step) []byte {
	return repeated(manifest, data, 1, steps...)
}

// repeated is a script that does all of its steps times times; the errnos are those
// of the last time.
func repeated(manifest string, data []byte, times int32, steps ...step) []byte {
	g := wasmtest.NewGuest()
	imports := map[string]uint32{}
	all := code{}
	for i, s := range steps {
		params := ""
		args := code{}
		for _, arg := range s.args {
			switch v := arg.(type) {
			case int:
				params, args = params+wasmtest.I32, args.I32(int32(v))
			case int64:
				params, args = params+wasmtest.I64, args.I64(v)
			}
		}
		f, ok := imports[s.name]
		if !ok {
			f = g.Import("wasi_snapshot_preview1", s.name, params, wasmtest.I32)
			imports[s.name] = f
		}
		call := code{}.I32(int32(errnosAt + 4*i)).Op(args...).Call(f).Store32()
		if s.times > 0 {
			call = counting(1, s.times, call)
		}
		all = all.Op(call...)
	}
	body := begin.Op(counting(0, times, all)...) // the length of the request is not needed any more
	const size = outAt + outSize - errnosAt
	head := []byte{0x81, 0xa2, 'o', 'k', 0xc5, size >> 8, size & 0xff}
	g.Resize(4)
	g.Data(scriptData, data)
	g.Data(errnosAt-int32(len(head)), head)
	g.Invoke(body.I32(int32(errnosAt - len(head))).I32(int32(len(head) + size)).Call(wasmtest.Reply).I32(0)).Manifest(manifest)
	return g.Bytes()
}

// counting repeats a body; the local counts down.
func counting(local uint32, times int32, body code) code {
	return code{}.I32(times).Set(local).Op(0x03, 0x40).Op(body...).Get(local).I32(1).Op(0x6b, 0x22, byte(local), 0x0d, 0, 0x0b)
}

// errnos reads the answer of a script: the errno of each step, and what they wrote.
func errnos(value any, n int) (list []int, out []byte) {
	b, _ := value.([]byte)
	if len(b) < outAt-errnosAt {
		return nil, nil
	}
	for i := range n {
		list = append(list, int(binary.LittleEndian.Uint32(b[4*i:])))
	}
	return list, b[outAt-errnosAt:]
}

// use is a call of a power function.
type use struct {
	module, name string
	args         any
}

// user is an attacker that uses powers one after another. It answers with their
// replies, a list of {ok} or {err}.
func user(manifest string, uses ...use) []byte {
	const repliesAt, argsAt = 0x10000, 0x100000
	g := wasmtest.NewGuest()
	imports := map[string]uint32{}
	head := append([]byte("\x81\xa2ok"), wire.AppendArray(nil, len(uses))...)
	var data []byte
	body := begin.I32(repliesAt).Set(1)
	for _, u := range uses {
		name := u.module + "." + u.name
		f, ok := imports[name]
		if !ok {
			f = g.Import(u.module, u.name, wasmtest.I32+wasmtest.I32, wasmtest.I32)
			imports[name] = f
		}
		args := packed(u.args)
		// length = f(args); result(at); at += length
		body = body.Get(1).I32(int32(argsAt + len(data))).I32(int32(len(args))).Call(f).Get(1).Call(wasmtest.Result).Add().Set(1)
		data = append(data, args...)
	}
	from := int32(repliesAt - len(head))
	g.Resize(uint32(argsAt+len(data))>>16 + 1)
	g.Data(argsAt, data)
	g.Data(from, head)
	g.Invoke(body.I32(from).Get(1).I32(from).Op(0x6b).Call(wasmtest.Reply).I32(0)).Manifest(manifest)
	return g.Bytes()
}

// packed encodes the arguments of a power.
func packed(v any) []byte {
	b, err := wire.AppendAny(nil, v)
	if err != nil {
		panic(err) // a case is wrong
	}
	return b
}

// outcomes are the codes of the replies of a user: "" for {ok}.
func outcomes(value any) (codes []string, values []any) {
	list, _ := value.([]any)
	for _, r := range list {
		m, _ := r.(map[string]any)
		e, failed := m["err"].(map[string]any)
		if !failed {
			codes, values = append(codes, ""), append(values, m["ok"])
			continue
		}
		codes, values = append(codes, fmt.Sprint(e["code"])), append(values, nil)
	}
	return codes, values
}

// entry writes a scope entry as TOML.
func entry(pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		value := pairs[i+1]
		if value != "true" {
			value = fmt.Sprintf("%q", value)
		}
		parts = append(parts, pairs[i]+" = "+value)
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}
