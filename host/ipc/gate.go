package ipc

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// refused says why a request goes no further, and with which status.
type refused struct {
	status int
	reason string // for the operator
}

// gate finds the window that a request is for, by its host alone, or says why it is
// refused.
func (s *Server) gate(r *http.Request) (*window, *refused) {
	if s.closed.Load() {
		return nil, &refused{http.StatusServiceUnavailable, "the server is closed"}
	}
	if s.config.Authenticate != nil {
		if err := s.config.Authenticate(r); err != nil {
			return nil, &refused{http.StatusForbidden, "not authenticated: " + err.Error()}
		}
	} else if beyond(r) {
		return nil, &refused{http.StatusForbidden, "it came from beyond this machine, and Config.Authenticate says nothing"}
	}
	if r.URL.IsAbs() || r.URL.Host != "" || r.Method == http.MethodConnect {
		return nil, &refused{http.StatusBadRequest, "it is for a proxy"}
	}
	w := s.byHost[strings.ToLower(r.Host)]
	if w == nil {
		return nil, &refused{http.StatusMisdirectedRequest, "no window has this host name: a wrong address, or DNS rebinding"}
	}
	if w.inspector && beyond(r) {
		return nil, &refused{http.StatusForbidden, "it came from beyond this machine, and the inspector is for its operator"}
	}
	return w, nil
}

// beyond reports whether a request came by another address than one of loopback.
func beyond(r *http.Request) bool {
	at, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && !at.IP.IsLoopback()
}

// from returns the origin of the page that sends a request to the window, or why it is
// refused. Browsers send Origin with all that is not a plain GET, and with WebSockets,
// and pages cannot set it; Sec-Fetch-Site likewise, where there is one.
func (w *window) from(r *http.Request) (string, *refused) {
	origins, sites := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	if len(origins) != 1 || len(sites) > 1 {
		return "", &refused{http.StatusForbidden, "it does not say which page it comes from, as browsers do"}
	}
	site := "" // an old browser
	if len(sites) == 1 {
		site = sites[0]
	}
	switch origin := origins[0]; {
	case origin == w.origin:
		if site == "" || site == "same-origin" {
			return origin, nil
		}
	case origin == w.remote && w.remote != "":
		if site == "" || site == "cross-site" || site == "same-site" {
			return origin, nil
		}
	case origin == "null":
		return "", &refused{http.StatusForbidden, "it comes from a page without an origin: a sandboxed frame, a data: URL or a file"}
	default:
		return "", &refused{http.StatusForbidden, "it comes from a page of another origin, which is not the window's remote one"}
	}
	return "", &refused{http.StatusForbidden, fmt.Sprintf("its Sec-Fetch-Site %q does not fit its origin", site)}
}

// framed says why a page's file is not for a frame: what is in one gets nothing of the
// page around it. The headers say so, too.
func framed(r *http.Request) *refused {
	switch r.Header.Get("Sec-Fetch-Dest") {
	case "iframe", "frame", "embed", "object", "fencedframe":
		return &refused{http.StatusForbidden, "it is for a frame in a page"}
	}
	return nil
}

// bearer is the token of a request, if it has one.
func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
