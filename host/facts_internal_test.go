package host

import (
	"maps"
	"os"
	"testing"
)

// TestEnvironment: what calls can be lent of an environment.
func TestEnvironment(t *testing.T) {
	fact := facts()
	for name, lines := range map[string][]string{
		"given": {"A=1", "A=2=3", "B=", "=C:", "none", "AMBIT_SECRET_KEY=s", "ambit_secret_key=s", "AMBIT_OS_ARCH=z80", "AMBIT_OS_MINE=m"},
		"empty": {},
	} {
		got := environment(lines)
		for n, value := range fact {
			if v, ok := got[factVariables+n]; !ok || v != value {
				t.Errorf("%s: %s is %q, %v; want %q", name, n, v, ok, value)
			}
			delete(got, factVariables+n)
		}
		want := map[string]string{}
		if name == "given" {
			want = map[string]string{"A": "2=3", "B": "", "AMBIT_OS_MINE": "m"}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	t.Setenv("AMBIT_TEST_VARIABLE", "x")
	if got := environment(nil)["AMBIT_TEST_VARIABLE"]; got != "x" {
		t.Errorf("of the process: %q", got)
	}
}

func TestFacts(t *testing.T) {
	got := facts()
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if got["HOSTNAME"] != hostname {
		t.Errorf("hostname %q, want %q", got["HOSTNAME"], hostname)
	}
	for _, name := range []string{"PLATFORM", "FAMILY", "ARCH", "EOL", "VERSION"} {
		if got[name] == "" {
			t.Errorf("%s is not known", name)
		}
	}
	for goos, want := range map[string]string{"darwin": "macos", "ios": "ios", "linux": "linux", "openbsd": "openbsd", "windows": "windows"} {
		if got := systemName(goos); got != want {
			t.Errorf("system %s: %q, want %q", goos, got, want)
		}
	}
	for goarch, want := range map[string]string{"amd64": "x86_64", "386": "x86", "arm64": "aarch64", "arm": "arm", "riscv64": "riscv64", "ppc64le": "powerpc64"} {
		if got := archName(goarch); got != want {
			t.Errorf("processor %s: %q, want %q", goarch, got, want)
		}
	}
}

func TestLocale(t *testing.T) {
	for _, tt := range []struct{ all, messages, lang, want string }{
		{"", "", "de_DE.UTF-8", "de-DE"},
		{"", "fr", "de_DE", "fr"},
		{"pt_BR", "fr", "de_DE", "pt-BR"},
		{"", "", "de_DE@euro", "de-DE"},
		{"", "", "sr_RS.UTF-8@latin", "sr-RS"},
		{"", "", "zh_Hant_TW", "zh-Hant-TW"},
		{"C", "", "de_DE", ""},
		{"C.UTF-8", "", "de_DE", ""},
		{"POSIX", "", "", ""},
		{"", "", "", ""},
		{"", "", ".UTF-8", ""},
		{"", "", "de DE", ""},
		{"", "", "dé", ""},
		{"", "", "de\n", ""},
	} {
		got := locale(func(name string) string {
			return map[string]string{"LC_ALL": tt.all, "LC_MESSAGES": tt.messages, "LANG": tt.lang}[name]
		})
		if got != tt.want {
			t.Errorf("%q: %q", tt, got)
		}
	}
}
