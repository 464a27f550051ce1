package ipc_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Any request: no panic, and nobody gets a command's answer but by the host, the origin
// and the token of one window.
func FuzzRequest(f *testing.F) {
	s := serve(f, nil)
	token := s.token("main")
	origin, host := s.origin("main"), "main.localhost:"+s.port
	f.Add("POST", "/_ambit/invoke/app.echo", host, origin, "same-origin", token, `{"a":"canary"}`)
	f.Add("POST", "/_ambit/invoke/plugin:app|echo", host, origin, "", token, `"canary"`)
	f.Add("POST", "/_ambit/token", host, origin, "", "", "x")
	f.Add("GET", "/_ambit/socket", host, origin, "", token, "")
	f.Add("GET", "/../.secret", host, "", "none", "", "")
	f.Add("OPTIONS", "/_ambit/invoke/app.echo", host, "http://remote.localhost:9999", "cross-site", "", "")
	f.Add("POST", "/_ambit/invoke/app.echo", "evil.com", origin, "cross-site", token, `"canary"`)
	f.Fuzz(func(t *testing.T, method, path, to, from, site, with, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Method, r.URL.Path, r.Host = method, path, to
		r.Header = http.Header{"Origin": {from}, "Sec-Fetch-Site": {site}, "Authorization": {"Bearer " + with}, "Content-Type": {"application/json"}}
		if strings.HasPrefix(path, "/_ambit/invoke/") && strings.Contains(path, "wait") {
			return
		}
		rw := httptest.NewRecorder()
		s.ServeHTTP(rw, r)
		ours := strings.EqualFold(to, host) && from == origin && with == token && (site == "same-origin" || site == "") && method == "POST"
		if strings.HasPrefix(path, "/_ambit/invoke/") && rw.Code == http.StatusOK && !ours {
			t.Fatalf("%s %q to %q from %q: %d %q", method, path, to, from, rw.Code, rw.Body)
		}
		if got := rw.Body.String(); !ours && strings.Contains(got, "canary") {
			t.Fatalf("%s %q: %q", method, path, got)
		}
		if allowed := rw.Header().Get("Access-Control-Allow-Origin"); allowed != "" && allowed != "http://remote.localhost:9999" {
			t.Fatalf("allows the origin %q", allowed)
		}
	})
}
