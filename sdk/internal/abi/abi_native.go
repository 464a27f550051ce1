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
var (
	EnvGet     = lent("ambit_env", "get")
	CallInvoke = lent("ambit_call", "invoke")
	EmitEmit   = lent("ambit_emit", "emit")
	HTTPFetch  = lent("ambit_http", "fetch")
	HTTPRead   = lent("ambit_http", "read")
	HTTPWrite  = lent("ambit_http", "write")
	HTTPClose  = lent("ambit_http", "close")
	KVGet      = lent("ambit_kv", "get")
	KVList     = lent("ambit_kv", "list")
	KVSet      = lent("ambit_kv", "set")
	KVDelete   = lent("ambit_kv", "delete")
	KVCAS      = lent("ambit_kv", "cas")
	ExecStart  = lent("ambit_exec", "start")
	ExecRead   = lent("ambit_exec", "read")
	ExecWrite  = lent("ambit_exec", "write")
	ExecWait   = lent("ambit_exec", "wait")
	ExecKill   = lent("ambit_exec", "kill")
)

func lent(module, name string) func(args []byte) []byte {
	return func(args []byte) []byte { return power(module, name, args) }
}

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
