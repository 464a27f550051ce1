//go:build unix

package host

import "golang.org/x/sys/unix"

// systemVersion is the version of the system's kernel, or "".
func systemVersion() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
