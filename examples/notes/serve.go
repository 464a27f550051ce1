package main

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/ipc"
)

// handbookAt is where the handbook's page is served: ambit.toml names its origin.
const handbookAt = "127.0.0.1:7071"

//go:embed handbook
var handbookFiles embed.FS

// serve shows the app in a browser until ctx ends.
func serve(ctx context.Context, app string) error {
	windows, err := net.Listen("tcp", "127.0.0.1:7070")
	if err != nil {
		return err
	}
	page, err := net.Listen("tcp", handbookAt)
	if err != nil {
		return errors.Join(err, windows.Close())
	}
	return serveAt(ctx, app, windows, page, os.Stdin, os.Stdout)
}

// serveAt mounts the app's windows on one listener and the handbook's page, which is
// nobody's window but may call one command, on another. It prints the URLs that open
// them, and again for each line of in.
func serveAt(ctx context.Context, app string, windows, page net.Listener, in io.Reader, out io.Writer) error {
	tap := ipc.NewTap(nil) // what the inspector shows
	h, err := host.Open(ctx, app, host.Config{Profile: "dev", Audit: tap})
	if err != nil {
		return err
	}
	defer func() { _ = h.Close(context.WithoutCancel(ctx)) }()
	port := windows.Addr().(*net.TCPAddr).Port
	handler, err := ipc.New(h, ipc.Config{
		URL:     fmt.Sprintf("http://localhost:%d", port),
		App:     os.DirFS(app),
		Explain: true, // in development, pages read why they were denied
		Inspect: tap,
	})
	if err != nil {
		return err
	}
	other, err := handbookPage(fmt.Sprintf("http://main.localhost:%d", port))
	if err != nil {
		return err
	}
	go func() { // ends with the program, if nobody closes the input
		for lines := bufio.NewScanner(in); lines.Scan(); {
			printURLs(out, h, handler)
		}
	}()
	printURLs(out, h, handler)
	fmt.Fprintln(out, "\nEach opens a page once, within two minutes; press Enter for new ones, Ctrl-C to end.")
	return serveUntil(ctx, handler.Close, map[net.Listener]http.Handler{windows: handler, page: other})
}

// handbookPage serves the page that is not the app's. It knows which window it is for.
func handbookPage(windowURL string) (http.Handler, error) {
	files, err := fs.Sub(handbookFiles, "handbook")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(files))
	mux.HandleFunc("/app.json", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(rw).Encode(map[string]string{"url": windowURL})
	})
	return mux, nil
}

// printURLs prints one for each page.
func printURLs(out io.Writer, h *host.Host, handler *ipc.Server) {
	line := func(name, url string, err error) {
		if err != nil {
			url = err.Error()
		}
		fmt.Fprintf(out, "%-10s %s\n", name, url)
	}
	for _, w := range h.Windows() {
		open, err := handler.Open(w.Label)
		line(w.Label, open, err)
		if w.Remote != "" {
			ticket, err := handler.OpenRemote(w.Label)
			line("handbook", w.Remote+"/#ambit="+ticket, err)
		}
	}
	open, err := handler.OpenInspector()
	line("inspector", open, err)
}

// serveUntil serves until ctx ends; then pages are told, and calls that run may end.
func serveUntil(ctx context.Context, closePages func() error, handlers map[net.Listener]http.Handler) error {
	failed := make(chan error, len(handlers))
	var servers []*http.Server
	for listener, handler := range handlers {
		s := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
		servers = append(servers, s)
		go func() { failed <- s.Serve(listener) }()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	_ = closePages()
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(wait) != nil {
			_ = s.Close() // calls end with their requests
		}
	}
	return err
}
