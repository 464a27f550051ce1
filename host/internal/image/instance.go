package image

import (
	"context"
	"errors"
	"fmt"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// pageSize is the unit of linear memory.
const pageSize = 64 << 10

// Instance is one sandbox of a module. It serves one call at a time.
type Instance struct {
	Module api.Module
	Invoke api.Function // the function that calls run

	made    *Module
	memory  *memory
	globals []api.MutableGlobal // as Module.globals says
	left    api.MutableGlobal   // that of the meter
}

// unnamed names no instance and starts nothing by itself.
var unnamed = wazero.NewModuleConfig().WithName("").WithStartFunctions()

// Start makes an instance, fills its memory and runs its start function, as
// instantiating it would. The error is [ErrBudget], [ErrNoMemory], or why that failed; an
// instance that comes with an error is only there for what is known of it, and
// must be closed.
func Start(ctx context.Context, m Module) (*Instance, error) {
	m.globals = nil
	for i, g := range m.Outline.Globals {
		if g.Mutable {
			m.globals = append(m.globals, wasm.GlobalExport(i))
		}
	}
	m.globals = append(m.globals, meter.LeftGlobal)
	in, err := m.instantiate(ctx, newPlain(nil, m.Limit, false), int64(m.minimum()))
	if err == nil {
		err = in.fill()
	}
	if f := in.function(wasm.StartExport); err == nil && f != nil {
		_, err = f.Call(ctx)
	}
	return in, err
}

// minimum is with how many bytes a module's memory begins.
func (m *Module) minimum() uint64 {
	if m.Outline.Memory == nil {
		return 0
	}
	return uint64(m.Outline.Memory.Min) * pageSize
}

// thaw makes an instance of an image in a region that holds it.
func (m *Module) thaw(ctx context.Context, im *Image, r region) (*Instance, error) {
	in, err := m.instantiate(ctx, r, im.size)
	if err != nil {
		return in, err
	}
	if more := im.size - in.Size(); more > 0 {
		if _, ok := in.Module.Memory().Grow(uint32(more / pageSize)); !ok {
			in.Close()
			return nil, errors.New("the memory does not grow to that of the image")
		}
	}
	for i, g := range in.globals {
		g.Set(im.globals[i])
	}
	return in, nil
}

// instantiate makes an instance in a region, for which it reserves size bytes.
func (m *Module) instantiate(ctx context.Context, r region, size int64) (*Instance, error) {
	mem, err := newMemory(m.Budget, size, m.Limit, r)
	if err != nil {
		return nil, err
	}
	in := &Instance{made: m, memory: mem}
	mod, err := m.Runtime.InstantiateModule(experimental.WithMemoryAllocator(ctx, mem), m.Code, unnamed)
	if err != nil {
		return in, err
	}
	in.Module, in.Invoke = mod, mod.ExportedFunction(m.Invoke)
	for _, name := range m.globals {
		g, ok := mod.ExportedGlobal(name).(api.MutableGlobal)
		if !ok {
			return in, fmt.Errorf("there is no global %q: the code is not bare or not metered", name)
		}
		in.globals = append(in.globals, g)
	}
	in.left = in.globals[len(in.globals)-1]
	return in, nil
}

func (in *Instance) function(name string) api.Function {
	if in == nil || in.Module == nil {
		return nil
	}
	return in.Module.ExportedFunction(name)
}

// fill writes the active data segments to memory.
func (in *Instance) fill() error {
	mem := in.Module.Memory()
	ok := in.made.Outline.Data(func(offset uint32, data []byte) bool { return in.memory.there && mem.Write(offset, data) })
	if !ok {
		return errors.New("a data segment is outside the memory")
	}
	return nil
}

// Left is what the meter's global holds: see [meter.Unpack]. An instance that
// could not be made has none.
func (in *Instance) Left() (int64, bool) {
	if in.left == nil {
		return 0, false
	}
	return int64(in.left.Get()), true
}

// Size is how many bytes of linear memory the instance has.
func (in *Instance) Size() int64 { return int64(in.memory.size) }

// SetLeft sets it.
func (in *Instance) SetLeft(left int64) { in.left.Set(uint64(left)) }

// Resume prepares the instance, as its last call left it, for another one, with
// what the meter's global is to hold.
func (in *Instance) Resume(left int64) {
	in.memory.refused = false
	in.SetLeft(left)
}

// Taken is how many bytes of the budget it has: those of its memory and what that
// has in reserve.
func (in *Instance) Taken() int64 { return in.memory.taken }

// Refused reports whether the memory was not allowed to grow.
func (in *Instance) Refused() bool { return in.memory.refused }

// Close throws the instance away. It may be called twice.
func (in *Instance) Close() {
	if in.Module != nil {
		_ = in.Module.Close(context.Background()) // it has nothing that could fail
		in.Module = nil
	}
	in.memory.release()
}
