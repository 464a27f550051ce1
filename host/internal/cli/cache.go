package cli

import (
	"github.com/ambit-wasm/ambit/host"
	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
)

// cacheVariable says where compiled code is kept, unless a flag does: a folder,
// or cacheOff.
const (
	cacheVariable = "AMBIT_CACHE"
	cacheOff      = "off"
)

// cacheFlags say where compiled code is kept.
type cacheFlags struct {
	off   bool
	dir   string
	given func(flag string) bool
}

func (f *cacheFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.off, "no-cache", false, "compile modules anew, and keep no compiled code on disk")
	cmd.Flags().StringVar(&f.dir, "cache-dir", "", "the `folder` for compiled code (default: ambit in the user's cache folder)")
	_ = cmd.MarkFlagDirname("cache-dir")
	cmd.MarkFlagsMutuallyExclusive("no-cache", "cache-dir")
	f.given = cmd.Flags().Changed
}

// cache opens the cache for compiled code, which the caller closes after the
// hosts that use it.
func (c *cli) cache(f *cacheFlags, logger hclog.Logger) (*host.Cache, error) {
	o := host.CacheOptions{Off: f.off, Dir: f.dir, Logger: logger}
	switch variable := c.getenv(cacheVariable); {
	case f.given("cache-dir"):
		if f.dir == "" {
			return nil, usagef("--cache-dir is empty (leave it out, or name a folder)")
		}
	case variable == cacheOff:
		o.Off = true
	default:
		o.Dir = variable
	}
	if o.Dir != "" {
		o.Dir = c.path(o.Dir)
	}
	return host.NewCache(o), nil
}
