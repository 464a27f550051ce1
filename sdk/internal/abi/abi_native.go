//go:build !wasip1

package abi

import (
	"sync"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// sink is where log lines go. There is one, as in an instance.
var sink struct {
	mu  sync.Mutex
	log func(wire.Level, string)
}

// lender answers power calls. There is one, too.
var lender struct {
	mu   sync.Mutex
	call func(module, name string, args []byte) []byte
}

// Lend lets call answer power calls until release is called.
func Lend(call func(module, name string, args []byte) []byte) (release func()) {
	lender.mu.Lock()
	defer lender.mu.Unlock()
	before := lender.call
	lender.call = call
	return func() {
		lender.mu.Lock()
		defer lender.mu.Unlock()
		lender.call = before
	}
}

// The power functions ask whoever lends; nobody does outside tests.

func EnvGet(args []byte) []byte     { return power("ambit_env", "get", args) }
func CallInvoke(args []byte) []byte { return power("ambit_call", "invoke", args) }
func EmitEmit(args []byte) []byte   { return power("ambit_emit", "emit", args) }
func HTTPFetch(args []byte) []byte  { return power("ambit_http", "fetch", args) }
func HTTPRead(args []byte) []byte   { return power("ambit_http", "read", args) }
func HTTPWrite(args []byte) []byte  { return power("ambit_http", "write", args) }
func HTTPClose(args []byte) []byte  { return power("ambit_http", "close", args) }
func KVGet(args []byte) []byte      { return power("ambit_kv", "get", args) }
func KVList(args []byte) []byte     { return power("ambit_kv", "list", args) }
func KVSet(args []byte) []byte      { return power("ambit_kv", "set", args) }
func KVDelete(args []byte) []byte   { return power("ambit_kv", "delete", args) }
func KVCAS(args []byte) []byte      { return power("ambit_kv", "cas", args) }
func ExecStart(args []byte) []byte  { return power("ambit_exec", "start", args) }
func ExecRead(args []byte) []byte   { return power("ambit_exec", "read", args) }
func ExecWrite(args []byte) []byte  { return power("ambit_exec", "write", args) }
func ExecWait(args []byte) []byte   { return power("ambit_exec", "wait", args) }
func ExecKill(args []byte) []byte   { return power("ambit_exec", "kill", args) }

func power(module, name string, args []byte) []byte {
	lender.mu.Lock()
	call := lender.call
	lender.mu.Unlock()
	if call == nil {
		return wire.AppendErr(nil, &wire.ErrorBody{Code: "scope-empty", Message: "nothing is lent outside a host"})
	}
	return call(module, name, args)
}

// Capture sends log lines to log until release is called.
func Capture(log func(wire.Level, string)) (release func()) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	before := sink.log
	sink.log = log
	return func() {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		sink.log = before
	}
}

// Log hands a line to whoever captures; nobody does outside tests.
func Log(level wire.Level, text string) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if sink.log != nil {
		sink.log(level, text)
	}
}
