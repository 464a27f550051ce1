//go:build !unix && !windows

package host

// systemVersion is not known here.
func systemVersion() string { return "" }
