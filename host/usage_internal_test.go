package host

import (
	"fmt"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

func limited(name string, perSecond, concurrent int) authority.LimitedCapability {
	return authority.LimitedCapability{Capability: name, Limits: authority.Limits{CallsPerSecond: perSecond, Concurrent: concurrent}}
}

func TestUsageRate(t *testing.T) {
	var u usage
	caps := []authority.LimitedCapability{limited("a", 4, 0)}
	const second = 1_000_000_000
	begin := func(now int64) bool {
		_, ok := u.take(caps, now)
		if ok {
			u.give(caps)
		}
		return ok
	}
	for _, step := range []struct {
		now   int64
		calls int // that begin out of ten
	}{
		{10 * second, 4},
		{10 * second, 0},
		{10*second + second/4 - 1, 0},
		{10*second + second/4, 1},
		{11 * second, 3},
		{100 * second, 4}, // never more than a second's worth
		{99 * second, 0},  // a clock that goes back
		{100*second + second/2, 2},
	} {
		calls := 0
		for range 10 {
			if begin(step.now) {
				calls++
			}
		}
		if calls != step.calls {
			t.Errorf("at %d: %d calls, want %d", step.now, calls, step.calls)
		}
	}
}

func TestUsageAllOrNothing(t *testing.T) {
	var u usage
	wide, narrow := limited("wide", 0, 5), limited("narrow", 0, 1)
	both := []authority.LimitedCapability{wide, narrow}
	if _, ok := u.take(both, 1); !ok {
		t.Fatal("refused the first")
	}
	if spent, ok := u.take(both, 1); ok || spent != "narrow" {
		t.Fatalf("took the second, or %q is spent", spent)
	}
	if n := u.counts["wide"].running; n != 1 {
		t.Errorf("a refused call counts: %d", n)
	}
	if _, ok := u.take(both[:1], 1); !ok { // control
		t.Error("the wide one is refused too")
	}
	u.give(both)
	if _, ok := u.take(both, 1); !ok {
		t.Error("refused after the first has ended")
	}
}

func TestUsageForgets(t *testing.T) {
	var u usage
	busy := []authority.LimitedCapability{limited("busy", 0, 1)}
	if _, ok := u.take(busy, 1); !ok {
		t.Fatal("refused")
	}
	for i := range 3 * maxIdle {
		idle := []authority.LimitedCapability{limited(fmt.Sprint(i), 1, 1)}
		if _, ok := u.take(idle, 1); !ok {
			t.Fatal("refused")
		}
		u.give(idle)
	}
	if len(u.counts) > maxIdle+1 {
		t.Errorf("%d counts kept", len(u.counts))
	}
	if _, ok := u.take(busy, 1); ok {
		t.Error("forgot a call that runs")
	}
}

// TestUsageForgetsNoneOfTheCall: when there is room for no more counts, those of
// the call that needs it stay.
func TestUsageForgetsNoneOfTheCall(t *testing.T) {
	var u usage
	for i := range maxIdle {
		idle := []authority.LimitedCapability{limited(fmt.Sprint(i), 0, 1)}
		if _, ok := u.take(idle, 1); !ok {
			t.Fatal("refused")
		}
		u.give(idle)
	}
	both := []authority.LimitedCapability{limited("0", 0, 1), limited("new", 0, 1)}
	if _, ok := u.take(both, 1); !ok {
		t.Fatal("refused")
	}
	for _, k := range both {
		if n := u.counts[k.Capability]; n == nil || n.running != 1 {
			t.Errorf("%s: %+v", k.Capability, n)
		}
	}
	u.give(both)
}
