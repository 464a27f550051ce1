package hosttest

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// callers are pages and modules that nobody of the app knows: what they may call of
// the app's own modules, and which of them pass for one that is known.
func callers() (all []Case) {
	for name, page := range map[string]string{
		"below": "https://app.example.com.evil.com/", "above": "https://evil.app.example.com/", "prefix": "https://evilapp.example.com/", "another port": "https://app.example.com:444/", "another scheme": "http://app.example.com/", "user": "https://app.example.com@evil.com/", "dot at the end": "https://app.example.com./",
		"Cyrillic": "https://аpp.example.com/", "punycode": "https://xn--pp-7kc.example.com/", "path": "https://evil.com/app.example.com/", "query": "https://evil.com/?https://app.example.com/", "fragment": "https://evil.com/#https://app.example.com/", "data": "data:text/html,https://app.example.com/", "blob": "blob:https://app.example.com/x",
		"file": "file://app.example.com/", "null": "null", "about": "about:blank", "javascript": "javascript://app.example.com/", "local by name": "local", "tauri": "tauri://localhost/", "asset": "asset://localhost/", "loopback": "http://127.0.0.1/", "ambit": "ambit://app.example.com/", "no host": "https:///", "two hosts": "https://app.example.com,evil.com/", "percent": "https://app%2eexample.com.evil.com/", "module": "module:" + neighbour,
	} {
		all = append(all, Case{
			Name: "135/" + name, Tries: "pass for a page that is known", Expect: []authority.Code{authority.CodeDenied, authority.CodeOriginMismatch},
			attack: func(a *attack) {
				a.load(attacker, wasmtest.Echo(plainManifest))
				a.capability("windows = [\"" + window + "\"]\nlocal = false\nremote = { urls = [\"https://app.example.com\"] }\npermissions = [\"" + attacker + ":allow-run\"]")
				a.denied(authority.Caller{Origin: authority.RemoteOrigin(page), Window: window}, attacker+".run")
				_, err := a.invoke(authority.Caller{Origin: authority.RemoteOrigin("https://APP.example.com:443/x?y#z"), Window: window}, attacker+".run", nil) // control
				a.works(err)
			},
		})
	}
	slices.SortFunc(all, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	for _, s := range []struct {
		name string
		who  authority.Caller
	}{
		{"a page from elsewhere", authority.Caller{Origin: authority.RemoteOrigin("https://stranger.invalid/"), Window: "main", Webview: "main"}},
		{"a page without an origin", authority.Caller{Origin: authority.RemoteOrigin("null"), Window: "main", Webview: "main"}},
		{"a module that nobody knows", authority.Caller{Origin: authority.ModuleOrigin(attacker), Chain: []authority.Caller{{Origin: authority.RemoteOrigin("https://stranger.invalid/"), Window: "main"}}}},
		{"nobody", authority.Caller{Window: "main", Webview: "main"}},
	} {
		all = append(all, Case{
			Name: "134/" + s.name, Tries: "call each command of the app as a stranger", attack: func(a *attack) { a.strange(s.who) },
		})
	}
	return all
}

// strange asks the authority about each command of the app, for a caller that no
// capability should name.
func (a *attack) strange(who authority.Caller) {
	live := a.host.Live()
	for _, m := range live.Authority().Manifests() {
		if strings.HasPrefix(m.Name, attacker) {
			continue
		}
		for _, c := range m.Commands {
			if d := live.Decide(who, m.Name+"."+c.Name); d.Allowed() {
				a.breachf("%s may call %s.%s: %s", text(who), m.Name, c.Name, strings.Join(strings.Fields(d.Explain()), " "))
			}
		}
	}
	a.happens("asked for all commands of the app")
	a.load(attacker, wasmtest.Echo(plainManifest)) // control
	a.capability("windows = [\"" + window + "\"]\npermissions = [\"" + attacker + ":allow-run\"]")
	if !live.Decide(host.Window(window), attacker+".run").Allowed() {
		a.breachf("control: a window that is named is denied")
	}
}
