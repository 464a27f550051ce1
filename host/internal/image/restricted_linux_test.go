//go:build amd64

package image

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// forbid makes system calls fail for this process, as containers and older
// kernels do.
func forbid(t *testing.T, calls []uintptr, scan bool) {
	t.Helper()
	const load, jumpEqual, ret = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const number, secondArgument = 0, 24
	fails := func(errno unix.Errno) unix.SockFilter {
		return unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ERRNO | uint32(errno)}
	}
	filter := []unix.SockFilter{{Code: load, K: number}}
	for _, c := range calls {
		filter = append(filter, unix.SockFilter{Code: jumpEqual, Jf: 1, K: uint32(c)}, fails(unix.EPERM))
	}
	if scan {
		filter = append(filter,
			unix.SockFilter{Code: jumpEqual, Jf: 3, K: unix.SYS_IOCTL}, unix.SockFilter{Code: load, K: secondArgument},
			unix.SockFilter{Code: jumpEqual, Jf: 1, K: pagemapScan}, fails(unix.ENOTTY))
	}
	filter = append(filter, unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ALLOW})
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		t.Fatal(errno)
	}
}

// restriction is what a process may not do, and what works then.
type restriction struct {
	name  string
	calls []uintptr
	scan  bool // PAGEMAP_SCAN
	want  []string
}

var restrictions = []restriction{
	{"container", []uintptr{unix.SYS_USERFAULTFD}, false, []string{Restart, Copy, Compare, Remap, Scan}},
	{"old kernel", []uintptr{unix.SYS_USERFAULTFD}, true, []string{Restart, Copy, Compare, Remap}},
	{"little", []uintptr{unix.SYS_USERFAULTFD, unix.SYS_MEMFD_CREATE}, true, []string{Restart, Copy, Compare}},
}

const restrictedVariable = "AMBIT_TEST_RESTRICTED"

// TestRestricted runs the tests of all strategies in processes that may do less.
func TestRestricted(t *testing.T) {
	if name := os.Getenv(restrictedVariable); name != "" {
		i := slices.IndexFunc(restrictions, func(r restriction) bool { return r.name == name })
		forbid(t, restrictions[i].calls, restrictions[i].scan)
		if got := Strategies(); !slices.Equal(got, restrictions[i].want) {
			t.Fatalf("works: %v, want %v", got, restrictions[i].want)
		}
		TestStrategies(t)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	for _, r := range restrictions {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestRestricted$", "-test.v")
		cmd.Env = append(os.Environ(), restrictedVariable+"="+r.name)
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestRestricted/strategy_") {
			t.Errorf("%s: %v\n%s", r.name, err, out)
		}
	}
}
