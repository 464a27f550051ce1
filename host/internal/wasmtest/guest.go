package wasmtest

import "strings"

// Guest is a module with the imports and exports of ABI 1: one page of memory,
// and the functions of "ambit" under the indices below.
type Guest struct{ Module }

// The imported functions of a [Guest].
const (
	Request  uint32 = iota // (ptr)
	Reply                  // (ptr, len)
	Result                 // (ptr)
	Log                    // (level, ptr, len)
	ProcExit               // (code)
)

// Where an [Echo] guest keeps things.
const (
	replyAt   = 1024
	requestAt = replyAt + 4
)

// NewGuest returns a guest without functions of its own.
func NewGuest() *Guest {
	g := &Guest{}
	g.Import("ambit", "request", I32, "")
	g.Import("ambit", "reply", I32+I32, "")
	g.Import("ambit", "result", I32, "")
	g.Import("ambit", "log", I32+I32+I32, "")
	g.Import("wasi_snapshot_preview1", "proc_exit", I32, "")
	g.Memory(1)
	g.Export("memory", 2, 0)
	return g
}

// Invoke adds the command function; local 0 is the length of the request,
// local 1 is free. The body must leave an i32.
func (g *Guest) Invoke(body Code) *Guest {
	g.Export("ambit_invoke", 0, g.Func(I32, I32, I32, body))
	return g
}

// Manifest adds the custom section.
func (g *Guest) Manifest(json string) *Guest {
	g.Custom("ambit", []byte(json))
	return g
}

// EchoCode replies {ok: the whole request}, so that a test sees what the guest
// saw. The request must fit into the page.
func EchoCode() Code {
	return Code{}.
		I32(replyAt).I32(0x6b6fa281).Store32(). // 0x81 0xa2 "ok"
		I32(requestAt).Call(Request).
		I32(replyAt).Get(0).I32(4).Add().Call(Reply).
		I32(0)
}

// Echo returns a guest that replies with its request.
func Echo(manifest string) []byte {
	return NewGuest().Invoke(EchoCode()).Manifest(manifest).Bytes()
}

// ReplyCode replies with the given bytes, which must lie at address at.
func ReplyCode(at, length int32) Code {
	return Code{}.I32(at).I32(length).Call(Reply).I32(0)
}

// Answer returns a guest that replies with the given bytes, whatever is asked.
func Answer(manifest string, reply []byte) []byte {
	g := NewGuest().Invoke(ReplyCode(replyAt, int32(len(reply)))).Manifest(manifest)
	g.Data(replyAt, reply)
	return g.Bytes()
}

// Manifest is the JSON of a manifest with these commands.
func Manifest(name string, commands ...string) string {
	list := make([]string, len(commands))
	for i, c := range commands {
		list[i] = `{"name":"` + c + `"}`
	}
	return `{"module":{"name":"` + name + `","version":"1.0.0","abi":1},"command":[` + strings.Join(list, ",") + `]}`
}
