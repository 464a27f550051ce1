//go:build !wasip1

package sdktest

import (
	"encoding/json"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// grantOf makes the grant of a call with these scopes, in which a command
// declares all powers: the authority decides on them here as it does in a host.
// Entries that a policy could not hold lend nothing.
func grantOf(command, global Scope) *authority.Grant {
	m := authority.Manifest{
		Name: "m", Commands: []authority.Command{{Name: "c", Powers: authority.Powers()}},
		Permissions: []authority.Permission{{Identifier: "global"}}, // of no command, so its scope is the module's
	}
	a, _ := authority.New(authority.Policy{
		Lenient: true, Manifests: []authority.Manifest{m}, Platform: authority.Linux,
		Capabilities: []authority.Capability{{
			Identifier: "c", Local: true, Windows: []authority.Pattern{{Text: "w"}},
			Permissions: []authority.Entry{
				{Reference: authority.Reference{Identifier: "m:allow-c"}, Scope: rulesOf(command)},
				{Reference: authority.Reference{Identifier: "m:global"}, Scope: rulesOf(global)},
			},
		}},
	})
	d := a.Decide(authority.Request{
		Caller: authority.Caller{Window: "w", Webview: "w", Origin: authority.LocalOrigin()}, Module: "m", Command: "c",
	})
	g, _ := d.Grant()
	return g
}

func rulesOf(s Scope) authority.ScopeRules {
	values := func(in []any) (out []authority.ScopeValue) {
		for _, v := range in {
			var plain any
			if b, err := json.Marshal(v); err == nil && json.Unmarshal(b, &plain) == nil {
				out = append(out, authority.ScopeValue{Value: plain})
			}
		}
		return out
	}
	return authority.ScopeRules{Allow: values(s.Allow), Deny: values(s.Deny)}
}

// lend answers the power calls of the handlers.
func (h *Host) lend(module, name string, args []byte) []byte {
	v, _ := wire.NewDec(args).Any().(map[string]any)
	if module != "ambit_env" || name != "get" {
		return refuse(authority.CodeHostError, module+"."+name+" is not there")
	}
	variable, _ := v["var"].(string)
	if code := h.grant.Reach(authority.PowerEnv, variable); code != authority.CodeAllowed {
		return refuse(code, "outside the scope of the test")
	}
	value, ok := h.env[variable]
	if !ok {
		return wire.AppendNil(wire.BeginOK(nil))
	}
	return wire.AppendStr(wire.BeginOK(nil), value)
}

func refuse(code authority.Code, text string) []byte {
	return wire.AppendErr(nil, &wire.ErrorBody{Code: string(code), Message: text})
}
