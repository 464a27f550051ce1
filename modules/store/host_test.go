//go:build !wasip1

package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

type args = map[string]any

// A step is a call, and what comes back.
type step struct {
	command string
	args    args
	want    string // the result, printed; or
	code    string // of the error
}

// steps are calls with "settings/*" granted but for what is private.
var steps = []step{
	{"get", args{"store": "settings", "key": "theme"}, "map[exists:false value:<nil>]", ""},
	{"set", args{"store": "settings", "key": "theme", "value": args{"dark": true}}, "<nil>", ""},
	{"set", args{"store": "settings", "key": "n", "value": nil}, "<nil>", ""},
	{"get", args{"store": "settings", "key": "theme"}, "map[exists:true value:map[dark:true]]", ""},
	{"has", args{"store": "settings", "key": "n"}, "true", ""},
	{"keys", args{"store": "settings"}, "[n theme]", ""},
	{"values", args{"store": "settings"}, "[<nil> map[dark:true]]", ""},
	{"entries", args{"store": "settings"}, "[[n <nil>] [theme map[dark:true]]]", ""},
	{"length", args{"store": "settings"}, "2", ""},
	{"delete", args{"store": "settings", "key": "n"}, "true", ""},
	{"delete", args{"store": "settings", "key": "n"}, "false", ""},
	{"clear", args{"store": "settings"}, "1", ""},
	{"length", args{"store": "settings"}, "0", ""},
	{"keys", nil, "[]", ""}, // the scope shows nothing of it
	{"set", args{"key": "x", "value": 1}, "", "forbidden"},
	{"get", args{"store": "other", "key": "x"}, "", "forbidden"},
	{"get", args{"store": "settings", "key": "private/x"}, "", "forbidden"},
	{"set", args{"store": "settings", "key": "private/x", "value": 1}, "", "forbidden"},
	{"get", args{"store": "settings/x", "key": "x"}, "", "bad-args"},
	{"get", args{"store": "other/../settings", "key": "theme"}, "", "bad-args"},
	{"set", args{"store": "settings", "key": "large", "value": string(make([]byte, 1<<20))}, "", "too-large"},
}

// nulls are calls with "default/*" granted: null is as if left out, and nothing else
// of another type is.
var nulls = []step{
	{"set", args{"store": nil, "key": "a", "value": 1, "ttl": nil}, "<nil>", ""},
	{"set", args{"key": "b", "value": 2, "ttl": nil}, "<nil>", ""},
	{"get", args{"store": "default", "key": "a"}, "map[exists:true value:1]", ""},
	{"get", args{"store": nil, "key": "b"}, "map[exists:true value:2]", ""},
	{"has", args{"store": nil, "key": "b"}, "true", ""},
	{"keys", args{"store": nil}, "[a b]", ""},
	{"values", args{"store": nil}, "[1 2]", ""},
	{"entries", args{"store": nil}, "[[a 1] [b 2]]", ""},
	{"length", args{"store": nil}, "2", ""},
	{"delete", args{"store": nil, "key": "b"}, "true", ""},
	{"set", args{"store": 1, "key": "a", "value": 3}, "", "bad-args"},
	{"set", args{"key": "a", "value": 3, "ttl": "1"}, "", "bad-args"},
	{"set", args{"key": nil, "value": 3}, "", "bad-args"},
	{"get", args{"key": "a"}, "map[exists:true value:1]", ""},
	{"get", args{"store": false, "key": "a"}, "", "bad-args"},
	{"clear", args{"store": args{}}, "", "bad-args"},
	{"clear", args{"store": nil}, "1", ""},
	{"length", nil, "0", ""},
}

// TestCommands: natively and in a sandbox.
func TestCommands(t *testing.T) {
	both(t, steps, sdktest.Scope{Allow: []any{args{"key": "settings/*"}}, Deny: []any{args{"key": "settings/private/*"}}})
}

func TestNull(t *testing.T) { both(t, nulls, sdktest.Scope{Allow: []any{args{"key": "default/*"}}}) }

// TestTTL: a value that is stored for a while goes.
func TestTTL(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{Scope: sdktest.Scope{Allow: []any{args{"key": "default/*"}}}})
	if err := h.Invoke("set", args{"key": "a", "value": 1, "ttl": 1}, nil); err != nil {
		t.Fatal(err)
	}
	late := time.Now().Add(time.Minute)
	for has := true; has; {
		if err := h.Invoke("has", args{"key": "a"}, &has); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(late) {
			t.Fatal("it stays")
		}
	}
}

func both(t *testing.T, steps []step, scope sdktest.Scope) {
	o := sdktest.Options{Scope: scope}
	t.Run("native", func(t *testing.T) { run(t, sdktest.New(t, o), steps) })
	t.Run("guest", func(t *testing.T) { run(t, sdktest.NewGuest(t, "guest", o), steps) })
}

func run(t *testing.T, h *sdktest.Host, steps []step) {
	for _, s := range steps {
		var got any
		err := h.Invoke(s.command, s.args, &got)
		if code := sdktest.Code(err); code != s.code || code == "" && fmt.Sprint(got) != s.want {
			t.Errorf("%s %v: %v, %v; want %s%s", s.command, s.args, got, err, s.want, s.code)
		}
	}
}

// TestHost: what the permissions of the module grant.
func TestHost(t *testing.T) {
	h := sdktest.Open(t, host.Config{}, `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = ["store:read-all", "store:write-all", { identifier = "store:scope", allow = [{ key = "settings/*" }], deny = [{ key = "settings/private/*" }] }]
[[capabilities]]
identifier = "default"
windows = ["default"]
permissions = ["store:default"]
`, sdktest.Build(t, "guest"))
	for command, a := range map[string]args{"set": {"store": "settings", "key": "theme", "value": 1}, "get": {"store": "settings", "key": "theme"}} {
		if _, err := h.Invoke(t.Context(), host.Window("main"), "store."+command, a); err != nil {
			t.Errorf("%s: %v", command, err)
		}
		a["key"] = "private/x"
		if _, err := h.Invoke(t.Context(), host.Window("main"), "store."+command, a); sdktest.Code(err) != "store.forbidden" {
			t.Errorf("%s of what is denied: %v", command, err)
		}
	}
	window := host.Window("default")
	if _, err := h.Invoke(t.Context(), window, "store.set", args{"key": "x", "value": 1}); err != nil {
		t.Errorf("default: %v", err)
	}
	if _, err := h.Invoke(t.Context(), window, "store.get", args{"store": "settings", "key": "theme"}); sdktest.Code(err) != "store.forbidden" {
		t.Errorf("default, another store: %v", err)
	}
	for _, command := range registered {
		a := args{"store": "settings"}
		if _, err := h.Invoke(t.Context(), host.Window("other"), "store."+command, a); sdktest.Code(err) != "denied" {
			t.Errorf("%s from a window without a grant: %v", command, err)
		}
	}
}
