package sdk

import (
	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Level says how important a log line is.
type Level = wire.Level

// The levels.
const (
	LevelTrace = wire.LevelTrace
	LevelDebug = wire.LevelDebug
	LevelInfo  = wire.LevelInfo
	LevelWarn  = wire.LevelWarn
	LevelError = wire.LevelError
)

// Log writes one line to the host's log, under the module's name. The host
// escapes it and caps length and number. Outside of a call, while the module
// initializes, there is no host to talk to and Log does nothing.
func Log(level Level, text string) {
	if inCall() {
		abi.Log(level, text)
	}
}
