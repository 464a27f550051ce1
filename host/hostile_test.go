package host_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// engines runs a test with both of wazero's engines.
func engines(t *testing.T, test func(*testing.T, host.Config)) {
	t.Run("compiler", func(t *testing.T) { test(t, host.Config{}) })
	t.Run("interpreter", func(t *testing.T) {
		var c host.Config
		host.UseInterpreter(&c)
		test(t, c)
	})
}

// outcome is how a call of a guest must end.
type outcome struct {
	name string
	bin  []byte
	want authority.Code
}

// run invokes each guest and asserts how it ends, and that nothing is left.
func (o outcome) run(t *testing.T, c host.Config) {
	t.Run(o.name, func(t *testing.T) {
		h := single(t, o.bin, c)
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		e := wantCode(t, err, o.want)
		if strings.Contains(e.Message, "wasm") || strings.Contains(e.Message, "wazero") || strings.Contains(e.Message, "0x") {
			t.Errorf("the caller reads %q", e.Message)
		}
		if s := h.Stats(); s.Entered != 1 || s.Failed != 1 || s.Running != 0 || s.Memory != s.Kept {
			t.Errorf("stats = %+v", s)
		}
	})
}

// answer is a guest that replies with the given bytes.
func answer(reply ...byte) []byte { return wasmtest.Answer(manifest("m", "run"), reply) }

func ok(value ...byte) []byte { return answer(append([]byte("\x81\xa2ok"), value...)...) }

func TestBadResults(t *testing.T) {
	const at = 1024                             // of wasmtest.Answer
	withReply := func(c wasmtest.Code) []byte { // a valid reply lies ready
		g := wasmtest.NewGuest().Invoke(c).Manifest(manifest("m", "run"))
		g.Data(at, []byte("\x81\xa2ok\xc0"))
		return g.Bytes()
	}
	good := wasmtest.ReplyCode(at, 5)

	engines(t, func(t *testing.T, c host.Config) {
		t.Run("control", func(t *testing.T) {
			h := single(t, withReply(good), c)
			if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != nil {
				t.Fatal(res, err)
			}
		})
		for _, l := range hostile.Liars(man, nil) {
			outcome{l.Name, l.Bytes, l.Code}.run(t, c) // why is asserted by package hosttest
		}
	})
}

func TestGuestErrors(t *testing.T) {
	reply := func(code string) []byte {
		return wasmtest.Answer(manifest("m", "run"), wire.AppendErr(nil, &wire.ErrorBody{Code: code, Message: "words\n\x1b[1m", Data: []byte{0x91, 7}}))
	}
	for code, want := range map[string]authority.Code{
		"not-found":   "m.not-found",
		"denied":      "m.denied", // ours have no dot, so none can be forged
		"revoked":     "m.revoked",
		"host-error":  "m.host-error",
		"bad-args":    authority.CodeBadArgs,
		"guest-error": authority.CodeGuestError,
	} {
		h := single(t, reply(code), host.Config{})
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		e := wantCode(t, err, want)
		if e.Message != "words\n\x1b[1m" || len(e.Data.([]any)) != 1 {
			t.Errorf("error %+v", e)
		}
		if strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("the error prints as %q", err)
		}
	}
	for _, code := range []string{"m.x", "Not-Found", "", "a b", strings.Repeat("x", 65)} {
		h := single(t, reply(code), host.Config{})
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		wantCode(t, err, authority.CodeBadResult)
	}
}

func TestDeadlines(t *testing.T) {
	calling := wasmtest.Code{}.Loop(wasmtest.Code{}.I32(3).I32(0).I32(0).Call(wasmtest.Log)).I32(0)
	short := host.Limits{Deadline: 50 * time.Millisecond, HostCalls: 1 << 40}
	engines(t, func(t *testing.T, c host.Config) {
		c.Limits = short
		outcome{"loop", guest(forever), authority.CodeDeadline}.run(t, c)
		outcome{"loop with host calls", guest(calling), authority.CodeDeadline}.run(t, c)
		outcome{"loop in _initialize", loopAtStart(exportInitialize, ""), authority.CodeDeadline}.refused(t, c)
		outcome{"loop in ambit_warm", loopAtStart("ambit_warm", ""), authority.CodeDeadline}.refused(t, c)
		outcome{"loop in the start function", loopAtStart("", "start"), authority.CodeDeadline}.refused(t, c)
	})

	manifest := `{"module":{"name":"m","version":"1.0.0","abi":1},"command":[{"name":"run","timeout":"30ms"}]}`
	h := single(t, wasmtest.NewGuest().Invoke(forever).Manifest(manifest).Bytes(), host.Config{Limits: host.Limits{Deadline: time.Hour}})
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	e := wantCode(t, err, authority.CodeDeadline) // of the manifest
	if !errors.Is(err, context.DeadlineExceeded) || e.Message == "" {
		t.Errorf("error %+v", e)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	h = single(t, guest(forever), host.Config{Limits: host.Limits{Deadline: time.Hour}})
	_, err = h.Invoke(ctx, main, "m.run", nil)
	wantCode(t, err, authority.CodeDeadline) // of the caller

	entered := h.Stats().Entered
	_, err = h.Invoke(ctx, main, "m.run", nil)
	wantCode(t, err, authority.CodeDeadline) // past already
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = h.Invoke(gone, main, "m.run", nil)
	wantCode(t, err, authority.CodeCanceled)
	if h.Stats().Entered != entered {
		t.Error("a call without time entered the module")
	}
	because, cancelBecause := context.WithCancelCause(t.Context())
	cancelBecause(&authority.Denial{}) // must not pass for the outcome
	_, err = h.Invoke(because, main, "m.run", nil)
	wantCode(t, err, authority.CodeCanceled)
	if errors.Is(err, authority.ErrDenied) || host.Visible(main, err).Code != authority.CodeCanceled {
		t.Errorf("error %v passes for a denial", err)
	}
	later, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		waitFor(t, func() bool { return h.Stats().Entered > entered })
		cancel()
	}()
	_, err = h.Invoke(later, main, "m.run", nil)
	wantCode(t, err, authority.CodeCanceled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v is not a cancellation", err)
	}
}

const exportInitialize = "_initialize"

// loopAtStart is a guest that loops before any command is called.
func loopAtStart(export, start string) []byte {
	g := wasmtest.NewGuest().Invoke(wasmtest.EchoCode()).Manifest(manifest("m", "run"))
	f := g.Func("", "", "", wasmtest.Code{}.Loop(wasmtest.Code{}))
	if export != "" {
		g.Export(export, 0, f)
	}
	if start != "" {
		g.Start(f)
	}
	return g.Bytes()
}

// refused asserts that a module is refused at load, and that its commands say so.
func (o outcome) refused(t *testing.T, c host.Config) {
	t.Run(o.name, func(t *testing.T) {
		h := single(t, o.bin, c)
		m := h.Modules()[0]
		if m.Refused == nil || m.Refused.Code != o.want || m.Refused.Module != "m" {
			t.Fatalf("refused = %v, want code %s", m.Refused, o.want)
		}
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		wantDenied(t, err, authority.CodeModuleInvalid)
		if h.Stats().Entered != 0 {
			t.Error("a refused module was entered")
		}
	})
}

// waitFor waits until something has happened in another goroutine.
func waitFor(t testing.TB, happened func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !happened(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Error("it does not happen")
			return
		}
	}
}
