package ipc_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser starts a headless Chromium for the test, or skips it where there is none. With
// AMBIT_BROWSER=1 it fails instead: .ci/run sets it.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if testing.Short() || path == "" {
		if os.Getenv("AMBIT_BROWSER") != "" && !testing.Short() {
			t.Fatal("there is no chromium")
		}
		t.Skip("starts a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.UserDataDir(t.TempDir()), chromedp.Env("TMPDIR="+t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP rebound.test 127.0.0.1"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancelBrowser := chromedp.NewContext(ctx)
	t.Cleanup(cancelBrowser)
	if _, err := chromedp.Run(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab is a page in the browser.
type tab struct {
	testing.TB
	ctx context.Context

	mu     sync.Mutex
	errors []string // of the console
}

// open opens a URL in a tab, which has storage of its own if fresh.
func open(t *testing.T, browser context.Context, url string, fresh bool) *tab {
	t.Helper()
	var options []chromedp.ContextOption
	if fresh {
		options = append(options, chromedp.WithNewBrowserContext())
	}
	ctx, cancel := chromedp.NewContext(browser, options...)
	t.Cleanup(cancel)
	p := &tab{TB: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			p.errors = append(p.errors, fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.Exception))
		case *log.EventEntryAdded:
			if string(e.Entry.Level) == "error" {
				p.errors = append(p.errors, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	if err == nil {
		_, err = chromedp.Run(ctx, chromedp.Navigate(url))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// run runs the body of an async function in the page, which may use the client as m,
// and returns its result, or "code: …" of what it throws.
func (p *tab) run(body string) string {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	script := `(async () => { try { const m = await import("/_ambit/ambit.js").catch(() => null); const r = await (async () => {` + body + `})(); return JSON.stringify(r) ?? "undefined" } catch (e) { return "code: " + (e.code ?? e.name) } })()`
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Errorf("%s: %v", body, err)
	}
	return got
}

func (p *tab) want(body, want string) {
	p.Helper()
	if got := p.run(body); got != want {
		p.Errorf("%s\n\tis %s, want %s", body, got, want)
	}
}

// shows waits until the page has a text, that of closed parts included.
func (p *tab) shows(text string) {
	p.Helper()
	p.want(fmt.Sprintf(`for (let i = 0; i < 500; i++) { if (document.body.textContent.includes(%q)) return true; await new Promise(f => setTimeout(f, 20)) } return document.body.textContent`, text), `true`)
}

// quiet asserts that the page has complained of nothing.
func (p *tab) quiet() {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.errors {
		p.Errorf("the console says: %s", e)
	}
}

// url opens a window.
func (s *served) url(label string) string {
	s.Helper()
	url, err := s.Open(label)
	if err != nil {
		s.Fatal(err)
	}
	return url
}

// TestBrowser is a page of the app in Chromium.
func TestBrowser(t *testing.T) {
	b := browser(t)
	s := serve(t, nil)
	p := open(t, b, s.url("main"), false)
	p.want(`return await m.invoke("app.echo", { a: 1, b: new Uint8Array([1, 2]), c: [null, "x"] })`, `{"a":1,"b":{"0":1,"1":2},"c":[null,"x"]}`)
	p.want(`return (await m.invoke("app.echo", { b: new Uint8Array([1, 2]) })).b instanceof Uint8Array`, `true`)
	p.want(`const r = await m.invoke("app.bytes"); return [r instanceof ArrayBuffer, ...new Uint8Array(r)]`, `[true,0,1,255]`)
	p.want(`return [...new Uint8Array(await m.invoke("app.echo", new Uint8Array([7, 8])))]`, `[7,8]`)
	p.want(`return await m.invoke("plugin:app|echo", { a: 1 })`, `{"a":1}`)
	p.want(`return await m.windowLabel()`, `"main"`)
	p.want(`return [location.hash, document.cookie]`, `["",""]`)
	p.want(`const got = []; const c = new m.Channel((x, topic) => got.push(topic + x.n)); const r = await m.invoke("m.run", { on: c }); while (got.length < 3) await new Promise(f => setTimeout(f, 5)); return [r, got]`, `["done",["progress1","progress2","progress3"]]`)

	p.want(`const got = []; const r = await m.invoke("app.count", { to: 200, on: new m.Channel(x => got.push(x.n)) }); return [r, got.length, got.at(-1)]`, `[200,200,199]`)
	p.want(`const got = []; const stop = await m.listen("progress", e => got.push(e.event + e.payload.n)); await m.invoke("m.run"); for (let i = 0; got.length < 3 && i < 1000; i++) await new Promise(f => setTimeout(f, 5)); stop(); return got`, `["progress1","progress2","progress3"]`)

	// Events, and a connection that breaks.
	p.run(`window.heard = []; await m.listen("news", e => heard.push(e.payload)); await m.once("news", e => heard.push("once")); return 1`)
	for n := range 3 {
		if n == 1 && s.DropSockets() != 1 {
			t.Error("there is no socket to break")
		}
		if sent, err := s.Emit("main", "news", n); err != nil || sent != 1 {
			t.Errorf("emitted to %d, %v", sent, err)
		}
	}
	p.want(`for (let i = 0; heard.length < 4 && i < 1000; i++) await new Promise(f => setTimeout(f, 5)); return heard`, `[0,"once",1,2]`)

	// A call that the page gives up has ended.
	for len(s.waiting) > 0 { // from the calls before
		<-s.waiting
	}
	p.want(`const c = new AbortController(); setTimeout(() => c.abort(), 50); return await m.invoke("app.wait", {}, { signal: c.signal })`, `code: canceled`)
	for _, want := range []string{"begun", "ended"} {
		select {
		case got := <-s.waiting:
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("the call has not %s", want)
		}
	}
	// A reload is the same page; the address without a ticket, in a browser that does not
	// have the page, is nobody.
	if _, err := chromedp.Run(p.ctx, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	p.want(`return await m.invoke("app.echo", { a: 2 })`, `{"a":2}`)
	p.quiet()
	p.want(`return await m.invoke("app.who")`, `code: window-mismatch`)
	p.want(`return await m.invoke("app.fail")`, `code: host-error`)

	// A copy of the tab is a page of its own, and each hears what is for the window.
	token := p.run(`await m.listen("news", () => {}); return sessionStorage.getItem("ambit.token")`)
	twin := open(t, b, s.origin("main")+"/", false)
	twin.run(`sessionStorage.setItem("ambit.token", ` + token + `); return 1`)
	if _, err := chromedp.Run(twin.ctx, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	twin.want(`await m.listen("news", () => {}); return sessionStorage.getItem("ambit.token") === `+token, `false`)
	for _, one := range []*tab{p, twin} {
		one.run(`window.both = []; await m.listen("both", e => both.push(e.payload)); return 1`)
	}
	if _, err := s.Emit("main", "both", 1); err != nil {
		t.Error(err)
	}
	for _, one := range []*tab{p, twin} {
		one.want(`for (let i = 0; both.length < 1 && i < 1000; i++) await new Promise(f => setTimeout(f, 5)); return both`, `[1]`)
	}

	// Scripts and styles in the page's file run; what gets in later does not.
	inline := open(t, b, strings.Replace(s.url("main"), "/#", "/inline.html#", 1), true)
	inline.shows(`{"early":true}`)
	inline.want(`return getComputedStyle(document.querySelector("p")).color`, `"rgb(1, 2, 3)"`)
	inline.quiet()
	inline.want(`document.body.append(Object.assign(document.createElement("script"), { textContent: "window.injected = true" })); document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.injected = true'>"); await new Promise(f => setTimeout(f, 100)); return window.injected === undefined`, `true`)

	stranger := open(t, b, s.origin("main")+"/", true)
	stranger.want(`return await m.invoke("app.echo", {})`, `code: unauthorized`)
	stranger.want(`return (await fetch("/_ambit/invoke/app.echo", { method: "POST", body: "{}" })).status`, `401`)
}
