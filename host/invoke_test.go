package host_test

import (
	"bytes"
	"context"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// TestInvokeRequest looks at the envelope with the guest's eyes.
func TestInvokeRequest(t *testing.T) {
	h := open(t, app(t, map[string]string{
		"capabilities/main.toml": `
identifier = "main"
windows = ["main"]
[[permissions]]
identifier = "m:allow-run"
allow = [{ topic = "news", n = 1 }, { topic = "chat" }]
deny = [{ topic = "secret" }]
[[permissions]]
identifier = "m:everywhere"
`}, map[string][]byte{"m": wasmtest.Echo(`{
"module":{"name":"m","version":"1.0.0","abi":1},
"command":[{"name":"run"}],
"scope":{"type":"object","properties":{"topic":{"type":"string"},"n":{"type":"integer"}}},
"permission":[{"identifier":"everywhere","scope":{"deny":[{"topic":"gone"}]}}]}`)}), host.Config{})

	type point struct {
		X int     `json:"x"`
		Y float64 `json:"y,omitempty"`
	}
	args := struct {
		Name   string  `json:"name"`
		Points []point `json:"points"`
		Data   []byte  `json:"data"`
	}{"häß", []point{{1, 0.5}, {X: -200000}}, []byte{0, 1}}
	caller := host.WindowOf("main", "side")
	caller.Chain = []authority.Caller{host.Remote("w", "https://a.example/x")}
	res, err := h.Invoke(t.Context(), caller, "m.run", args)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"v": int64(1), "id": int64(1), "command": "run",
		"args": map[string]any{"name": "häß", "data": []byte{0, 1},
			"points": []any{map[string]any{"x": int64(1), "y": 0.5}, map[string]any{"x": int64(-200000)}}},
		"scope": map[string]any{
			"allow": []any{map[string]any{"topic": "news", "n": int64(1)}, map[string]any{"topic": "chat"}},
			"deny":  []any{map[string]any{"topic": "secret"}}},
		"global": map[string]any{"allow": []any{}, "deny": []any{map[string]any{"topic": "gone"}}},
		"caller": map[string]any{"window": "main", "webview": "side", "origin": "local", "chain": []any{
			map[string]any{"window": "w", "webview": "w", "origin": "https://a.example/x"}}},
	}
	got := res.Value.(map[string]any)
	seed, deadline := got["seed"].([]byte), got["deadline"].(int64)
	delete(got, "seed")
	delete(got, "deadline")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("request\n got %v\nwant %v", got, want)
	}
	if len(seed) != 16 || bytes.Equal(seed, make([]byte, 16)) {
		t.Errorf("seed = %x", seed)
	}
	if deadline <= 0 || deadline > 5000 {
		t.Errorf("deadline = %d ms", deadline)
	}
	again, err := h.Invoke(t.Context(), caller, "m.run", args)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(seed, field(t, again.Value, "seed").([]byte)) || field(t, again.Value, "id") != int64(2) {
		t.Error("two calls have the same seed or id")
	}
}

func TestInvokeArguments(t *testing.T) {
	h := single(t, wasmtest.Echo(`{"module":{"name":"m","version":"1.0.0","abi":1},"command":[{"name":"run",
"args":{"type":"object","properties":{"n":{"type":"integer","maximum":9}},"additionalProperties":false}}]}`), host.Config{})
	for name, args := range map[string]any{
		"none":      nil,
		"empty":     map[string]any{},
		"in bounds": map[string]int{"n": 9},
		"by pointer": &struct {
			N int `json:"n"`
		}{3},
	} {
		if _, err := h.Invoke(t.Context(), main, "m.run", args); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	entered := h.Stats().Entered
	deep := any(1)
	for range 40 {
		deep = []any{deep}
	}
	for name, args := range map[string]any{
		"out of bounds": map[string]int{"n": 10},
		"unknown key":   map[string]int{"m": 1},
		"a list":        []int{1},
		"wrong type":    map[string]any{"n": "1"},
		"a time":        map[string]any{"n": time.Now()},
		"a function":    func() {},
		"not UTF-8":     map[string]any{"\xff": 1},
		"too deep":      deep,
		"not a number":  map[string]any{"n": math.NaN()},
	} {
		_, err := h.Invoke(t.Context(), main, "m.run", args)
		if e := wantCode(t, err, authority.CodeBadArgs); e.Message == "" || e.Command != "m.run" {
			t.Errorf("%s: error %+v", name, e)
		}
	}
	if h.Stats().Entered != entered {
		t.Error("a call with bad arguments entered the module")
	}
}

func TestInvokeRaw(t *testing.T) {
	h := single(t, wasmtest.Echo(manifest("m", "run")), host.Config{Limits: host.Limits{Request: 2000}})
	args := wire.AppendInt(wire.AppendStr(wire.AppendMap(nil, 1), "n"), 5)
	out, err := h.InvokeRaw(t.Context(), main, "m.run", args, []byte("before"))
	if err != nil || !bytes.HasPrefix(out, []byte("before")) {
		t.Fatalf("%q, %v", out, err)
	}
	r, err := wire.ParseRequest(out[len("before"):])
	if err != nil || !bytes.Equal(r.Args, args) {
		t.Errorf("arguments %x, %v", r.Args, err)
	}
	if out, err = h.InvokeRaw(t.Context(), main, "m.run", nil, nil); err != nil {
		t.Fatal(err)
	}
	if r, err = wire.ParseRequest(out); err != nil || !bytes.Equal(r.Args, []byte{0x80}) {
		t.Errorf("no arguments arrive as %x, %v", r.Args, err)
	}

	entered := h.Stats().Entered
	for name, bad := range map[string]string{
		"truncated": "\x81\xa1n", "trailing": "\x80\x80", "count": "\xdf\xff\xff\xff\xff", "ext": "\xd4\x01\x00",
		"duplicate key": "\x82\xa1n\x01\xa1n\x02", "number as key": "\x81\x01\x01", "reserved": "\xc1", "not UTF-8": "\xa1\xff",
	} {
		out, err := h.InvokeRaw(t.Context(), main, "m.run", []byte(bad), []byte("kept"))
		wantCode(t, err, authority.CodeBadArgs)
		if string(out) != "kept" {
			t.Errorf("%s: dst is %q after an error", name, out)
		}
	}
	long := wire.AppendStr(nil, strings.Repeat("x", 2000))
	_, err = h.InvokeRaw(t.Context(), main, "m.run", long, nil)
	wantCode(t, err, authority.CodeTooLarge)
	_, err = h.InvokeRaw(t.Context(), main, "m.run", wire.AppendStr(nil, strings.Repeat("x", 1900)), nil)
	wantCode(t, err, authority.CodeTooLarge) // with the envelope around it
	if h.Stats().Entered != entered {
		t.Error("a call with bad arguments entered the module")
	}
}

func TestResultDecode(t *testing.T) {
	reply := wire.AppendOK(nil, wire.AppendBool(wire.AppendStr(wire.AppendInt(wire.AppendStr(wire.AppendMap(nil, 2), "count"), 3), "done"), true))
	h := single(t, wasmtest.Answer(manifest("m", "run"), reply), host.Config{})
	res, err := h.Invoke(t.Context(), main, "m.run", nil)
	if err != nil {
		t.Fatal(err)
	}
	var into struct {
		Count int  `json:"count"`
		Done  bool `json:"done"`
	}
	if err := res.Decode(&into); err != nil || into.Count != 3 || !into.Done {
		t.Errorf("%+v, %v", into, err)
	}
	if res.Decode(&struct {
		Count string `json:"count"`
	}{}) == nil {
		t.Error("decoded a number into a string")
	}
	if (host.Result{}).Decode(&into) == nil {
		t.Error("decoded a result that is none")
	}
	if !bytes.Equal(wire.AppendOK(nil, res.Raw()), reply) {
		t.Errorf("raw result %x", res.Raw())
	}
}

// TestInvokeNames is row 085 of the hostile catalogue: names that look like a
// command's.
func TestInvokeNames(t *testing.T) {
	h := single(t, wasmtest.Echo(manifest("m", "run")), host.Config{})
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil { // control
		t.Fatal(err)
	}
	entered := h.Stats().Entered
	for _, name := range []string{
		"", ".", "m", "run", "m.", ".run", "m.Run", "M.run", "m.run ", " m.run", "m.run\x00", "m.r\u0443n", "m..run", "m.run.run",
		"m|run", "m:run", "plugin:m|run", "../m.run", "m/run", "m.allow-run", "m.ambit_invoke", "m.\xff", strings.Repeat("m", 1<<20),
	} {
		_, err := h.Invoke(t.Context(), main, name, nil)
		d, ok := err.(*authority.Denial)
		if !ok || d.Code() != authority.CodeUnknownModule && d.Code() != authority.CodeUnknownCommand {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	if h.Stats().Entered != entered {
		t.Error("a misspelt command entered the module")
	}
}

func TestVisible(t *testing.T) {
	h := open(t, app(t, map[string]string{"capabilities/main.toml": `
identifier = "main"
windows = ["main"]
remote.urls = ["https://a.example"]
permissions = ["m:allow-run", "m:deny-other"]
`}, map[string][]byte{"m": wasmtest.Echo(manifest("m", "run", "other", "third"))}), host.Config{})
	remote := host.Remote("main", "https://a.example/")
	if _, err := h.Invoke(t.Context(), remote, "m.run", nil); err != nil { // control
		t.Fatal(err)
	}
	for command, want := range map[string]authority.Code{
		"m.other": authority.CodeDeniedByRule, "m.third": authority.CodeNotGranted, "m.no": authority.CodeUnknownCommand,
		"no.run": authority.CodeUnknownModule,
	} {
		_, err := h.Invoke(t.Context(), main, command, nil)
		wantDenied(t, err, want)
		if got := host.Visible(main, err); got.Code != want || got.Command != command {
			t.Errorf("the window sees %v", got)
		}
		_, err = h.Invoke(t.Context(), remote, command, nil)
		wantDenied(t, err, want)
		if got := host.Visible(remote, err); got.Code != authority.CodeDenied || got.Command != command || got.Message != "not allowed" {
			t.Errorf("the remote page sees %v", got)
		}
	}
	if host.Visible(main, nil) != nil {
		t.Error("no error is visible as one")
	}
	if got := host.Visible(main, context.Canceled); got.Code != authority.CodeHostError {
		t.Errorf("a foreign error is visible as %v", got)
	}
}
