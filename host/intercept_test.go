package host_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/schema"
	"github.com/ambit-wasm/ambit/host"
)

// openIntercepted opens a host with interceptors, a module in Wasm and one in Go,
// app.echo, whose argument is a number of at most 10.
func openIntercepted(t *testing.T, sink host.Sink, in ...host.Interceptor) *host.Host {
	t.Helper()
	args, err := schema.Compile(map[string]any{
		"type": "object", "properties": map[string]any{"n": map[string]any{"type": "integer", "maximum": 10.0}}, "additionalProperties": false,
	})
	if err != nil {
		t.Fatal(err)
	}
	native := host.Native{
		Manifest: authority.Manifest{Name: "app", Version: "1.0.0", Commands: []authority.Command{{Name: "echo", Args: args}, {Name: "fail"}}},
		Funcs: map[string]host.Func{
			"echo": func(_ context.Context, c *host.NativeCall) (any, error) { return c.Args, nil },
			"fail": func(context.Context, *host.NativeCall) (any, error) {
				return nil, &host.Error{Code: "broken", Message: "secret"}
			},
		},
	}
	return open(t, app(t, map[string]string{"capabilities/main.toml": `
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = ["app:allow-echo", "app:allow-fail", { identifier = "a:allow-relay", allow = [{ invoke = "*" }] }, "a:allow-who"]
[[capabilities]]
identifier = "deputy"
modules = ["a"]
local = false
permissions = ["app:allow-echo"]
`}, map[string][]byte{"a": powersGuest(t, "a")}), host.Config{Native: []host.Native{native}, Interceptors: in, Audit: sink, Limits: host.Limits{Load: 5 * time.Minute}})
}

// TestInterceptors: they see every call that is allowed, in order, and what they
// set is checked.
func TestInterceptors(t *testing.T) {
	var log []string
	note := func(name string) host.Interceptor {
		return host.Interceptor{
			Before: func(_ context.Context, c *host.Intercepted) error {
				log = append(log, name+" before "+c.Command()+" "+c.Caller().Origin.String()+" "+fmt.Sprint(c.Args()))
				return nil
			},
			After: func(_ context.Context, c *host.Intercepted) error {
				log = append(log, fmt.Sprint(name, " after ", c.Result(), " ", c.Failed() != nil))
				return nil
			},
		}
	}
	change := host.Interceptor{
		Before: func(_ context.Context, c *host.Intercepted) error {
			var a struct {
				N int `json:"n"`
			}
			if err := c.DecodeArgs(&a); err != nil || c.Command() != "app.echo" {
				return err
			}
			return c.SetArgs(map[string]any{"n": a.N + 1})
		},
		After: func(_ context.Context, c *host.Intercepted) error {
			if c.Failed() != nil {
				if c.SetResult(1) == nil || c.DecodeResult(new(any)) == nil {
					t.Error("a failed call has a result")
				}
				return nil
			}
			var r map[string]any
			if err := c.DecodeResult(&r); err != nil || r["n"] == nil {
				return err
			}
			r["redacted"] = true
			return c.SetResult(r)
		},
	}
	h := openIntercepted(t, nil, note("1"), change, host.Interceptor{}, note("2"))
	res, err := h.Invoke(t.Context(), main, "app.echo", map[string]any{"n": 1})
	if err != nil || fmt.Sprint(res.Value) != "map[n:2 redacted:true]" {
		t.Errorf("%v, %v", res.Value, err)
	}
	want := "1 before app.echo local map[n:1]\n2 before app.echo local map[n:2]\n2 after map[n:2] false\n1 after map[n:2 redacted:true] false"
	if got := strings.Join(log, "\n"); got != want {
		t.Errorf("log\n%s\nwant\n%s", got, want)
	}
	raw, err := h.InvokeRaw(t.Context(), main, "app.echo", []byte("\x81\xa1n\x03"), nil)
	if err != nil || string(raw) != "\x82\xa1n\x04\xa8redacted\xc3" {
		t.Errorf("%q, %v", raw, err)
	}
	_, err = h.Invoke(t.Context(), main, "app.echo", map[string]any{"n": 10})
	wantCode(t, err, authority.CodeBadArgs) // 11 is too much, though 10 was not
	log = nil
	_, err = h.Invoke(t.Context(), main, "app.fail", nil)
	wantCode(t, err, "app.broken")
	if got := strings.Join(log, "\n"); !strings.HasSuffix(got, "2 after <nil> true\n1 after <nil> true") {
		t.Errorf("log of a failure\n%s", got)
	}
	// Calls of modules, too; those that are denied never come so far.
	log = nil
	if res, err = h.Invoke(t.Context(), main, "a.relay", relay("app.echo", map[string]any{"n": 5})); err != nil || fmt.Sprint(res.Value) != "map[n:6 redacted:true]" {
		t.Errorf("%v, %v", res.Value, err)
	}
	if len(log) != 8 || log[2] != "1 before app.echo module:a map[n:5]" {
		t.Errorf("log of a chain\n%s", strings.Join(log, "\n"))
	}
	log = nil
	_, err = h.Invoke(t.Context(), host.Window("other"), "app.echo", nil)
	wantDenied(t, err, authority.CodeWindowMismatch)
	if log != nil {
		t.Errorf("a denied call was intercepted: %v", log)
	}
}

// TestInterceptorsRefuse: what one refuses, or fails at, is not run, and those
// before it learn of it.
func TestInterceptorsRefuse(t *testing.T) {
	for name, tt := range map[string]struct {
		f       func() error
		code    authority.Code
		message string
	}{
		"text for the operator": {func() error { return errors.New("canary-61ab") }, authority.CodeRefused, "the app refused this call"},
		"message":               {func() error { return &host.Error{Message: "not on sundays", Data: 7} }, authority.CodeRefused, "not on sundays"},
		"outcome of another":    {func() error { return fmt.Errorf("x: %w", authority.ErrDenied) }, authority.CodeRefused, "the app refused this call"},
		"panic":                 {func() error { panic("canary-61ab") }, authority.CodeHostError, "the host failed"},
	} {
		sink := &host.MemorySink{}
		told := 0
		f := tt.f
		first := host.Interceptor{After: func(_ context.Context, c *host.Intercepted) error {
			if told++; c.Failed() == nil {
				t.Errorf("%s: the first does not learn of it", name)
			}
			return nil
		}}
		h := openIntercepted(t, sink, first, host.Interceptor{
			Before: func(context.Context, *host.Intercepted) error { return f() },
			After:  func(context.Context, *host.Intercepted) error { t.Errorf("%s: after it refused", name); return nil },
		})
		_, err := h.Invoke(t.Context(), main, "a.who", nil)
		if e := wantCode(t, err, tt.code); e.Message != tt.message || strings.Contains(host.Visible(main, err).Error(), "canary") || errors.Is(err, authority.ErrDenied) {
			t.Errorf("%s: %v", name, err)
		}
		if r := sink.Records(); told != 1 || h.Stats().Entered != 0 || len(r) != 1 || r[0].Code != tt.code {
			t.Errorf("%s: told %d, entered %d, records %+v", name, told, h.Stats().Entered, r)
		}
	}
	// After a call, too.
	h := openIntercepted(t, nil, host.Interceptor{After: func(_ context.Context, c *host.Intercepted) error {
		if c.Failed() != nil {
			return &host.Error{Message: "something failed"} // in place of what the module said
		}
		return errors.New("no")
	}})
	_, err := h.Invoke(t.Context(), main, "app.echo", nil)
	wantCode(t, err, authority.CodeRefused)
	_, err = h.Invoke(t.Context(), main, "app.fail", nil)
	if e := wantCode(t, err, authority.CodeRefused); e.Message != "something failed" {
		t.Errorf("%v", e)
	}
}
