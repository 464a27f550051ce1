//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package kv

import "os"

// abandon gives up a file that bbolt cannot close any more. The mapping stays.
func abandon(f *os.File) error { return f.Close() }
