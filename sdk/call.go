package sdk

import (
	"math/rand/v2"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Caller is who invoked the command. The host built it; a page or a module
// cannot choose what it says.
type Caller = wire.Caller

// Call is one invocation of a command, as its handler sees it. It is valid
// until the handler returns, and not safe for concurrent use.
type Call struct {
	ID      uint64 // the host's number of the call, for logs
	Command string // without the module's name
	Caller  Caller

	req  wire.Request
	rand *rand.Rand
}

// Deadline returns the milliseconds that the call had left when it began; 0
// means that the host did not tell. After it the host ends the call, without a
// word to the handler. (Not a time.Duration: package time alone would make a
// guest 0.3 MB larger.)
func (c *Call) Deadline() int64 { return c.req.Deadline }

// Seed returns 16 random bytes that the host drew for this call.
func (c *Call) Seed() [16]byte { return c.req.Seed }

// Rand returns the call's random numbers, a ChaCha8 stream from its seed.
//
// Each call starts from a frozen image of the module, so the global functions
// of math/rand, map order and everything else that a runtime seeds at start
// repeat in every call; this does not. For keys and tokens use crypto/rand,
// which asks the host each time.
func Rand(c *Call) *rand.Rand {
	if c.rand == nil {
		var seed [32]byte
		copy(seed[:], c.req.Seed[:])
		c.rand = rand.New(rand.NewChaCha8(seed))
	}
	return c.rand
}
