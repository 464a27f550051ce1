package host

import "github.com/tetratelabs/wazero"

// UseInterpreter makes a host run modules without compiling them.
func UseInterpreter(c *Config) { c.engine = wazero.NewRuntimeConfigInterpreter }

// The longest line of a guest and the most lines of a call that are logged.
const (
	MaxLogLine  = maxLogLine
	MaxLogLines = maxLogLines
)

// KnowBuild makes a cache use its folder although tests do not know which
// wazero they have.
func KnowBuild(o CacheOptions) CacheOptions {
	o.build = "test"
	return o
}

// Compiled is how many modules the cache did not find on disk.
func (c *Cache) Compiled() uint64 { return c.compiled.Load() }

// OnDisk reports whether the cache keeps code on disk.
func (c *Cache) OnDisk() bool { return c.disk != nil }

// HoldLoads makes all loads of a host wait until release is called.
func (h *Host) HoldLoads() (release func()) {
	h.loading.slot <- struct{}{}
	return h.loading.give
}

// WaitingLoads is how many loads wait for others.
func (h *Host) WaitingLoads() int64 { return h.loading.waiting.Load() }

// MaxWaiting is how many loads may wait.
const MaxWaiting = maxWaiting

// Instances is how many instances were made of a module's image, and how many
// of them were not used again because their memory had grown.
func (h *Host) Instances(name string) (made, grown uint64) {
	r := h.modules[name].image.Report()
	return r.Made, r.Grown
}

// Kept is how many callers of a module have an instance that waits for them,
// and how many calls run in such instances or wait for their turn.
func (h *Host) Kept(name string) (idle, calls int) {
	h.mu.RLock()
	m := h.modules[name]
	h.mu.RUnlock()
	m.keep.mu.Lock()
	defer m.keep.mu.Unlock()
	for _, k := range m.keep.callers {
		if calls += k.users; k.instance != nil {
			idle++
		}
	}
	return idle, calls
}

// MaxQueued is how many calls of a caller may wait.
const MaxQueued = maxQueued

// RunOutKept lets what the state of all callers of a module was made under run
// out, without telling anybody.
func (h *Host) RunOutKept(name string) {
	s := &h.modules[name].keep
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.callers {
		k.expires = 1
	}
}
