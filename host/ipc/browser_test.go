package ipc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/ipc"
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
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.UserDataDir(t.TempDir()))
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

// quiet asserts that the page has complained of nothing.
func (p *tab) quiet() {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.errors {
		if !strings.Contains(e, "favicon.ico") {
			p.Errorf("the console says: %s", e)
		}
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

	stranger := open(t, b, s.origin("main")+"/", true)
	stranger.want(`return await m.invoke("app.echo", {})`, `code: unauthorized`)
	stranger.want(`return (await fetch("/_ambit/invoke/app.echo", { method: "POST", body: "{}" })).status`, `401`)
}

// TestBrowserApart: what is not the window's page gets nothing of it.
func TestBrowserApart(t *testing.T) {
	b := browser(t)
	evil := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, "<!doctype html><title>evil</title><body>")
	}))
	defer evil.Close()
	_, evilPort, _ := strings.Cut(strings.TrimPrefix(evil.URL, "http://"), ":")
	s := serve(t, nil, evilPort)
	main, side := open(t, b, s.url("main"), false), open(t, b, s.url("side"), false)
	main.want(`await m.invoke("app.echo", {}); return 1`, `1`)
	side.want(`return await m.invoke("app.who")`, `"local side"`)
	side.want(`return await m.invoke("app.echo", {})`, `code: window-mismatch`)

	token := main.run(`return JSON.parse(sessionStorage.getItem("ambit.token")).token`)
	var text string
	if json.Unmarshal([]byte(token), &text) != nil || len(text) < 40 {
		t.Fatalf("the page's token is %s", token)
	}
	side.want(`return sessionStorage.length + localStorage.length - (sessionStorage.getItem("ambit.token") ? 1 : 0)`, `0`)
	steal := fmt.Sprintf(`return await fetch(%q, { method: "POST", body: "{}", headers: { Authorization: "Bearer %s" } }).then(r => r.text())`, s.origin("main")+"/_ambit/invoke/app.echo", text)
	side.want(steal, `code: TypeError`)

	// A page from elsewhere, even with the token: by fetch, form, WebSocket and frame.
	foreign := open(t, b, "http://evil.localhost:"+evilPort+"/", false)
	foreign.want(steal, `code: TypeError`)
	foreign.want(fmt.Sprintf(`return await new Promise(f => { const w = new WebSocket(%q); w.onopen = () => f("open"); w.onerror = () => f("error") })`, "ws://main.localhost:"+s.port+"/_ambit/socket"), `"error"`)
	foreign.want(fmt.Sprintf(`return await new Promise(f => { const i = document.createElement("iframe"); i.src = %q; i.onload = () => { try { f("loaded " + i.contentWindow.document.title) } catch (e) { f(e.name) } }; document.body.append(i) })`, s.url("main")), `"SecurityError"`)
	foreign.want(fmt.Sprintf(`const f = document.createElement("form"); f.method = "POST"; f.enctype = "text/plain"; f.action = %q; f.innerHTML = '<input name="{&quot;a&quot;:1,&quot;x" value="&quot;:1}">'; const i = document.createElement("iframe"); i.name = "sink"; f.target = "sink"; document.body.append(i, f); f.submit(); await new Promise(r => setTimeout(r, 300)); try { return i.contentWindow.document.body.textContent } catch (e) { return e.name }`, s.origin("main")+"/_ambit/invoke/app.echo"), `"SecurityError"`)
	// Frames of a page of its own making have no origin, or none that is served.
	main.want(`return await new Promise(f => { const i = document.createElement("iframe"); i.sandbox = "allow-scripts"; i.srcdoc = "x"; i.onload = () => f(i.contentDocument === null); document.body.append(i) })`, `true`)
	main.want(`const r = await fetch(location.origin + "/", { headers: {} }); return r.headers.get("content-security-policy").includes("frame-ancestors 'none'")`, `true`)

	// The remote page that main names is itself.
	remote := open(t, b, "http://remote.localhost:"+evilPort+"/", false)
	ticket, err := s.OpenRemote("main")
	if err != nil {
		t.Fatal(err)
	}
	client := fmt.Sprintf(`const m2 = await import(%q); `, s.origin("main")+"/_ambit/ambit.js")
	remote.want(client+fmt.Sprintf(`await m2.connect(%q, %q); return await m2.invoke("app.who")`, s.origin("main"), ticket), fmt.Sprintf(`"http://remote.localhost:%s/ main"`, evilPort))
	remote.want(client+`return await m2.invoke("app.echo", {})`, `code: denied`)
	remote.want(fmt.Sprintf(`return (await fetch(%q, { method: "POST", body: "{}" })).status`, s.origin("side")+"/_ambit/invoke/app.who"), `code: TypeError`)
}

// TestBrowserInspector: the operator sees decisions as they are made, with their
// reasons, and takes a grant back; nobody else sees any of it.
func TestBrowserInspector(t *testing.T) {
	b := browser(t)
	s := serve(t, func(c *ipc.Config) { c.Inspect, c.InspectRevoke = tap, true })
	url, err := s.OpenInspector()
	if err != nil {
		t.Fatal(err)
	}
	main := open(t, b, s.url("main"), false)
	main.want(`await m.invoke("app.echo", { secret: "canary" }); return 1`, `1`)
	p := open(t, b, url, false)
	shows := func(text string) {
		t.Helper()
		p.want(fmt.Sprintf(`for (let i = 0; i < 1500; i++) { if (document.body.textContent.includes(%q)) return true; await new Promise(f => setTimeout(f, 10)) } return document.body.textContent`, text), `true`)
	}
	shows("app.echo")
	main.want(`return await m.invoke("app.who")`, `code: window-mismatch`)
	shows("window-mismatch")
	shows("to allow it")
	shows("is denied")
	p.want(`return document.body.textContent.includes("canary")`, `false`)
	p.want(`document.getElementById("of-outcome").value = "deny"; document.getElementById("of-outcome").oninput(); return [...document.querySelectorAll("#list code")].map(e => e.textContent)`, `["app.who"]`)
	p.want(`document.getElementById("tab-matrix").focus(); document.getElementById("tab-matrix").click(); await new Promise(f => setTimeout(f, 200)); return document.getElementById("matrix").innerText.includes("app.who")`, `true`)
	p.want(`return document.getElementById("rules").textContent.includes("capabilities/main.toml:")`, `true`)
	p.want(`return document.getElementById("modules").textContent.includes("Deadline")`, `true`)

	ids, err := s.host.Live().GrantFile("later.toml", []byte("identifier = \"later\"\nwindows = [\"main\"]\npermissions = [\"app:allow-who\"]\n"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	main.want(`return await m.invoke("app.who")`, `"local main"`)
	p.run(`document.getElementById("tab-grants").click(); return 1`)
	shows(ids[0])
	p.want(`[...document.querySelectorAll("#grants button")][0].click(); return 1`, `1`)
	shows("Nothing was granted")
	main.want(`return await m.invoke("app.who")`, `code: window-mismatch`)
	p.quiet()

	// Not for others, and it invokes nothing.
	main.want(fmt.Sprintf(`return await fetch(%q, { method: "POST", body: "{}" }).then(r => r.status)`, s.origin("ambit-inspector")+"/_ambit/inspect"), `code: TypeError`)
	main.want(`return (await fetch("/_ambit/inspect", { method: "POST", body: "{}" })).status`, `404`)
	p.want(`const t = JSON.parse(sessionStorage.getItem("ambit.token")).token; return (await fetch("/_ambit/invoke/app.echo", { method: "POST", body: "{}", headers: { Authorization: "Bearer " + t } })).status`, `404`)
	stranger := open(t, b, s.origin("ambit-inspector")+"/", true)
	stranger.want(`return (await fetch("/_ambit/inspect", { method: "POST", body: "{}" })).status`, `401`)
	if _, err := s.Open("ambit-inspector"); err == nil {
		t.Error("the inspector was opened as a window")
	}
}
