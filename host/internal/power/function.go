package power

import (
	"github.com/ambit-wasm/ambit/authority"
)

// Function is a power function of ABI 1. The arguments are a map of checked
// values; the result is the one value that it appends to out.
type Function func(s *Session, args *args, out []byte) ([]byte, *Error)

// functions are the power functions, by import module and name.
var functions = map[string]map[string]struct {
	power authority.Power // that a command must declare for it
	do    Function
}{
	"ambit_env": {"get": {authority.PowerEnv, envGet}},
	"ambit_http": {
		"fetch": {authority.PowerHTTP, httpFetch}, "write": {authority.PowerHTTP, httpWrite},
		"read": {authority.PowerHTTP, httpRead}, "close": {authority.PowerHTTP, httpClose},
	},
	"ambit_kv": {
		"get": {authority.PowerKVRead, kvGet}, "list": {authority.PowerKVRead, kvList},
		"set": {authority.PowerKVWrite, kvSet}, "delete": {authority.PowerKVWrite, kvDelete}, "cas": {authority.PowerKVWrite, kvCAS},
	},
	"ambit_exec": {
		"start": {authority.PowerExec, execStart}, "read": {authority.PowerExec, execRead}, "write": {authority.PowerExec, execWrite},
		"wait": {authority.PowerExec, execWait}, "kill": {authority.PowerExec, execKill},
	},
	"ambit_call": {"invoke": {authority.PowerInvoke, callInvoke}},
	"ambit_emit": {"emit": {authority.PowerEmit, emitEmit}},
}

// Modules returns the import modules, each with the names of its functions.
func Modules() map[string][]string {
	out := make(map[string][]string, len(functions))
	for module, fs := range functions {
		for name := range fs {
			out[module] = append(out[module], name)
		}
	}
	return out
}

// Lookup returns a function and the power that it is of, or nil and "".
func Lookup(module, name string) (Function, authority.Power) {
	f := functions[module][name]
	return f.do, f.power
}
