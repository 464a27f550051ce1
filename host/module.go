package host

import (
	"context"
	"path/filepath"
	"sync"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/image"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/hashicorp/go-hclog"
	"github.com/tetratelabs/wazero"
)

// module is one loaded module: a binary, Go functions, or the reason why there
// is neither. A module that is loaded again is another one; calls stay with
// that which they were decided for.
type module struct {
	name     string
	file     string // as in ambit.toml; empty for native and run-time modules
	manifest authority.Manifest
	limits   Limits
	log      hclog.Logger
	refused  *LoadError // why it cannot be used; nil otherwise

	info     *ModuleInfo // of a binary
	compiled wazero.CompiledModule
	means    *power.Means // what its calls share of what they are lent
	image    *image.Image // from which its calls begin
	keep     keep         // instances that outlive their calls
	took     LoadReport   // times of its load, Info and Image left out
	keepCode bool
	funcs    map[string]Func // of a native module

	stopped context.Context // ends when running calls must end
	stop    context.CancelCauseFunc

	mu      sync.Mutex
	calls   int64         // that hold the module
	running int64         // of them, those that were admitted
	retired bool          // takes no more calls
	drained chan struct{} // closed once retired and without calls
	dir     string        // its own folder, $MODULE
	bases   *files.Bases  // the app's and $MODULE; nil until one is lent
}

func newModule(name, file string, log hclog.Logger) *module {
	m := &module{name: name, file: file, drained: make(chan struct{}), log: log.Named("module." + name)}
	m.stopped, m.stop = context.WithCancelCause(context.Background())
	return m
}

// native reports whether the module is implemented in Go.
func (m *module) native() bool { return m.funcs != nil }

// enter begins a call, if the module takes any.
func (m *module) enter() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.retired {
		return false
	}
	m.calls++
	return true
}

// admit lets a call run if the module has fewer than it may have at a time.
func (m *module) admit() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running >= m.limits.Concurrent {
		return false
	}
	m.running++
	return true
}

// leave ends a call.
func (m *module) leave(admitted bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if admitted {
		m.running--
	}
	m.calls--
	m.dropIfIdle()
}

// retire makes the module take no more calls. Its code is dropped when the
// last one has ended.
func (m *module) retire() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.retired {
		m.retired = true
		m.dropIfIdle()
	}
}

// dropIfIdle frees what a retired module holds after its last call. m.mu is
// held.
func (m *module) dropIfIdle() {
	if !m.retired {
		return
	}
	m.dropKept()
	if m.calls > 0 {
		return
	}
	m.stop(nil)
	if m.image != nil {
		if err := m.image.Close(); err != nil {
			m.log.Error("image not freed", "error", err)
		}
	}
	if m.compiled != nil && !m.keepCode {
		if err := m.compiled.Close(context.Background()); err != nil {
			m.log.Error("code not freed", "error", err)
		}
	}
	if m.bases != nil {
		if err := m.bases.Close(); err != nil {
			m.log.Error("folder not closed", "error", err)
		}
	}
	close(m.drained)
}

// gone reports whether the module is retired and without calls.
func (m *module) gone() bool {
	select {
	case <-m.drained:
		return true
	default:
		return false
	}
}

// drain waits until the calls of a retired module have ended. When ctx ends
// before that, they are told to end, which takes until their next tick or host
// call, and drain returns the cause.
func (m *module) drain(ctx context.Context) error {
	select {
	case <-m.drained:
		return nil
	case <-ctx.Done():
		m.stop(&unloaded{m.name})
		return context.Cause(ctx)
	}
}

// withFolder returns the base dirs that hold the module's own folder, which is
// made when it is first lent.
func (m *module) withFolder(app *files.Bases) (*files.Bases, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bases != nil {
		return m.bases, nil
	}
	bases, err := app.With(variableModule, filepath.Join(m.dir, m.name), true)
	if err == nil {
		m.bases = bases
	}
	return bases, err
}
