package process

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// keepDescriptors marks all descriptors from 3 up to be closed when a program
// starts: the host may have been started with some that are not.
func keepDescriptors() {
	if unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	entries, err := os.ReadDir("/proc/self/fd") // before Linux 5.11
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

// awaitExit returns when the process has exited, and does not reap it.
func awaitExit(cmd *exec.Cmd) {
	for unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
		continue
	}
}

// killAll kills the group of a program and whatever descends from it, until
// nothing is found. The first process has not been reaped, so its number is
// nobody else's group.
func killAll(pid int, marker string) {
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	for range 100 { // each time, what was started meanwhile
		found := false
		for _, other := range descendants(pid, marker) {
			found = syscall.Kill(other, syscall.SIGKILL) == nil || found
		}
		if !found {
			return
		}
	}
}

// descendants are the living processes that have the marker in their environment,
// or one of those or the program as an ancestor.
func descendants(pid int, marker string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	parents := make(map[int]int)
	ours := map[int]bool{pid: true}
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err != nil || n == os.Getpid() {
			continue
		}
		dir := filepath.Join("/proc", e.Name())
		parent, alive := parentOf(dir)
		if !alive {
			continue
		}
		parents[n] = parent
		if env, err := os.ReadFile(filepath.Join(dir, "environ")); err == nil && bytes.Contains(append([]byte{0}, env...), []byte("\x00"+marker+"\x00")) {
			ours[n] = true
		}
	}
	var out []int
	for n := range parents {
		for at, steps := n, 0; at > 1 && steps < 1000; at, steps = parents[at], steps+1 {
			if ours[at] {
				out = append(out, n)
				break
			}
		}
	}
	return out
}

// parentOf reads /proc/<pid>/stat: "pid (name) state parent …". A zombie is not
// alive.
func parentOf(dir string) (parent int, alive bool) {
	b, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return 0, false
	}
	rest := b[bytes.LastIndexByte(b, ')')+1:]
	fields := bytes.Fields(rest)
	if len(fields) < 2 || bytes.Equal(fields[0], []byte("Z")) || bytes.Equal(fields[0], []byte("X")) {
		return 0, false
	}
	parent, err = strconv.Atoi(string(fields[1]))
	return parent, err == nil
}
