package host

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/image"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/hashicorp/go-hclog"
)

// Config says how a host works. The zero value is the safest: silent, with the
// default limits and the profile of production.
type Config struct {
	// Logger gets what happens, under the name "host", and what modules log
	// and print, under "host.module.<name>". Nil is silent.
	Logger hclog.Logger
	// Audit gets one record for each invoke. Nil keeps none.
	Audit Sink
	// Profile picks a [profile.<name>] of ambit.toml; empty means "prod".
	Profile string
	// Limits are what ambit.toml leaves out.
	Limits Limits
	// DataDir holds the modules' own folders ($MODULE), one for each name, and what
	// they store under keys. Only one host at a time has the keys. Empty means
	// .ambit in the app's folder. A module's folder is made, for
	// its owner only, when it is first lent.
	DataDir string
	// Native are modules in Go that are there from the start.
	Native []Native
	// Cache keeps compiled code, and shares it with other hosts of this process.
	// Nil is a cache of the host's own, as [CacheOptions] has it by default, in
	// which code leaves the memory with its module.
	Cache *Cache
	// Env are the environment variables that calls may be lent, "NAME=value"; nil
	// means those of the process when the host is opened. What the system is comes
	// on top, as AMBIT_OS_HOSTNAME and the like: a scope of {var: "*"} lends it, too.
	Env []string
	// Interceptors are asked about every call that is allowed, in order.
	Interceptors []Interceptor
	// HTTP says how the power http reaches servers.
	HTTP HTTPOptions
	// Secrets hold what scope entries name as "secret:NAME". Nil means that there
	// are none, and what would use one fails.
	Secrets Secrets
	// Reset forces how instances are made clean after a call: one of
	// [ResetStrategies]. Empty means the fastest of those that work here.
	Reset string

	engine engine
}

// HTTPOptions say how the power http reaches servers. The zero HTTPOptions use
// what the system has. Proxies are never used.
type HTTPOptions struct {
	Roots    *x509.CertPool // certificate authorities; nil means the system's
	Resolver *net.Resolver  // of names; nil means the system's
}

// ResetStrategies are what [Config].Reset can ask for on this system. "restart"
// starts the module anew for each call, which costs most and works always.
func ResetStrategies() []string { return image.Strategies() }

// Host runs the modules of one app under its authority. It is safe for
// concurrent use.
type Host struct {
	log     hclog.Logger
	audit   Sink
	limits  Limits // of the host, and of modules that have none of their own
	dataDir string
	prefix  string // of call ids
	reset   string // as in Config
	env     map[string]string
	http    power.HTTP
	keys    *keys

	interceptors []Interceptor

	app      *acl.App
	fsys     fs.FS
	bases    *files.Bases
	sandbox  *sandbox
	cache    *Cache
	ownCache bool // to be closed with the host
	usage    usage
	live     *authority.Live
	loading  turn               // held by who loads, unloads or closes; before mu
	leaving  []*module          // replaced or unloaded, with calls that may still run; as loading
	problems authority.Problems // warnings

	sequence atomic.Uint64
	running  atomic.Int64
	entered  atomic.Uint64
	denied   atomic.Uint64
	failed   atomic.Uint64

	// mu makes policy and modules change together: it is held for writing
	// while both are replaced, for reading while a call looks at both.
	mu      sync.RWMutex
	modules map[string]*module
	closed  bool // takes no more calls
	freed   bool // and has nothing any more
}

// Stats are counts since a host was opened.
type Stats struct {
	Invokes uint64 // begun
	Denied  uint64 // refused by the authority
	Failed  uint64 // allowed, and ended with an error
	Entered uint64 // in which code of a module, or a Go function, was about to run
	Running int64  // now
	Memory  int64  // bytes of linear memory that instances and images have now
	Kept    int64  // of them, those of images and of instances that wait for calls, or are kept for callers
}

// Stats returns the counts of this moment.
func (h *Host) Stats() Stats {
	s := Stats{
		Invokes: h.sequence.Load(), Denied: h.denied.Load(), Failed: h.failed.Load(), Entered: h.entered.Load(),
		Running: h.running.Load(), Memory: h.sandbox.memory.Used(),
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, m := range h.modules {
		if m.image != nil {
			s.Kept += m.image.Report().Kept + m.keptBytes()
		}
	}
	return s
}

// admit lets a call run if the host has fewer than it may have at a time.
func (h *Host) admit() bool {
	for {
		n := h.running.Load()
		if n >= h.limits.ConcurrentAll {
			return false
		}
		if h.running.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// Live returns the policy, to look at and to change.
func (h *Host) Live() *Live { return &Live{live: h.live} }

// Problems returns the warnings that the policy came with.
func (h *Host) Problems() authority.Problems { return slices.Clone(h.problems) }

// ModuleStatus is one module of a host.
type ModuleStatus struct {
	Name    string
	File    string      // slash-separated, relative to the app's folder; empty if it came from elsewhere
	Native  bool        // it is implemented in Go
	Refused *LoadError  // why it cannot be used; nil if it can
	Info    *ModuleInfo // of its binary; nil if it has none that could be read
	Limits  Limits
	Image   *ImageReport // how its instances are made clean; nil if it is refused or native
}

// Modules returns the modules that the host has or should have, by name.
func (h *Host) Modules() []ModuleStatus {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var out []ModuleStatus
	for _, name := range slices.Sorted(maps.Keys(h.modules)) {
		m := h.modules[name]
		out = append(out, ModuleStatus{
			Name: m.name, File: m.file, Native: m.native(), Refused: m.refused, Info: m.info, Limits: m.limits,
			Image: reportImage(m.image),
		})
	}
	return out
}

// closeGrace is how long Close waits for calls that were told to end.
const closeGrace = 2 * time.Second

// Close takes no more calls, waits for those that run, and frees everything.
// When ctx ends before that, the calls are told to end, with the code
// canceled. If one does not, which takes a module that neither loops nor calls
// the host, Close gives up and returns an error; call it again to try again.
func (h *Host) Close(ctx context.Context) error {
	if err := h.loading.await(ctx); err != nil {
		return fmt.Errorf("host: waiting for another load: %w", err)
	}
	defer h.endLoad()
	h.mu.Lock()
	if h.freed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	h.mu.Unlock()
	modules := append(h.loaded(), h.leaving...)
	for _, m := range modules {
		m.retire()
	}
	stuck := 0
	for _, m := range modules {
		if m.drain(ctx) != nil {
			stuck++
		}
	}
	if stuck > 0 {
		grace, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		for _, m := range modules {
			if err := m.drain(grace); err != nil {
				return fmt.Errorf("host: close: calls of module %q do not end", m.name)
			}
		}
	}
	h.mu.Lock()
	h.freed = true
	h.mu.Unlock()
	return errors.Join(h.sandbox.runtime.Close(context.Background()), h.closeCache(), h.keys.Close(), h.bases.Close())
}
