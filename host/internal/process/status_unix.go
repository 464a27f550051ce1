//go:build unix

package process

import (
	"os"
	"syscall"
)

func statusOf(s *os.ProcessState) Status {
	if s == nil {
		return Status{Code: -1}
	}
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return Status{Code: -1, Signal: w.Signal().String()}
	}
	return Status{Code: s.ExitCode()}
}
