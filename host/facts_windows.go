package host

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// systemVersion is the version of the system's kernel, as 10.0.22631.
func systemVersion() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)
}
