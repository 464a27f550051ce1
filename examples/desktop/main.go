// Command desktop shows the notes app in a window of the desktop: a webview of the
// system, which is a browser without an address bar. It gets nothing but the URL with
// the ticket; in particular nothing is bound into the page, which would reach it without
// the authority.
//
// It is a module of its own, for github.com/webview/webview_go takes cgo and, on Linux,
// WebKitGTK (Debian: libwebkit2gtk-4.0-dev). That library was chosen because it has one
// small interface to the webview of each system and can do without a bridge.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/ipc"
	webview "github.com/webview/webview_go"
)

func main() {
	app := flag.String("app", "../notes/app", "the app's `folder`")
	label := flag.String("window", "main", "the `label` of its window")
	audit := flag.Bool("audit", false, "print a record of each call")
	flag.Parse()
	if err := run(*app, *label, *audit); err != nil {
		fmt.Fprintln(os.Stderr, "desktop:", err)
		os.Exit(1)
	}
}

// run shows the window until it is closed.
func run(app, label string, audit bool) error {
	ctx := context.Background()
	config := host.Config{Profile: "dev"}
	if audit {
		config.Audit = host.JSONLines(os.Stdout)
	}
	h, err := host.Open(ctx, app, config)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close(ctx) }()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// Not every webview resolves names below localhost: this window is at the address.
	port := listener.Addr().(*net.TCPAddr).Port
	windows, err := ipc.New(h, ipc.Config{
		URL: fmt.Sprintf("http://localhost:%d", port), URLs: map[string]string{label: fmt.Sprintf("http://127.0.0.1:%d", port)},
		App: os.DirFS(app), Explain: true,
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	ctx, closed := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- windows.Serve(ctx, listener) }()
	defer func() { closed(); <-served }()
	url, err := windows.Open(label)
	if err != nil {
		return err
	}
	w := webview.New(false)
	defer w.Destroy()
	w.SetTitle("Notes")
	w.SetSize(1100, 760, webview.HintNone)
	w.Navigate(url)
	w.Run()
	return nil
}
