package power

import (
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// callInvoke is {command: string, args: any} -> a reply: {ok: any}, or {err:
// {code, message, data}} with the code of the callee, "<module>.<code>", or of
// the host. That the scope lends the command is not enough: it must also be
// allowed to the module, which the call decides. Then the code is "denied".
func callInvoke(s *Session, a *args, out []byte) ([]byte, *Error) {
	command, values := a.str("command"), a.raw("args")
	if err := a.done(); err != nil {
		return nil, err
	}
	if err := s.reach(authority.PowerInvoke, command); err != nil {
		return nil, err
	}
	return s.call.Invoke(out, strings.Clone(command), values) // its record keeps it
}
