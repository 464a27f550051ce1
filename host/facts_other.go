//go:build !linux

package host

// systemVersion is not known here.
func systemVersion() string { return "" }
