package host

import (
	"os"
	"strings"
	"sync/atomic"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/egress"
	"github.com/ambit-wasm/ambit/host/internal/kv"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// means are what the calls of a module share of what they are lent.
func (h *Host) means(m *module) *power.Means {
	means := newMeans(&m.limits, h.env, h.http, h.keys.namespace(m.name, m.limits.quota()))
	means.Failed = func(p authority.Power, asked string, err error) {
		m.log.Warn("power failed", "power", string(p), "asked", asked, "error", printable.Cut(err.Error(), maxErrorText))
	}
	return means
}

// newMeans are means under limits.
func newMeans(l *Limits, env map[string]string, http power.HTTP, keys func() (*kv.Namespace, error)) *power.Means {
	http.Bytes = l.FetchBytes
	return &power.Means{
		Env: env, HTTP: http, KV: keys,
		Exec:    power.Exec{Programs: l.Programs, Output: l.ProgramOutput},
		Events:  power.Events{Rate: l.EventRate, Size: l.EventSize},
		Write:   l.WriteBytes,
		Request: l.Request, Reply: l.Reply,
	}
}

// httpMeans are what all modules share of the power http.
func httpMeans(o HTTPOptions, s Secrets, most int64) power.HTTP {
	var open atomic.Int64
	out := power.HTTP{
		Client: egress.NewClient(egress.Options{Roots: o.Roots, Resolver: o.Resolver}),
		Enter: func() bool {
			if open.Add(1) > most {
				open.Add(-1)
				return false
			}
			return true
		},
		Leave: func() { open.Add(-1) },
	}
	if s != nil {
		out.Secret = s.Secret
	}
	return out
}

// environment reads "NAME=value" lines, of which the last one counts; nil stands
// for the process's own. Names are told apart by case, also on Windows. Those that
// hold secrets are left out, and what the system is comes in, under the names of
// [facts].
func environment(lines []string) map[string]string {
	if lines == nil {
		lines = os.Environ()
	}
	e := make(map[string]string, len(lines))
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, "="); ok && name != "" && !strings.HasPrefix(strings.ToUpper(name), secretVariables) {
			e[name] = value
		}
	}
	for name, value := range facts() {
		e[factVariables+name] = value
	}
	return e
}
