package host

import (
	"context"
	"runtime"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const (
	// firstSlice is what a call executes before the first tick, in weighted
	// instructions: 5 to 30 µs, so that short calls never tick. Later slices are
	// between leastSlice and mostSlice.
	firstSlice = 100_000
	leastSlice = meter.LeastSlice
	mostSlice  = 2_000_000

	// largeMemory is so much that touching all of it for the first time takes many
	// milliseconds. While an instance has more, slices are no larger than
	// largeSlice, which is some 3 % of ticks.
	largeMemory = 8 << 20
	largeSlice  = 20_000

	// sliceTime is how long a slice should take. A tick takes less than 1 % of it.
	sliceTime = 100 * time.Microsecond

	// longTurn is how long a guest runs before others get their turn.
	longTurn = time.Millisecond
)

// registerTick makes the function importable that metered code calls.
func registerTick(ctx context.Context, r wazero.Runtime) error {
	i64 := []api.ValueType{api.ValueTypeI64}
	_, err := r.NewHostModuleBuilder(meter.TickModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(tick), i64, i64).Export(meter.TickName).Instantiate(ctx)
	return err
}

// tick is called by the guest when a slice of its fuel, or its stack, is used up.
func tick(ctx context.Context, _ api.Module, s []uint64) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		panic(errAbort) // nobody but the pipeline runs guests
	}
	left, err := c.tick(int64(s[0]))
	if err != nil {
		c.fail(err)
		panic(errAbort)
	}
	s[0] = uint64(left)
}

// tick ends a call that is over its stack, its budget or its time, or whose
// permission was withdrawn, and gives any other a new slice.
func (c *call) tick(left int64) (int64, *Error) {
	fuel, stack := meter.Unpack(left)
	if stack < 0 {
		return 0, failuref(authority.CodeStackLimit, "more than the %d bytes of stack", guestStack)
	}
	used := c.fuel - fuel
	if c.spend(fuel); c.used.cpu > c.most.cpu {
		return 0, failuref(authority.CodeCPULimit, "more than %d weighted instructions", c.most.cpu)
	}
	now := time.Now()
	if e := c.interrupted(now); e != nil {
		return 0, e
	}
	c.nextSlice(used, now.Sub(c.ticked))
	c.giveWay(now)
	if e := c.recheck(); e != nil {
		return 0, e
	}
	c.fuel = c.slice
	return meter.Pack(c.fuel, stack), nil
}

// spend counts what the guest has executed, which is what its fuel is less than
// it was.
func (c *call) spend(fuel int64) {
	c.used.cpu += c.fuel - fuel
	c.fuel = fuel
}

// nextSlice decides how much the guest executes until the next tick. How long
// an instruction takes depends on what it does, on the engine and on caches, so
// the slowest of the last slices counts: a guest that is quick for a while and
// then slow has one long slice, not many. Nor is it known whether memory was
// touched before: what has just been paid for, by much more than a slice, is new.
func (c *call) nextSlice(used int64, took time.Duration) {
	c.pace = max(float64(took)/float64(max(used, 1)), c.pace*paceKept)
	most := int64(mostSlice)
	switch {
	case used > 2*c.slice:
		most = leastSlice
	case c.instance == nil || c.instance.Size() > largeMemory:
		most = largeSlice
	}
	next := min(float64(sliceTime)/max(c.pace, 1e-3), float64(2*c.slice), float64(most))
	c.slice = max(int64(next), leastSlice)
}

// paceKept is what is kept of the slowest pace at each tick.
const paceKept = 0.875

// giveWay lets others have their turn, if the guest ran for long.
func (c *call) giveWay(now time.Time) {
	if now.Sub(c.turn) >= longTurn {
		runtime.Gosched()
		now = time.Now()
		c.turn = now
	}
	c.ticked = now
}
