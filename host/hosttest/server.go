package hosttest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// server is two web servers on this machine: one that scopes name, and one that they
// do not.
type server struct {
	named, other *httptest.Server
	secret       string // what the other one answers with

	mu    sync.Mutex
	asked []*http.Request // of both
	hits  int             // of the other one
	stop  chan struct{}
}

func newServer(secret string) *server {
	s := &server{secret: secret, stop: make(chan struct{})}
	s.named = httptest.NewServer(http.HandlerFunc(s.serve))
	s.other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked, s.hits = append(s.asked, r), s.hits+1
		s.mu.Unlock()
		_, _ = io.WriteString(w, secret)
	}))
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	s.mu.Unlock()
	switch path, to, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/"); path {
	case "to": // what is asked for
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusTemporaryRedirect)
	case "again": // for ever
		http.Redirect(w, r, "/api/again/"+to+"x", http.StatusFound)
	case "wait": // until the caller is gone
		select {
		case <-r.Context().Done():
		case <-s.stop:
		}
	case "endless":
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	case "slow":
		for i := 0; r.Context().Err() == nil && i < 100; i++ {
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	case "headers":
		for i := range 40_000 {
			w.Header().Add(fmt.Sprint("X-", i), strings.Repeat("x", 50))
		}
	case "bomb":
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(make([]byte, 1<<20)) // no gzip at all: nothing must look into it
	default:
		_, _ = io.WriteString(w, "public")
	}
}

// take returns the requests since it was last asked, and how many the other server
// got.
func (s *server) take() (asked []*http.Request, hits int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked, hits = s.asked, s.hits
	s.asked, s.hits = nil, 0
	return asked, hits
}

func (s *server) close() {
	close(s.stop)
	s.named.Close()
	s.other.Close()
}
