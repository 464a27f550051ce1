package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/ipc"
	"github.com/chromedp/chromedp"
)

// TestBrowser uses the app in Chromium, as "make serve" shows it: what the windows may
// do, what they may not, and what the extension tries.
func TestBrowser(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if testing.Short() || err != nil {
		if os.Getenv("AMBIT_BROWSER") != "" && !testing.Short() {
			t.Fatal(err)
		}
		t.Skip("starts a browser")
	}
	app := testApp(t)
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handler.ServeHTTP(rw, r) }))
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	h, err := host.Open(t.Context(), app, host.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close(context.Background()) }()
	windows, err := ipc.New(h, ipc.Config{URL: "http://localhost:" + port, App: os.DirFS(app), Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = windows.Close() }()
	handler = windows

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	open := func(label string) {
		t.Helper()
		url, err := windows.Open(label)
		if err == nil {
			_, err = chromedp.Run(ctx, chromedp.Navigate(url))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// shows waits until the page shows a text.
	shows := func(text string) {
		t.Helper()
		var page string
		for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if page, err = chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText + [...document.querySelectorAll("input, textarea")].map(e => e.value).join("\n")`)); err == nil && strings.Contains(page, text) {
				return
			}
		}
		t.Errorf("the page does not show %q but\n%s\n%v", text, page, err)
	}
	press := func(button string) {
		t.Helper()
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("button")].find(b => b.textContent === "`+button+`").click()`)); err != nil {
			t.Errorf("%s: %v", button, err)
		}
	}
	open("main")
	shows("Welcome (10)")
	shows("8 words")
	press("New note")
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](`title.value = "Groceries"; text.value = "- milk\n- eggs"; document.getElementById("text").oninput()`)); err != nil {
		t.Fatal(err)
	}
	press("Save")
	shows("Groceries (")
	shows("saved")
	press("Review")
	shows("Stop")
	shows("reviewed: 0 long lines")
	press("Review")
	press("Stop")
	shows("canceled")
	for _, try := range []struct{ button, shows string }{
		{"Summarise a note", `"got": "# Welcome"`}, {"Overwrite, delete, rename", "Permission denied"}, {"Run for ever", "deadline: the call took too long"}, {"Take all memory", "memory-limit"},
		{"Read a private note", "fs.forbidden"}, {"Steal what nobody granted", `unknown-command`},
	} {
		press(try.button)
		shows(try.shows)
	}
	open("preview")
	shows("These notes are plain Markdown")
	press("Write to the note")
	shows("window-mismatch")
	shows(`it is for window "main", not for window "preview"`)
}
