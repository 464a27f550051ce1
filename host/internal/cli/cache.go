package cli

import (
	"github.com/ambit-wasm/ambit/host"
	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
)

// cacheFlags say where compiled code is kept. Without them the host decides.
type cacheFlags struct {
	off   bool
	dir   string
	given func(flag string) bool
}

func (f *cacheFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.off, "no-cache", false, "compile modules anew, and keep no compiled code on disk")
	cmd.Flags().StringVar(&f.dir, "cache-dir", "", "the `folder` for compiled code (default: $AMBIT_CACHE, or ambit in the user's cache folder)")
	_ = cmd.MarkFlagDirname("cache-dir")
	cmd.MarkFlagsMutuallyExclusive("no-cache", "cache-dir")
	f.given = cmd.Flags().Changed
}

// cache opens the cache for compiled code, which the caller closes after the
// hosts that use it.
func (c *cli) cache(f *cacheFlags, logger hclog.Logger) (*host.Cache, error) {
	o := host.CacheOptions{Off: f.off, Logger: logger}
	if f.given("cache-dir") {
		if f.dir == "" {
			return nil, usagef("--cache-dir is empty (leave it out, or name a folder)")
		}
		o.Dir = c.path(f.dir)
	}
	return host.NewCache(o), nil
}
