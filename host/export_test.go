package host

import "github.com/tetratelabs/wazero"

// UseInterpreter makes a host run modules without compiling them.
func UseInterpreter(c *Config) { c.engine = wazero.NewRuntimeConfigInterpreter }

// The longest line of a guest and the most lines of a call that are logged.
const (
	MaxLogLine  = maxLogLine
	MaxLogLines = maxLogLines
)
