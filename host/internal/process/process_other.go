//go:build !unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// keepDescriptors does nothing: those that Go opens are closed anyway.
func keepDescriptors() {}

// awaitExit returns when the process has exited.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }

// killAll kills the first process.
func killAll(pid int, _ string) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
	}
}

func statusOf(s *os.ProcessState) Status {
	if s == nil {
		return Status{Code: -1}
	}
	return Status{Code: s.ExitCode()}
}
