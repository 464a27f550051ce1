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
	Folds        = folds
)

// Trail is what a path's meaning hangs on.
var Trail = trail

// MaxScan and MaxScanDepth are the bounds of a rename's scan.
const (
	MaxScan      = maxScan
	MaxScanDepth = maxScanDepth
)
