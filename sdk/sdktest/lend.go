//go:build !wasip1

package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk"
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

// lend makes the powers of one call, which the host's own code answers.
func (h *Host) lend() *host.Powers {
	c := host.PowersConfig{
		Grant: h.grant, HTTP: h.options.HTTP, Secrets: secrets(h.options.Secrets), DataDir: h.dataDir, Module: "test",
	}
	for name, value := range h.options.Env {
		c.Env = append(c.Env, name+"="+value)
	}
	if f := h.options.Invoke; f != nil {
		c.Invoke = func(command string, args []byte) ([]byte, error) {
			result, err := f(command, wire.NewDec(args).Any())
			if err != nil {
				return nil, invokeError(command, err)
			}
			return wire.AppendAny(nil, result)
		}
	}
	c.Emit = func(m host.Message) { h.events = append(h.events, Event{Topic: m.Topic, Payload: m.Value()}) }
	return host.NewPowers(h.t.Context(), c)
}

// secrets are those of a test.
type secrets map[string]string

func (s secrets) Secret(_ context.Context, name string) (string, error) {
	value, ok := s[name]
	if !ok {
		return "", host.ErrNoSecret
	}
	return value, nil
}

// invokeError is the error of a command of another module as a host passes it on.
func invokeError(command string, err error) error {
	e, ok := errors.AsType[*sdk.Error](err)
	if !ok {
		return err
	}
	module, _, _ := strings.Cut(command, ".")
	return &host.Error{Code: authority.Code(module + "." + e.Code), Message: e.Message, Data: e.Data}
}
