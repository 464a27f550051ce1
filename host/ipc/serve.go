package ipc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Listen listens at a port of this machine, or at any that is free if it is 0, at each
// of its loopback addresses. For a browser, names below localhost are any of them: who
// had one of the others could show pages in the app's name, and would be given its
// tickets. An error is that the port is taken at one of them.
func Listen(port int) ([]net.Listener, error) {
	for range 10 { // a port that is free at one address may be taken at another
		all, err := listen(port)
		if err == nil || port != 0 {
			return all, err
		}
	}
	return nil, errors.New("ipc: no port is free at all addresses of this machine")
}

func listen(port int) ([]net.Listener, error) {
	first, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return nil, fmt.Errorf("ipc: %w", err)
	}
	all := []net.Listener{first}
	if !hasIPv6() {
		return all, nil
	}
	second, err := net.ListenTCP("tcp6", &net.TCPAddr{IP: net.IPv6loopback, Port: first.Addr().(*net.TCPAddr).Port})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ipc: browsers may take it for localhost, too: %w", err), first.Close())
	}
	return append(all, second), nil
}

// hasIPv6 reports whether this machine has ::1. If that cannot be known it has.
func hasIPv6() bool {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return true
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(net.IPv6loopback) {
			return true
		}
	}
	return false
}

// The times of a server, besides that of a body.
const (
	headerTime   = 10 * time.Second // for the header of a request
	idleTime     = 2 * time.Minute  // that a connection waits for the next
	shutdownTime = 5 * time.Second  // that calls get to end
	mostHeader   = 64 << 10         // bytes
)

// Serve serves at listeners, which it closes, until ctx ends. Then it closes the server,
// which tells the pages, and gives calls that run five seconds to end. The error is that
// of a listener.
func (s *Server) Serve(ctx context.Context, listeners ...net.Listener) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: mostHeader}
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- server.Serve(l) }()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	_ = s.Close()
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if server.Shutdown(wait) != nil {
		_ = server.Close() // calls end with their requests
	}
	return err
}
