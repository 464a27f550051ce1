//go:build unix && !linux

package process

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// keepDescriptors does nothing: those that Go opens are closed anyway.
func keepDescriptors() {}

// awaitExit returns when the process has exited.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }

// killAll kills the group of a program.
func killAll(pid int, _ string) { _ = syscall.Kill(-pid, syscall.SIGKILL) }
