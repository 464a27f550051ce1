//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package files

import "golang.org/x/sys/unix"

// openTree opens a base dir by the best resolver, or by the one asked for.
func openTree(real string, want Resolver) (Resolver, tree, error) {
	return openUnixTree(real, want, unix.O_RDONLY|unix.O_DIRECTORY)
}

func inKernelFS(Info) bool { return false }

func folderFolds(string) bool { return false }
