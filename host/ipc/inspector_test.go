package ipc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/ipc"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// openInspector opens it in a tab.
func (s *served) openInspector(t *testing.T, browser context.Context) *tab {
	t.Helper()
	url, err := s.OpenInspector()
	if err != nil {
		t.Fatal(err)
	}
	return open(t, browser, url, false)
}

// TestBrowserInspector: the operator sees decisions as they are made, with their
// reasons, and takes a grant back; nobody else sees any of it.
func TestBrowserInspector(t *testing.T) {
	b := browser(t)
	s := serve(t, func(c *ipc.Config) {
		c.Inspect, c.InspectRevoke = tap, true
		c.ContentSecurityPolicy = "default-src 'self'; style-src 'none'" // is the app's, not the inspector's
	})
	main := open(t, b, s.url("main"), false)
	main.want(`await m.invoke("app.echo", { secret: "canary" }); return 1`, `1`)
	p := s.openInspector(t, b)
	p.shows("app.echo")
	main.want(`return await m.invoke("app.who")`, `code: window-mismatch`)
	p.shows("window-mismatch")
	p.shows("to allow it")
	p.shows("is denied")
	main.want(`const c = new AbortController(); setTimeout(() => c.abort(), 50); return await m.invoke("app.wait", {}, { signal: c.signal })`, `code: canceled`)
	p.want(`for (let i = 0; i < 500; i++) { const row = [...document.querySelectorAll("#list li")].find(e => e.textContent.includes("app.wait")); if (row) return row.querySelector("strong").textContent + row.querySelector("summary").lastChild.textContent; await new Promise(f => setTimeout(f, 20)) }`, `"failedcanceled"`)
	p.want(`return document.body.textContent.includes("canary")`, `false`)
	p.want(`document.getElementById("of-outcome").value = "deny"; document.getElementById("of-outcome").oninput(); return [...document.querySelectorAll("#list code")].map(e => e.textContent)`, `["app.who"]`)
	p.want(`document.getElementById("of-caller").value = "side"; document.getElementById("of-caller").oninput(); return [document.querySelectorAll("#list li").length, document.getElementById("none").hidden, [...document.querySelectorAll("#windows option")].map(o => o.value)]`, `[0,false,["main","side","\"Has/Slash\""]]`)
	p.want(`document.getElementById("tab-matrix").click(); await new Promise(f => setTimeout(f, 200)); return document.getElementById("matrix").innerText.includes("app.who")`, `true`)
	p.want(`document.querySelector('[aria-label="app.who for main: window-mismatch"]').click(); return 1`, `1`)
	p.shows(`it is for window "side", not for window "main"`)
	p.want(`document.getElementById("tab-rules").click(); [...document.querySelectorAll("#graph button")].find(b => b.textContent === "app.who").click(); return [...document.querySelectorAll("#through li")].map(e => e.textContent.replace(/ capabilities.*/, ""))`,
		`["allow main at http://remote.localhost:* → remote → app:allow-who → app.who → no scope","allow side → side → app:allow-who → app.who → no scope"]`)
	p.want(`return [document.getElementById("through").textContent.includes("capabilities/main.toml:"), document.querySelectorAll("#graph path:not(.off)").length, document.querySelectorAll("#graph path").length > 10]`, `[true,6,true]`)
	p.want(`return [document.getElementById("modules").textContent.includes("Deadline"), document.getElementById("modules").textContent.includes("sha256 ")]`, `[true,true]`)

	ids, err := s.host.Live().GrantFile("later.toml", []byte("identifier = \"later\"\nwindows = [\"main\"]\npermissions = [\"app:allow-who\"]\n"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	main.want(`return await m.invoke("app.who")`, `"local main"`)
	p.run(`document.getElementById("tab-grants").click(); return 1`)
	p.shows(ids[0])
	p.want(`[...document.querySelectorAll("#grants button")][0].click(); return 1`, `1`)
	p.shows("Nothing was granted")
	main.want(`return await m.invoke("app.who")`, `code: window-mismatch`)
	p.quiet()

	// Not for others, and it invokes nothing.
	main.want(fmt.Sprintf(`return await fetch(%q, { method: "POST", body: "{}" }).then(r => r.status)`, s.origin("ambit-inspector")+"/_ambit/inspect"), `code: TypeError`)
	main.want(`return (await fetch("/_ambit/inspect", { method: "POST", body: "{}" })).status`, `404`)
	p.want(`const t = sessionStorage.getItem("ambit.token"); return (await fetch("/_ambit/invoke/app.echo", { method: "POST", body: "{}", headers: { Authorization: "Bearer " + t } })).status`, `404`)
	stranger := open(t, b, s.origin("ambit-inspector")+"/", true)
	stranger.want(`return (await fetch("/_ambit/inspect", { method: "POST", body: "{}" })).status`, `401`)
	if _, err := s.Open("ambit-inspector"); err == nil {
		t.Error("the inspector was opened as a window")
	}
}

// TestInspectorLooks: unless the operator says otherwise, the inspector changes nothing,
// and without a Tap there is none.
func TestInspectorLooks(t *testing.T) {
	s := serve(t, func(c *ipc.Config) { c.Inspect = tap })
	url, err := s.OpenInspector()
	if err != nil {
		t.Fatal(err)
	}
	_, ticket, _ := strings.Cut(url, "#ambit=")
	_, text := s.do("POST", "ambit-inspector", "/_ambit/token", s.origin("ambit-inspector"), "", ticket)
	var got struct{ Token string }
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err, text)
	}
	ids, err := s.host.Live().GrantFile("later.toml", []byte("identifier = \"later\"\nwindows = [\"main\"]\npermissions = [\"app:allow-who\"]\n"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	s.do("POST", "main", "/_ambit/invoke/echo", s.origin("main"), s.token("main"), "") // by its short name
	for ask, want := range map[string]string{
		`{"revoke": "` + ids[0] + `"}`: "may look only", `{"explain": {"caller": -1}}`: "no such caller", `{"explain": {"caller": 99, "command": "app.who"}}`: "no such caller", `{"explain": {"caller": 0, "command": "x"}}`: "unknown-module",
		`{"explain": {"caller": 0, "command": "app.who"}}`: "is allowed", `[`: "no request", ``: `"matrix"`, `{}`: `"command":"app.echo"`,
	} {
		if _, text := s.do("POST", "ambit-inspector", "/_ambit/inspect", s.origin("ambit-inspector"), got.Token, ask); !strings.Contains(text, want) {
			t.Errorf("%s: %s, want %s", ask, text, want)
		}
	}
	if len(s.host.Live().List()) != 1 {
		t.Error("it was revoked")
	}
	without := serve(t, nil)
	if _, err := without.OpenInspector(); err == nil {
		t.Error("it was opened")
	}
	if resp, _ := without.do("POST", "ambit-inspector", "/_ambit/inspect", without.origin("ambit-inspector"), got.Token, ""); resp.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("without a Tap: %d", resp.StatusCode)
	}
}

// contrast returns the texts of the page with too little contrast to what is behind them:
// WCAG 2.2, 1.4.3.
const contrast = `
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
	const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data] }
	const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0)
	const behind = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c } return rgb(getComputedStyle(document.querySelector("header")).backgroundColor) }
	const bad = [], seen = []
	for (const e of document.querySelectorAll("body *")) {
		if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility() || e.tagName === "OPTION") continue
		const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))]
		const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05)
		seen.push(ratio)
		if (ratio < 4.5) bad.push(e.tagName + " " + e.textContent.slice(0, 30) + " " + ratio.toFixed(1))
	}
	return [seen.length > 5, bad]`

// TestBrowserInspectorForAll: the inspector is readable in light and dark, fits a phone,
// and does all by keyboard.
func TestBrowserInspectorForAll(t *testing.T) {
	b := browser(t)
	s := serve(t, func(c *ipc.Config) { c.Inspect = tap })
	main := open(t, b, s.url("main"), false)
	main.want(`await m.invoke("app.echo", {}); return await m.invoke("app.who").catch(e => e.code)`, `"window-mismatch"`)
	main.run(`await fetch("/_ambit/token", { method: "POST", body: "x" }); return 1`)
	p := s.openInspector(t, b)
	p.shows("window-mismatch")
	keys := func(keys string) {
		t.Helper()
		if _, err := chromedp.Run(p.ctx, chromedp.KeyEvent(keys)); err != nil {
			t.Fatal(err)
		}
	}
	focus := func(want string) {
		t.Helper()
		p.want(`const e = document.activeElement; return e.id || e.getAttribute("aria-label") || e.textContent`, want)
	}

	// By keyboard alone.
	keys(kb.Tab)
	focus(`"tab-decisions"`)
	keys(kb.Tab)
	focus(`"of-caller"`)
	keys("main")
	keys(kb.Tab + kb.Tab + kb.Tab)
	p.want(`return document.activeElement.tagName`, `"SUMMARY"`)
	keys(kb.Enter)
	p.want(`return document.querySelector("details").open`, `true`)
	p.want(`document.getElementById("tab-decisions").focus(); return 1`, `1`)
	keys(kb.ArrowRight)
	focus(`"tab-matrix"`)
	keys(kb.Tab)
	focus(`"app.bytes for main: allowed"`)
	keys(kb.Enter)
	p.shows("app.bytes for window \"main\" (local) is allowed")
	p.want(`document.getElementById("tab-matrix").focus(); return 1`, `1`)
	keys(kb.ArrowRight)
	keys(kb.Tab)
	focus(`"of-rules"`)
	keys(kb.Tab)
	focus(`"main"`)
	keys(kb.ArrowRight)
	focus(`"main"`)
	keys(kb.ArrowDown + kb.ArrowDown)
	focus(`"side"`)
	keys(kb.Enter)
	p.want(`return [document.activeElement.getAttribute("aria-pressed"), document.getElementById("through").children.length]`, `["true",1]`)
	keys(kb.ArrowRight + kb.ArrowRight)
	focus(`"app.who"`)
	keys(kb.ArrowLeft + kb.ArrowLeft + kb.ArrowLeft)
	focus(`"side"`)
	p.want(`document.getElementById("tab-rules").focus(); return 1`, `1`)
	keys(kb.End)
	focus(`"tab-grants"`)
	keys(kb.Home)
	focus(`"tab-decisions"`)

	// On a phone, and in both schemes.
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			return cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		})
		if err == nil {
			_, err = chromedp.Run(p.ctx, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
		}
		if err != nil {
			t.Fatal(err)
		}
		p.want(`return matchMedia("(prefers-color-scheme: `+scheme+`)").matches`, `true`)
		for _, view := range []string{"decisions", "matrix", "rules", "modules", "grants"} {
			p.want(`document.getElementById("tab-`+view+`").click(); document.querySelectorAll("#`+view+` details").forEach(d => d.open = true); return [document.documentElement.scrollWidth, document.getElementById("`+view+`").checkVisibility()]`, `[360,true]`)
			p.want(contrast, `[true,[]]`)
		}
	}
	p.quiet()
}
