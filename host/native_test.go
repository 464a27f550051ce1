package host_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// native is a module in Go with one command "run".
func native(name string, f host.Func) host.Native {
	return host.Native{
		Manifest: authority.Manifest{Name: name, Version: "1.0.0", ABI: 1, Commands: []authority.Command{{Name: "run"}}},
		Funcs:    map[string]host.Func{"run": f},
	}
}

func TestNative(t *testing.T) {
	n := native("m", func(_ context.Context, c *host.NativeCall) (any, error) {
		var args struct {
			Name string `json:"name"`
		}
		if err := c.Decode(&args); err != nil {
			return nil, err
		}
		return map[string]any{"hello": args.Name, "args": c.Args, "command": c.Command, "window": c.Caller.Window,
			"powers": len(c.Grant.Powers())}, nil
	})
	var sink host.MemorySink
	h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}, Audit: &sink})
	res, err := h.Invoke(t.Context(), main, "m.run", map[string]string{"name": "you"})
	if err != nil {
		t.Fatal(err)
	}
	if field(t, res.Value, "hello") != "you" || field(t, res.Value, "window") != "main" || field(t, res.Value, "command") != "run" ||
		field(t, res.Value, "args", "name") != "you" {
		t.Errorf("result %v", res.Value)
	}
	_, err = h.Invoke(t.Context(), host.Window("other"), "m.run", nil)
	wantDenied(t, err, authority.CodeWindowMismatch)
	if s := h.Stats(); s.Entered != 1 || s.Denied != 1 {
		t.Errorf("stats = %+v", s)
	}
	if len(sink.Records()) != 2 {
		t.Errorf("records = %+v", sink.Records())
	}
}

func TestNativeFailures(t *testing.T) {
	const secret = "/home/somebody/canary-5d1f"
	for name, c := range map[string]struct {
		f       host.Func
		want    authority.Code
		message string
	}{
		"own code":     {fails(&host.Error{Code: "gone", Message: "it is gone"}), "m.gone", "it is gone"},
		"forged code":  {fails(&host.Error{Code: "m.gone", Message: "it is gone"}), authority.CodeHostError, "the host failed"},
		"wrapped code": {fails(fmt.Errorf("%s: %w", secret, &host.Error{Code: "gone", Message: secret})), authority.CodeHostError, "the host failed"},
		"cause":        {fails(&host.Error{Code: "gone", Message: "it is gone", Err: errors.New(secret)}), "m.gone", "it is gone"},
		"error":        {fails(errors.New(secret)), authority.CodeHostError, "the host failed"},
		"denial":       {fails(&authority.Denial{}), authority.CodeHostError, "the host failed"},
		"panic":        {func(context.Context, *host.NativeCall) (any, error) { panic(secret) }, authority.CodeHostError, "the host failed"},
		"goexit":       {func(context.Context, *host.NativeCall) (any, error) { runtime.Goexit(); return nil, nil }, authority.CodeHostError, "the host failed"},
		"a function":   {func(context.Context, *host.NativeCall) (any, error) { return func() {}, nil }, authority.CodeHostError, "the host failed"},
		"a time":       {func(context.Context, *host.NativeCall) (any, error) { return time.Now(), nil }, authority.CodeHostError, "the host failed"},
		"too large": {func(context.Context, *host.NativeCall) (any, error) { return strings.Repeat("x", 5<<20), nil },
			authority.CodeOutputLimit, "the result is too large"},
	} {
		t.Run(name, func(t *testing.T) {
			var sink host.MemorySink
			h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil),
				host.Config{Native: []host.Native{native("m", c.f)}, Audit: &sink})
			var err error
			done := make(chan struct{})
			go func() { // one of them ends its goroutine
				defer close(done)
				_, err = h.Invoke(t.Context(), main, "m.run", nil)
			}()
			<-done
			if name != "goexit" {
				e := wantCode(t, err, c.want)
				if e.Message != c.message || strings.Contains(fmt.Sprintf("%+v", *host.Visible(main, err)), "canary") {
					t.Errorf("the caller reads %+v", *host.Visible(main, err))
				}
			}
			if r := sink.Records(); len(r) != 1 || r[0].Code != c.want {
				t.Errorf("records = %+v", r)
			}
			if s := h.Stats(); s.Running != 0 {
				t.Errorf("stats = %+v", s)
			}
		})
	}
}

func fails(err error) host.Func {
	return func(context.Context, *host.NativeCall) (any, error) { return nil, err }
}

func TestNativeTime(t *testing.T) {
	deadline := func(ctx context.Context, _ *host.NativeCall) (any, error) {
		_, has := ctx.Deadline()
		return has, nil
	}
	n := native("m", deadline)
	dir := app(t, map[string]string{"capabilities/main.toml": grantTest}, nil)
	res, err := open(t, dir, host.Config{Native: []host.Native{n}}).Invoke(t.Context(), main, "m.run", nil)
	if err != nil || res.Value != false {
		t.Errorf("without a timeout: %v, %v", res.Value, err)
	}
	n.Manifest.Commands[0].Timeout = 20
	n.Funcs["run"] = func(ctx context.Context, _ *host.NativeCall) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	_, err = open(t, dir, host.Config{Native: []host.Native{n}}).Invoke(t.Context(), main, "m.run", nil)
	wantCode(t, err, authority.CodeDeadline)
}

func TestBadNative(t *testing.T) {
	good := native("m", fails(nil))
	bad := native("n", fails(nil))
	delete(bad.Funcs, "run")
	for name, list := range map[string][]host.Native{"twice": {good, good}, "no function": {good, bad}} {
		h, err := host.Open(t.Context(), app(t, nil, nil), host.Config{Native: list, Cache: shared})
		if err == nil {
			closeHost(t, h)
			t.Errorf("%s: opened", name)
		}
	}
	open(t, app(t, nil, nil), host.Config{Native: []host.Native{good}}) // control
}

func TestHandle(t *testing.T) {
	toml := "[[module]]\nname = \"m\"\n" // named, so that capabilities may speak of it
	h := open(t, app(t, map[string]string{"ambit.toml": toml, "capabilities/main.toml": grantTest}, nil), host.Config{})
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantDenied(t, err, authority.CodeModuleInvalid)
	one := func(n int) host.Native {
		return native("m", func(context.Context, *host.NativeCall) (any, error) { return n, nil })
	}
	for n := range 3 {
		m := one(n)
		if err := h.Handle(m.Manifest, m.Funcs); err != nil {
			t.Fatal(err)
		}
		res, err := h.Invoke(t.Context(), main, "m.run", nil)
		if err != nil || res.Value != int64(n) {
			t.Errorf("%v, %v", res.Value, err)
		}
	}
	for name, change := range map[string]func(*host.Native){
		"a command without function": func(n *host.Native) {
			n.Manifest.Commands = append(n.Manifest.Commands, authority.Command{Name: "more"})
		},
		"a function without command": func(n *host.Native) { n.Funcs["more"] = n.Funcs["run"] },
		"powers":                     func(n *host.Native) { n.Manifest.Commands[0].Powers = []authority.Power{authority.PowerHTTP} },
	} {
		m := one(9)
		change(&m)
		if _, ok := errors.AsType[*host.LoadError](h.Handle(m.Manifest, m.Funcs)); !ok {
			t.Errorf("%s: accepted", name)
		}
	}
	bad := one(9)
	bad.Manifest.Commands[0].Name = "Not A Name"
	bad.Funcs = map[string]host.Func{"Not A Name": bad.Funcs["run"]}
	if _, ok := errors.AsType[authority.Problems](h.Handle(bad.Manifest, bad.Funcs)); !ok {
		t.Error("a manifest with a bad name of a command was accepted")
	}
	if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != int64(2) {
		t.Errorf("after refused ones: %v, %v", res.Value, err)
	}
}

// TestNativeEmit: a Go function tells the caller's channel how far it is, until it ends.
func TestNativeEmit(t *testing.T) {
	var late *host.NativeCall
	n := native("m", func(_ context.Context, c *host.NativeCall) (any, error) {
		late = c
		for n := range 3 {
			if heard, err := c.Emit("progress", map[string]any{"n": n}); err != nil || !heard {
				return nil, fmt.Errorf("%v, %w", heard, err)
			}
		}
		if _, err := c.Emit("progress", make(chan int)); err == nil {
			return nil, errors.New("a channel was sent")
		}
		return "done", nil
	})
	h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}})
	var got []any
	ctx := host.WithChannel(t.Context(), func(_ context.Context, m host.Message) error {
		got = append(got, m.Topic, m.Value())
		return nil
	})
	res, err := h.Invoke(ctx, main, "m.run", nil)
	if err != nil || res.Value != "done" || fmt.Sprint(got) != "[progress map[n:0] progress map[n:1] progress map[n:2]]" {
		t.Errorf("%v, %v, %v", res.Value, err, got)
	}
	if heard, err := late.Emit("progress", 1); heard || err != nil || len(got) != 6 {
		t.Errorf("after the end: %v, %v, %v", heard, err, got)
	}
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err == nil {
		t.Error("it is heard without a channel")
	}
}
