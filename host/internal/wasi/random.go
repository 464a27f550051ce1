package wasi

import (
	"crypto/rand"

	"github.com/ambit-wasm/ambit/authority"
)

// randomGet fills a buffer with secure random bytes. More than the call's
// limit ends it: Go guests take an error for a reason to crash anyway.
func randomGet(c call, s []uint64) errno {
	b, e := c.view(s[0], s[1])
	if e != ok {
		return e
	}
	if !c.takeRandom(int64(len(b))) {
		panic(&Abort{Code: authority.CodeCallLimit, Text: "more random bytes than a call may take"})
	}
	c.chargeBytes(len(b))
	_, _ = rand.Read(b) // never fails
	return ok
}

// takeRandom takes n bytes of the limit.
func (c call) takeRandom(n int64) bool {
	limit, taken := int64(DefaultRandomBytes), int64(0)
	if c.state != nil {
		taken = c.state.random
		if c.state.RandomBytes != 0 {
			limit = c.state.RandomBytes
		}
	}
	if n > limit-taken {
		return false
	}
	if c.state != nil {
		c.state.random += n
	}
	return true
}
