package host

import (
	"os"
	"runtime"
	"strings"
)

// factVariables begin the variables in which calls read what the system is; the
// host sets them, whatever its own environment says. A guest's runtime knows
// wasip1 only.
const factVariables = "AMBIT_OS_"

// facts are the values of these variables, by the rest of their names.
func facts() map[string]string {
	family, eol, suffix := "unix", "\n", ""
	if runtime.GOOS == "windows" {
		family, eol, suffix = "windows", "\r\n", "exe"
	}
	arch, ok := map[string]string{"amd64": "x86_64", "386": "x86", "arm64": "aarch64"}[runtime.GOARCH] // as Tauri has them
	if !ok {
		arch = runtime.GOARCH
	}
	hostname, _ := os.Hostname()
	return map[string]string{
		"PLATFORM": string(Platform()), "FAMILY": family, "ARCH": arch, "EOL": eol, "EXE_EXTENSION": suffix, "HOSTNAME": hostname,
		"VERSION": systemVersion(), "LOCALE": locale(),
	}
}

// locale is the user's, as a BCP 47 tag, or "".
func locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v, _, _ := strings.Cut(os.Getenv(name), "."); v != "" {
			if v == "C" || v == "POSIX" {
				return ""
			}
			return strings.ReplaceAll(v, "_", "-")
		}
	}
	return ""
}
