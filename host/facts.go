package host

import (
	"cmp"
	"os"
	"runtime"
	"strings"
)

// factVariables begin the variables in which calls read what the system is; the
// host sets them, whatever its own environment says. A guest's runtime knows
// wasip1 only.
const factVariables = "AMBIT_OS_"

// facts are the values of these variables, by the rest of their names: words as
// Tauri has them, "" for what is not known.
func facts() map[string]string {
	family, eol, suffix := "unix", "\n", ""
	if runtime.GOOS == "windows" {
		family, eol, suffix = "windows", "\r\n", "exe"
	}
	hostname, _ := os.Hostname()
	return map[string]string{
		"PLATFORM": systemName(runtime.GOOS), "FAMILY": family, "ARCH": archName(runtime.GOARCH), "EOL": eol, "EXE_EXTENSION": suffix,
		"HOSTNAME": hostname, "VERSION": systemVersion(), "LOCALE": locale(os.Getenv),
	}
}

// systemName is Tauri's name of a system that Go names. It is not that of
// [Platform], which knows only the systems that policies can name.
func systemName(goos string) string {
	return cmp.Or(map[string]string{"darwin": "macos"}[goos], goos)
}

// archName is Tauri's name of a processor that Go names.
func archName(goarch string) string {
	return cmp.Or(map[string]string{
		"amd64": "x86_64", "386": "x86", "arm64": "aarch64", "ppc64": "powerpc64", "ppc64le": "powerpc64", "loong64": "loongarch64",
	}[goarch], goarch)
}

// locale is the user's language as a BCP 47 tag, from the variables that POSIX
// has for it; "" if there is none or it is none.
func locale(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		if end := strings.IndexAny(value, ".@"); end >= 0 { // the charset, a variant
			value = value[:end]
		}
		tag := strings.ReplaceAll(value, "_", "-")
		if tag == "C" || tag == "POSIX" || strings.ContainsFunc(tag, notInTag) {
			return ""
		}
		return tag
	}
	return ""
}

func notInTag(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
