package ipc

import (
	"net/http"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// Refusal is a request that was refused before anybody was asked what it may: it came
// from who is no page of a window. What the request says is cut, on one line, and
// printable.
type Refusal struct {
	Time   time.Time `json:"time"`
	Status int       `json:"status"` // of the response
	Reason string    `json:"reason"`
	Window string    `json:"window,omitempty"` // label, if the host name is that of one
	Method string    `json:"method"`
	Host   string    `json:"host"`
	Path   string    `json:"path"`
	Origin string    `json:"origin,omitempty"`
	Remote string    `json:"remote"` // address and port
}

// mostWarned are the refusals that are logged in a second: who sends them may send many.
const mostWarned = 10

const longestSaid = 200 // bytes that are kept of each part of a request

// refuse tells the operator, and answers nothing.
func (s *Server) refuse(r *http.Request, w *window, why *refused) {
	said := func(text string) string { return printable.Cut(text, longestSaid) }
	of := Refusal{
		Time: now(), Status: why.status, Reason: said(why.reason), Method: said(r.Method), Host: said(r.Host), Path: said(r.URL.Path),
		Origin: said(r.Header.Get("Origin")), Remote: said(r.RemoteAddr),
	}
	if w != nil {
		of.Window = w.label
	}
	if s.warns(of.Time) {
		s.config.Logger.Warn("a request was refused", "reason", of.Reason, "window", of.Window, "method", of.Method, "host", of.Host, "path", of.Path, "origin", of.Origin, "from", of.Remote)
	}
	if s.config.Inspect != nil {
		s.config.Inspect.refuse(of)
	}
}

// answer is refuse, and a response that says no more than the status does.
func (s *Server) answer(rw http.ResponseWriter, r *http.Request, w *window, why *refused) {
	s.refuse(r, w, why)
	s.secure(rw.Header(), w)
	http.Error(rw, http.StatusText(why.status), why.status)
}

// unauthorized refuses a page whose ticket or token is not good, in words that the
// client shows.
func (s *Server) unauthorized(rw http.ResponseWriter, r *http.Request, w *window, status int, what string) {
	s.refuse(r, w, &refused{status, what})
	writeError(rw, status, failure{Code: "unauthorized", Message: what + ": open its window again"})
}

// warns reports whether a refusal at a time is to be logged.
func (s *Server) warns(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if second := at.Unix(); second != s.warned.second {
		s.warned.second, s.warned.n = second, 0
	}
	s.warned.n++
	return s.warned.n <= mostWarned
}
