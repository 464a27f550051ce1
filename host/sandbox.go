package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/image"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/tetratelabs/wazero"
)

// sandbox is the wazero side of a host: one runtime, in which every instance
// is anonymous, so that no module can name, replace or import another.
type sandbox struct {
	runtime wazero.Runtime
	memory  *image.Budget
	cache   *Cache
}

// openSandbox makes the runtime and the host functions. Memory is limited by
// the allocator of each instance and not by the runtime, since limits differ
// between modules.
func openSandbox(ctx context.Context, c *Cache, engine wazero.RuntimeConfig, memory int64) (*sandbox, error) {
	rc := compilerConfig(engine).WithCompilationCache(c.code)
	s := &sandbox{runtime: wazero.NewRuntimeWithConfig(ctx, rc), memory: image.NewBudget(memory), cache: c}
	err := wasi.Register(ctx, s.runtime)
	if err == nil {
		err = registerABI(ctx, s.runtime)
	}
	if err == nil {
		err = registerPowers(ctx, s.runtime)
	}
	if err == nil {
		err = registerTick(ctx, s.runtime)
	}
	if err != nil {
		return nil, errors.Join(err, s.runtime.Close(ctx))
	}
	return s, nil
}

// compile meters and compiles a module that was inspected.
func (s *sandbox) compile(ctx context.Context, m *module) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the compiler panicked: %v", r)
		}
	}()
	begun := time.Now()
	metered, err := m.info.metered(&m.limits)
	m.took.Check += time.Since(begun)
	if err != nil {
		return err
	}
	begun = time.Now()
	m.compiled, m.took.Cached, err = s.cache.compile(ctx, s.runtime, metered)
	m.took.Compile = time.Since(begun)
	return err
}
