package hosttest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// policies are attacks on the authority: callers who are not who they seem, names
// that are not what they seem, policies that change, and policies that are wrong.
func policies() []Case {
	denials := []authority.Code{
		authority.CodeUnknownModule, authority.CodeUnknownCommand, authority.CodeNotGranted, authority.CodeOriginMismatch,
		authority.CodeWindowMismatch, authority.CodeDenied, authority.CodeModuleInvalid,
	}
	return slices.Concat(commandNames(denials), scopeless(), patterns(), wrongPolicies(), []Case{
		{Name: "086/granted to nobody", Tries: "call a command that no capability names", Expect: []authority.Code{authority.CodeNotGranted}, attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(wasmtest.Manifest(attacker, "run", "other")))
			a.allow()
			a.denied(caller, attacker+".other")
			_, err := a.invoke(caller, attacker+".run", nil) // control
			a.works(err)
		}},
		{Name: "086/granted to another window", Tries: "call from a window that is not named", Expect: []authority.Code{authority.CodeWindowMismatch}, attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(plainManifest))
			a.allow()
			for _, w := range []string{window + "x", "x" + window, window + " ", strings.ToUpper(window), window[:len(window)-1], window + "\x00", window + "/", "*", "?", "**", "[a-z]", window + "," + window} {
				a.denied(host.Window(w), attacker+".run")
			}
		}},
		{Name: "087/allow and deny", Tries: "be allowed by one capability and denied by another, in both orders", Expect: []authority.Code{authority.CodeDeniedByRule}, attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(plainManifest))
			allow := "windows = [\"" + window + "\"]\npermissions = [\"" + attacker + ":allow-run\"]"
			deny := "windows = [\"" + window + "\"]\npermissions = [\"" + attacker + ":deny-run\"]"
			first := a.capability(allow)
			_, err := a.invoke(caller, attacker+".run", nil) // control
			a.works(err)
			a.capability(deny)
			a.denied(caller, attacker+".run")
			a.host.Live().Revoke(first)
			a.capability(allow)
			a.denied(caller, attacker+".run")
		}},
		{Name: "088/local and remote", Tries: "have a deny for a remote page bind the app, or the reverse", Expect: []authority.Code{authority.CodeDenied, authority.CodeOriginMismatch, authority.CodeDeniedByRule}, attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(plainManifest))
			a.capability("windows = [\"" + window + "\"]\nremote = { urls = [\"https://*.example.com\"] }\npermissions = [\"" + attacker + ":allow-run\"]")
			a.capability("windows = [\"" + window + "\"]\nlocal = false\nremote = { urls = [\"https://bad.example.com\"] }\npermissions = [\"" + attacker + ":deny-run\"]")
			page := func(url string) authority.Caller {
				return authority.Caller{Origin: authority.RemoteOrigin(url), Window: window}
			}
			for _, who := range []authority.Caller{caller, page("https://good.example.com/")} {
				_, err := a.invoke(who, attacker+".run", nil)
				a.works(err)
			}
			a.denied(page("https://bad.example.com/"), attacker+".run")
			a.denied(page("https://elsewhere.example/"), attacker+".run")
		}},
		{Name: "095/revoked while it loops", Tries: "run on after its permission was withdrawn", Child: true, Expect: []authority.Code{authority.CodeRevoked}, attack: revoked(guest(code{}.Loop(nil).I32(0)))},
		{Name: "095/revoked while it calls the host", Tries: "run on after its permission was withdrawn", Child: true, Expect: []authority.Code{authority.CodeRevoked}, attack: revoked(
			guest(code{}.Loop(code{}.I32(0).Call(wasmtest.Request)).I32(0)))},
		{Name: "095/revoked while it sleeps", Tries: "sleep until after its permission was withdrawn", Child: true, Expect: []authority.Code{authority.CodeRevoked}, attack: revoked(
			script(manifestOf(attacker, "5s"), subscription(0, 4e9, false), wasiStep("poll_oneoff", scriptData, outAt, 1, outAt+256)))},
		{Name: "095/granted and revoked in turns", Tries: "call while a permission comes and goes, until it counts after it is gone", Child: true,
			Expect: []authority.Code{authority.CodeRevoked, authority.CodeNotGranted, authority.CodeWindowMismatch}, attack: revokedInTurns},
		{Name: "096/a deputy's command", Tries: "have a privileged module call what the caller may not", Expect: []authority.Code{"denied", "scope-empty", "scope-mismatch"}, attack: deputy},
		{Name: "096/what the deputy's scope does not name", Tries: "have a module call a command that it is allowed, but was not lent", Expect: []authority.Code{"scope-mismatch"}, attack: func(a *attack) {
			a.load(accessory, wasmtest.Echo(wasmtest.Manifest(accessory, "run")))
			a.load(attacker, relay(attacker, accessory+".run"))
			a.capability("local = false\nmodules = [\"" + attacker + "\"]\npermissions = [\"" + accessory + ":allow-run\"]")
			a.allow(entry("invoke", neighbour+".*"))
			a.honest = true
			a.chained(a.try())
		}},
		{Name: "097/files to the net", Tries: "be granted to read files and to send requests, and have nobody notice", attack: func(a *attack) {
			dir := a.app(map[string]string{
				"ambit.toml": "[dirs]\nX = \"d\"\n[[module]]\nname = \"hosttest\"\n", "d/f": "text",
				"capabilities/a.toml": "identifier = \"a\"\nwindows = [\"" + window + "\"]\npermissions = [{ identifier = \"hosttest:allow-run\", allow = [{ path = \"$X/**\" }, { url = \"https://example.com/*\" }] }]\n",
			}, wasmtest.Echo(manifestOf(attacker, "1s", "fs.read", "http")))
			a.must(a.openApp(dir, func(h *host.Host) {
				if !slices.ContainsFunc(h.Live().Authority().Lint(authority.LintOptions{}), func(f authority.Finding) bool { return f.Code == "exfiltration" }) {
					a.breachf("lint does not say that what can read files can send them")
				}
				a.happens("lint: exfiltration")
			}))
		}},
		{Name: "098/a caller in the arguments", Tries: "say in the arguments who calls", Expect: []authority.Code{authority.CodeWindowMismatch}, attack: forgedCaller},
		{Name: "099/a module of another name", Tries: "be loaded in place of another module", Expect: []authority.Code{authority.CodeModuleInvalid}, attack: func(a *attack) {
			a.refused(wasmtest.Echo(wasmtest.Manifest(neighbour, "run")), "its manifest is of a module")
		}},
		{Name: "099/two commands of a name", Tries: "have a command twice", Expect: []authority.Code{authority.CodeModuleInvalid}, attack: func(a *attack) {
			a.refused(wasmtest.Echo(wasmtest.Manifest(attacker, "run", "run")), "")
		}},
		{Name: "105/a long and wrong text", Tries: "have its name and description print as something else", Expect: []authority.Code{authority.CodeModuleInvalid}, attack: func(a *attack) {
			for _, name := range []string{"a\x1b[1m", "fs\u202e", "ƒs", "g00gle ", "../x", strings.Repeat("n", 1000)} {
				err := a.host.Load(a.ctx, attacker, wasmtest.Echo(strings.Replace(plainManifest, `"`+attacker+`"`, fmt.Sprintf("%q", name), 1)))
				a.refusal(err, "")
			}
		}},
		{Name: "107/a time that has passed", Tries: "use a permission that has expired", Expect: []authority.Code{authority.CodeExpired, authority.CodeNotGranted}, attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(plainManifest))
			ids, err := a.host.Live().GrantFile("hosttest.toml", []byte("identifier = \"hosttest-late\"\nwindows = [\""+window+"\"]\npermissions = [\""+attacker+":allow-run\"]\n"), time.Now().Add(50*time.Millisecond))
			a.must(err)
			a.grants = append(a.grants, ids...)
			_, err = a.invoke(caller, attacker+".run", nil) // control
			a.works(err)
			time.Sleep(60 * time.Millisecond)
			a.denied(caller, attacker+".run")
		}},
		{Name: "107/expires while it runs", Tries: "run on after its permission has expired", Child: true, Expect: []authority.Code{authority.CodeRevoked}, attack: func(a *attack) {
			a.load(attacker, wasmtest.NewGuest().Invoke(begin.Loop(nil).I32(0)).Manifest(manifestOf(attacker, "5s")).Bytes())
			ids, err := a.host.Live().GrantFile("hosttest.toml", []byte("identifier = \"hosttest-late\"\nwindows = [\""+window+"\"]\npermissions = [\""+attacker+":allow-run\"]\n"), time.Now().Add(50*time.Millisecond))
			a.must(err)
			a.grants = append(a.grants, ids...)
			_, err = a.try()
			a.ends(err)
		}},
		{Name: "107/a time that cannot be", Tries: "expire in a text that is no time", attack: policyRefused(`expires = "soon"`, `expires = "2026-02-30T00:00:00Z"`, `expires = "9999999999"`, `expires = 1`, `expires = ""`)},
		{Name: "108/callers that look alike together", Tries: "find the state that is kept for another caller whose labels make the same text", attack: lookAlikes},
		{Name: "109/names of everybody", Tries: "call as everybody, as nobody, or as the system", Expect: denials, attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(plainManifest))
			a.allow()
			for _, who := range []authority.Caller{
				{}, {Window: window}, {Origin: authority.RemoteOrigin("local"), Window: window}, {Origin: authority.RemoteOrigin(""), Window: window}, {Origin: authority.RemoteOrigin("module:" + neighbour), Window: window},
				{Origin: authority.ModuleOrigin("*"), Window: window}, {Origin: authority.ModuleOrigin(""), Window: window}, {Origin: authority.ModuleOrigin("system")}, {Origin: authority.LocalOrigin(), Window: "*"}, {Origin: authority.LocalOrigin()},
				{Origin: authority.LocalOrigin(), Webview: window}, {Origin: authority.RemoteOrigin("null"), Window: window}, {Origin: authority.RemoteOrigin("about:blank"), Window: window},
			} {
				a.denied(who, attacker+".run")
			}
		}},
		{Name: "110/odd texts", Tries: "have the authority fail over odd texts, and allow", Expect: append(denials, authority.CodeTooLarge), attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(plainManifest))
			a.allow()
			odd := []string{"\xff\xfe", "\x00", "\ufeff" + window, "a\u0308", strings.Repeat("é", 500), strings.Repeat("x", 1<<20), "\u202e" + window, "𝓱osttest", "\U0010ffff", strings.Repeat("[", 200), strings.Repeat("*", 200), "%00", "${window}", "\\*"}
			for _, text := range odd {
				for _, who := range []authority.Caller{host.Window(text), {Origin: authority.RemoteOrigin(text), Window: window}, {Origin: authority.ModuleOrigin(text)}, {Origin: authority.LocalOrigin(), Webview: text}} {
					_, err := a.host.Invoke(a.ctx, who, attacker+".run", nil)
					a.codes = append(a.codes, codeOf(err))
					a.ends(err)
				}
			}
		}},
	})
}

// commandNames are names that look like one that may be called.
func commandNames(denials []authority.Code) (all []Case) {
	run := attacker + ".run"
	for name, command := range map[string]string{
		"upper case": attacker + ".Run", "space after": run + " ", "space before": " " + run, "Cyrillic": attacker + ".r\u0075\u0301n", "homoglyph": "hоsttest.run",
		"of Tauri": "plugin:" + attacker + "|run", "colon": attacker + ":run", "bar": attacker + "|run", "NUL": run + "\x00", "NUL and more": run + "\x00.x", "up": "../" + run, "up inside": attacker + "/../" + neighbour + ".run",
		"1 MiB": strings.Repeat("a", 1<<20), "empty": "", "dot": ".", "no module": ".run", "no command": attacker + ".", "two dots": attacker + "..run", "three parts": run + ".run", "pattern": attacker + ".*", "all": "*", "underscore": attacker + ".r_un",
		"percent": attacker + "%2erun", "newline": run + "\n", "full width": "ｈosttest.run", "byte order mark": "\ufeff" + run, "escape": "hosttest.\\u0072un", "initialiser": attacker + "._initialize", "entry": attacker + ".ambit_invoke",
	} {
		all = append(all, Case{
			Name: "085/" + name, Tries: "call a command by a name that looks like one that may be called", Expect: denials,
			attack: func(a *attack) {
				a.load(attacker, wasmtest.Echo(plainManifest))
				a.allow()
				a.denied(caller, command)
				_, err := a.invoke(caller, run, nil) // control
				a.works(err)
			},
		})
	}
	slices.SortFunc(all, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// scopeless are powers that a command declares and uses, granted without a scope for
// them: nothing is lent.
func scopeless() (all []Case) {
	for name, u := range map[string]use{
		"env": {"ambit_env", "get", map[string]any{"var": "HOSTTEST_CANARY"}}, "http": {"ambit_http", "fetch", map[string]any{"method": "GET", "url": "http://127.0.0.1:1/"}},
		"exec": {"ambit_exec", "start", map[string]any{"program": "true"}}, "kv.read": {"ambit_kv", "get", map[string]any{"key": "k"}}, "kv.read list": {"ambit_kv", "list", map[string]any{"prefix": ""}},
		"kv.write": {"ambit_kv", "set", map[string]any{"key": "k", "value": []byte("v")}}, "kv.write delete": {"ambit_kv", "delete", map[string]any{"key": "k"}},
		"invoke": {"ambit_call", "invoke", map[string]any{"command": neighbour + ".run"}}, "emit": {"ambit_emit", "emit", map[string]any{"topic": "t"}},
	} {
		power, _, _ := strings.Cut(name, " ")
		for scope, entries := range map[string][]string{"no scope": nil, "a scope of another power": {entry("path", "$MODULE/**")}, "a scope of its own": {entry("own", "x")}} {
			all = append(all, Case{
				Name: "089/" + name + ", " + scope, Tries: "use a power that was granted without a scope", Expect: []authority.Code{"scope-empty"},
				attack: func(a *attack) {
					a.load(attacker, user(manifestOf(attacker, "1s", power, "fs.read"), u))
					a.allow(entries...)
					a.honest = true
					got, err := a.try()
					if err != nil {
						a.ends(err)
						return
					}
					codes, _ := outcomes(got)
					a.happens(strings.Join(codes, " "))
					if !slices.Equal(codes, []string{"scope-empty"}) {
						a.breachf("it was answered %q", codes)
					}
				},
			})
		}
	}
	slices.SortFunc(all, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// patterns are scope entries, with what they must not lend. Keys stand for all names.
func patterns() (all []Case) {
	for _, p := range []struct {
		name, pattern string
		in, out       []string
	}{
		{"star", "a/*", []string{"a/b", "a/.b"}, []string{"a", "ab", "/a/b", "A/b", "a\x00/b"}},
		{"question mark", "a?", []string{"ab"}, []string{"a", "abc", "A?"}},
		{"class", "[a-c]", []string{"b"}, []string{"d", "[a-c]", "B", ""}},
		{"braces are themselves", "{a,b}", nil, []string{"a", "b"}},
		{"a star of many", strings.Repeat("*a", 40), nil, []string{strings.Repeat("a", 39) + "b"}},
		{"case", "Key", []string{"Key"}, []string{"key", "KEY"}},
		{"normal form", "\u00e4", []string{"\u00e4"}, []string{"a\u0308"}},
	} {
		all = append(all, Case{
			Name: "092/" + p.name, Tries: "reach more than a pattern says", Expect: []authority.Code{"scope-mismatch", "bad-args"},
			attack: func(a *attack) {
				var uses []use
				for _, key := range slices.Concat(p.in, p.out) {
					uses = append(uses, use{"ambit_kv", "get", map[string]any{"key": key}})
				}
				a.load(attacker, user(manifestOf(attacker, "1s", "kv.read"), uses...))
				if _, err := a.grant("identifier = \"hosttest-p\"\nwindows = [\"" + window + "\"]\npermissions = [{ identifier = \"" + attacker + ":allow-run\", allow = [" + entry("key", p.pattern) + "] }]\n"); err != nil {
					a.happens("refused as policy")
					return
				}
				for _, g := range a.host.Live().List() {
					if g.Capability.Identifier == "hosttest-p" {
						a.grants = append(a.grants, g.ID)
					}
				}
				a.honest = true
				got, err := a.try()
				a.works(err)
				codes, _ := outcomes(got)
				for i, c := range codes {
					key := slices.Concat(p.in, p.out)[i]
					switch {
					case i < len(p.in) && c != "":
						a.breachf("control: %q does not match %q: %s", key, p.pattern, c)
					case i >= len(p.in) && !slices.Contains(a.kase.Expect, authority.Code(c)):
						a.breachf("%q matches %q", key, p.pattern)
					}
				}
			},
		})
	}
	all = append(all, Case{
		Name: "093/a pattern bomb", Tries: "grant patterns that take exponential time", Child: true,
		attack: func(a *attack) {
			bomb := strings.Repeat("*a", 400) + "b"
			var uses []use
			for range 50 {
				uses = append(uses, use{"ambit_kv", "get", map[string]any{"key": strings.Repeat("a", 1000)}})
			}
			a.load(attacker, user(manifestOf(attacker, "1s", "kv.read"), uses...))
			a.allow(entry("key", bomb))
			a.honest = true
			got, err := a.try()
			if err != nil && codeOf(err) != authority.CodeDeadline {
				a.breachf("it ended with %v", err)
			}
			if codes, _ := outcomes(got); slices.Contains(codes, "") {
				a.breachf("it matched")
			}
			a.happens(string(codeOf(err)))
		},
	})
	return all
}

// revoked withdraws the permission of a call that runs.
func revoked(bin []byte) func(*attack) {
	return func(a *attack) {
		long, err := host.SetManifest(bin, authority.Manifest{Name: attacker, Version: "1.0.0", ABI: 1, Commands: []authority.Command{{Name: "run", Timeout: 5000}}})
		a.must(err)
		a.load(attacker, long)
		id := a.capability("windows = [\"" + window + "\"]\npermissions = [\"" + attacker + ":allow-run\"]")
		timer := time.AfterFunc(50*time.Millisecond, func() { a.host.Live().Revoke(id) })
		defer timer.Stop()
		begun := time.Now()
		_, err = a.try()
		a.ends(err)
		if took := time.Since(begun) - 50*time.Millisecond; took > 100*time.Millisecond {
			a.late = append(a.late, fmt.Sprintf("it ran on for %v", took.Round(time.Millisecond)))
		}
	}
}

// revokedInTurns has four callers call while the permission comes and goes. A call
// that begins after it is gone must be denied.
func revokedInTurns(a *attack) {
	a.load(attacker, guest(answer))
	var mu sync.RWMutex // held for writing while the permission changes
	granted, done := false, make(chan struct{})
	var all sync.WaitGroup
	var codes sync.Mutex
	for range 4 {
		all.Go(func() {
			for range 2000 { // what each call leaves is looked at, and takes memory
				select {
				case <-done:
					return
				default:
				}
				mu.RLock()
				was := granted
				res, err := a.host.Invoke(a.ctx, caller, attacker+".run", pad)
				mu.RUnlock()
				codes.Lock()
				a.note(caller, res, err)
				if was != (err == nil) {
					a.breachf("granted: %v, and the call ended with %v", was, err)
				}
				codes.Unlock()
			}
		})
	}
	for range 100 {
		mu.Lock()
		id := a.capability("windows = [\"" + window + "\"]\npermissions = [\"" + attacker + ":allow-run\"]")
		granted = true
		mu.Unlock()
		time.Sleep(200 * time.Microsecond)
		mu.Lock()
		a.host.Live().Revoke(id)
		granted = false
		mu.Unlock()
		time.Sleep(200 * time.Microsecond)
	}
	close(done)
	all.Wait()
	a.happens(fmt.Sprintf("%d calls", len(a.codes)))
}

// deputy is a module that may call what its caller may not: the caller cannot choose
// what it calls with more than the arguments, and the module called is decided about
// as for the module.
func deputy(a *attack) {
	a.load(accessory, wasmtest.Echo(wasmtest.Manifest(accessory, "run")))
	a.load(attacker, relay(attacker, accessory+".run"))
	a.allow(entry("invoke", "*"))
	a.honest = true
	// Nobody allows it to the attacker: that the window may do it counts for nothing.
	a.capability("windows = [\"" + window + "\"]\npermissions = [\"" + accessory + ":allow-run\"]")
	a.chained(a.try())
	_, err := a.invoke(caller, accessory+".run", nil) // control
	a.works(err)
}

// forgedCaller has the attacker claim to be another caller in the arguments of an
// invoke: what is called sees who it is.
func forgedCaller(a *attack) {
	forged := map[string]any{"caller": map[string]any{"window": "main", "origin": "local", "chain": []any{}}, "origin": "local", "window": "main", "scope": map[string]any{"allow": []any{"*"}}}
	a.load(accessory, wasmtest.Echo(wasmtest.Manifest(accessory, "run")))
	a.load(attacker, user(manifestOf(attacker, "1s", "invoke"), use{"ambit_call", "invoke", map[string]any{"command": accessory + ".run", "args": forged}}))
	a.deputies(map[string]string{attacker: accessory + ".run"})
	a.honest = true
	got, err := a.try()
	a.works(err)
	_, values := outcomes(got)
	if len(values) != 1 {
		a.breachf("it returned %v", got)
		return
	}
	reply, _ := values[0].(map[string]any)
	seen, _ := reply["ok"].(map[string]any)
	who, _ := seen["caller"].(map[string]any)
	a.happens(fmt.Sprint(who["origin"]))
	if who["origin"] != "module:"+attacker || who["window"] != "" {
		a.breachf("the command sees the caller %v", who)
	}
	chain, _ := who["chain"].([]any)
	if root, _ := append(chain, nil)[0].(map[string]any); len(chain) != 1 || root["window"] != window {
		a.breachf("the command sees the chain %v", chain)
	}
}

// lookAlikes keeps state for callers whose labels, put together, are the same.
func lookAlikes(a *attack) {
	g := wasmtest.NewGuest()
	n := g.Global(0)
	manifest := strings.Replace(plainManifest, `"abi":1`, `"abi":1,"instance":"caller"`, 1)
	a.load(attacker, g.Invoke(code{}.GlobalGet(n).Set(1).I32(1).GlobalSet(n).Op(counted...)).Manifest(manifest).Bytes())
	a.capability("windows = [\"*\"]\nremote = { urls = [\"https://*\"] }\ninstance = \"caller\"\npermissions = [\"" + attacker + ":allow-run\"]")
	for _, who := range []authority.Caller{
		host.WindowOf("a", "bc"), host.WindowOf("ab", "c"), host.WindowOf("abc", ""), host.WindowOf("a|b", "c"), host.WindowOf("a", "b|c"), host.WindowOf("a\x00b", "c"), host.WindowOf("a", "b\x00c"), host.WindowOf("", "abc"),
		{Origin: authority.RemoteOrigin("https://a.example"), Window: "w"}, {Origin: authority.RemoteOrigin("https://a.example:444"), Window: "w"}, {Origin: authority.RemoteOrigin("https://a.example/w")},
	} {
		got, err := a.invoke(who, attacker+".run", nil)
		if d := codeOf(err); d == authority.CodeDenied || d == authority.CodeWindowMismatch || d == authority.CodeOriginMismatch {
			continue
		}
		a.works(err)
		if got != int64(0) {
			a.breachf("%v finds the state of another caller", who)
		}
	}
	_, _ = a.invoke(host.WindowOf("a", "bc"), attacker+".run", nil)
	got, err := a.invoke(host.WindowOf("a", "bc"), attacker+".run", nil) // control: state is kept
	if err != nil || got != int64(1) {
		a.breachf("control: %v, %v", got, err)
	}
}

// policyRefused adds each line to a capability that is sound: the policy must be
// refused.
func policyRefused(lines ...string) func(*attack) {
	return func(a *attack) {
		a.load(attacker, wasmtest.Echo(plainManifest))
		a.allow() // control
		for _, line := range lines {
			_, err := a.grant("identifier = \"hosttest-wrong\"\nwindows = [\"" + window + "\"]\npermissions = [\"" + attacker + ":allow-run\"]\n" + line + "\n")
			if err == nil {
				a.breachf("%q was taken", line)
				continue
			}
			a.happens("refused with its place")
			if !strings.Contains(err.Error(), "hosttest.toml:") {
				a.breachf("%q: the reason does not say where it is: %v", line, err)
			}
		}
	}
}

// wrongPolicies are policies with mistakes that, ignored, would widen them.
func wrongPolicies() []Case {
	scope := func(entry string) string {
		return "identifier = \"hosttest-wrong\"\nwindows = [\"" + window + "\"]\npermissions = [{ identifier = \"" + attacker + ":allow-run\", allow = [" + entry + "] }]\n"
	}
	wrongScope := func(entries ...string) func(*attack) {
		return func(a *attack) {
			a.load(attacker, user(manifestOf(attacker, "1s", "fs.read", "kv.read", "http", "env")))
			for _, e := range entries {
				if _, err := a.grant(scope(e)); err == nil {
					a.breachf("the entry %s was taken", e)
				} else if !strings.Contains(err.Error(), "hosttest.toml:3:") {
					a.breachf("the entry %s: the reason does not say where it is: %v", e, err)
				}
			}
			a.allow(`{ path = "$MODULE/*" }`, `{ key = "x" }`) // control
			a.happens("refused with its place")
		}
	}
	const ref = "[[module]]\nname = \"hosttest\"\n"
	return []Case{
		{Name: "090/a key with a typo", Tries: "have a scope key with a typo ignored", attack: wrongScope(`{ pathh = "x" }`, `{ Path = "x" }`, `{ path = "$MODULE/x", modee = "r" }`, `{ key = "x", privat = true }`)},
		{Name: "090/a value of another type", Tries: "have a value of another type ignored", attack: wrongScope(`{ path = 7 }`, `{ path = true }`, `{ path = ["$MODULE/x"] }`, `{ key = { x = 1 } }`, `{ url = "https://x", private = "yes" }`)},
		{Name: "090/a variable with a typo", Tries: "have a variable with a typo stand for nothing", attack: wrongScope(`{ path = "$MODULEE/x" }`, `{ path = "$HOEM/**" }`, `{ path = "$/x" }`, `{ path = "MODULE/x" }`)},
		{Name: "090/a scope that says nothing", Tries: "have an empty entry stand for all", attack: wrongScope(`{ path = "" }`, `{ url = "" }`, `{ key = "" }`)},
		{Name: "090/a capability with a typo", Tries: "have a key with a typo ignored", attack: policyRefused(`window = ["x"]`, `remotes = {}`, `locale = false`, `mod = "observe"`, `expires_at = "x"`, `limit = {}`)},
		{Name: "090/a permission that is not there", Tries: "name a permission that is not there", attack: func(a *attack) {
			a.load(attacker, wasmtest.Echo(plainManifest))
			for _, p := range []string{"allow-all", "allow-ru", "deny-rum", "default", "*", "allow-*", ":allow-run"} {
				if _, err := a.grant("identifier = \"hosttest-wrong\"\nwindows = [\"" + window + "\"]\npermissions = [\"" + attacker + ":" + p + "\"]\n"); err == nil {
					a.breachf("the permission %q was taken", p)
				}
			}
			a.happens("refused")
		}},
		{Name: "091/the root as a base dir", Tries: "declare the root of the file system as a base dir", attack: appRefused(map[string]string{"ambit.toml": "[dirs]\nX = \"/\"\n"}, "$X")},
		{Name: "091/an empty base dir", Tries: "declare an empty base dir", attack: appRefused(map[string]string{"ambit.toml": "[dirs]\nX = \"\"\n"}, "ambit.toml:2")},
		{Name: "091/a pattern as a base dir", Tries: "declare a base dir whose path is a pattern", attack: literalDir},
		{Name: "104/the policy below a base dir", Tries: "reach the policy and the modules through a base dir that they are in", attack: policyBelow},
		{Name: "100/a set of itself", Tries: "define a permission set by itself", attack: appRefused(map[string]string{
			"ambit.toml": ref, "permissions/hosttest/s.toml": "[[set]]\nidentifier = \"a\"\ndescription = \"a\"\npermissions = [\"b\"]\n[[set]]\nidentifier = \"b\"\ndescription = \"b\"\npermissions = [\"a\"]\n",
		}, "s.toml:")},
		{Name: "100/a set of two to the 40", Tries: "define sets that expand exponentially", Child: true, attack: appTaken(map[string]string{"ambit.toml": ref, "permissions/hosttest/s.toml": doublingSets(40)})},
		{Name: "101/two capabilities of a name", Tries: "define a capability twice", attack: appRefused(map[string]string{
			"ambit.toml": "", "capabilities/a.toml": "identifier = \"x\"\nwindows = [\"a\"]\npermissions = []\n", "capabilities/b.toml": "identifier = \"x\"\nwindows = [\"b\"]\npermissions = []\n",
		}, "capabilities/b.toml:1")},
		{Name: "102/asks for more than the lock accepted", Tries: "ask for more than the app accepted", Expect: []authority.Code{authority.CodeModuleInvalid}, attack: asksForMore},
		{Name: "104/the policy as a base dir", Tries: "declare the folder of the policy as a base dir", attack: appRefused(map[string]string{"ambit.toml": "[dirs]\nX = \"capabilities\"\n", "capabilities/a.toml": "identifier = \"a\"\nwindows = [\"a\"]\npermissions = []\n"}, "$X")},
		{Name: "142/a policy that is cut off", Tries: "have a policy file cut off, and what is left used", attack: appRefused(map[string]string{"ambit.toml": "", "capabilities/a.toml": "identifier = \"a\"\nwindows = [\"a\"]\npermissions = [\"x"}, "capabilities/a.toml:3")},
		{Name: "142/a lock that is cut off", Tries: "have the lock file cut off, and everything taken for accepted", attack: appRefused(map[string]string{"ambit.toml": "", "ambit.lock": "[[module]]\nname = \"x"}, "ambit.lock:2")},
		{Name: "142/a policy that is not text", Tries: "have a policy file of other bytes", attack: appRefused(map[string]string{"ambit.toml": "", "capabilities/a.toml": "\x00\xff\xfe"}, "capabilities/a.toml")},
		{Name: "142/an empty file", Tries: "have an empty policy file taken for a policy", attack: appRefused(map[string]string{"ambit.toml": "", "capabilities/a.toml": ""}, "capabilities/a.toml")},
	}
}

// app makes the folder of another app, with a module of the attacker's name.
func (a *attack) app(files map[string]string, module []byte) string {
	dir, err := os.MkdirTemp(a.dir, "data-app-")
	a.must(err)
	files = maps.Clone(files)
	files["modules/"+attacker+".wasm"] = string(module)
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		a.must(os.MkdirAll(filepath.Dir(file), 0o700))
		a.must(os.WriteFile(file, []byte(text), 0o600))
	}
	return dir
}

// openApp opens a host on another app, for as long as f takes.
func (a *attack) openApp(dir string, f func(*host.Host)) error {
	defer func() { _ = os.RemoveAll(dir) }()
	cache := host.NewCache(host.CacheOptions{Off: true})
	defer func() { _ = cache.Close(context.Background()) }()
	h, err := host.Open(a.ctx, dir, host.Config{Cache: cache})
	if err != nil {
		return err
	}
	f(h)
	return h.Close(a.ctx)
}

// appRefused opens an app whose policy is wrong: the reason says where.
func appRefused(files map[string]string, where string) func(*attack) {
	return func(a *attack) {
		err := a.openApp(a.app(files, guest(answer)), func(*host.Host) {})
		switch {
		case err == nil:
			a.breachf("the app was opened")
		case !strings.Contains(err.Error(), where):
			a.breachf("the reason does not say %q: %v", where, err)
		case strings.ContainsFunc(strings.ReplaceAll(err.Error(), "\n", ""), unprintable):
			a.breachf("the reason prints as %q", err)
		}
		a.happens("refused with its place")
	}
}

// appTaken opens an app that is large: it must be opened or refused, in time.
func appTaken(files map[string]string) func(*attack) {
	return func(a *attack) {
		if err := a.openApp(a.app(files, guest(answer)), func(*host.Host) {}); err != nil {
			a.happens("refused")
		} else {
			a.happens("opened")
		}
	}
}

// doublingSets are sets of which each has the one before twice.
func doublingSets(n int) string {
	var b strings.Builder
	b.WriteString("[[set]]\nidentifier = \"s0\"\ndescription = \"x\"\npermissions = [\"allow-run\"]\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "[[set]]\nidentifier = \"s%d\"\ndescription = \"x\"\npermissions = [\"s%d\", \"s%d\"]\n", i, i-1, i-1)
	}
	return b.String()
}

// readX lets the attacker read all of the base dir X.
const readX = "identifier = \"a\"\nwindows = [\"" + window + "\"]\npermissions = [{ identifier = \"" + attacker + ":allow-run\", allow = [{ path = \"$X/**\" }] }]\n"

// opens opens an app with the base dir X and has the attacker open paths: only the
// first must open. prepare may add to the folder of the app.
func (a *attack) opens(files map[string]string, prepare func(dir string), paths ...string) {
	var data []byte
	var steps []step
	for _, path := range paths {
		steps = append(steps, pathOpen(path, &data, 0, rightRead, outAt))
	}
	files["capabilities/a.toml"] = readX
	dir := a.app(files, script(fsManifest, data, steps...))
	if prepare != nil {
		prepare(dir)
	}
	a.must(a.openApp(dir, func(h *host.Host) {
		res, err := h.Invoke(a.ctx, caller, attacker+".run", pad)
		list, _ := errnos(res.Value, len(paths))
		a.happens(fmt.Sprintf("errno %v", list))
		for i, e := range list {
			if (e == 0) != (i == 0) {
				a.breachf("%s: errno %d", paths[i], e)
			}
		}
		if err != nil {
			a.breachf("it ended with %v", err)
		}
	}))
}

// literalDir declares a folder whose name is a pattern: it stands for itself only.
func literalDir(a *attack) {
	a.opens(map[string]string{"ambit.toml": "[dirs]\nX = \"d*\"\n[[module]]\nname = \"hosttest\"\n", "d*/mine": "text", "dx/other": "text"}, nil,
		"X/mine", "X/../dx/other", "X/other", "X/mine/../../dx/other")
}

// policyBelow declares the folder of the app as a base dir.
func policyBelow(a *attack) {
	a.opens(map[string]string{"ambit.toml": "[dirs]\nX = \".\"\n[[module]]\nname = \"hosttest\"\n", "text": "text"}, nil,
		"X/text", "X/ambit.toml", "X/capabilities/a.toml", "X/capabilities", "X/modules/hosttest.wasm", "X/ambit.lock", "X/.ambit", "X/permissions")
}

// asksForMore replaces a module that the lock knows by one that wants more.
func asksForMore(a *attack) {
	less, more := guest(answer), wasmtest.NewGuest().Invoke(answer).Manifest(manifestOf(attacker, short, "fs.write", "exec")).Bytes()
	info, err := host.Inspect("hosttest.wasm", less, host.Limits{})
	a.must(err)
	var lock acl.Lock
	lock.Set(acl.NewLockEntry(info.Manifest, info.SHA256))
	dir := a.app(map[string]string{"ambit.toml": "[[module]]\nname = \"hosttest\"\n", "ambit.lock": string(lock.Encode())}, less)
	a.must(a.openApp(dir, func(h *host.Host) {
		if err := h.Load(a.ctx, attacker, less); err != nil {
			a.breachf("control: %v", err)
		}
		a.refusal(h.Load(a.ctx, attacker, more), "it asks for more than ambit.lock accepted")
	}))
}
