//go:build !unix || aix || solaris

package files

// openTree opens a base dir; there is one way.
func openTree(real string, _ Resolver) (Resolver, tree, error) { return openRootTree(real) }

func inKernelFS(Info) bool { return false }

func folderFolds(string) bool { return false }
