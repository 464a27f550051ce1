package codecache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/go-hclog"
	"github.com/tetratelabs/wazero"
)

// Options say how a folder is used.
type Options struct {
	MaxBytes int64  // of all entries together
	Build    string // the versions that code depends on; see [Build]
	Settings string // how wazero is set up
	Logger   hclog.Logger
}

// Cache is compiled code: in memory, for the runtimes that use [Cache.Code],
// and in a folder.
type Cache struct {
	dir     string // without symbolic links
	options Options
	code    wazero.CompilationCache
	staging string // is there while a module is compiled
	inside  string // the folder in it that wazero reads and writes
}

// Open opens a folder as a cache, and makes it if it is missing.
func Open(dir string, o Options) (*Cache, error) {
	dir, err := private(dir)
	if err != nil {
		return nil, err
	}
	c := &Cache{dir: dir, options: o}
	if c.staging, err = os.MkdirTemp(dir, stagingPrefix+"*"); err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(c.staging) }()
	if c.code, err = wazero.NewCompilationCacheWithDir(c.staging); err != nil {
		return nil, err
	}
	list, err := os.ReadDir(c.staging)
	if err != nil || len(list) != 1 {
		return nil, errors.Join(fmt.Errorf("wazero made %d folders for its cache, not one", len(list)), err, c.Close(context.Background()))
	}
	c.inside = filepath.Join(c.staging, list[0].Name())
	return c, nil
}

// Code is what runtimes are configured with.
func (c *Cache) Code() wazero.CompilationCache { return c.code }

// Close drops the code in memory. All runtimes must be closed before.
func (c *Cache) Close(ctx context.Context) error { return c.code.Close(ctx) }

// Compile calls compile, which compiles the binary with a runtime of this cache,
// so that it finds the code if there is some. It may call it twice. Found says
// that it was there. Only one Compile may run at a time.
func (c *Cache) Compile(bin []byte, compile func() error) (found bool, err error) {
	if err := os.MkdirAll(c.inside, 0o700); err != nil {
		c.options.Logger.Warn("no room to compile in the code cache", "error", err)
	}
	defer c.unstage()
	k := c.key(bin)
	staged := c.stage(k)
	err = compile()
	if err != nil && (staged != "" || isPath(err)) {
		// The cache may be what failed. If writing the code did, wazero has it
		// in memory already, and keeps it until it is closed.
		c.options.Logger.Warn("compiling once more, without the code cache", "error", err)
		if staged != "" {
			c.drop(k, "wazero does not take it")
		}
		c.unstage()
		_ = os.MkdirAll(c.inside, 0o700)
		staged, err = "", compile()
	}
	if err != nil {
		return false, err
	}
	fresh := c.fresh(staged)
	if fresh == "" {
		c.options.Logger.Debug("compiled", "key", k, "on_disk", staged != "")
		return staged != "", nil
	}
	c.options.Logger.Debug("compiled", "key", k, "on_disk", false)
	c.store(k, fresh)
	return false, nil
}

func isPath(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok
}

// unstage removes the staging folder.
func (c *Cache) unstage() {
	if err := os.RemoveAll(c.staging); err != nil {
		c.options.Logger.Warn("staging folder of the code cache not removed", "error", err)
	}
}

// fresh is the name under which wazero stored code that it was not given; empty
// if there is none.
func (c *Cache) fresh(staged string) string {
	list, err := os.ReadDir(c.inside)
	if err != nil {
		return ""
	}
	for _, e := range list {
		if name := e.Name(); name != staged && isHash(name) {
			return name
		}
	}
	return ""
}
