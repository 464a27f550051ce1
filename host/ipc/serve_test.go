package ipc_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/ipc"
)

// TestListen: nobody else can be localhost at the port.
func TestListen(t *testing.T) {
	all, err := ipc.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	port := all[0].Addr().(*net.TCPAddr).Port
	for _, l := range all {
		if at := l.Addr().(*net.TCPAddr); at.Port != port || !at.IP.IsLoopback() {
			t.Errorf("listens at %s", at)
		}
	}
	if _, err := ipc.Listen(port); err == nil {
		t.Error("it was listened at twice")
	}
	for _, l := range all {
		_ = l.Close()
	}
	other, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp6", fmt.Sprintf("[::1]:%d", port))
	if err != nil {
		t.Skip(err) // there is no ::1
	}
	if len(all) != 2 {
		t.Error("it does not listen at ::1")
	}
	defer func() { _ = other.Close() }()
	if _, err := ipc.Listen(port); err == nil {
		t.Error("another program is localhost for browsers, too")
	}
}

// TestServe: it ends with its context, after the calls that run, and tells its pages.
func TestServe(t *testing.T) {
	s := serve(t, nil) // for its pages; the listeners are others
	all, err := ipc.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	token := s.token("main")
	c := s.attach(token, 0)
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, all...) }()
	for _, l := range all {
		for status := 0; status != http.StatusMisdirectedRequest; {
			req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://"+l.Addr().String()+"/", nil)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			status = resp.StatusCode
		}
	}
	cancel()
	select {
	case err := <-served:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	if m, err := s.read(c); err == nil {
		t.Errorf("the page got %+v", m)
	}
	if resp, _ := s.do("GET", "main", "/", "", "", nil); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("closed, it answers %d", resp.StatusCode)
	}
	if _, err := s.Open("main"); err == nil {
		t.Error("a window was opened")
	}
}
