package pattern_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

func TestSurprises(t *testing.T) {
	const ownPort = "matches only the scheme's own port (for every port write :* after the host)"
	for _, c := range []struct{ pattern, want string }{
		{"https://example.com", ""},
		{"https://example.com:*", ""},
		{"https://EXAMPLE.com:8443/*", ""},
		{"https://{*.}?example.com", ""},
		{"https://:tenant.example.com", ""},
		{"https://example.com/a.json", ""},
		{"https://example.com/a/*", ""},
		{"https://example.com/a/:id/edit", ""},
		{"http{s}?://example.com/a*", ""},
		{"https://example.com/?q=*", ""},
		{"http://localhost:*", ""},
		{"http://192.168.*:*", ""},
		{"tauri://localhost:*", ""},

		// The scheme.
		{"*://example.com", "matches every scheme"},
		{"http*://example.com", `matches every scheme that starts with "http" (for http and https write http{s}?)`},
		{"h*s://example.com", `matches more schemes than it seems (for http and https write http{s}?)`},
		{"*s://example.com", `matches more schemes than it seems (for http and https write http{s}?)`},

		// The host.
		{"https://*:*", "matches every host"},
		{"https://*.example.com", `does not match "example.com" itself (for both write {*.}?example.com)`},
		{"https://*example.com", `also matches hosts like "evilexample.com" (for subdomains only write *.example.com)`},
		{"https://*.com", `matches every domain below ".com"`},
		{"https://{*.}?com", `matches every domain below ".com"`},
		{"https://:name.com", `matches every domain below ".com"`},
		{"https://*.*.com", `matches every domain below ".com"`},
		{"https://*.co.uk", `matches every domain below ".co.uk"`},
		{"https://*.my.uk", `does not match "my.uk" itself (for both write {*.}?my.uk)`},
		{"https://example.*", `matches every domain that starts with "example.", whoever owns it`},
		{"https://*.example.*", "matches domains under every ending, whoever owns them"},
		{"https://example.com.", "matches only hosts that are written with a final dot"},

		// Addresses and ports.
		{"http://*", "matches every host; " + ownPort},
		{"http://localhost", ownPort},
		{"http://*.localhost", `does not match "localhost" itself (for both write {*.}?localhost); ` + ownPort},
		{"http://127.0.0.1", ownPort},
		{"http://[::1]", ownPort},
		{"http://192.168.*", ownPort},
		{"http://192.168.1:*", "matches the address 192.168.0.1 only (for a network write numbers and *, like 192.168.1.*)"},
		{"http://10:*", "matches the address 0.0.0.10 only (for a network write numbers and *, like 192.168.1.*)"},
		{"http://10.0.0.0:*/8", `"/8" is a path, not the length of a network prefix (write the address as 10.*)`},
		{"http://10.*:*/16", `"/16" is a path, not the length of a network prefix (write the address as 10.*)`},

		// Path, query, fragment.
		{"https://example.com/v1/", `matches only the very path "/v1/" (for what is below write /v1/*)`},
		{"https://example.com/v1.2/users", `matches the path "/v1.2/users" but nothing below it (for both write /v1.2/users/**)`},
		{"https://example.com/8", `matches the path "/8" but nothing below it (for both write /8/**)`},
		{"https://example.com/?q=1", `matches only the very query "q=1" (write * where more may stand)`},
		{"https://example.com/#top", "matches only URLs with a fragment, which no request carries (leave out what is after #)"},
	} {
		var got []string
		for _, s := range urlPattern(t, c.pattern).Surprises() {
			got = append(got, s.Text)
			want := pattern.TooNarrow
			switch {
			case strings.HasPrefix(s.Text, "does not match"):
				want = pattern.NoApex
			case strings.HasPrefix(s.Text, "matches the path"):
				want = pattern.NotBelow
			case strings.HasPrefix(s.Text, "matches every"), strings.HasPrefix(s.Text, "also"), strings.HasPrefix(s.Text, "matches more"), strings.HasPrefix(s.Text, "matches domains"):
				want = pattern.TooWide
			}
			if s.Kind != want {
				t.Errorf("%q %s: kind %d, want %d", c.pattern, s.Text, s.Kind, want)
			}
		}
		if got := strings.Join(got, "; "); got != c.want {
			t.Errorf("Surprises of %q:\n got %s\nwant %s", c.pattern, got, c.want)
		}
	}
}

func TestLoopback(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    bool
	}{
		{"http://localhost:*", true},
		{"http://localhost.", true},
		{"http://app.localhost:3000", true},
		{"http://*.localhost:*", true},
		{"http://127.0.0.1", true},
		{"http://127.1:*", true},
		{"http://127.*:*", true},
		{"http://[::1]:*", true},
		{"http://localhost.example.com", false},
		{"http://*.example.com", false},
		{"http://127.example.com", false},
		{"http://10.*", false},
		{"http://*", false},
		{"http://{a.}?localhost", false}, // not told; nobody writes it
	} {
		if got := urlPattern(t, c.pattern).Loopback(); got != c.want {
			t.Errorf("Loopback of %q: %t", c.pattern, got)
		}
	}
	if (*pattern.URL)(nil).Loopback() {
		t.Error("a nil pattern matches nothing")
	}
}
