package host

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/ambit-wasm/ambit/host/internal/codecache"
	"github.com/hashicorp/go-hclog"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Cache keeps compiled code, so that a module is not compiled again: in memory
// for the hosts that share the cache, until it is closed, and in a folder for
// all processes of the user. It compiles one module at a time, and refuses a
// load with the code quota when 64 wait already. It is safe for concurrent use.
type Cache struct {
	code     wazero.CompilationCache
	disk     *codecache.Cache // nil: nothing is kept on disk
	given    string           // the folder that the options name, used or not
	compiles turn
	compiled atomic.Uint64 // modules that were not found on disk
}

// CacheOptions say where compiled code is kept.
//
// Whoever can write in the folder can run code as the user. It must belong to
// the user, and neither it nor the way to it may be writable by others, else a
// warning is logged and nothing is kept on disk; Windows checks nothing. Entries
// have a checksum and are compiled anew if it is wrong. A program that does not
// know from its build info which wazero it has, as most tests, keeps nothing on
// disk either. Trouble with the folder is no error.
type CacheOptions struct {
	// Dir is the folder, which is made if it is missing. Empty means that in the
	// environment variable AMBIT_CACHE, none if that is "off"; if it is empty,
	// too, ambit in the user's cache dir ([os.UserCacheDir]), or none if there is
	// no such dir. Scopes of hosts with this cache reach none of these.
	Dir string
	// Off keeps code in memory only.
	Off bool
	// MaxBytes is how much all code in the folder may have before what was used
	// longest ago goes; default 512 MiB.
	MaxBytes int64
	// Logger gets what happens, under the name "cache". Nil is silent.
	Logger hclog.Logger

	build string // tests choose; empty: that of the program
}

const (
	defaultCacheBytes = 512 << 20
	maxWaiting        = 64 // loads that wait for others
)

// compilerSettings is part of what names compiled code: it changes whenever
// compilerConfig does.
const compilerSettings = "core 2, no debug info"

func compilerConfig(engine wazero.RuntimeConfig) wazero.RuntimeConfig {
	return engine.WithCoreFeatures(api.CoreFeaturesV2).WithDebugInfoEnabled(false)
}

// NewCache returns a cache. It must be closed.
func NewCache(o CacheOptions) *Cache {
	if o.Logger == nil {
		o.Logger = hclog.NewNullLogger()
	}
	log := o.Logger.Named("cache")
	c := &Cache{compiles: newTurn(maxWaiting), given: absolute(o.Dir)}
	if !o.Off {
		disk, err := openDisk(o, log)
		switch {
		case err == nil:
			c.disk, c.code = disk, disk.Code()
		case o.Dir == "" && (errors.Is(err, errNoCacheDir) || errors.Is(err, codecache.ErrBuild)):
			log.Debug("compiled code is not kept on disk", "reason", err)
		default:
			log.Warn("compiled code is not kept on disk", "reason", err)
		}
	}
	if c.disk == nil {
		c.code = wazero.NewCompilationCache()
	}
	return c
}

// cacheVariable is the environment variable for the folder, or cacheOff.
const (
	cacheVariable = "AMBIT_CACHE"
	cacheOff      = "off"
)

var errNoCacheDir = errors.New("the user has no cache dir, or AMBIT_CACHE is off")

func openDisk(o CacheOptions, log hclog.Logger) (*codecache.Cache, error) {
	if o.Dir == "" {
		if o.Dir = defaultCacheDir(os.Getenv(cacheVariable)); o.Dir == "" {
			return nil, errNoCacheDir
		}
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultCacheBytes
	}
	if o.build == "" {
		var err error
		if o.build, err = codecache.Build(); err != nil {
			return nil, err
		}
	}
	return codecache.Open(o.Dir, codecache.Options{MaxBytes: o.MaxBytes, Build: o.build, Settings: compilerSettings, Logger: log})
}

// defaultCacheDir is where caches are unless options say otherwise; empty if
// they are nowhere.
func defaultCacheDir(variable string) string {
	if variable == cacheOff {
		return ""
	}
	if variable != "" {
		return variable
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "ambit")
}

// absolute is a path that names the same after the current folder has changed;
// empty if there is none.
func absolute(dir string) string {
	if dir == "" {
		return ""
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	return dir
}

// dirs are the folders that no scope may reach: code that a guest writes there
// would run without a sandbox, in this process or in another one. They are named
// as they were given, so that links on the way there are out of reach, too.
func (c *Cache) dirs() []string {
	all := []string{c.given, absolute(defaultCacheDir(os.Getenv(cacheVariable))), absolute(defaultCacheDir(""))}
	return slices.DeleteFunc(all, func(dir string) bool { return dir == "" })
}

// compile compiles a binary that was metered, for a runtime of the cache, unless
// its code is found on disk. Two workers, since with one wazero does not look at
// the context.
func (c *Cache) compile(ctx context.Context, r wazero.Runtime, bin []byte) (compiled wazero.CompiledModule, found bool, err error) {
	if err := c.compiles.take(ctx); err != nil {
		return nil, false, err
	}
	defer c.compiles.give()
	ctx = experimental.WithCompilationWorkers(ctx, 2)
	compile := func() error {
		compiled, err = r.CompileModule(ctx, bin)
		return err
	}
	if c.disk == nil {
		err = compile()
	} else {
		found, err = c.disk.Compile(bin, compile)
	}
	if err == nil && !found {
		c.compiled.Add(1)
	}
	return compiled, found, err
}

// Close drops the code in memory. All hosts that use the cache must be closed
// before.
func (c *Cache) Close(ctx context.Context) error { return c.code.Close(ctx) }
