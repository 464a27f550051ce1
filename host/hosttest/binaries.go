package hosttest

import (
	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
)

// binaries are modules that a host must not load.
func binaries() (all []Case) {
	for _, b := range hostile.Binaries() {
		if b.Name == "009/over the size of a module" {
			b.Why = "more than the 16777216 allowed" // it is not even parsed
		}
		all = append(all, Case{
			Name: b.Name, Tries: "load a binary that is wrong, or that claims or takes too much", Child: true,
			Expect: []authority.Code{authority.CodeModuleInvalid},
			attack: func(a *attack) { a.refused(b.Bytes, b.Why) },
		})
	}
	for _, m := range hostile.Modules(attacker) {
		all = append(all, Case{
			Name: m.Name, Tries: "load a module that is not what ABI 1 asks for, or that fails before it is called", Child: true,
			Expect: []authority.Code{m.Code},
			attack: func(a *attack) { a.refused(m.Bytes, m.Why) },
		})
	}
	return all
}
