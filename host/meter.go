package host

import (
	"fmt"
	"math"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// guestStack is the stack of an instance, in bytes.
const guestStack = 1 << 20

// meterOptions are what is written into a module with these limits. The size of
// memory is left to the allocator, which notes when it refuses to grow it.
func (l *Limits) meterOptions() meter.Options {
	return meter.Options{
		Slice: firstSlice, Stack: guestStack,
		MemoryMax: math.MaxUint32,
		TableMax:  uint32(min(l.Tables, math.MaxUint32)),
	}
}

// metered returns what is compiled of the module. It goes through the gate once
// more, since checks of the meter are work for the compiler like any code.
func (m *ModuleInfo) metered(l *Limits) ([]byte, error) {
	o := l.meterOptions()
	bin, err := meter.Rewrite(m.outline.Bare(o.TableMax), o)
	if err != nil {
		return nil, fmt.Errorf("metering: %w", err)
	}
	if _, err := wasm.Parse(bin, meteredLimits(len(bin))); err != nil {
		return nil, fmt.Errorf("with the checks of the meter: %w", err)
	}
	return bin, nil
}

// meteredLimits are those of the gate for a metered module. Functions may have
// half as many blocks again, all of them together twice as many, and be twice as
// long; what is counted in values and locals is as before. What the module had
// was counted before metering.
func meteredLimits(size int) wasm.Limits {
	const counted = math.MaxInt32
	return wasm.Limits{
		Bytes: size, Types: counted, AllValues: counted, Imports: counted, Functions: counted, Globals: counted, Exports: counted, AllNames: counted,
		AllLocals: counted, Body: 256 << 10, Blocks: 6144, AllBlocks: 400_000_000,
	}
}
