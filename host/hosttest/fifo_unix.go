//go:build unix

package hosttest

import "syscall"

// makeFIFO makes one, where the system has them.
func makeFIFO(file string) { _ = syscall.Mkfifo(file, 0o600) }
