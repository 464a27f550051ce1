package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/hashicorp/go-hclog"
)

// powersBin is testdata/powers, built once.
var powersBin = sync.OnceValues(func() ([]byte, error) { return buildGo("./testdata/powers", "{}") })

// powersGuest is it as a module of the name.
func powersGuest(t testing.TB, name string) []byte {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a Go guest")
	}
	bin, err := powersBin()
	if err == nil {
		bin, err = wasm.SetCustomSection(bin, "ambit", fmt.Appendf(nil, `{"module":{"name":%q,"version":"1.0.0","abi":1},"command":[
{"name":"env","powers":["env"]},{"name":"denied","powers":["env"]},{"name":"relay","powers":["invoke"]},{"name":"emit","powers":["emit"]},
{"name":"relay_briefly","powers":["invoke"],"timeout":"200ms"},{"name":"relay_bare"},
{"name":"get","powers":["kv.read"]},{"name":"set","powers":["kv.write"]},{"name":"list","powers":["kv.read"]},{"name":"fetch","powers":["http"]},
{"name":"upload","powers":["http"]},{"name":"run","powers":["exec"]},{"name":"leave","powers":["exec"]},
{"name":"try","powers":["env","http","exec","kv.read","kv.write","invoke","emit"]},
{"name":"who"},{"name":"spin"},{"name":"fail"},{"name":"scope"}],
"scope":{"type":"object","properties":{"own":{"type":"string"}}}}`, name))
	}
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

const chainCapabilities = `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = [
  { identifier = "a:allow-relay", allow = [{ invoke = "b.*" }, { invoke = "a.relay" }, { invoke = "app.*" }, { own = "a" }], deny = [{ invoke = "b.who" }] },
  { identifier = "a:allow-relay-briefly", allow = [{ invoke = "b.*" }] },
  "a:allow-relay-bare",
  { identifier = "a:allow-emit", allow = [{ topic = "news/*" }] },
]
[[capabilities]]
identifier = "deputy"
modules = ["a"]
local = false
permissions = [
  "b:allow-who", "b:allow-spin", "b:allow-fail", { identifier = "b:allow-scope", allow = [{ own = "b" }, { own = "c" }] },
  { identifier = "b:allow-emit", allow = [{ topic = "news/*" }] },
  { identifier = "a:allow-relay", allow = [{ invoke = "a.relay" }] }, "app:allow-ping",
]
[[capabilities]]
identifier = "bystander"
modules = ["c"]
local = false
permissions = ["b:allow-denied"]
`

func relay(command string, args any) map[string]any {
	return map[string]any{"command": command, "args": args}
}

// openChain opens an app with the modules a and b, which are alike, and app, in
// Go.
func openChain(t *testing.T, c host.Config) *host.Host {
	t.Helper()
	c.Limits.Load = 5 * time.Minute
	c.Native = append(c.Native, host.Native{
		Manifest: authority.Manifest{Name: "app", Version: "1.0.0", Commands: []authority.Command{{Name: "ping"}}},
		Funcs: map[string]host.Func{"ping": func(ctx context.Context, c *host.NativeCall) (any, error) {
			if c.Args == "wait" {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return c.Caller.Origin.String(), nil
		}},
	})
	return open(t, app(t, map[string]string{"capabilities/main.toml": chainCapabilities}, map[string][]byte{"a": powersGuest(t, "a"), "b": powersGuest(t, "b")}), c)
}

// TestChain is the power invoke: what a module reaches of others.
func TestChain(t *testing.T) {
	var log bytes.Buffer
	sink := &host.MemorySink{}
	h := openChain(t, host.Config{Audit: sink, Logger: hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Warn})})
	for _, tt := range []struct {
		name, command string
		args          any
		want          any            // of the result, printed
		code          authority.Code // else
	}{
		{"another module", "a.relay", relay("b.scope", nil), "2", ""}, // its own scope, not the caller's
		{"in Go", "a.relay", relay("app.ping", nil), "module:a", ""},
		{"of the module app", "a.relay", relay("ping", nil), "module:a", ""},
		{"through itself", "a.relay", relay("a.relay", relay("a.relay", nil)), nil, "a.a-a-scope-mismatch"},
		{"an error", "a.relay", relay("b.fail", nil), nil, "a.b-broken"},
		{"denied by the scope", "a.relay", relay("b.who", nil), nil, "a.scope-mismatch"},
		{"outside the scope", "a.relay", relay("c.who", nil), nil, "a.scope-mismatch"},
		{"without any", "a.relay_briefly", relay("a.who", nil), nil, "a.scope-mismatch"},
		{"not declared", "a.relay_bare", relay("b.scope", nil), nil, "a.scope-empty"},
		{"not allowed to the module", "a.relay", relay("b.denied", "X"), nil, "a.denied"},
		{"not there", "a.relay", relay("b.nothing", nil), nil, "a.denied"},
		{"no name", "a.relay", relay("", nil), nil, "a.scope-mismatch"},
		{"of Tauri", "a.relay", relay("plugin:b|scope", nil), nil, "a.scope-mismatch"},
	} {
		res, err := h.Invoke(t.Context(), main, tt.command, tt.args)
		if tt.code != "" {
			if e, ok := errors.AsType[*host.Error](err); !ok || e.Code != tt.code {
				t.Errorf("%s: %v, %v; want %s", tt.name, res.Value, err, tt.code)
			}
			continue
		}
		if err != nil || fmt.Sprint(res.Value) != tt.want {
			t.Errorf("%s: %v, %v; want %v", tt.name, res.Value, err, tt.want)
		}
	}
	for _, want := range []string{`power=invoke asked=b.who code=scope-mismatch missing="{ invoke = \"b.who\" }"`, `power=invoke asked=b.scope code=scope-empty`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, &log)
		}
	}
	var denied, refused int
	for _, r := range sink.Records() {
		if r.Command == "b.denied" && r.Code == authority.CodeOriginMismatch && r.Caller.Origin == "module:a" && len(r.Caller.Chain) == 1 && r.Caller.Chain[0] == "local in window main" {
			denied++
		}
		if r.Command == "a.relay" && len(r.Refused) == 1 && r.Refused[0] == (host.RecordRefusal{
			Power: authority.PowerInvoke, Code: authority.CodeScopeMismatch, Asked: "b.who", Missing: `{ invoke = "b.who" }`,
		}) && r.RefusedAll == 1 {
			refused++
		}
	}
	if denied != 1 || refused != 1 {
		t.Errorf("%d records of the denial, %d of the refusal, in %+v", denied, refused, sink.Records())
	}
}

// TestChainEnds: a call that another one makes has no more of anything than that
// has left, and ends with it.
func TestChainEnds(t *testing.T) {
	sink := &host.MemorySink{}
	h := openChain(t, host.Config{Audit: sink, Limits: host.Limits{Deadline: time.Minute}})
	relayed := relay("b.fail", nil)
	for range 6 {
		relayed = relay("a.relay", relayed)
	}
	_, err := h.Invoke(t.Context(), main, "a.relay", relayed) // eight calls, b.fail not among them
	wantCode(t, err, "a.a-a-a-a-a-a-scope-mismatch")
	_, err = h.Invoke(t.Context(), main, "a.relay", relay("a.relay", relay("a.relay", relayed)))
	wantCode(t, err, "a.a-a-a-a-a-a-a-reentrancy-limit")
	_, err = h.Invoke(t.Context(), main, "a.relay_briefly", relay("b.spin", nil))
	wantCode(t, err, authority.CodeDeadline)

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = h.Invoke(ctx, main, "a.relay", relay("app.ping", "wait"))
	wantCode(t, err, authority.CodeDeadline)

	last := sink.Records()
	inner, outer := last[len(last)-4], last[len(last)-3]
	if inner.Command != "b.spin" || inner.Code != authority.CodeDeadline || inner.CPU == 0 || outer.CPU < inner.CPU {
		t.Errorf("records %+v, %+v", inner, outer)
	}
}

// TestChainDepth: no module of a chain makes it longer than one before it may.
func TestChainDepth(t *testing.T) {
	const capabilities = `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = [{ identifier = "a:allow-relay", allow = [{ invoke = "b.relay" }] }]
[[capabilities]]
identifier = "deputy"
modules = ["a", "b"]
local = false
permissions = ["a:allow-who", { identifier = "b:allow-relay", allow = [{ invoke = "a.who" }] }]
`
	for depth, want := range map[string]authority.Code{"3": "", "2": "a.b-reentrancy-limit", "1": "a.reentrancy-limit"} {
		h := open(t, app(t, map[string]string{
			"ambit.toml":             "[[module]]\nname = \"a\"\nlimits = { call_depth = " + depth + " }\n[[module]]\nname = \"b\"\n",
			"capabilities/main.toml": capabilities,
		}, map[string][]byte{"a": powersGuest(t, "a"), "b": powersGuest(t, "b")}), host.Config{Limits: host.Limits{Load: 5 * time.Minute}})
		_, err := h.Invoke(t.Context(), main, "a.relay", relay("b.relay", relay("a.who", nil)))
		if want != "" {
			wantCode(t, err, want)
		} else if err != nil {
			t.Errorf("control: %v", err)
		}
	}
}

// TestChainRevoked: when what allowed the first caller is taken back, the whole
// chain ends, whatever waits.
func TestChainRevoked(t *testing.T) {
	for _, what := range []map[string]any{relay("b.spin", nil), relay("app.ping", "wait")} {
		h := openChain(t, host.Config{Limits: host.Limits{Deadline: time.Minute}})
		grant := `
identifier = "extra"
windows = ["extra"]
permissions = [{ identifier = "a:allow-relay", allow = [{ invoke = "*" }] }]
`
		ids, err := h.Live().GrantFile("extra.toml", []byte(grant), time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(100*time.Millisecond, func() { h.Live().Revoke(ids[0]) })
		_, err = h.Invoke(t.Context(), host.Window("extra"), "a.relay", what)
		wantCode(t, err, authority.CodeRevoked)
		_, err = h.Invoke(t.Context(), host.Window("extra"), "a.relay", what)
		wantDenied(t, err, authority.CodeWindowMismatch)
	}
}

// TestChainBudgets: what a called module uses counts for its caller.
func TestChainBudgets(t *testing.T) {
	h := openChain(t, host.Config{Limits: host.Limits{CPU: 2_000_000_000, Deadline: time.Minute}})
	_, err := h.Invoke(t.Context(), main, "a.relay", relay("b.spin", nil))
	wantCode(t, err, authority.CodeCPULimit)
	res, err := openChain(t, host.Config{}).Invoke(t.Context(), main, "a.relay", relay("b.scope", nil))
	if err != nil || res.Stats.HostCalls != 6 { // four of a's, two of b's
		t.Errorf("%+v, %v", res.Stats, err)
	}
	h = openChain(t, host.Config{Limits: host.Limits{HostCalls: 1000}})
	emit := map[string]any{"topic": "news/a"}
	for count, want := range map[int]authority.Code{400: "", 600: authority.CodeCallLimit} {
		emit["count"] = count
		if _, err = h.Invoke(t.Context(), main, "a.relay", relay("b.emit", emit)); want == "" && err != nil || want != "" && wantCode(t, err, want) == nil {
			t.Errorf("%d events: %v", count, err)
		}
	}
}

// TestChainCount: what a call and those below it call is counted together.
func TestChainCount(t *testing.T) {
	h := openChain(t, host.Config{Limits: host.Limits{Invokes: 1}})
	if _, err := h.Invoke(t.Context(), main, "a.relay", relay("b.scope", nil)); err != nil {
		t.Error(err)
	}
	_, err := h.Invoke(t.Context(), main, "a.relay", relay("a.relay", relay("a.relay", nil)))
	wantCode(t, err, "a.a-quota")
}

// TestEmit is the power emit.
func TestEmit(t *testing.T) {
	h := openChain(t, host.Config{Limits: host.Limits{EventRate: 10, EventSize: 1000}})
	var got []host.Message
	listen := func(limit int) context.Context {
		got = nil
		return host.WithChannel(t.Context(), func(ctx context.Context, m host.Message) error {
			if len(got) == limit {
				return errors.New("gone")
			}
			got = append(got, m)
			return ctx.Err()
		})
	}
	emit := func(topic string, count, size int) map[string]any {
		return map[string]any{"topic": topic, "count": count, "size": size}
	}
	for _, tt := range []struct {
		name  string
		ctx   context.Context
		args  map[string]any
		heard any
		code  authority.Code
	}{
		{"heard", listen(99), emit("news/a", 3, 10), int64(3), ""},
		{"nobody listens", t.Context(), emit("news/a", 3, 10), int64(0), ""},
		{"listener leaves", listen(2), emit("news/a", 5, 10), int64(2), ""},
		{"another topic", listen(99), emit("news", 1, 10), nil, "a.forbidden"},
		{"too large", listen(99), emit("news/a", 1, 1000), nil, "a.error"},
		{"too many", listen(99), emit("news/a", 100, 10), nil, "a.error"},
	} {
		got = nil
		res, err := h.Invoke(tt.ctx, main, "a.emit", tt.args)
		if tt.code != "" {
			wantCode(t, err, tt.code)
		} else if err != nil || res.Value != tt.heard {
			t.Errorf("%s: %v, %v", tt.name, res.Value, err)
		}
		switch tt.name {
		case "heard":
			var p struct {
				N int `json:"n"`
			}
			if len(got) != 3 || got[2].Topic != "news/a" || got[2].Decode(&p) != nil || p.N != 2 || field(t, got[1].Value(), "n") != int64(1) {
				t.Errorf("%s: heard %v", tt.name, got)
			}
		case "too many":
			if len(got) < 10 || len(got) > 50 {
				t.Errorf("%s: heard %d", tt.name, len(got))
			}
		case "another topic", "too large":
			if len(got) != 0 {
				t.Errorf("%s: heard %v", tt.name, got)
			}
		}
	}
	// What a called module emits is not for the channel of the root.
	res, err := h.Invoke(listen(99), main, "a.relay", relay("b.emit", emit("news/a", 1, 1)))
	if err != nil || res.Value != int64(0) || len(got) != 0 {
		t.Errorf("%v, %v, heard %v", res.Value, err, got)
	}
}
