package abi

import (
	"runtime"
	"unsafe"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

//go:wasmimport ambit request
//go:noescape
func hostRequest(p unsafe.Pointer)

//go:wasmimport ambit reply
//go:noescape
func hostReply(p unsafe.Pointer, n uint32)

//go:wasmimport ambit log
//go:noescape
func hostLog(level int32, p unsafe.Pointer, n uint32)

//go:wasmimport ambit result
//go:noescape
func hostResult(p unsafe.Pointer)

//go:wasmimport ambit_env get
//go:noescape
func hostEnvGet(p unsafe.Pointer, n uint32) uint32

// Request lets the host write the waiting request, which is as long as b.
func Request(b []byte) {
	hostRequest(unsafe.Pointer(unsafe.SliceData(b)))
	runtime.KeepAlive(b)
}

// Reply hands b to the host.
func Reply(b []byte) {
	hostReply(unsafe.Pointer(unsafe.SliceData(b)), uint32(len(b)))
	runtime.KeepAlive(b)
}

// Log hands a line to the host.
func Log(level wire.Level, text string) {
	hostLog(int32(level), unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
	runtime.KeepAlive(text)
}

// EnvGet is ambit_env.get: an envelope in, a reply out. A guest that does not
// reach it does not import it.
func EnvGet(args []byte) []byte {
	n := hostEnvGet(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// result fetches the result of the power call before, of n bytes.
func result(n uint32) []byte {
	b := make([]byte, n)
	hostResult(unsafe.Pointer(unsafe.SliceData(b)))
	runtime.KeepAlive(b)
	return b
}
