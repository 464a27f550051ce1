package files

// OpenWith opens base dirs by a given resolver.
func OpenWith(r Resolver, dirs map[string]string, o Options) (*Bases, error) {
	o.resolver = r
	return Open(dirs, o)
}

// WindowsReads and Folds are tested on systems where they are not in use.
var (
	WindowsReads = windowsReads
	FoldsName    = foldsName
)

// MaxScan is the bound of a rename's scan.
const MaxScan = maxScan
