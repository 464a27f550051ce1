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
