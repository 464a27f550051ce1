package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// keeping is the JSON of a manifest that asks for an instance per caller.
func keeping(name string, commands ...string) string {
	return strings.Replace(manifest(name, commands...), `"abi":1`, `"abi":1,"instance":"caller"`, 1)
}

// anybody lets all callers call m.run and m.other in an instance that is kept.
const anybody = `
identifier = "anybody"
windows = ["*"]
modules = ["*"]
remote = { urls = ["https://*"] }
instance = "caller"
permissions = ["m:allow-run", "m:allow-other", "n:allow-run"]
`

// tally counts calls in a global and replies the count. Before it replies for
// the third time it does what body does.
func tally(body wasmtest.Code) *wasmtest.Guest {
	g := wasmtest.NewGuest()
	n := g.Global(0)
	return g.Invoke(wasmtest.Code{}.GlobalGet(n).I32(1).Add().GlobalSet(n).
		GlobalGet(n).I32(3).Op(0x46).If(body).
		GlobalGet(n).Set(1).Op(count()...))
}

// keeper opens an app with the modules m and n, which count the calls.
func keeper(t *testing.T, bin []byte, c host.Config) *host.Host {
	t.Helper()
	return open(t, app(t, map[string]string{"capabilities/any.toml": anybody}, map[string][]byte{
		"m": bin, "n": tally(nil).Manifest(keeping("n", "run")).Bytes(),
	}), c)
}

// counts invokes a command and asserts what it counted.
func counts(t *testing.T, h *host.Host, who authority.Caller, command string, want int64) {
	t.Helper()
	res, err := h.Invoke(t.Context(), who, command, nil)
	if err != nil || res.Value != want {
		t.Errorf("%s counted %v, %v; want %d", command, res.Value, err, want)
	}
	state := "kept"
	if want == 1 {
		state = "fresh"
	}
	if res.Stats.Instance != state {
		t.Errorf("%s had a %q instance, want %s", command, res.Stats.Instance, state)
	}
}

// idle asserts for how many callers of m an instance waits.
func idle(t *testing.T, h *host.Host, want int) {
	t.Helper()
	if n, calls := h.Kept("m"); n != want || calls != 0 {
		t.Errorf("%d instances are kept and %d calls are on the way, want %d and 0", n, calls, want)
	}
}

// TestKept: state survives for the same caller, however instances are made.
func TestKept(t *testing.T) {
	engines(t, func(t *testing.T, c host.Config) {
		for _, c.Reset = range append([]string{""}, host.ResetStrategies()...) {
			for name, g := range map[string]*wasmtest.Guest{"grows": counting(), "stays": resettable()} {
				for _, freeze := range []string{"", `"freeze":false,`} {
					t.Run(fmt.Sprint(name, " ", c.Reset, " ", freeze), func(t *testing.T) {
						m := strings.Replace(keeping("m", "run", "other"), `"abi"`, freeze+`"abi"`, 1)
						bin, err := wasm.SetCustomSection(g.Bytes(), "ambit", []byte(m))
						if err != nil {
							t.Fatal(err)
						}
						h := keeper(t, bin, c)
						for i := range int64(4) {
							res, err := h.Invoke(t.Context(), main, "m.run", nil)
							if err != nil || res.Value != 3*(i+1) {
								t.Errorf("call %d counted %v, %v", i, res.Value, err)
							}
						}
					})
				}
			}
		}
	})
}

// TestKeptApart: whoever differs in one part has a state of its own.
func TestKeptApart(t *testing.T) {
	window, url := host.WindowOf("main", "view"), host.Remote("main", "https://a.example/p")
	by := func(module string, chain ...authority.Caller) authority.Caller {
		return authority.Caller{Origin: authority.ModuleOrigin(module), Chain: chain}
	}
	for name, c := range map[string]struct{ one, other authority.Caller }{
		"window":                     {window, host.WindowOf("main2", "view")},
		"webview":                    {window, host.WindowOf("main", "view2")},
		"the border between them":    {host.WindowOf("ab", "c"), host.WindowOf("a", "bc")},
		"window or webview":          {host.WindowOf("a", "b"), host.WindowOf("b", "a")},
		"local or remote":            {main, url},
		"remote host":                {url, host.Remote("main", "https://b.example/p")},
		"remote path":                {url, host.Remote("main", "https://a.example/q")},
		"remote window":              {url, host.Remote("side", "https://a.example/p")},
		"module":                     {by("a"), by("b")},
		"module or window":           {by("a"), host.Window("a")},
		"window before a module":     {by("a", main), by("a", host.Window("side"))},
		"origin before a module":     {by("a", main), by("a", url)},
		"module before a module":     {by("a", main, by("b")), by("a", main, by("c"))},
		"a module by itself":         {by("a", main), by("a", main, by("a"))},
		"a module without its chain": {by("a", main), by("a")},
	} {
		t.Run(name, func(t *testing.T) {
			h := keeper(t, tally(nil).Manifest(keeping("m", "run", "other")).Bytes(), host.Config{})
			counts(t, h, c.one, "m.run", 1)
			counts(t, h, c.one, "m.other", 2) // control: it does survive
			counts(t, h, c.other, "m.run", 1)
			counts(t, h, c.one, "m.run", 3)
			counts(t, h, c.other, "m.run", 2)
			counts(t, h, c.one, "n.run", 1) // another module
			idle(t, h, 2)
		})
	}
}

// TestKeptAgreed: module and all capabilities that match must ask for it.
func TestKeptAgreed(t *testing.T) {
	grant := func(id, window, instance string) string {
		return "[[capabilities]]\nidentifier = \"" + id + "\"\nwindows = [\"" + window + "\"]\npermissions = [\"m:allow-run\"]\n" + instance
	}
	const caller, call = "instance = \"caller\"\n", "instance = \"call\"\n"
	for name, c := range map[string]struct {
		manifest, capabilities string
		kept                   bool
	}{
		"both":                           {keeping("m", "run"), grant("a", "main", caller), true},
		"module only":                    {keeping("m", "run"), grant("a", "main", ""), false},
		"capability says call":           {keeping("m", "run"), grant("a", "main", call), false},
		"capability only":                {manifest("m", "run"), grant("a", "main", caller), false},
		"neither":                        {manifest("m", "run"), grant("a", "main", ""), false},
		"two capabilities":               {keeping("m", "run"), grant("a", "main", caller) + grant("b", "*", caller), true},
		"one of two":                     {keeping("m", "run"), grant("a", "main", caller) + grant("b", "*", ""), false},
		"the other is for somebody else": {keeping("m", "run"), grant("a", "main", caller) + grant("b", "side", ""), true},
		"one that is used up does count": {keeping("m", "run"), grant("a", "main", caller) + grant("b", "*", "limits = { calls_per_second = 1 }\n"), false},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, app(t, map[string]string{"capabilities/c.toml": c.capabilities}, map[string][]byte{"m": tally(nil).Manifest(c.manifest).Bytes()}), host.Config{})
			kept := 0
			for i := range int64(4) {
				want := int64(1)
				if c.kept {
					want, kept = i+1, 1
				}
				counts(t, h, main, "m.run", want)
			}
			idle(t, h, kept)
		})
	}
}

// TestKeptEnds: a call that does not return well takes the state with it.
func TestKeptEnds(t *testing.T) {
	reply := func(b string) wasmtest.Code { // at 2048, and the call returns
		c := wasmtest.Code{}
		for i := range len(b) {
			c = c.I32(int32(2048 + i)).I32(int32(b[i])).Store8()
		}
		return c.I32(2048).I32(int32(len(b))).Call(wasmtest.Reply).I32(0).Op(0x0f)
	}
	for name, c := range map[string]struct {
		body wasmtest.Code
		code authority.Code
		kept bool
	}{
		"trap":          {wasmtest.Code{}.Unreachable(), authority.CodeGuestError, false},
		"exit":          {wasmtest.Code{}.I32(0).Call(wasmtest.ProcExit), authority.CodeBadResult, false},
		"deadline":      {wasmtest.Code{}.Loop(nil), authority.CodeDeadline, false},
		"returns 7":     {wasmtest.Code{}.I32(7).Op(0x0f), authority.CodeBadResult, false},
		"no reply":      {wasmtest.Code{}.I32(0).Op(0x0f), authority.CodeBadResult, false},
		"bad reply":     {reply("\x81\xa2ok"), authority.CodeBadResult, false},
		"asks too much": {wasmtest.Code{}.Loop(wasmtest.Code{}.I32(3).I32(0).I32(0).Call(wasmtest.Log)), authority.CodeCallLimit, false},
		"its own error": {reply("\x81\xa3err\x82\xa4code\xa2no\xa7message\xa0"), "m.no", true},
		"nothing":       {nil, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			h := keeper(t, tally(c.body).Manifest(keeping("m", "run", "other")).Bytes(), host.Config{Limits: host.Limits{Deadline: time.Second, HostCalls: 1000}})
			counts(t, h, main, "m.run", 1)
			counts(t, h, main, "m.run", 2)
			counts(t, h, host.Window("side"), "m.run", 1)
			if _, err := h.Invoke(t.Context(), main, "m.run", nil); c.code != "" {
				wantCode(t, err, c.code)
			} else if err != nil {
				t.Error(err)
			}
			if c.kept {
				idle(t, h, 2)
				counts(t, h, main, "m.run", 4)
			} else {
				idle(t, h, 1)
				counts(t, h, main, "m.run", 1)
			}
			counts(t, h, host.Window("side"), "m.run", 2)
		})
	}
}

// TestKeptBadCall: a call that is refused before it comes to the instance leaves
// it as it is.
func TestKeptBadCall(t *testing.T) {
	h := keeper(t, tally(nil).Manifest(keeping("m", "run", "other")).Bytes(), host.Config{Limits: host.Limits{Request: 200}})
	counts(t, h, main, "m.run", 1)
	_, err := h.Invoke(t.Context(), main, "m.run", strings.Repeat("x", 190)) // the envelope does not fit
	wantCode(t, err, authority.CodeTooLarge)
	_, err = h.InvokeRaw(t.Context(), main, "m.run", []byte{0xc1}, nil)
	wantCode(t, err, authority.CodeBadArgs)
	counts(t, h, main, "m.run", 2)
}

// TestKeptHandles: a number of something that an earlier call had open is not that
// of anything that a later one has.
func TestKeptHandles(t *testing.T) {
	args, _ := wire.AppendAny(nil, map[string]any{"program": "true"})
	g := &wasmtest.Guest{}
	reply := g.Import("ambit", "reply", wasmtest.I32+wasmtest.I32, "")
	result := g.Import("ambit", "result", wasmtest.I32, "")
	start := g.Import("ambit_exec", "start", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	g.Memory(1)
	g.Export("memory", 2, 0)
	g.Data(1024, args)
	g.Invoke(wasmtest.Code{}.I32(1024).I32(int32(len(args))).Call(start).Set(1).
		I32(4096).Call(result).I32(4096).Get(1).Call(reply).I32(0))
	bin := g.Manifest(strings.Replace(powerManifest(`"exec"`), `"abi":1`, `"abi":1,"instance":"caller"`, 1)).Bytes()
	for _, instance := range []string{"caller", ""} {
		h := open(t, app(t, map[string]string{"capabilities/c.toml": "identifier = \"nobody\"\npermissions = []\nwindows = [\"x\"]"}, map[string][]byte{"m": bin}), host.Config{})
		grant(t, h, "m:allow-run", instance, time.Time{}, map[string]any{"program": "true"})
		for n := int64(1); n <= 3; n++ {
			want := n
			if instance == "" { // control: nothing of the guest lives on
				want = 1
			}
			if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != want {
				t.Errorf("instance %q, call %d: number %v, %v", instance, n, res.Value, err)
			}
		}
	}
}

// granting is a host in which nobody may call m, until a test grants it.
func granting(t *testing.T, c host.Config) *host.Host {
	t.Helper()
	return open(t, app(t, map[string]string{"capabilities/c.toml": "identifier = \"nobody\"\npermissions = []\nwindows = [\"x\"]"},
		map[string][]byte{"m": tally(nil).Manifest(keeping("m", "run", "other")).Bytes()}), c)
}

// grant lets main call a command, in an instance that is kept if instance says so.
func grant(t *testing.T, h *host.Host, permission, instance string, until time.Time, allow ...any) (id string) {
	t.Helper()
	c := grantRun("granted", allow...)
	c.Instance, c.Permissions[0].Identifier = instance, permission
	id, err := h.Live().Grant(c, until)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestKeptRevoked: no state is found again that was made under what was
// withdrawn, and it goes at once.
func TestKeptRevoked(t *testing.T) {
	const run, other, caller = "m:allow-run", "m:allow-other", "caller"
	never := time.Time{}
	t.Run("granted again", func(t *testing.T) {
		h := granting(t, host.Config{})
		id := grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
		counts(t, h, main, "m.run", 2)
		h.Live().Revoke(id)
		idle(t, h, 0)
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		wantDenied(t, err, authority.CodeNotGranted)
		grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
	})
	t.Run("one of two", func(t *testing.T) { // with what the other one lent it may have read anything
		h := granting(t, host.Config{})
		id := grant(t, h, run, caller, never)
		grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
		h.Live().Revoke(id)
		idle(t, h, 0)
		counts(t, h, main, "m.run", 1)
	})
	t.Run("one that came later", func(t *testing.T) {
		h := granting(t, host.Config{})
		grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
		id := grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 2)
		h.Live().Revoke(id)
		idle(t, h, 0)
		counts(t, h, main, "m.run", 1)
	})
	t.Run("of another command", func(t *testing.T) {
		h := granting(t, host.Config{})
		id := grant(t, h, run, caller, never)
		grant(t, h, other, caller, never)
		counts(t, h, main, "m.run", 1)
		counts(t, h, main, "m.other", 2)
		h.Live().Revoke(id)
		idle(t, h, 0)
		counts(t, h, main, "m.other", 1)
	})
	t.Run("of a command that had no part in it", func(t *testing.T) { // control
		h := granting(t, host.Config{})
		id := grant(t, h, run, caller, never)
		grant(t, h, other, caller, never)
		counts(t, h, main, "m.other", 1)
		h.Live().Revoke(id)
		counts(t, h, main, "m.other", 2)
	})
	t.Run("others come and go", func(t *testing.T) { // control
		h := granting(t, host.Config{})
		grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
		id, err := h.Live().Grant(authority.Capability{Identifier: "else", Local: true, Windows: []authority.Pattern{{Text: "side"}}}, never)
		if err != nil {
			t.Fatal(err)
		}
		counts(t, h, main, "m.run", 2)
		h.Live().Revoke(id)
		if err := h.Load(t.Context(), "n", tally(nil).Manifest(keeping("n", "run")).Bytes()); err != nil { // all of the policy is replaced
			t.Fatal(err)
		}
		idle(t, h, 1)
		counts(t, h, main, "m.run", 3)
	})
	t.Run("one more that does not keep", func(t *testing.T) {
		h := granting(t, host.Config{})
		grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
		id := grant(t, h, run, "", never)
		idle(t, h, 0)
		counts(t, h, main, "m.run", 1)
		counts(t, h, main, "m.run", 1)
		h.Live().Revoke(id)
		counts(t, h, main, "m.run", 1)
		counts(t, h, main, "m.run", 2)
	})
	t.Run("denied", func(t *testing.T) {
		h := granting(t, host.Config{})
		grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
		h.Live().Revoke(grant(t, h, "m:deny-run", "", never))
		idle(t, h, 0)
		counts(t, h, main, "m.run", 1)
	})
	t.Run("runs out", func(t *testing.T) {
		h := granting(t, host.Config{})
		until := time.Now().Add(500 * time.Millisecond)
		grant(t, h, run, caller, until)
		grant(t, h, other, caller, never)
		counts(t, h, main, "m.run", 1)
		counts(t, h, main, "m.other", 2)
		waitFor(t, func() bool { n, _ := h.Kept("m"); return n == 0 })
		if time.Now().Before(until) {
			t.Error("it went too early")
		}
		counts(t, h, main, "m.other", 1)
	})
	t.Run("runs out sooner than before", func(t *testing.T) { // at once, and not when it would have been idle
		h := granting(t, host.Config{})
		grant(t, h, run, caller, never)
		counts(t, h, main, "m.run", 1)
		grant(t, h, run, caller, time.Now().Add(200*time.Millisecond))
		idle(t, h, 1)
		waitFor(t, func() bool { n, _ := h.Kept("m"); return n == 0 })
		counts(t, h, main, "m.run", 1)
	})
}

// TestKeptLooked: what its state was made under is looked at on each use, too,
// and not only when something tells of a change.
func TestKeptLooked(t *testing.T) {
	h := keeper(t, tally(nil).Manifest(keeping("m", "run", "other")).Bytes(), host.Config{})
	counts(t, h, main, "m.run", 1)
	counts(t, h, main, "m.run", 2) // control
	h.RunOutKept("m")
	counts(t, h, main, "m.other", 1)
}

// TestKeptMeter: what a call used, and why it failed, has nothing to do with the
// calls before.
func TestKeptMeter(t *testing.T) {
	g := wasmtest.NewGuest()
	n := g.Global(0)
	g.Invoke(wasmtest.Code{}.GlobalGet(n).If(wasmtest.Code{}.GlobalGet(n).I32(3).Op(0x46).If(wasmtest.Code{}.Unreachable())).
		GlobalGet(n).I32(1).Add().GlobalSet(n).Op(growUntilRefused(1)...).Op(count()...))
	h := keeper(t, g.Manifest(keeping("m", "run", "other")).Bytes(), host.Config{Limits: host.Limits{Memory: 4 * 65536}})
	var cpu []int64
	for i, grown := range []int64{3, 0, 0} {
		res, err := h.Invoke(t.Context(), main, "m.run", nil)
		if err != nil || res.Value != grown || res.Stats.Memory != 4*65536 {
			t.Errorf("call %d grew %v times to %d bytes, %v", i, res.Value, res.Stats.Memory, err)
		}
		cpu = append(cpu, res.Stats.CPU)
	}
	if cpu[1] <= 0 || cpu[1] != cpu[2] || cpu[0] <= cpu[1] {
		t.Errorf("the same work took %d, and with growing %d", cpu[1:], cpu[0])
	}
	_, err := h.Invoke(t.Context(), main, "m.run", nil) // memory was refused before, but not to this call
	wantCode(t, err, authority.CodeGuestError)
}

// gate is where a logger writes. It holds what it is told to until it is opened.
type gate struct {
	began, letGo chan struct{}
	hold         string
}

func (g *gate) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(g.hold)) {
		g.began <- struct{}{}
		<-g.letGo
	}
	return len(b), nil
}

// TestKeptRevokedMeanwhile: what is withdrawn while a call runs is gone when it
// ends, though the call itself, of another command, may end.
func TestKeptRevokedMeanwhile(t *testing.T) {
	g := &gate{make(chan struct{}), make(chan struct{}), "guest output"}
	says := tally(wasmtest.Code{}.I32(4).I32(2048).I32(1).Call(wasmtest.Log)).Manifest(keeping("m", "run", "other")).Bytes()
	for name, want := range map[string]int64{"withdrawn": 1, "another one": 4} { // the count that follows
		h := granting(t, host.Config{Logger: hclog.New(&hclog.LoggerOptions{Output: g})})
		if err := h.Load(t.Context(), "m", says); err != nil {
			t.Fatal(err)
		}
		id := grant(t, h, "m:allow-run", "caller", time.Time{})
		grant(t, h, "m:allow-other", "caller", time.Time{})
		counts(t, h, main, "m.run", 1)
		counts(t, h, main, "m.other", 2)
		ended := make(chan error)
		go func() {
			_, err := h.Invoke(t.Context(), main, "m.other", nil)
			ended <- err
		}()
		<-g.began
		if name == "withdrawn" {
			h.Live().Revoke(id)
		} else { // control
			grant(t, h, "m:allow-other", "caller", time.Time{})
		}
		g.letGo <- struct{}{}
		if err := ends(t, ended); err != nil {
			t.Error(name, err)
		}
		idle(t, h, int(min(want-1, 1)))
		counts(t, h, main, "m.other", want)
	}
}

// TestKeptTurns: calls of one caller run one after the other, those of others at
// the same time.
func TestKeptTurns(t *testing.T) {
	g := wasmtest.NewGuest()
	n := g.Global(0)
	slow := wasmtest.Code{}.GlobalGet(n).Set(1)
	for range 5 { // each call of the host may be followed by another goroutine's
		slow = slow.I32(3).I32(0).I32(0).Call(wasmtest.Log)
	}
	g.Invoke(slow.Get(1).I32(1).Add().Set(1).Get(1).GlobalSet(n).Op(count()...)).Manifest(keeping("m", "run", "other"))
	h := keeper(t, g.Bytes(), host.Config{})
	const workers, calls = 5, 20
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := make(map[string][]int64)
	for _, label := range []string{"a", "b", "c"} {
		for range workers {
			wg.Go(func() {
				for range calls {
					res, err := h.Invoke(t.Context(), host.Window(label), "m.run", nil)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					seen[label] = append(seen[label], res.Value.(int64))
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	for label, got := range seen {
		slices.Sort(got)
		for i, v := range got {
			if v != int64(i+1) {
				t.Fatalf("%s counted %v", label, got)
			}
		}
	}
	idle(t, h, 3)
}

// TestKeptQueue: who waits is bounded, and does so no longer than it may.
func TestKeptQueue(t *testing.T) {
	h := keeper(t, tally(nil).Manifest(keeping("m", "run", "other")).Bytes(), host.Config{Limits: host.Limits{Deadline: time.Hour, HostCalls: 1 << 60}})
	loop := wasmtest.NewGuest().Invoke(wasmtest.Code{}.Loop(wasmtest.Code{}.I32(3).I32(0).I32(0).Call(wasmtest.Log)).I32(0))
	if err := h.Load(t.Context(), "m", loop.Manifest(keeping("m", "run", "other")).Bytes()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	start := func(ctx context.Context) chan error {
		_, before := h.Kept("m")
		ended := make(chan error, 1)
		go func() {
			_, err := h.Invoke(ctx, main, "m.run", nil)
			ended <- err
		}()
		waitFor(t, func() bool { _, n := h.Kept("m"); return n == before+1 })
		return ended
	}
	first := start(ctx)
	waitFor(t, func() bool { return h.Stats().Entered == 1 })

	soon, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	wantCode(t, ends(t, start(soon)), authority.CodeDeadline)
	gone, leave := context.WithCancel(t.Context())
	waits := start(gone)
	leave()
	wantCode(t, ends(t, waits), authority.CodeCanceled)

	var queue []chan error
	for range host.MaxQueued {
		queue = append(queue, start(ctx))
	}
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantCode(t, err, authority.CodeQuota)
	side, end := context.WithTimeout(t.Context(), 20*time.Millisecond) // control: others do not wait
	defer end()
	entered := h.Stats().Entered
	_, err = h.Invoke(side, host.Window("side"), "m.run", nil)
	wantCode(t, err, authority.CodeDeadline)
	if now := h.Stats().Entered; entered != 1 || now != 2 {
		t.Errorf("entered %d times, then %d", entered, now)
	}
	stop()
	for _, ended := range append(queue, first) {
		wantCode(t, ends(t, ended), authority.CodeCanceled)
	}
	idle(t, h, 0)
}

// TestKeptQueueRevoked: a call whose permission goes while it waits does not
// enter.
func TestKeptQueueRevoked(t *testing.T) {
	h := granting(t, host.Config{Limits: host.Limits{Deadline: time.Hour, HostCalls: 1 << 60}})
	loop := wasmtest.NewGuest().Invoke(wasmtest.Code{}.Loop(wasmtest.Code{}.I32(3).I32(0).I32(0).Call(wasmtest.Log)).I32(0))
	if err := h.Load(t.Context(), "m", loop.Manifest(keeping("m", "run", "other")).Bytes()); err != nil {
		t.Fatal(err)
	}
	id := grant(t, h, "m:allow-run", "caller", time.Time{})
	grant(t, h, "m:allow-other", "caller", time.Time{})
	ctx, stop := context.WithCancel(t.Context())
	invoke := func(ctx context.Context, command string) chan error {
		ended := make(chan error, 1)
		go func() {
			_, err := h.Invoke(ctx, main, command, nil)
			ended <- err
		}()
		return ended
	}
	first := invoke(ctx, "m.other")
	waitFor(t, func() bool { return h.Stats().Entered == 1 })
	waits := invoke(t.Context(), "m.run")
	waitFor(t, func() bool { _, n := h.Kept("m"); return n == 2 })
	h.Live().Revoke(id)
	stop()
	wantCode(t, ends(t, first), authority.CodeCanceled)
	wantCode(t, ends(t, waits), authority.CodeRevoked)
	if s := h.Stats(); s.Entered != 1 {
		t.Errorf("entered %d times", s.Entered)
	}
}

// TestKeptModuleGoes: state is the module's, and goes with it.
func TestKeptModuleGoes(t *testing.T) {
	bin := tally(nil).Manifest(keeping("m", "run", "other")).Bytes()
	for name, again := range map[string]func(h *host.Host) error{
		"replaced": func(h *host.Host) error { return h.Load(t.Context(), "m", bin) },
		"unloaded": func(h *host.Host) error {
			if err := h.Unload(t.Context(), "m"); err != nil {
				return err
			}
			if s := h.Stats(); s.Memory != s.Kept || s.Memory != 2*65536 { // n's image and instance
				t.Errorf("after unloading: %+v", s)
			}
			return h.Load(t.Context(), "m", bin)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := keeper(t, bin, host.Config{})
			counts(t, h, main, "m.run", 1)
			counts(t, h, main, "n.run", 1)
			if s := h.Stats(); s.Memory != s.Kept || s.Memory != 4*65536 {
				t.Errorf("stats %+v", s)
			}
			if err := again(h); err != nil {
				t.Fatal(err)
			}
			idle(t, h, 0)
			counts(t, h, main, "m.run", 1)
			counts(t, h, main, "n.run", 2) // control
		})
	}
}

// TestKeptIdle: what is not used goes.
func TestKeptIdle(t *testing.T) {
	h := keeper(t, tally(nil).Manifest(keeping("m", "run", "other")).Bytes(), host.Config{Limits: host.Limits{KeptIdle: 50 * time.Millisecond}})
	for i := range 3 {
		if _, err := h.Invoke(t.Context(), host.Window(fmt.Sprint(i)), "m.run", nil); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, func() bool { n, _ := h.Kept("m"); return n == 0 })
	counts(t, h, main, "m.run", 1)
	waitFor(t, func() bool { n, _ := h.Kept("m"); return n == 0 })
	counts(t, h, main, "m.run", 1)
}

// TestKeptFlood: callers without end cost no more than a few.
func TestKeptFlood(t *testing.T) {
	h := keeper(t, tally(nil).Manifest(keeping("m", "run", "other")).Bytes(), host.Config{Limits: host.Limits{Kept: 4}})
	window := func(i int) authority.Caller { return host.Window(fmt.Sprint("w", i)) }
	for i := range 100 {
		counts(t, h, window(i), "m.run", 1)
		if s := h.Stats(); s.Memory > 7*65536 { // two images, n's nothing, and four
			t.Fatalf("after %d callers: %+v", i+1, s)
		}
	}
	idle(t, h, 4)
	counts(t, h, window(96), "m.run", 2)
	counts(t, h, main, "m.run", 1) // in place of 97, which was not used for longest
	counts(t, h, window(96), "m.run", 3)
	counts(t, h, window(97), "m.run", 1)
	idle(t, h, 4)
}

// TestKeptMemory: instances that are kept and idle make room before a call is
// refused.
func TestKeptMemory(t *testing.T) {
	pages := func(n int64) host.Config { return host.Config{Limits: host.Limits{MemoryTotal: n * 65536}} }
	h := keeper(t, tally(nil).Manifest(keeping("m", "run", "other")).Bytes(), pages(4)) // two images, two instances
	counts(t, h, host.Window("a"), "m.run", 1)
	counts(t, h, host.Window("b"), "n.run", 1)
	counts(t, h, host.Window("a"), "m.run", 2)
	counts(t, h, host.Window("c"), "m.run", 1) // b's goes, of the other module
	counts(t, h, host.Window("a"), "m.run", 3)
	counts(t, h, host.Window("b"), "n.run", 1) // c's goes
	counts(t, h, host.Window("a"), "m.run", 4)

	loop := wasmtest.NewGuest().Invoke(wasmtest.Code{}.Loop(nil).I32(0)).Manifest(keeping("m", "run", "other")).Bytes()
	h = keeper(t, loop, pages(3)) // control: one that runs does not go
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := h.Invoke(ctx, main, "m.run", nil)
		ended <- err
	}()
	waitFor(t, func() bool { return h.Stats().Memory == 3*65536 })
	_, err := h.Invoke(t.Context(), main, "n.run", nil)
	wantCode(t, err, authority.CodeQuota)
	stop()
	wantCode(t, ends(t, ended), authority.CodeCanceled)
	counts(t, h, main, "n.run", 1)
}

// TestKeptHammer lets everything happen at once.
func TestKeptHammer(t *testing.T) {
	bin := tally(nil).Manifest(keeping("m", "run", "other")).Bytes()
	h := keeper(t, bin, host.Config{Limits: host.Limits{Kept: 3, KeptIdle: time.Millisecond, MemoryTotal: 12 * 65536}})
	stop := make(chan struct{})
	var callers, writer sync.WaitGroup
	for i := range 8 {
		callers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				_, err := h.Invoke(t.Context(), host.Window(fmt.Sprint((i+n)%5)), []string{"m.run", "n.run", "m.other"}[n%3], nil)
				switch e := err.(type) {
				case nil:
				case *host.Error:
					if e.Code != authority.CodeQuota && e.Code != authority.CodeRevoked {
						t.Error(err)
					}
				default:
					t.Error(err)
				}
			}
		})
	}
	writer.Go(func() {
		for range 40 {
			c := grantRun("more")
			c.Windows[0].Text, c.Instance = "*", "caller"
			id, err := h.Live().Grant(c, time.Time{})
			if err != nil {
				t.Error(err)
				return
			}
			before := h.Stats().Entered
			waitFor(t, func() bool { return h.Stats().Entered > before+5 })
			h.Live().Revoke(id)
			err = h.Load(t.Context(), "m", bin)
			if e, ok := errors.AsType[*host.LoadError](err); err != nil && (!ok || e.Code != authority.CodeQuota) { // calls may have the memory
				t.Error(err)
			}
		}
	})
	writer.Wait()
	close(stop)
	callers.Wait()
}

// TestKeptRecord: records and logs say what became of instances.
func TestKeptRecord(t *testing.T) {
	var sink host.MemorySink
	var log bytes.Buffer
	n, _, letGo := holdOn("native")
	close(letGo)
	h := open(t, app(t, map[string]string{"capabilities/any.toml": strings.Replace(anybody, `"n:allow-run"`, `"native:allow-run"`, 1)},
		map[string][]byte{"m": tally(nil).Manifest(keeping("m", "run", "other")).Bytes()}),
		host.Config{Audit: &sink, Native: []host.Native{n}, Logger: hclog.New(&hclog.LoggerOptions{Output: &log, JSONFormat: true, Level: hclog.Debug})})
	for _, command := range []string{"m.run", "m.run", "m.none", "native.run"} {
		_, _ = h.Invoke(t.Context(), main, command, nil)
	}
	var got []string
	for _, r := range sink.Records() {
		got = append(got, r.Instance)
	}
	if want := []string{"fresh", "kept", "", ""}; !slices.Equal(got, want) {
		t.Errorf("records say %q, want %q", got, want)
	}
	if err := h.Unload(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(logLines(t, &log), func(l map[string]any) bool { return l["@message"] == "instance of a caller ended" })
	if i < 0 {
		t.Fatalf("log: %s", log.String())
	}
	if l := logLines(t, &log)[i]; l["caller"] != "local in window main" || l["why"] != "the module goes" || l["@module"] != "host.module.m" {
		t.Errorf("logged %v", l)
	}
}

// TestKeptGoGuest: a guest of the SDK in an instance that is kept, whose open
// files are closed with their call.
func TestKeptGoGuest(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a Go guest")
	}
	bin, err := goGuest()
	if err != nil {
		t.Fatal(err)
	}
	m := strings.NewReplacer(`"abi":1`, `"abi":1,"instance":"caller"`, `"hold"`, `"hold","powers":["fs.read"]`, `"held"`, `"held","powers":["fs.read"]`).
		Replace(manifest("g", "count", "hold", "held"))
	if bin, err = wasm.SetCustomSection(bin, "ambit", []byte(m)); err != nil {
		t.Fatal(err)
	}
	h := open(t, app(t, map[string]string{
		"ambit.toml": "[dirs]\nDATA = \"data\"\n[[module]]\nname = \"g\"\n", "data/a": "one", "data/b": "two",
		"capabilities/main.toml": `
identifier = "main"
windows = ["main"]
instance = "caller"
[[permissions]]
identifier = "g:allow-count"
[[permissions]]
identifier = "g:allow-hold"
allow = [{ path = "$DATA/*" }]
[[permissions]]
identifier = "g:allow-held"
allow = [{ path = "$DATA/b" }]
`}, map[string][]byte{"g": bin}), host.Config{Limits: host.Limits{Load: 5 * time.Minute}})
	if r := h.Modules()[0].Refused; r != nil {
		t.Fatal(r)
	}
	counts(t, h, main, "g.count", 1)
	counts(t, h, main, "g.count", 2)
	path := func(p string) map[string]any { return map[string]any{"path": p} }
	if _, err := h.Invoke(t.Context(), main, "g.hold", path("/DATA/a")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		res, err := h.Invoke(t.Context(), main, "g.held", path("/DATA/b"))
		if e := wantCode(t, err, "g.error"); !strings.Contains(strings.ToLower(e.Message), "bad file") {
			t.Errorf("read from a file of another call: %v, %v", res.Value, err)
		}
	}
	counts(t, h, main, "g.count", 3)
}
