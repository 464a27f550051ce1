package main

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
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

// The ports of the app's windows, and of the handbook's page, whose origin is in
// ambit.toml.
const (
	windowsPort  = 7070
	handbookPort = 7071
)

//go:embed handbook
var handbookFiles embed.FS

// serve shows the app in a browser until ctx ends.
func serve(ctx context.Context, app string) error {
	windows, err := ipc.Listen(windowsPort)
	if err != nil {
		return err
	}
	page, err := ipc.Listen(handbookPort)
	if err != nil {
		return err
	}
	return serveAt(ctx, app, windows, page, os.Stdin, os.Stdout)
}

// serveAt mounts the app's windows on some listeners and the handbook's page, which is
// nobody's window but may call one command, on others. It prints the URLs that open
// them, and again for each line of in.
func serveAt(ctx context.Context, app string, windows, page []net.Listener, in io.Reader, out io.Writer) error {
	tap := ipc.NewTap(nil) // what the inspector shows
	h, err := host.Open(ctx, app, host.Config{Profile: "dev", Audit: tap})
	if err != nil {
		return err
	}
	defer func() { _ = h.Close(context.WithoutCancel(ctx)) }()
	port := windows[0].Addr().(*net.TCPAddr).Port
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
	elsewhere := &http.Server{Handler: other, ReadHeaderTimeout: 10 * time.Second}
	defer func() { _ = elsewhere.Close() }()
	for _, l := range page {
		go func() { _ = elsewhere.Serve(l) }()
	}
	return handler.Serve(ctx, windows...)
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
