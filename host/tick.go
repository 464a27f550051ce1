package host

import (
	"context"
	"math"
	"runtime"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const (
	// leastSlice and mostSlice bound what a guest executes between two ticks, in
	// weighted instructions. Calls begin with the least, which is some 10 to 50 µs;
	// short calls never tick.
	leastSlice = 100_000
	mostSlice  = 1_000_000

	// shortSlice and longSlice are the times at which a slice becomes larger or
	// smaller: how long an instruction takes depends on what it does.
	shortSlice = 100 * time.Microsecond
	longSlice  = 400 * time.Microsecond

	// guestStack is the stack of an instance, in bytes.
	guestStack = 1 << 20

	// longTurn is how long a guest runs before others get their turn.
	longTurn = time.Millisecond
)

// meterOptions are what is written into a module with these limits. The size of
// memory is left to the allocator, which notes when it refuses to grow it.
func (l *Limits) meterOptions() meter.Options {
	return meter.Options{
		Slice: leastSlice, Stack: guestStack,
		MemoryMax: math.MaxUint32,
		TableMax:  uint32(min(l.Tables, math.MaxUint32)),
	}
}

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
	limits := &c.module.limits
	if stack < 0 {
		return 0, failuref(authority.CodeStackLimit, "more than the %d bytes of stack", guestStack)
	}
	if c.spend(fuel); c.cpu > limits.CPU {
		return 0, failuref(authority.CodeCPULimit, "more than %d weighted instructions", limits.CPU)
	}
	now := time.Now()
	if e := c.interrupted(now); e != nil {
		return 0, e
	}
	c.nextSlice(now)
	if e := c.recheck(); e != nil {
		return 0, e
	}
	c.fuel = c.slice
	return meter.Pack(c.fuel, stack), nil
}

// spend counts what the guest has executed, which is what its fuel is less than
// it was.
func (c *call) spend(fuel int64) {
	c.cpu += c.fuel - fuel
	c.fuel = fuel
}

// nextSlice gives way to others, if the guest ran for long, and decides how much
// it executes until the next tick.
func (c *call) nextSlice(now time.Time) {
	switch took := now.Sub(c.ticked); {
	case took < shortSlice:
		c.slice = min(2*c.slice, mostSlice)
	case took > longSlice:
		c.slice = max(c.slice/2, leastSlice)
	}
	if now.Sub(c.turn) >= longTurn {
		runtime.Gosched()
		now = time.Now()
		c.turn = now
	}
	c.ticked = now
}
