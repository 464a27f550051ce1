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

//go:wasmimport ambit_call invoke
//go:noescape
func hostCallInvoke(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_emit emit
//go:noescape
func hostEmitEmit(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_http fetch
//go:noescape
func hostHTTPFetch(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_http read
//go:noescape
func hostHTTPRead(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_http write
//go:noescape
func hostHTTPWrite(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_http close
//go:noescape
func hostHTTPClose(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_kv get
//go:noescape
func hostKVGet(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_kv list
//go:noescape
func hostKVList(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_kv set
//go:noescape
func hostKVSet(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_kv delete
//go:noescape
func hostKVDelete(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_kv cas
//go:noescape
func hostKVCAS(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_exec start
//go:noescape
func hostExecStart(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_exec read
//go:noescape
func hostExecRead(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_exec write
//go:noescape
func hostExecWrite(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_exec wait
//go:noescape
func hostExecWait(p unsafe.Pointer, n uint32) uint32

//go:wasmimport ambit_exec kill
//go:noescape
func hostExecKill(p unsafe.Pointer, n uint32) uint32

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

// The power functions: an envelope in, a reply out. A guest that does not reach
// one does not import it.

// EnvGet is ambit_env.get.
func EnvGet(args []byte) []byte {
	n := hostEnvGet(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// CallInvoke is ambit_call.invoke.
func CallInvoke(args []byte) []byte {
	n := hostCallInvoke(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// EmitEmit is ambit_emit.emit.
func EmitEmit(args []byte) []byte {
	n := hostEmitEmit(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// HTTPFetch is ambit_http.fetch.
func HTTPFetch(args []byte) []byte {
	n := hostHTTPFetch(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// HTTPRead is ambit_http.read.
func HTTPRead(args []byte) []byte {
	n := hostHTTPRead(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// HTTPWrite is ambit_http.write.
func HTTPWrite(args []byte) []byte {
	n := hostHTTPWrite(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// HTTPClose is ambit_http.close.
func HTTPClose(args []byte) []byte {
	n := hostHTTPClose(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// KVGet is ambit_kv.get.
func KVGet(args []byte) []byte {
	n := hostKVGet(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// KVList is ambit_kv.list.
func KVList(args []byte) []byte {
	n := hostKVList(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// KVSet is ambit_kv.set.
func KVSet(args []byte) []byte {
	n := hostKVSet(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// KVDelete is ambit_kv.delete.
func KVDelete(args []byte) []byte {
	n := hostKVDelete(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// KVCAS is ambit_kv.cas.
func KVCAS(args []byte) []byte {
	n := hostKVCAS(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// ExecStart is ambit_exec.start.
func ExecStart(args []byte) []byte {
	n := hostExecStart(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// ExecRead is ambit_exec.read.
func ExecRead(args []byte) []byte {
	n := hostExecRead(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// ExecWrite is ambit_exec.write.
func ExecWrite(args []byte) []byte {
	n := hostExecWrite(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// ExecWait is ambit_exec.wait.
func ExecWait(args []byte) []byte {
	n := hostExecWait(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
	runtime.KeepAlive(args)
	return result(n)
}

// ExecKill is ambit_exec.kill.
func ExecKill(args []byte) []byte {
	n := hostExecKill(unsafe.Pointer(unsafe.SliceData(args)), uint32(len(args)))
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
