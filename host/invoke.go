package host

import (
	"context"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/image"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

// Invoke calls a command, "module.command" or "command" of the module "app",
// for a caller. The arguments are a Go value whose struct fields are named by
// their json tags; nil stands for none. The error is an [*authority.Denial]
// (which is [authority.ErrDenied]) or an [*Error].
//
// The call ends at the earliest of the context's deadline, the limit of the
// module and the timeout of the command.
func (h *Host) Invoke(ctx context.Context, caller authority.Caller, command string, args any) (Result, error) {
	c := h.newCall(ctx, caller, command)
	c.value = args
	if err := c.do(); err != nil {
		return Result{}, err
	}
	return Result{Value: c.value, Stats: c.stats, raw: c.result}, nil
}

// InvokeRaw is Invoke for arguments that are msgpack already (none at all
// stand for an empty map) and a result that stays msgpack: it is appended to
// dst, which may be nil.
func (h *Host) InvokeRaw(ctx context.Context, caller authority.Caller, command string, args, dst []byte) ([]byte, error) {
	c := h.newCall(ctx, caller, command)
	c.args, c.raw = args, true
	if err := c.do(); err != nil {
		return dst, err
	}
	dst = append(dst, c.result...)
	c.reuseEnvelopes()
	return dst, nil
}

// call is one invoke on its way through the host. It is the context of all
// that runs for it, host functions included.
type call struct {
	context.Context
	host *Host

	seq     uint64
	above   *call // that this one is made for, by its module; or nil
	started time.Time
	caller  authority.Caller
	name    string // the command as it was asked for

	// Decided.
	decision authority.Decision
	revision uint64 // of the live policy that decided
	spec     *authority.Command
	grant    *authority.Grant
	module   *module
	limited  []authority.LimitedCapability // counted for the call
	counted  bool                          // among the calls of the host
	admitted bool                          // among those of the module
	passed   int                           // interceptors that let it pass

	// In and out.
	raw    bool // args are given as msgpack, and the result is wanted so
	value  any  // arguments, later the result, as Go value
	args   []byte
	result []byte

	// The sandbox.
	instance  *image.Instance
	clean     bool         // its call has ended by returning
	sound     bool         // and with a reply
	kept      *kept        // that of the caller, while it is the call's turn
	keeping   bool         // the instance is to be kept
	state     string       // in which the instance was, as in CallStats.Instance
	scope     *files.Scope // lent
	wasi      wasi.State
	output    wasi.Output
	log       guestLog
	active    bool       // a request waits, or is being answered
	envelopes *envelopes // whose buffers the next two are
	request   []byte
	reply     []byte
	replied   bool
	returned  uint32 // by ambit_invoke
	most      budget
	used      budget    // of that, as far as it was counted
	depth     int64     // calls that may be under way because of it, itself included
	slice     int64     // what the guest gets at a tick
	fuel      int64     // what it had left when it was last counted
	pace      float64   // nanoseconds that a weighted instruction took lately, at most
	memory    int64     // bytes of linear memory of the instance
	ticked    time.Time // the last tick
	turn      time.Time // since when the guest runs without giving way
	session   power.Session
	waited    bool      // a power may have waited
	unheard   bool      // nobody listens to its events any more
	failed    *Error    // why a host function ended the call
	stack     [1]uint64 // parameter and result of ambit_invoke

	stats CallStats // once it has ended

	// Time: see clock.go.
	allowed time.Duration   // since started; 0: as the context says
	waiting context.Context // of those who wait
	cancel  context.CancelFunc

	blocking context.Context // of powers that wait: see blocking.go
	unblock  func()
}

// callKey is what a call's context is asked for to find the call.
type callKey struct{}

// Value returns the call itself, what WASI needs of it, or what the caller's
// context holds.
func (c *call) Value(key any) any {
	switch key.(type) {
	case callKey:
		return c
	case wasi.Key:
		return &c.wasi
	}
	return c.Context.Value(key)
}

func (h *Host) newCall(ctx context.Context, caller authority.Caller, command string) *call {
	return &call{Context: ctx, host: h, seq: h.sequence.Add(1), started: time.Now(), caller: caller, name: command}
}

// id names the call in logs and records.
func (c *call) id() string { return callID(c.host.prefix, c.seq) }

func callID(prefix string, seq uint64) string { return prefix + strconv.FormatUint(seq, 10) }

// do takes the call through the host and leaves nothing behind, whatever
// happens on the way.
func (c *call) do() (err error) {
	returned := false
	defer func() {
		if !returned { // a bug of ours, or a Go function that ended its goroutine
			err = failuref(authority.CodeHostError, "panic: %v\n%s", recover(), debug.Stack())
		}
		err = c.finish(err)
	}()
	if err = c.after(c.steps()); err == nil {
		err = c.decodeResult()
	}
	returned = true
	return err
}

// steps is the pipeline (DESIGN §6.3). Until enter, no instruction of the
// module has run.
func (c *call) steps() error {
	if err := c.decide(); err != nil {
		return err
	}
	if err := c.admit(); err != nil {
		return err
	}
	if err := c.readArgs(); err != nil {
		return err
	}
	if err := c.before(); err != nil {
		return err
	}
	if err := c.checkArgs(); err != nil {
		return err
	}
	if err := c.startClock(); err != nil {
		return err
	}
	if c.module.native() {
		c.enter()
		return c.runNative()
	}
	if err := c.takeTurn(); err != nil {
		return err
	}
	if err := c.lendFiles(); err != nil {
		return err
	}
	if err := c.writeRequest(); err != nil {
		return err
	}
	c.enter()
	if err := c.takeInstance(); err != nil {
		return err
	}
	if err := c.runCommand(); err != nil {
		return err
	}
	return c.readReply()
}

// decide asks the authority. Policy and modules are looked at together, so
// that what runs is what the decision was about.
func (c *call) decide() error {
	h := c.host
	module, command, err := authority.ParseCommand(c.name)
	if err != nil {
		module, command = "", c.name // no module has such a name
	} else if len(c.name) == len(command) { // one name for it in all that is written down
		c.name = module + "." + command
	}
	if n := longestLabel(c.caller); n > maxLabel {
		return failuref(authority.CodeTooLarge, "a label of the caller has %d bytes, more than the %d allowed", n, maxLabel)
	}
	req := authority.Request{Caller: c.caller, Module: module, Command: command, Now: c.started.UnixNano()}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.closed {
		return failuref(authority.CodeCanceled, "the host is closed")
	}
	if !c.ask(req) {
		return c.decision.Denial()
	}
	c.spec, _ = c.decision.Command()
	c.module = h.modules[module]
	if c.module == nil || !c.module.enter() {
		c.module = nil
		return failuref(authority.CodeHostError, "module %q is part of the policy, but not there", module)
	}
	return nil
}

// maxLabel bounds the labels of a caller, in bytes: patterns are matched in time
// that grows with them.
const maxLabel = 1024

func longestLabel(c authority.Caller) int {
	n := max(len(c.Window), len(c.Webview))
	for _, before := range c.Chain {
		n = max(n, len(before.Window), len(before.Webview))
	}
	return n
}

// ask decides, and decides again without those capabilities whose limits are
// used up.
func (c *call) ask(req authority.Request) bool {
	h := c.host
	c.revision = h.live.Revision()
	a := h.live.Authority()
	for {
		c.decision = a.Decide(req)
		if !c.decision.Allowed() {
			return false
		}
		c.grant, _ = c.decision.Grant()
		limited := c.grant.Limited()
		if len(limited) == 0 {
			return true
		}
		spent, ok := h.usage.take(limited, req.Now)
		if ok {
			c.limited = limited
			return true
		}
		req.Spent = append(req.Spent, spent)
	}
}

// admit holds the number of calls that run at a time.
func (c *call) admit() error {
	if c.counted = c.host.admit(); !c.counted {
		return failuref(authority.CodeQuota, "more than %d calls at a time in all", c.host.limits.ConcurrentAll)
	}
	if c.admitted = c.module.admit(); !c.admitted {
		return failuref(authority.CodeQuota, "more than %d calls of module %q at a time", c.module.limits.Concurrent, c.module.name)
	}
	return nil
}

// openOutput gives the guest what it has without any power.
func (c *call) openOutput() {
	c.log = guestLog{log: c.module.log, call: c}
	limit := c.module.limits.Log
	if c.above != nil {
		limit = min(limit, c.above.output.Limit-c.above.output.Taken())
	}
	if limit == 0 {
		limit = -1 // zero would be the default
	}
	c.output = wasi.Output{Limit: limit, Sink: &c.log}
	c.wasi = wasi.State{Output: &c.output, Payer: c, Resolution: c.module.limits.Clock, RandomBytes: c.module.limits.Random, Refused: c.refusedFile}
}

// enter counts that code of the module, or its function in Go, is about to
// run. There is no other way into a module.
func (c *call) enter() { c.host.entered.Add(1) }

// runCommand lends the powers and runs the command.
func (c *call) runCommand() error {
	if l := &c.module.limits; c.scope != nil {
		first := int32(0)
		if c.kept != nil {
			first = c.kept.nextFD
		}
		c.wasi.Files = files.NewTable(c.scope, files.Config{
			First:  first,
			Limits: files.Limits{OpenFiles: int(l.OpenFiles), WriteBytes: l.WriteBytes, FilesCreated: int(l.FilesCreated)},
			Charge: c.Charge,
		})
	}
	c.session.Open(c, c.grant, c.module.means)
	if c.kept != nil {
		c.session.Number(c.kept.nextHandle)
	}
	c.active = true
	err := c.invoke()
	c.active = false
	return err
}

// decodeResult makes the Go value of the result, if the caller wants it.
func (c *call) decodeResult() error {
	c.value = nil
	if c.raw {
		return nil
	}
	var err error
	if c.value, err = decodeAny(c.result); err != nil {
		return failure(authority.CodeBadResult, err)
	}
	return nil
}

// asError keeps a nil *Error from becoming an error that is not nil.
func asError(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}
