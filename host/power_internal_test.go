package host

import (
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/hashicorp/go-hclog"
	"github.com/tetratelabs/wazero"
)

// TestPowersEndWithTheCall: a guest that does nothing but use powers executes few
// instructions, so that its next tick may be far away: each use looks at the clock.
func TestPowersEndWithTheCall(t *testing.T) {
	r := wazero.NewRuntime(t.Context())
	defer r.Close(t.Context())
	// One page of memory, exported as "m".
	m, err := r.Instantiate(t.Context(), []byte("\x00asm\x01\x00\x00\x00\x05\x03\x01\x00\x01\x07\x05\x01\x01m\x02\x00"))
	if err != nil {
		t.Fatal(err)
	}
	m.Memory().WriteByte(0, 0x80) // no arguments
	f, _ := power.Lookup("ambit_env", "get")
	for _, allowed := range []time.Duration{time.Hour, time.Millisecond} {
		c := &call{
			Context: t.Context(), module: newModule("m", "", hclog.NewNullLogger()),
			most: budget{hostCalls: 10}, active: true, started: time.Now().Add(-time.Minute), allowed: allowed,
		}
		c.module.limits = DefaultLimits()
		c.session.Open(c, nil, newMeans(&c.module.limits, nil, power.HTTP{}, nil))
		err := usePower(f)(c, m.Memory(), []uint64{0, 1})
		if allowed == time.Hour {
			if err != nil {
				t.Errorf("control: %v", err)
			}
		} else if err == nil || err.Code != authority.CodeDeadline {
			t.Errorf("after its time: %v", err)
		}
	}
}
