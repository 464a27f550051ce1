package hosttest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// Result is what became of a case.
type Result struct {
	Case string `json:"case"`
	// Happened is what the host answered, in a few words.
	Happened string `json:"happened"`
	// Breaches are what must not have happened, each a sentence. There are none if
	// the host holds.
	Breaches []string `json:"breaches,omitempty"`
	// Took is how long the case took, Gap the longest time for which the host did not
	// answer to a goroutine that wants to run every 5 ms, and Neighbour the 99th
	// percentile of the calls of an honest module meanwhile.
	Took      time.Duration `json:"took_ns"`
	Gap       time.Duration `json:"gap_ns"`
	Neighbour time.Duration `json:"neighbour_ns"`
}

// longestCase is how long a case may take, all of it.
const longestCase = time.Minute

// attack is a case under way.
type attack struct {
	*arena
	ctx  context.Context
	kase *Case

	happened []string
	breaches []string
	late     []string // breaches that are about time, which a busy machine can cause
	codes    []authority.Code
	seen     []string // what guests and their callers got to see
	loaded   []string
	grants   []string
	honest   bool // the attacker answers to an honest call
}

// stopped is the panic that ends a case early.
type stopped struct{}

// tries is how often a case is tried that was late, and pause the time between two
// tries: what an attack does it does each time, what others do on the machine it does
// not.
const (
	tries = 3
	pause = time.Second
)

// run runs a case.
func (a *arena) run(ctx context.Context, c *Case) (r Result) {
	for try := 1; ; try++ {
		at := &attack{arena: a, kase: c}
		r = at.run(ctx)
		if try == tries || len(at.late) == 0 || len(r.Breaches) > len(at.late) {
			return r
		}
		time.Sleep(pause)
	}
}

func (a *attack) run(ctx context.Context) (r Result) {
	ctx, cancel := context.WithTimeout(ctx, longestCase)
	defer cancel()
	a.ctx = ctx
	a.log.take()
	a.sink.take()
	before := a.resources()
	a.next.start()
	a.heart.start()
	begun := time.Now()
	a.guarded(func() { a.kase.attack(a) })
	if a.honest {
		a.guarded(a.recovers)
	}
	r = Result{Case: a.kase.Name, Took: time.Since(begun), Gap: a.heart.stop()}
	a.leave()
	r.Neighbour = a.sound(before, r.Gap)
	r.Happened = strings.Join(a.happened, ", ")
	r.Breaches = append(a.breaches, a.late...)
	return r
}

// guarded runs a part of the case. A panic is a breach: it would be the app's.
func (a *attack) guarded(part func()) {
	defer func() {
		if p := recover(); p != nil && p != (stopped{}) {
			a.breachf("it panicked: %v\n%s", p, debug.Stack())
		}
	}()
	part()
	if a.ctx.Err() != nil {
		a.breachf("it took longer than %v", longestCase)
	}
}

func (a *attack) breachf(format string, args ...any) {
	a.breaches = append(a.breaches, fmt.Sprintf(format, args...))
}

// must ends the case if what it needs does not work.
func (a *attack) must(err error) {
	if err != nil {
		a.breachf("what the attack needs does not work: %v", err)
		panic(stopped{})
	}
}

// happens notes what the host answered, once.
func (a *attack) happens(what string) {
	if !slices.Contains(a.happened, what) && len(a.happened) < 8 {
		a.happened = append(a.happened, what)
	}
}

// load loads a module, which must work, unless it needs more than a strict app lets
// it have.
func (a *attack) load(name string, bin []byte) {
	err := a.host.Load(a.ctx, name, bin)
	if e, ok := errors.AsType[*host.LoadError](err); ok && a.tight(e.Code) {
		a.happens(string(e.Code) + " at load")
		panic(stopped{})
	}
	a.must(err)
	if !slices.Contains(a.loaded, name) {
		a.loaded = append(a.loaded, name)
	}
}

// tight reports whether a code is that of a limit which the app sets lower than the
// default: a case may not come to what it tries, then.
func (a *attack) tight(code authority.Code) bool {
	mine, usual := a.limitsOf(neighbour), host.DefaultLimits()
	switch code {
	case authority.CodeMemoryLimit:
		return mine.Memory < usual.Memory
	case authority.CodeTableLimit:
		return mine.Tables < usual.Tables
	case authority.CodeGuestError: // it traps, since it does not get what it asked for
		return mine.Tables < usual.Tables || mine.Memory < usual.Memory
	case authority.CodeModuleInvalid:
		return mine.ModuleSize < usual.ModuleSize
	case authority.CodeDeadline:
		return mine.Deadline < usual.Deadline
	case authority.CodeCPULimit:
		return mine.CPU < usual.CPU
	case authority.CodeCallLimit:
		return mine.HostCalls < usual.HostCalls
	case authority.CodeTooLarge:
		return mine.Request < usual.Request
	case authority.CodeOutputLimit, authority.CodeBadResult:
		return mine.Reply < usual.Reply
	case authority.CodeQuota:
		return mine.MemoryTotal < usual.MemoryTotal || mine.Concurrent < usual.Concurrent || mine.ConcurrentAll < usual.ConcurrentAll
	}
	return false
}

// refused loads what must be refused, for a reason with the given words.
func (a *attack) refused(bin []byte, why string) {
	a.refusal(a.host.Load(a.ctx, attacker, bin), why)
}

// refusal asserts that a load was refused.
func (a *attack) refusal(err error, why string) {
	if err == nil {
		a.loaded = append(a.loaded, attacker)
		a.breachf("it was loaded")
		return
	}
	e, ok := errors.AsType[*host.LoadError](err)
	if !ok {
		a.happens(printable.Cut(err.Error(), 100))
		if why == "" || !strings.Contains(err.Error(), why) {
			a.breachf("refused with %v, want %v", err, a.kase.Expect)
		}
		return
	}
	a.happens(string(e.Code))
	if a.tight(e.Code) {
		why = "" // or another limit is met first
	}
	if !slices.Contains(a.kase.Expect, e.Code) && !a.tight(e.Code) || !strings.Contains(e.Text, why) {
		a.breachf("refused with %s (%s), want one of %v with %q", e.Code, printable.Cut(e.Text, 300), a.kase.Expect, why)
	}
	if strings.ContainsFunc(err.Error(), unprintable) {
		a.breachf("the reason prints as %q", err)
	}
}

// allow lets the window hosttest call the attacker's command run, with the entries
// of a scope, as TOML.
func (a *attack) allow(entries ...string) {
	a.capability(`windows = ["` + window + `"]
permissions = [{ identifier = "` + attacker + `:allow-run", allow = [` + strings.Join(entries, ", ") + `] }]`)
}

// capability grants what a capability says besides its identifier.
func (a *attack) capability(toml string) (id string) {
	ids, err := a.grant(fmt.Sprintf("identifier = \"hosttest-%d\"\n%s\n", len(a.grants), toml))
	a.must(err)
	a.grants = append(a.grants, ids...)
	return ids[0]
}

// invoke calls a command and notes what became of it.
func (a *attack) invoke(who authority.Caller, command string, args any) (any, error) {
	return a.invokeIn(a.ctx, who, command, args)
}

func (a *attack) invokeIn(ctx context.Context, who authority.Caller, command string, args any) (any, error) {
	res, err := a.host.Invoke(ctx, who, command, args)
	a.note(who, res, err)
	return res.Value, err
}

// note keeps what an invoke returned, for what is looked for in it.
func (a *attack) note(who authority.Caller, res host.Result, err error) {
	a.codes = append(a.codes, codeOf(err))
	a.seen = append(a.seen, string(res.Raw()))
	if err != nil {
		v := host.Visible(who, err)
		a.seen = append(a.seen, fmt.Sprint(v.Code, " ", v.Message, " ", v.Data))
	}
}

// pad makes the arguments of an attack long: honest calls have none, so that the
// attackers know them by their length.
var pad = map[string]string{"pad": strings.Repeat("x", 1000)}

// try calls the attacker.
func (a *attack) try() (any, error) { return a.invoke(caller, attacker+".run", pad) }

// ends asserts that a call ended with one of the codes that the case expects.
func (a *attack) ends(err error) {
	code := codeOf(err)
	a.happens(string(code))
	if !slices.Contains(a.kase.Expect, code) && !a.tight(code) {
		a.breachf("it ended with %s (%v), want one of %v", code, err, a.kase.Expect)
	}
}

// works asserts that a call succeeded.
func (a *attack) works(err error) {
	code := codeOf(err)
	a.happens(string(code))
	if a.tight(code) {
		panic(stopped{})
	}
	if err != nil {
		a.breachf("it ended with %v, want a result", err)
	}
}

// denied asserts that a call is denied with one of the codes that the case expects,
// and that no module is entered.
func (a *attack) denied(who authority.Caller, command string) {
	a.alone.Lock()
	before := a.host.Stats().Entered
	_, err := a.invoke(who, command, pad)
	entered := a.host.Stats().Entered - before
	a.alone.Unlock()
	if _, ok := errors.AsType[*authority.Denial](err); !ok {
		a.breachf("%.60q for %s: it ended with %v, want a denial", command, text(who), err)
	}
	a.ends(err)
	if entered != 0 {
		a.breachf("%.60q for %s: a module was entered", command, text(who))
	}
}

// text is a caller in a few words.
func text(who authority.Caller) string {
	return printable.Cut(strings.TrimSpace(who.Origin.String()+" "+who.Window), 60)
}

// recovers makes an honest call of the attacker after its attack.
func (a *attack) recovers() {
	if _, err := a.invoke(caller, attacker+".run", nil); err != nil && !a.tight(codeOf(err)) {
		a.breachf("its next honest call ended with %v", err)
	}
}

// leave takes away what the case has brought.
func (a *attack) leave() {
	for _, id := range a.grants {
		a.host.Live().Revoke(id)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, name := range a.loaded {
		if err := a.host.Unload(ctx, name); err != nil {
			a.breachf("unloading it: %v", err)
		}
	}
}

// codeOf is the code of an outcome.
func codeOf(err error) authority.Code {
	if err == nil {
		return authority.CodeAllowed
	}
	if d, ok := errors.AsType[*authority.Denial](err); ok {
		return d.Code()
	}
	if e, ok := errors.AsType[*host.Error](err); ok {
		return e.Code
	}
	return authority.Code("no code: " + err.Error())
}
