//go:build !wasip1

package sdktest

import (
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Scope holds the entries of a scope as a policy would write them.
type Scope struct {
	Allow, Deny []any // maps, structs, or whatever the module expects
}

// Options say how the calls look to the handlers.
type Options struct {
	Caller   sdk.Caller    // the zero Caller means window and webview "main", origin "local"
	Scope    Scope         // the command scope
	Global   Scope         // the global scope
	Deadline time.Duration // what the call has left; told to the handler, not enforced
	Seed     [16]byte      // the same seed gives the same sdk.Rand
	// Env are the variables that sdk.Env can be lent, by name. As in a host, the
	// scope must have an entry for them, like {var: "APP_*"}.
	Env map[string]string
	// Secrets are what scope entries name as "secret:NAME", by name.
	Secrets map[string]string
	// HTTP says how sdk.Fetch reaches servers; see [host.HTTPOptions]. Servers of
	// the test are on loopback, so their scope entries say private: true.
	HTTP host.HTTPOptions
	// Dirs are the folders that paths like "$APPDATA/…" in the scope are in, by name.
	// They are for [NewGuest]: natively, files are those of the machine.
	Dirs map[string]string
	// Invoke answers for the commands of other modules that sdk.Invoke calls and
	// the scope lends, like {invoke: "notes.*"}. An [*sdk.Error] reaches the handler
	// with the code "<module>.<code>". Nil means that no capability allows any.
	Invoke func(command string, args any) (any, error)
}

// Event is what a handler emitted.
type Event struct {
	Topic   string
	Payload any
}

// Line is a line of the log.
type Line struct {
	Level sdk.Level
	Text  string
}

// Host calls the commands that are registered in the test's process. Calls
// run one at a time, as in an instance, also those of different Hosts.
type Host struct {
	t       testing.TB
	options Options
	req     wire.Request // without id, command and args
	grant   *authority.Grant
	dataDir string // of sdk/kv
	id      uint64
	logs    []Line
	events  []Event
	guest   *guest // that answers, if the handlers do not
}

// running is held during a call: the log has one sink.
var running sync.Mutex

// New returns a Host whose calls look as o says.
func New(t testing.TB, o Options) *Host {
	t.Helper()
	if reflect.ValueOf(o.Caller).IsZero() {
		o.Caller = sdk.Caller{Window: "main", Webview: "main", Origin: "local"}
	}
	return &Host{t: t, options: o, dataDir: t.TempDir(), grant: grantOf(o.Scope, o.Global), req: wire.Request{
		V:        wire.Version,
		Scope:    encodeScope(t, o.Scope),
		Global:   encodeScope(t, o.Global),
		Caller:   o.Caller,
		Deadline: o.Deadline.Milliseconds(),
		Seed:     o.Seed,
	}}
}

func encodeScope(t testing.TB, s Scope) wire.Raw {
	t.Helper()
	b, err := wire.AppendScope(nil, s.Allow, s.Deny)
	if err != nil {
		t.Fatalf("sdktest: scope: %v", err)
	}
	return b
}

// Invoke calls a command. Args may be nil, a struct, a map, or a [wire.Raw];
// result is a pointer, or nil if the result does not matter. The error is an
// [*sdk.Error] with the code as the module gave it. What a real host would
// refuse, such as a result that is too large, ends the test.
func (h *Host) Invoke(command string, args, result any) error {
	h.t.Helper()
	encoded, err := wire.AppendAny(nil, args)
	if err == nil {
		err = wire.Scan(encoded, wire.Limits{})
	}
	if err != nil {
		h.t.Fatalf("sdktest: arguments of %s: %v", command, err)
	}
	var reply wire.Reply
	if h.guest != nil {
		reply = h.guest.invoke(h, command, encoded)
	} else if reply, err = wire.ParseReply(h.dispatch(command, encoded), wire.Limits{}); err != nil {
		h.t.Fatalf("sdktest: a host would refuse the reply of %s: %v", command, err)
	}
	if reply.Err != nil {
		return replyError(reply.Err)
	}
	if result != nil {
		h.decode(command, reply.OK, result)
	}
	return nil
}

// Call is [Host.Invoke] for a result of type R.
func Call[R any](h *Host, command string, args any) (R, error) {
	h.t.Helper()
	var r R
	err := h.Invoke(command, args, &r)
	return r, err
}

// Logs returns what the handlers have logged so far.
func (h *Host) Logs() []Line {
	running.Lock()
	defer running.Unlock()
	return append([]Line(nil), h.logs...)
}

// Events returns what the handlers have emitted so far.
func (h *Host) Events() []Event {
	running.Lock()
	defer running.Unlock()
	return append([]Event(nil), h.events...)
}

func (h *Host) dispatch(command string, args wire.Raw) []byte {
	running.Lock()
	defer running.Unlock()
	defer abi.Capture(func(level wire.Level, text string) {
		h.logs = append(h.logs, Line{Level: level, Text: text})
	})()
	lent := h.lend()
	defer abi.Lend(lent.Call)()
	defer func() {
		if err := lent.Close(); err != nil {
			h.t.Errorf("sdktest: %s: %v", command, err)
		}
	}()
	h.id++
	req := h.req
	req.ID, req.Command, req.Args = h.id, command, args
	return sdk.Dispatch(wire.AppendRequest(nil, &req))
}

func replyError(e *wire.ErrorBody) error {
	out := &sdk.Error{Code: e.Code, Message: e.Message}
	if len(e.Data) > 0 {
		out.Data = wire.NewDec(e.Data).Any()
	}
	return out
}

func (h *Host) decode(command string, ok wire.Raw, result any) {
	h.t.Helper()
	v := reflect.ValueOf(result)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		h.t.Fatalf("sdktest: the result of %s has to go to a pointer, not to %T", command, result)
	}
	p, err := wire.PlanOf(v.Type().Elem())
	if err == nil {
		err = p.Decode(wire.NewDec(ok), v.UnsafePointer())
	}
	if err != nil {
		h.t.Fatalf("sdktest: result of %s: %v", command, err)
	}
}
