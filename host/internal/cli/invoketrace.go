package cli

import (
	"fmt"
	"io"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// trace is a sink that keeps what a call, and those that it made, were refused,
// and what the last one to end used, which is the first: there are never two at a
// time otherwise. Its stats are zero before one has ended.
type trace struct {
	host.CallStats
	refused []refusedPower
}

// refusedPower is a use of a power that a command's scope did not lend.
type refusedPower struct {
	command string
	host.RecordRefusal
}

func (u *trace) Audit(e host.Event) error {
	u.CallStats = e.Stats
	r := e.Record()
	for _, refused := range r.Refused {
		u.refused = append(u.refused, refusedPower{r.Command, refused})
	}
	return nil
}

// printStats prints what was used for people, on one line.
func (u *trace) printStats(w io.Writer) {
	s := u.CallStats
	fmt.Fprintf(w, "used: %s, cpu %d, memory %s, %s in, %s out, %s, %s logged\n", rough(s.Duration), s.CPU, size(s.Memory),
		size(int64(s.BytesIn)), size(int64(s.BytesOut)), plural(int(s.HostCalls), "host call"), size(s.Logged))
}

// printRefused prints what a scope did not lend, and the entry that would.
func (u *trace) printRefused(w io.Writer) {
	for _, r := range u.refused {
		line := fmt.Sprintf("%s was not lent %s on %s (%s)", r.command, r.Power, r.Asked, r.Code)
		if r.Missing != "" {
			line += "; an entry that would lend it: " + r.Missing
		}
		fmt.Fprintln(w, printable.Line(line))
	}
}
