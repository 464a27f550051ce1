package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	windows, page := listen(t), listen(t)
	config := filepath.Join(app, "ambit.toml")
	text, err := os.ReadFile(config)
	if err == nil { // the handbook's page is at a port of its own, here
		err = os.WriteFile(config, bytes.ReplaceAll(text, []byte("7071"), fmt.Append(nil, page[0].Addr().(*net.TCPAddr).Port)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	printed, out := io.Pipe()
	served := make(chan error, 1)
	go func() { served <- serveAt(ctx, app, windows, page, strings.NewReader(""), out) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	urls := map[string]string{}
	for lines := bufio.NewScanner(printed); urls["inspector"] == "" && lines.Scan(); {
		if name, url, ok := strings.Cut(lines.Text(), " "); ok {
			urls[name] = strings.TrimSpace(url)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }()

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.Env("TMPDIR="+t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true))
	tabs, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	tab, cancel := chromedp.NewContext(tabs)
	defer cancel()
	open := func(name string) {
		t.Helper()
		if _, err := chromedp.Run(tab, chromedp.Navigate(urls[name])); err != nil {
			t.Fatal(err)
		}
	}
	// shows waits until the page shows a text.
	shows := func(text string) {
		t.Helper()
		var page string
		for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if page, err = chromedp.Run(tab, chromedp.Evaluate[string](`document.body.innerText + document.querySelector("#list")?.textContent + [...document.querySelectorAll("input, textarea")].map(e => e.value).join("\n")`)); err == nil && strings.Contains(page, text) {
				return
			}
		}
		t.Errorf("the page does not show %q but\n%s\n%v", text, page, err)
	}
	press := func(button string) {
		t.Helper()
		if _, err := chromedp.Run(tab, chromedp.Evaluate[chromedp.Void](`[...document.querySelectorAll("button")].find(b => b.textContent === "`+button+`").click()`)); err != nil {
			t.Errorf("%s: %v", button, err)
		}
	}
	open("main")
	shows("Welcome (10)")
	shows("8 words")
	press("New note")
	if _, err := chromedp.Run(tab, chromedp.Evaluate[chromedp.Void](`title.value = "Groceries"; text.value = "- **milk**\n- eggs\n\n<b>no</b> [link](https://example.com) [no](javascript:alert(1))"; document.getElementById("text").oninput()`)); err != nil {
		t.Fatal(err)
	}
	html, err := chromedp.Run(tab, chromedp.Evaluate[string](`document.getElementById("page").innerHTML`))
	if want := `<h1>Groceries</h1><ul><li><strong>milk</strong></li><li>eggs</li></ul><p>&lt;b&gt;no&lt;/b&gt; <a href="https://example.com" target="_blank" rel="noopener noreferrer">link</a> [no](javascript:alert(1))</p>`; err != nil || html != want {
		t.Errorf("the page is %s, %v", html, err)
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

	// The page of another server may call one command, and is told no reasons.
	open("handbook")
	shows("connected")
	press("Count the words")
	shows("6 words")
	for _, other := range []string{"List the notes", "Read a note"} {
		press("Count the words")
		shows("6 words")
		press(other)
		shows("denied: ")
	}

	// The operator saw it all.
	open("inspector")
	for _, want := range []string{
		"notes.list for window \"main\" (http://handbook.localhost", "origin-mismatch", "handbook-here, notes:allow-count-words (ambit.toml:",
		"it is for window \"main\", not for window \"preview\"", "fs.write: $APPDATA/notes/welcome.md: scope-empty",
	} {
		shows(want)
	}
}

func listen(t *testing.T) []net.Listener {
	t.Helper()
	l, err := ipc.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
