package hosttest

import (
	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// Guest is a case of one's own, for [Attacker.Attack]: a module whose command run is
// called with arguments, under a capability that lends it nothing. The call must end
// with one of the codes, or with a result if there are none; whatever it does, all that
// the other cases assert must hold. The manifest of the module gets another name for it.
func Guest(name, tries string, module []byte, args any, expect ...authority.Code) Case {
	return Case{Name: name, Tries: tries, Expect: expect, attack: func(a *attack) {
		info, err := host.Inspect(name, module, host.Limits{})
		a.must(err)
		manifest := info.Manifest
		manifest.Name = attacker
		module, err := host.SetManifest(module, manifest)
		a.must(err)
		a.load(attacker, module)
		a.allow()
		_, err = a.invoke(caller, attacker+".run", args)
		if len(expect) == 0 {
			a.works(err)
		} else {
			a.ends(err)
		}
	}}
}
