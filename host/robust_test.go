package host_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// A subscriber may use the host whose policy has changed.
func TestSubscriberUsesHost(t *testing.T) {
	bin := wasmtest.Echo(manifest("m", "run"))
	h := open(t, app(t, nil, map[string][]byte{"m": bin}), host.Config{})
	heard := 0
	defer h.Live().Subscribe(func(uint64) { heard += len(h.Modules()) })()
	done := make(chan error, 1)
	go func() { done <- h.Load(context.Background(), "m", bin) }()
	select {
	case err := <-done:
		if err != nil || heard != 1 {
			t.Errorf("load: %v; heard of %d modules, want 1", err, heard)
		}
	case <-time.After(time.Minute):
		t.Fatal("the load does not return")
	}
}

// A value that contains itself is an error, not the end of the process.
func TestCyclicValue(t *testing.T) {
	type node struct{ Next *node }
	loop := &node{}
	loop.Next = loop
	inMap := map[string]any{}
	inMap["a"], inMap["b"] = inMap, inMap
	for _, v := range []any{loop, inMap} {
		n := native("m", func(context.Context, *host.NativeCall) (any, error) { return v, nil })
		h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}})
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		wantCode(t, err, authority.CodeHostError)
		_, err = h.Invoke(t.Context(), main, "m.run", v)
		wantCode(t, err, authority.CodeBadArgs)
	}
	n := native("m", func(context.Context, *host.NativeCall) (any, error) { return &node{Next: &node{}}, nil })
	h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}})
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil {
		t.Errorf("control: %v", err)
	}
}

type panickingSink struct{}

func (panickingSink) Audit(host.Event) error { panic("full") }

// A sink's panic does not reach who invoked.
func TestPanickingSink(t *testing.T) {
	n := native("m", func(context.Context, *host.NativeCall) (any, error) { return 1, nil })
	h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}, Audit: panickingSink{}})
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil {
		t.Error(err)
	}
}

// A Close that gave up is no reason for the next one to claim success.
func TestCloseAgain(t *testing.T) {
	release, begun := make(chan struct{}), make(chan struct{})
	n := native("m", func(context.Context, *host.NativeCall) (any, error) {
		close(begun)
		<-release
		return nil, nil
	})
	h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}})
	go h.Invoke(context.Background(), main, "m.run", nil)
	<-begun
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 {
		if err := h.Close(ended); err == nil {
			t.Error("closed while a call is running")
		}
	}
	close(release)
	if err := h.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Close waits for the calls of modules that are not there any more, too.
func TestCloseAfterReplacing(t *testing.T) {
	for name, replace := range map[string]func(context.Context, *host.Host) error{
		"loaded again": func(ctx context.Context, h *host.Host) error {
			return h.Load(ctx, "m", guest(wasmtest.Code{}.I32(0)))
		},
		"unloaded": func(ctx context.Context, h *host.Host) error {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			if err := h.Unload(ended, "m"); !errors.Is(err, context.Canceled) {
				return fmt.Errorf("unload: %w", err)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			release, begun := make(chan struct{}), make(chan struct{})
			n := native("m", func(context.Context, *host.NativeCall) (any, error) {
				close(begun)
				<-release
				return nil, nil
			})
			h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}})
			go h.Invoke(context.Background(), main, "m.run", nil)
			<-begun
			if err := replace(t.Context(), h); err != nil {
				t.Error(err)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := h.Close(ended); err == nil {
				t.Error("closed while a call is running")
			}
			close(release)
			if err := h.Close(t.Context()); err != nil || h.Stats().Running != 0 {
				t.Errorf("%v, %d calls run", err, h.Stats().Running)
			}
		})
	}
}

// A label may be long, but not so long that matching it costs anything.
func TestLongLabel(t *testing.T) {
	n := native("m", func(context.Context, *host.NativeCall) (any, error) { return 1, nil })
	grant := "identifier = \"any\"\nwindows = [\"*\"]\npermissions = [\"m:allow-run\"]\n"
	h := open(t, app(t, map[string]string{"capabilities/main.toml": grant}, nil), host.Config{Native: []host.Native{n}})
	long := strings.Repeat("w", 1024)
	if _, err := h.Invoke(t.Context(), host.Window(long), "m.run", nil); err != nil {
		t.Errorf("control: %v", err)
	}
	for _, c := range []authority.Caller{
		host.Window(long + "w"), host.WindowOf("main", long+"w"),
		{Origin: authority.LocalOrigin(), Window: "main", Chain: []authority.Caller{host.Window(long + "w")}},
	} {
		_, err := h.Invoke(t.Context(), c, "m.run", nil)
		wantCode(t, err, authority.CodeTooLarge)
	}
	if got := h.Stats().Entered; got != 1 {
		t.Errorf("entered %d times, want 1", got)
	}
}
