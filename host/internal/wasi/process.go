package wasi

import (
	"strconv"

	"github.com/ambit-wasm/ambit/authority"
)

// noStrings says that there are no arguments and no environment.
func noStrings(c call, s []uint64) errno {
	count, e1 := c.slot(s[0], 4)
	size, e2 := c.slot(s[1], 4)
	if e := max(e1, e2); e != ok {
		return e
	}
	u32(count, 0)
	return u32(size, 0)
}

// procExit ends the call. It panics with an [Abort] and not with wazero's
// ExitError: there, code 0 passes for success and two other codes for a
// deadline, and a guest may choose any.
func procExit(_ call, s []uint64) errno {
	a := &Abort{Code: authority.CodeGuestError, Text: "the module exited with code " + strconv.FormatUint(s[0], 10)}
	if s[0] == 0 {
		a.Code = authority.CodeBadResult
	}
	panic(a)
}
