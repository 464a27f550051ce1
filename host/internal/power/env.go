package power

import (
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// envGet is {var: string} -> string, or nil if there is none of that name.
func envGet(s *Session, a *args, out []byte) ([]byte, *Error) {
	name := a.str("var")
	if err := a.done(); err != nil {
		return nil, err
	}
	if err := s.reach(authority.PowerEnv, name); err != nil {
		return nil, err
	}
	value, ok := s.means.Env[name]
	if !ok {
		return wire.AppendNil(out), nil
	}
	return wire.AppendStr(out, strings.ToValidUTF8(value, "\ufffd")), nil
}
