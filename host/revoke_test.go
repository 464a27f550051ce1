package host_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// grantRun is a capability that lets the window main call m.run.
func grantRun(identifier string, allow ...any) authority.Capability {
	e := authority.Entry{Reference: authority.Reference{Identifier: "m:allow-run"}}
	for _, v := range allow {
		e.Scope.Allow = append(e.Scope.Allow, authority.ScopeValue{Value: v})
	}
	return authority.Capability{Identifier: identifier, Local: true, Windows: []authority.Pattern{{Text: "main"}}, Permissions: []authority.Entry{e}}
}

// busy is a host with a module that calls the host for ever.
func busy(t *testing.T, capabilities string) *host.Host {
	t.Helper()
	loop := wasmtest.Code{}.Loop(wasmtest.Code{}.I32(3).I32(0).I32(0).Call(wasmtest.Log)).I32(0)
	return open(t, app(t, map[string]string{"capabilities/main.toml": capabilities}, map[string][]byte{"m": guest(loop)}),
		host.Config{Limits: host.Limits{Deadline: time.Hour, HostCalls: 1 << 60}})
}

// running starts a call that never ends by itself, and returns once it runs.
func running(t *testing.T, h *host.Host) (ended chan error) {
	t.Helper()
	before := h.Stats().Entered
	ended = make(chan error, 1)
	go func() {
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		ended <- err
	}()
	waitFor(t, func() bool { return h.Stats().Entered > before })
	return ended
}

// ends asserts that a call ends soon.
func ends(t *testing.T, ended chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(10 * time.Second):
		t.Fatal("the call goes on")
		return nil
	}
}

const nobody = "identifier = \"nobody\"\nwindows = [\"nobody\"]\npermissions = [\"m:allow-run\"]\n"

func TestRevoke(t *testing.T) {
	h := busy(t, nobody)
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantDenied(t, err, authority.CodeWindowMismatch)
	id, err := h.Live().Grant(grantRun("now"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := h.Live().Grant(authority.Capability{Identifier: "other", Local: true, Windows: []authority.Pattern{{Text: "x"}}}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	ended := running(t, h)
	if !h.Live().Revoke(other) { // control: it has nothing to do with the call
		t.Error("not revoked")
	}
	select {
	case err := <-ended:
		t.Fatalf("ended by the revocation of another grant: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if !h.Live().Revoke(id) {
		t.Error("not revoked")
	}
	wantCode(t, ends(t, ended), authority.CodeRevoked)
	_, err = h.Invoke(t.Context(), main, "m.run", nil)
	wantDenied(t, err, authority.CodeWindowMismatch)
	if len(h.Live().List()) != 0 {
		t.Errorf("granted: %v", h.Live().List())
	}
}

// TestGrantFile grants what is in a file, wholly or not at all.
func TestGrantFile(t *testing.T) {
	h := busy(t, nobody)
	live := h.Live()
	granted := []byte(`[{identifier: 'a', windows: ['main'], permissions: ['m:allow-run']}, {identifier: 'b', windows: ['x'], permissions: []}]`)
	for name, text := range map[string]string{
		"a.json5": strings.Replace(string(granted), "m:allow-run", "m:allow-rnu", 1), // the policy does not have it
		"b.json5": strings.Replace(string(granted), "'x'", "x", 1),                   // it cannot be read
		"c.txt":   string(granted),
	} {
		ids, err := live.GrantFile(name, []byte(text), time.Time{})
		var problems authority.Problems
		if ids != nil || !errors.As(err, &problems) || problems[0].File != name {
			t.Errorf("%s: %q, %v", name, ids, err)
		}
	}
	if len(live.List()) != 0 {
		t.Errorf("granted: %v", live.List())
	}
	ids, err := live.GrantFile("granted.json5", granted, time.Now().Add(time.Hour))
	if err != nil || len(ids) != 2 || len(live.List()) != 2 {
		t.Fatalf("%q, %v", ids, err)
	}
	d := live.Decide(main, "m.run")
	if m := d.Matched(); !d.Allowed() || m[0].Capability != ids[0] || m[0].Source.FileLine() != "granted.json5:1" {
		t.Errorf("%s", d.Explain())
	}
	live.Revoke(ids[0])
	if d := live.Decide(main, "m.run"); d.Allowed() {
		t.Errorf("revoked, but %s", d.Explain())
	}
}

func TestExpiry(t *testing.T) {
	h := busy(t, nobody)
	if _, err := h.Live().Grant(grantRun("soon"), time.Now().Add(200*time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	wantCode(t, ends(t, running(t, h)), authority.CodeRevoked)
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantDenied(t, err, authority.CodeExpired)
}

// TestGrantUntil: only the zero time means never, however far away the others
// are.
func TestGrantUntil(t *testing.T) {
	live := busy(t, nobody).Live()
	for until, allowed := range map[time.Time]bool{
		{}: true, time.Now().Add(time.Hour): true, time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC): true, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC): true,
		time.Unix(0, 0): false, time.Unix(0, 1): false, time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC): false, time.Now().Add(-time.Second): false,
	} {
		id, err := live.Grant(grantRun("some"), until)
		if err != nil {
			t.Fatal(err)
		}
		if d := live.Decide(main, "m.run"); d.Allowed() != allowed {
			t.Errorf("until %v: %s", until, d.Explain())
		}
		live.Revoke(id)
	}
}

// TestRevokeByDeny adds a rule that denies while a call runs, and a scope that
// denies.
func TestRevokeByDeny(t *testing.T) {
	deny := grantRun("stop")
	deny.Permissions[0].Identifier = "m:deny-run"
	h := busy(t, grantTest)
	ended := running(t, h)
	id, err := h.Live().Grant(deny, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, ends(t, ended), authority.CodeRevoked)
	_, err = h.Invoke(t.Context(), main, "m.run", nil)
	wantDenied(t, err, authority.CodeDeniedByRule)
	h.Live().Revoke(id)
	ended = running(t, h) // control
	if err := h.Unload(t.Context(), "m"); err != nil {
		t.Error(err)
	}
	wantCode(t, ends(t, ended), authority.CodeRevoked) // the policy has it no more
}

func TestLive(t *testing.T) {
	h := busy(t, grantTest)
	live := h.Live()
	seen := make(chan uint64, 10)
	cancel := live.Subscribe(func(revision uint64) { seen <- revision })
	before := live.Revision()
	if _, err := live.Grant(authority.Capability{Identifier: "bad", Permissions: []authority.Entry{{Reference: authority.Reference{Identifier: "m:no"}}}}, time.Time{}); err == nil {
		t.Error("a capability with an unknown permission was granted")
	}
	if live.Revision() != before || len(seen) != 0 {
		t.Error("a refused grant changed the policy")
	}
	id, err := live.Grant(grantRun("more"), time.Time{})
	if err != nil || live.Revision() != before+1 || <-seen != before+1 {
		t.Errorf("revision %d after %d, %v", live.Revision(), before, err)
	}
	cancel()
	if live.Revoke("no") || !live.Revoke(id) || len(seen) != 0 {
		t.Error("revoked what was never granted, or told after canceling")
	}
	if d := live.Decide(main, "m.run"); !d.Allowed() {
		t.Errorf("decision %s", d.Code())
	}
	if d := live.Decide(main, "plugin:m|run"); d.Allowed() || live.Authority() == nil {
		t.Errorf("decision %s", d.Code())
	}
	if s := h.Stats(); s.Invokes != 0 || s.Entered != 0 {
		t.Errorf("deciding counts as a call: %+v", s)
	}
}
