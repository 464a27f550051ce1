package host_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
)

// TestGreedy holds that each of them is loaded and ended.
func TestGreedy(t *testing.T) {
	if testing.Short() {
		t.Skip("runs many guests until their deadline")
	}
	args := map[string]any{"x": strings.Repeat("x", 1<<20)}
	engines(t, func(t *testing.T, c host.Config) {
		c.Limits = host.Limits{Deadline: 10 * time.Millisecond, HostCalls: 1 << 40}
		for name, bin := range hostile.Greedy(man, nil) {
			h := single(t, bin, c)
			if r := h.Modules()[0].Refused; r != nil {
				t.Errorf("%s: %v", name, r)
				continue
			}
			_, err := h.Invoke(t.Context(), main, "m.run", args)
			if e, ok := errors.AsType[*host.Error](err); !ok || e.Code != authority.CodeDeadline {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
