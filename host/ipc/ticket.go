package ipc

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	ticketTime  = 2 * time.Minute // in which a ticket is exchanged
	mostTickets = 1000            // that wait to be exchanged
)

// ticket is the right to one page.
type ticket struct {
	window *window
	origin string
	until  time.Time
}

// Open returns the URL with which a browser opens a window, once, within two minutes.
func (s *Server) Open(label string) (string, error) {
	w := s.byLabel[label]
	if w == nil || w.inspector {
		return "", fmt.Errorf("ipc: ambit.toml declares no window %q", label)
	}
	t, err := s.ticket(w, w.origin)
	return w.origin + "/#ambit=" + t, err
}

// OpenRemote returns a ticket for the remote page of a window, which that page gets in
// the way that the app chooses, and gives to the client's connect.
func (s *Server) OpenRemote(label string) (string, error) {
	w := s.byLabel[label]
	if w == nil || w.remote == "" {
		return "", fmt.Errorf("ipc: ambit.toml declares no window %q with a remote page", label)
	}
	return s.ticket(w, w.remote)
}

func (s *Server) ticket(w *window, origin string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return "", errors.New("ipc: the server is closed")
	}
	for t, of := range s.tickets {
		if now().After(of.until) {
			delete(s.tickets, t)
		}
	}
	if len(s.tickets) >= mostTickets {
		return "", errors.New("ipc: too many tickets wait to be used")
	}
	t := random()
	s.tickets[digest(t)] = ticket{w, origin, now().Add(ticketTime)}
	return t, nil
}

// random is a text that nobody guesses.
func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest is what the server keeps of a ticket or a token, and looks them up by: how
// long that takes tells nothing of them.
func digest(s string) string {
	d := sha256.Sum256([]byte(s))
	return string(d[:])
}

// exchange gives a page a token: for a ticket, or for the token of the page that it was
// before a reload, or that it is a copy of. No two pages share one, so that neither gets
// the messages of the other.
func (s *Server) exchange(rw http.ResponseWriter, r *http.Request, w *window, origin string) {
	text, err := readBody(rw, r, 256)
	before := bearer(r)
	if err != nil || before == "" && !s.redeem(string(text), w, origin) || before != "" && s.pageOf(before, w, origin) == nil {
		s.unauthorized(rw, r, w, http.StatusForbidden, "the page's ticket is not good")
		return
	}
	token := random()
	if !s.addPage(digest(token), newPage(s, w, origin)) {
		s.unauthorized(rw, r, w, http.StatusForbidden, "the server is closed")
		return
	}
	writeJSON(rw, http.StatusOK, map[string]string{"token": token, "label": w.label})
}

// redeem uses a ticket up, and reports whether it was good.
func (s *Server) redeem(text string, w *window, origin string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := digest(text)
	t, ok := s.tickets[key]
	delete(s.tickets, key)
	return ok && t.window == w && t.origin == origin && !now().After(t.until)
}
