package ipc

import (
	"net/http"
	"strings"
)

// gate finds the window that a request is for, by its host alone, or says with which
// status it is refused.
func (s *Server) gate(r *http.Request) (*window, int) {
	if s.config.Authenticate != nil {
		if err := s.config.Authenticate(r); err != nil {
			return nil, http.StatusForbidden
		}
	}
	if r.URL.IsAbs() || r.URL.Host != "" || r.Method == http.MethodConnect { // as to a proxy
		return nil, http.StatusBadRequest
	}
	w := s.byHost[strings.ToLower(r.Host)]
	if w == nil {
		return nil, http.StatusMisdirectedRequest
	}
	return w, 0
}

// from returns the origin of the page that sends a request to the window, or with
// which status it is refused. Browsers send Origin with all that is not a plain GET,
// and with WebSockets, and pages cannot set it; Sec-Fetch-Site likewise, where there is
// one.
func (w *window) from(r *http.Request) (origin string, status int) {
	origins, site := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	if len(origins) != 1 || len(site) > 1 {
		return "", http.StatusForbidden
	}
	sent := ""
	if len(site) == 1 {
		sent = site[0]
	}
	switch origins[0] {
	case w.origin:
		if sent == "" || sent == "same-origin" {
			return w.origin, 0
		}
	case w.remote:
		if w.remote != "" && (sent == "" || sent == "cross-site" || sent == "same-site") {
			return w.remote, 0
		}
	}
	return "", http.StatusForbidden
}

// bearer is the token of a request.
func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}
