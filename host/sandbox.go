package host

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"
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
	memory  budget
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
	s := &sandbox{runtime: wazero.NewRuntimeWithConfig(ctx, rc), memory: budget{total: memory}, keep: c != nil}
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
	metered, err := meter.Rewrite(info.outline.Core(o.TableMax), o)
	if err != nil {
		return nil, fmt.Errorf("metering: %w", err)
	}
	return s.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, 2), metered)
}

// instance is one sandbox of a module, used for one call and then thrown away.
type instance struct {
	module api.Module
	memory *linearMemory
}

// instanceConfig names no instance and starts nothing by itself.
var instanceConfig = wazero.NewModuleConfig().WithName("").WithStartFunctions()

// instantiate makes a fresh instance for the call and initialises it: its
// start function and _initialize run now, without power, under the call's
// deadline.
func (s *sandbox) instantiate(c *call) error {
	l := &c.module.limits
	memory, ok := s.memory.newMemory(int64(c.module.info.MemoryMin)*pageSize, l.Memory)
	if !ok {
		return failuref(authority.CodeQuota, "all instances together would have more than %d bytes of memory", s.memory.total)
	}
	c.instance = &instance{memory: memory}
	c.Context = experimental.WithMemoryAllocator(c.Context, memory)
	module, err := s.runtime.InstantiateModule(c, c.module.compiled, instanceConfig)
	if err != nil {
		return c.outcome(err)
	}
	c.instance.module = module
	if f := module.ExportedFunction(exportInit); f != nil {
		if _, err := f.Call(c); err != nil {
			return c.outcome(err)
		}
	}
	return nil
}

// invoke runs the command and returns what ambit_invoke returned.
func (in *instance) invoke(c *call) (uint32, error) {
	f := in.module.ExportedFunction(exportInvoke)
	stack := [1]uint64{uint64(len(c.request))}
	if err := f.CallWithStack(c, stack[:]); err != nil {
		return 0, c.outcome(err)
	}
	return api.DecodeU32(stack[0]), nil
}

// close throws the instance away.
func (in *instance) close() error {
	var err error
	if in.module != nil {
		err = in.module.Close(context.Background())
	}
	in.memory.release()
	return err
}

// outcome says why guest code ended early. Beyond the first line wazero's error
// is a stack trace.
func (c *call) outcome(err error) *Error {
	if c.failed != nil { // a host function ended the call
		return c.failed
	}
	refused := c.instance.memory.refused
	if abort, ok := errors.AsType[*wasi.Abort](err); ok {
		if refused && abort.Code == authority.CodeGuestError {
			return failure(authority.CodeMemoryLimit, abort)
		}
		return failure(abort.Code, abort)
	}
	if e := c.interrupted(); e != nil {
		return e
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	if _, exited := errors.AsType[*sys.ExitError](err); exited {
		return failuref(authority.CodeHostError, "the instance was closed: %s", line)
	}
	if strings.Contains(err.Error(), "(recovered by wazero)") { // a bug of ours or of wazero
		return failure(authority.CodeHostError, err)
	}
	if strings.Contains(line, "stack overflow") {
		return failuref(authority.CodeStackLimit, "%s", line)
	}
	if refused {
		return failuref(authority.CodeMemoryLimit, "%s, after growing the memory was refused", line)
	}
	return failuref(authority.CodeGuestError, "%s", line)
}

// unloaded is the cause with which a module ends its running calls.
type unloaded struct{ module string }

func (e *unloaded) Error() string { return fmt.Sprintf("module %q was unloaded", e.module) }

// interrupted says why the call's context has ended, if it has. A cause that
// the app gave is foreign: it may be anything, even the outcome of another
// invoke, so only its text is kept.
func (c *call) interrupted() *Error {
	err, cause := c.Err(), context.Cause(c)
	if err == nil {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return failure(authority.CodeDeadline, context.DeadlineExceeded)
	}
	if cause == context.Canceled { //nolint:errorlint // the plain one
		return failure(authority.CodeCanceled, cause)
	}
	return failure(authority.CodeCanceled, errors.Join(context.Canceled, opaque(cause)))
}
