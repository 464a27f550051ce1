package files

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// openTree opens a base dir by the best resolver, or by the one asked for.
func openTree(real string, want Resolver) (Resolver, tree, error) {
	return openUnixTree(real, want, unix.O_PATH|unix.O_DIRECTORY)
}

// kernelDevices are the devices of /proc and /sys, whose files look regular
// and are not.
var kernelDevices = sync.OnceValue(func() map[uint64]bool {
	found := map[uint64]bool{}
	for _, dir := range []string{"/proc", "/sys"} {
		var sf unix.Statfs_t
		if unix.Statfs(dir, &sf) != nil || sf.Type != unix.PROC_SUPER_MAGIC && sf.Type != unix.SYSFS_MAGIC {
			continue
		}
		var st unix.Stat_t
		if unix.Stat(dir, &st) == nil {
			found[uint64(st.Dev)] = true //nolint:unconvert // differs by architecture
		}
	}
	return found
})

// inKernelFS reports whether the object is one of the kernel's.
func inKernelFS(in Info) bool { return kernelDevices()[in.Device] }

// folderFolds asks whether the folder itself is marked as case-insensitive,
// as ext4 and f2fs mark single folders.
func folderFolds(dir string) bool {
	const casefold = 0x40000000 // FS_CASEFOLD_FL
	f, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	return err == nil && flags&casefold != 0
}
