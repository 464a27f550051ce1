package host

import (
	"os"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// environment is the environment variables that calls may be lent, as they were
// when the host was opened. Names are told apart by case, also on Windows.
type environment map[string]string

// newEnvironment reads "NAME=value" lines, of which the last one counts; nil
// stands for the process's own.
func newEnvironment(lines []string) environment {
	if lines == nil {
		lines = os.Environ()
	}
	e := make(environment, len(lines))
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, "="); ok && name != "" {
			e[name] = value
		}
	}
	return e
}

// envGet is {var: string} -> string, or nil if there is none of that name.
func envGet(c *call, args *powerArgs, out []byte) ([]byte, *powerError) {
	name := args.str("var")
	if err := args.done(); err != nil {
		return nil, err
	}
	if err := c.reach(authority.PowerEnv, name); err != nil {
		return nil, err
	}
	value, ok := c.host.env[name]
	if !ok {
		return wire.AppendNil(out), nil
	}
	return wire.AppendStr(out, strings.ToValidUTF8(value, "\ufffd")), nil
}
