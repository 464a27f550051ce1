package suggest_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/suggest"
)

func TestNearest(t *testing.T) {
	words := []string{"windows", "webviews", "identifier", "permissions", "allow-read-file", "iOS", "macOS", "a1", "a2"}
	for word, want := range map[string]string{
		"window": "windows", "webview": "webviews", "Identifier": "identifier", "identifeir": "identifier", "permissiosn": "permissions",
		"allow_read_file": "allow-read-file", "allow-raed-flie": "allow-read-file", "ios": "iOS", "mac-os": "macOS", "a3": "a1",
		"windows": "", "xyz": "", "": "", "w": "", "identifierxxxxx": "identifier", "identifierxxxxxx": "", strings.Repeat("x", 1000): "",
	} {
		if got := suggest.Nearest(word, words); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	long := strings.Repeat("x", 128)
	if got := suggest.Nearest(long, []string{long + "x", long[1:]}); got != long[1:] {
		t.Errorf("long words: %q", got)
	}
}

func TestSlips(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "xbc", 1}, {"abcd", "abd", 1},
		{"kitten", "sitting", 3}, {"read", "READ", 0}, {"a_b", "a-b", 0}, {"read", "write", 4}, {"a", strings.Repeat("a", 129), 129},
	} {
		if got := suggest.Slips(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := suggest.Slips(c.b, c.a); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
