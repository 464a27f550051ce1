package ipc_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/ipc"
)

// TestBrowserApart: in Chromium, what is not the window's page gets nothing of it, by no
// way that a page has; and the operator sees each attempt, with its reason.
func TestBrowserApart(t *testing.T) {
	b := browser(t)
	evil := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		fmt.Fprint(rw, "<!doctype html><title>evil</title><body>")
	}))
	defer evil.Close()
	_, evilPort, _ := strings.Cut(strings.TrimPrefix(evil.URL, "http://"), ":")
	s := serve(t, func(c *ipc.Config) {
		c.Inspect = tap
		// An app that lets its pages embed anything, so that this is not what protects them.
		c.ContentSecurityPolicy = "default-src * data: blob: 'unsafe-inline'"
	}, evilPort)
	main, side := open(t, b, s.url("main"), false), open(t, b, s.url("side"), false)
	main.want(`await m.invoke("app.echo", {}); return 1`, `1`)
	side.want(`return await m.invoke("app.who")`, `"local side"`)
	side.want(`return await m.invoke("app.echo", {})`, `code: window-mismatch`)
	main.want(`return await m.invoke("app.who")`, `code: window-mismatch`)

	// From here on, no attempt may reach a command.
	token := strings.Trim(main.run(`return sessionStorage.getItem("ambit.token")`), `"`)
	if len(token) < 40 {
		t.Fatalf("the page's token is %q", token)
	}
	entered := s.host.Stats().Entered
	echo := s.origin("main") + "/_ambit/invoke/app.echo"
	steal := func(mode string) string {
		return fmt.Sprintf(`return await fetch(%q, { method: "POST", body: "{}", mode: %q, headers: %s }).then(r => r.type + r.status)`, echo, mode, map[string]string{
			"cors": `{ "Content-Type": "application/json", Authorization: "Bearer ` + token + `" }`, "no-cors": `{}`,
		}[mode])
	}
	// Another window: it sees nothing of the page, and has no use for its token.
	side.want(`return sessionStorage.length + localStorage.length - (sessionStorage.getItem("ambit.token") ? 1 : 0)`, `0`)
	side.want(steal("cors"), `code: TypeError`)
	side.want(fmt.Sprintf(`return (await fetch("/_ambit/invoke/app.echo", { method: "POST", body: "{}", headers: { "Content-Type": "application/json", Authorization: "Bearer %s" } })).status`, token), `401`)
	side.want(fmt.Sprintf(`return (await fetch("/_ambit/token", { method: "POST", headers: { "Content-Type": "application/json", Authorization: "Bearer %s" } })).status`, token), `403`)
	// A program that fetches the page, or a browser that was not given the ticket.
	stranger := open(t, b, s.origin("main")+"/", true)
	stranger.want(`return await m.invoke("app.echo", {})`, `code: unauthorized`)
	stranger.want(`return (await fetch("/_ambit/token", { method: "POST", body: "guess" })).status`, `403`)

	// A page from elsewhere, even with the token: by fetch, form, WebSocket and frame.
	foreign := open(t, b, "http://evil.localhost:"+evilPort+"/", false)
	foreign.want(steal("cors"), `code: TypeError`)
	foreign.want(steal("no-cors"), `code: TypeError`) // Cross-Origin-Resource-Policy
	socket := fmt.Sprintf(`return await new Promise(f => { const w = new WebSocket(%q); w.onopen = () => f("open"); w.onerror = () => f("error") })`, "ws://main.localhost:"+s.port+"/_ambit/socket")
	foreign.want(socket, `"error"`)
	main.want(strings.ReplaceAll(socket, "error", "lost"), `"open"`) // the control
	foreign.want(fmt.Sprintf(`return await new Promise(f => { const i = document.createElement("iframe"); i.src = %q; i.onload = () => { try { f("loaded " + i.contentWindow.document.title) } catch (e) { f(e.name) } }; document.body.append(i) })`, s.url("main")), `"SecurityError"`)
	foreign.want(fmt.Sprintf(`const f = document.createElement("form"); f.method = "POST"; f.enctype = "text/plain"; f.action = %q; f.innerHTML = '<input name="{&quot;a&quot;:1,&quot;x" value="&quot;:1}">'; const i = document.createElement("iframe"); i.name = "sink"; f.target = "sink"; const loaded = new Promise(r => i.addEventListener("load", r)); document.body.append(i, f); f.submit(); await loaded; await new Promise(r => setTimeout(r, 200)); try { return i.contentWindow.document.body.textContent } catch (e) { return e.name }`, echo), `"SecurityError"`)
	// A name of its own for the server's address: DNS rebinding.
	rebound := open(t, b, "http://rebound.test:"+s.port+"/", false)
	rebound.want(`return document.body.textContent.trim()`, `"Misdirected Request"`)
	rebound.want(fmt.Sprintf(`return (await fetch("/_ambit/invoke/app.echo", { method: "POST", body: "{}", headers: { "Content-Type": "application/json", Authorization: "Bearer %s" } })).status`, token), `421`)

	// Frames in the page itself: of another site, of data:, and sandboxed ones have
	// nothing of it, though they run scripts in it.
	script := fmt.Sprintf(`(async () => {
		const out = []
		const tries = [() => parent.sessionStorage.length, () => sessionStorage.length, () => parent.document.title, () => fetch(%[1]q, { method: "POST", body: "{}", headers: { "Content-Type": "application/json", Authorization: "Bearer %[2]s" } }), () => import(%[3]q).then(m => m.invoke("app.echo")),
			() => new Promise((f, no) => { const w = new WebSocket(%[4]q); w.onopen = f; w.onerror = () => no({ name: "closed" }) })]
		for (const t of tries) try { await t(); out.push("got it") } catch (e) { out.push(e.code === 18 ? "SecurityError" : e.name) }
		parent.postMessage(out.join(" "), "*")
	})()`, echo, token, s.origin("main")+"/_ambit/ambit.js", "ws://main.localhost:"+s.port+"/_ambit/socket")
	frame := func(set string) string {
		return fmt.Sprintf("const code = %q; ", script) + `const i = document.createElement("iframe"); const got = new Promise(f => addEventListener("message", e => f(e.data), { once: true })); ` + set + `; document.body.append(i); return await got`
	}
	nothing := `"SecurityError SecurityError SecurityError TypeError TypeError closed"`
	main.want(frame(`i.src = "data:text/html," + encodeURIComponent("<script>" + code + "</scr" + "ipt>")`), nothing)
	main.want(frame(`i.sandbox = "allow-scripts"; i.srcdoc = "<script>" + code + "</scr" + "ipt>"`), nothing)
	// The control: what the page makes without a sandbox is the page.
	main.want(frame(`i.srcdoc = "<script>" + code + "</scr" + "ipt>"`), `"got it got it got it got it got it got it"`)
	entered += 2
	main.want(`return await new Promise(f => { const i = document.createElement("iframe"); i.src = "/"; i.onload = () => { try { f(i.contentDocument) } catch (e) { f(e.name) } }; document.body.append(i) })`, `null`)
	if got := s.host.Stats().Entered; got != entered {
		t.Errorf("%d commands were entered, want %d", got, entered)
	}

	// The remote page that main names is itself, and may call its one command.
	remote := open(t, b, "http://remote.localhost:"+evilPort+"/", false)
	ticket, err := s.OpenRemote("main")
	if err != nil {
		t.Fatal(err)
	}
	client := fmt.Sprintf(`const m2 = await import(%q); `, s.origin("main")+"/_ambit/ambit.js")
	remote.want(client+fmt.Sprintf(`await m2.connect(%q, %q); return await m2.invoke("app.who")`, s.origin("main"), ticket), fmt.Sprintf(`"http://remote.localhost:%s/ main"`, evilPort))
	remote.want(client+`return await m2.invoke("app.echo", {})`, `code: denied`)
	remote.want(client+`return await m2.invoke("m.run", {})`, `code: denied`)
	remote.want(fmt.Sprintf(`return (await fetch(%q, { method: "POST", body: "{}" })).status`, s.origin("side")+"/_ambit/invoke/app.who"), `code: TypeError`)
	main.run(`await m.listen("news", e => window.news = e.payload); return 1`)
	remote.run(client + `await m2.listen("news", e => window.news = e.payload); return 1`)
	if n, err := s.Emit("main", "news", 1); err != nil || n != 1 {
		t.Errorf("emitted to %d, %v, want the page, not the remote one", n, err)
	}
	main.want(`for (let i = 0; !window.news && i < 1000; i++) await new Promise(f => setTimeout(f, 5)); return news`, `1`)
	remote.want(`return window.news ?? "nothing"`, `"nothing"`)

	// All of this is what the operator saw.
	url, err := s.OpenInspector()
	if err != nil {
		t.Fatal(err)
	}
	inspector := open(t, b, url, false)
	for _, want := range []string{
		"app.echo for window \"side\" (local) is denied: window-mismatch",
		fmt.Sprintf("app.echo for window \"main\" (http://remote.localhost:%s/) is denied: origin-mismatch", evilPort),
		"the page has no token", "the page's ticket is not good",
		"it comes from a page of another origin, which is not the window's remote one", "from the page http://evil.localhost:" + evilPort,
		"it comes from a page without an origin: a sandboxed frame, a data: URL or a file", "from the page null",
		"no window has this host name: a wrong address, or DNS rebinding", "POST rebound.test:" + s.port + "/_ambit/invoke/app.echo",
		"it is for a frame in a page",
	} {
		inspector.shows(want)
	}
	inspector.quiet()
}
