package host

import (
	"context"
	"errors"
	"fmt"

	"github.com/ambit-wasm/ambit/host/internal/image"
	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Cache shares compiled code between hosts of one process, in memory, so that
// the second one to load a module does not compile it again. All code stays
// until the cache is closed. It is safe for concurrent use.
type Cache struct{ cache wazero.CompilationCache }

// NewCache returns an empty cache.
func NewCache() *Cache { return &Cache{cache: wazero.NewCompilationCache()} }

// Close drops the code. All hosts that use the cache must be closed before.
func (c *Cache) Close(ctx context.Context) error { return c.cache.Close(ctx) }

// sandbox is the wazero side of a host: one runtime, in which every instance
// is anonymous, so that no module can name, replace or import another.
type sandbox struct {
	runtime wazero.Runtime
	memory  *image.Budget
	keep    bool // code stays in a cache when its module goes
}

// openSandbox makes the runtime and the host functions. Memory is limited by
// the allocator of each instance and not by the runtime, since limits differ
// between modules.
func openSandbox(ctx context.Context, c *Cache, engine wazero.RuntimeConfig, memory int64) (*sandbox, error) {
	rc := engine.WithCoreFeatures(api.CoreFeaturesV2).WithDebugInfoEnabled(false)
	if c != nil {
		rc = rc.WithCompilationCache(c.cache)
	}
	s := &sandbox{runtime: wazero.NewRuntimeWithConfig(ctx, rc), memory: image.NewBudget(memory), keep: c != nil}
	err := wasi.Register(ctx, s.runtime)
	if err == nil {
		err = registerABI(ctx, s.runtime)
	}
	if err == nil {
		err = registerTick(ctx, s.runtime)
	}
	if err != nil {
		return nil, errors.Join(err, s.runtime.Close(ctx))
	}
	return s, nil
}

// compile meters and compiles a module that was inspected. Two workers, since
// with one wazero does not look at the context.
func (s *sandbox) compile(ctx context.Context, info *ModuleInfo, l Limits) (compiled wazero.CompiledModule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the compiler panicked: %v", r)
		}
	}()
	o := l.meterOptions()
	metered, err := meter.Rewrite(info.outline.Bare(o.TableMax), o)
	if err != nil {
		return nil, fmt.Errorf("metering: %w", err)
	}
	return s.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, 2), metered)
}
