package host_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestDrain looks at calls that run while their module, or the host, goes.
func TestDrain(t *testing.T) {
	for name, leave := range map[string]func(context.Context, *host.Host) error{
		"unload": func(ctx context.Context, h *host.Host) error { return h.Unload(ctx, "m") },
		"close":  func(ctx context.Context, h *host.Host) error { return h.Close(ctx) },
	} {
		start := func(t *testing.T) (h *host.Host, letGo chan struct{}, ended chan error) {
			n, began, letGo := holdOn("m")
			h = open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}})
			ended = make(chan error, 1)
			go func() {
				_, err := h.Invoke(t.Context(), main, "m.run", nil)
				ended <- err
			}()
			<-began
			return h, letGo, ended
		}
		t.Run(name+" waits", func(t *testing.T) {
			h, letGo, ended := start(t)
			left := make(chan error, 1)
			go func() { left <- leave(t.Context(), h) }()
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			waitFor(t, func() bool { // it takes no new calls
				_, err := h.Invoke(gone, main, "m.run", nil)
				e, ok := errors.AsType[*host.Error](err)
				return !ok || strings.Contains(e.Err.Error(), "closed")
			})
			select {
			case err := <-left:
				t.Fatalf("did not wait: %v", err)
			case <-time.After(20 * time.Millisecond):
			}
			close(letGo)
			if err := <-ended; err != nil {
				t.Errorf("the call: %v", err)
			}
			if err := <-left; err != nil {
				t.Error(err)
			}
		})
		t.Run(name+" gives up waiting", func(t *testing.T) {
			h, _, ended := start(t)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := leave(ctx, h)
			wantCode(t, <-ended, authority.CodeCanceled)
			if name == "unload" && !errors.Is(err, context.Canceled) || name == "close" && err != nil {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestLoadDuringTraffic replaces modules and grants while calls run: every call
// sees one module and one policy that fit.
func TestLoadDuringTraffic(t *testing.T) {
	toml := "[[module]]\nname = \"m\"\n"
	h := open(t, app(t, map[string]string{"ambit.toml": toml, "capabilities/main.toml": grantTest}, nil), host.Config{})
	// Version n answers n, and only it has the schema that asks for n.
	version := func(n byte) []byte {
		m := `{"module":{"name":"m","version":"1.0.0","abi":1},"command":[{"name":"run","args":{"type":"object","properties":{"n":{"const":` +
			string('0'+n) + `}}}}]}`
		return wasmtest.Answer(m, append([]byte("\x81\xa2ok"), n))
	}
	bins := [][]byte{version(0), version(1), version(2)}
	if err := h.Load(t.Context(), "m", bins[0]); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var callers, writer sync.WaitGroup
	var answered [3]int
	var mu sync.Mutex
	for range 4 {
		callers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				n := int64(i % 3)
				res, err := h.Invoke(t.Context(), main, "m.run", map[string]any{"n": n})
				switch e := err.(type) {
				case nil:
					if res.Value != n {
						t.Errorf("asked version %d, and version %v answered", n, res.Value)
						return
					}
					mu.Lock()
					answered[n]++
					mu.Unlock()
				case *authority.Denial:
					if e.Code() != authority.CodeModuleInvalid {
						t.Error(err)
						return
					}
				case *host.Error:
					if e.Code != authority.CodeBadArgs && e.Code != authority.CodeRevoked {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	writer.Go(func() {
		for i := range 60 {
			if i%7 == 6 {
				if err := h.Unload(t.Context(), "m"); err != nil {
					t.Error(err)
				}
			}
			if err := h.Load(t.Context(), "m", bins[i%3]); err != nil {
				t.Error(err)
			}
			id, err := h.Live().Grant(authority.Capability{Identifier: "more", Local: true,
				Windows:     []authority.Pattern{{Text: "other"}},
				Permissions: []authority.Entry{{Reference: authority.Reference{Identifier: "m:allow-run"}}}}, time.Time{})
			if err != nil || !h.Live().Revoke(id) {
				t.Error(err)
			}
			before := h.Stats().Invokes
			waitFor(t, func() bool { return h.Stats().Invokes > before+10 })
		}
	})
	writer.Wait()
	close(stop)
	callers.Wait()
	for n, count := range answered {
		if count == 0 {
			t.Errorf("version %d never answered", n)
		}
	}
}
