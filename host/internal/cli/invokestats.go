package cli

import (
	"fmt"
	"io"

	"github.com/ambit-wasm/ambit/host"
)

// usedStats is a sink that keeps what the last call used; there are never two at
// a time. It is zero before one has ended.
type usedStats struct{ host.CallStats }

func (u *usedStats) Audit(e host.Event) error {
	u.CallStats = e.Stats
	return nil
}

// print prints it for people, on one line.
func (u *usedStats) print(w io.Writer) {
	s := u.CallStats
	fmt.Fprintf(w, "used: %s, cpu %d, memory %s, %s in, %s out, %s, %s logged\n", rough(s.Duration), s.CPU, size(s.Memory),
		size(int64(s.BytesIn)), size(int64(s.BytesOut)), plural(int(s.HostCalls), "host call"), size(s.Logged))
}
