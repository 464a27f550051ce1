package hosttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// greedyRows are the rows of greedy guests.
var greedyRows = map[string]string{
	"loop": "029", "calls": "030", "returns": "030", "grows": "034", "grows by 0": "034", "touch": "034", "tables": "036", "table grows": "036",
	"requests": "037", "logs": "070", "prints": "071", "polls": "039", "yields": "037", "clock": "037", "random": "073", "random 1 MiB": "073",
	"opens": "112", "slashes": "112",
}

// budgets are the codes with which a call ends that wants too much.
var budgets = []authority.Code{authority.CodeDeadline, authority.CodeCallLimit, authority.CodeCPULimit, authority.CodeMemoryLimit}

// running are modules that take too long, too much, or go too deep.
func running() (all []Case) {
	greedy := hostile.Greedy(plainManifest, begin)
	for _, name := range slices.Sorted(maps.Keys(greedy)) {
		row := greedyRows[name]
		if row == "" {
			row = "031"
		}
		all = append(all, Case{
			Name: row + "/" + name, Tries: "run for ever, and keep the garbage collector waiting", Child: true, Expect: budgets,
			attack: func(a *attack) { a.runs(greedy[name]) },
		})
	}
	for _, where := range []string{"_initialize", "ambit_warm", ""} {
		g := wasmtest.NewGuest().Invoke(begin.I32(0)).Manifest(plainManifest)
		f := g.Func("", "", "", code{}.Loop(nil))
		name := "021/loop in " + where
		if where == "" {
			name = "021/loop in the start function"
			g.Start(f)
		} else {
			g.Export(where, 0, f)
		}
		all = append(all, Case{
			Name: name, Tries: "run for ever before any command is called", Child: true, Expect: budgets,
			attack: func(a *attack) { a.refused(g.Bytes(), "") },
		})
	}
	stack := []authority.Code{authority.CodeStackLimit}
	for _, name := range slices.Sorted(maps.Keys(recursions)) {
		all = append(all, Case{
			Name: "032/" + name, Tries: "recurse until the stack of the host is used up", Child: true, Expect: stack,
			attack: func(a *attack) { a.runs(recursions[name]()) },
		})
	}
	return append(all, []Case{
		{Name: "033/20 recursions", Tries: "recurse in 20 calls at a time", Child: true, Expect: append(stack, authority.CodeQuota), attack: recurseAtOnce(20)},
		{Name: "033/200 recursions", Tries: "recurse in 200 calls at a time", Child: true, Expect: append(stack, authority.CodeQuota), attack: recurseAtOnce(200)},
		{Name: "034/more than the limit", Tries: "grow the memory beyond its limit", Child: true, attack: growBeyond},
		{Name: "034/dies of it", Tries: "trap when the memory does not grow", Child: true, Expect: []authority.Code{authority.CodeMemoryLimit, authority.CodeQuota, authority.CodeDeadline}, attack: func(a *attack) {
			a.runs(guest(growing(64).Unreachable()))
		}},
		{Name: "035/50 large instances", Tries: "touch all of the memory in 50 calls at a time", Child: true, Expect: append(budgets, authority.CodeQuota, authority.CodeMemoryLimit), attack: touchAtOnce},
		{Name: "036/more than the limit", Tries: "grow a table beyond its limit", Child: true, attack: growTableBeyond},
		{Name: "039/sleeps", Tries: "sleep in poll_oneoff for 5 s", Expect: budgets, attack: func(a *attack) {
			a.runs(script(plainManifest, subscription(0, 5e9, false), wasiStep("poll_oneoff", scriptData, outAt, 1, outAt+256)))
		}},
		{Name: "039/two billion subscriptions", Tries: "claim to wait for 2^31 events", Expect: []authority.Code{authority.CodeBadResult, authority.CodeGuestError}, attack: wasiRefuses(
			wasiStep("poll_oneoff", scriptData, outAt, -1<<31, outAt+256))},
		{Name: "040/its own command", Tries: "call its own command again and again, until the stack of the host is used up", Child: true,
			Expect: []authority.Code{"reentrancy-limit"}, attack: reenter},
		{Name: "041/two modules in turns", Tries: "let two modules call each other for ever", Child: true, Expect: []authority.Code{"reentrancy-limit"}, attack: pingPong},
		{Name: "042/fans out", Tries: "make each call make ten", Child: true, Expect: []authority.Code{"quota", "reentrancy-limit", "deadline", "call-limit"}, attack: fanOut},
		{Name: "045/trap after the reply", Tries: "trap after a good reply, so that it counts", Expect: []authority.Code{authority.CodeGuestError}, attack: func(a *attack) {
			g := wasmtest.NewGuest().Invoke(begin.Op(answer...).Unreachable()).Manifest(plainManifest)
			a.runs(g.Bytes())
		}},
		{Name: "047/300 modules at a time", Tries: "have 300 modules compiled at a time", Child: true, Expect: []authority.Code{authority.CodeQuota}, attack: loadFlood},
		{Name: "048/a deadline that has passed", Tries: "call when there is no time left", Expect: []authority.Code{authority.CodeDeadline}, attack: func(a *attack) {
			a.load(attacker, guest(code{}.Loop(nil).I32(0)))
			a.allow()
			ctx, cancel := context.WithDeadline(a.ctx, time.Now().Add(-time.Hour))
			defer cancel()
			a.alone.Lock()
			before := a.host.Stats().Entered
			_, err := a.invokeIn(ctx, caller, attacker+".run", pad)
			if a.host.Stats().Entered != before {
				a.breachf("a call without time entered the module")
			}
			a.alone.Unlock()
			a.ends(err)
			a.honest = true
		}},
		{Name: "048/a deadline in a thousand years", Tries: "ask for more time than there is", Child: true, Expect: budgets, attack: func(a *attack) {
			a.load(attacker, guest(code{}.Loop(nil).I32(0)))
			a.allow()
			ctx, cancel := context.WithDeadline(a.ctx, time.Now().AddDate(1000, 0, 0))
			defer cancel()
			_, err := a.invokeIn(ctx, caller, attacker+".run", pad)
			a.ends(err)
			a.honest = true
		}},
		{Name: "048/a timeout of an hour", Tries: "declare a timeout beyond the limit of the host", Child: true, Expect: budgets, attack: func(a *attack) {
			a.load(attacker, wasmtest.NewGuest().Invoke(begin.Loop(nil).I32(0)).Manifest(manifestOf(attacker, "3600s")).Bytes())
			a.allow()
			a.honest = true
			_, err := a.try()
			a.ends(err)
		}},
	}...)
}

// runs loads an attacker and calls it: it must end as the case expects, and answer
// an honest call afterwards.
func (a *attack) runs(bin []byte) {
	a.load(attacker, bin)
	a.allow()
	a.honest = true
	begun := time.Now()
	_, err := a.try()
	a.ends(err)
	if took := time.Since(begun); codeOf(err) == authority.CodeDeadline && took > shortTime+longestGap {
		a.late = append(a.late, fmt.Sprintf("it ended %v after its deadline", (took-shortTime).Round(time.Millisecond)))
	}
}

// limitsOf are the limits of a module.
func (a *arena) limitsOf(name string) host.Limits {
	for _, m := range a.host.Modules() {
		if m.Name == name {
			return m.Limits
		}
	}
	return host.Limits{}
}

// recursions are guests that never return.
var recursions = map[string]func() []byte{
	"direct": func() []byte {
		g := wasmtest.NewGuest()
		f := wasmtest.ProcExit + 1
		g.Func("", "", "", code{}.Call(f))
		return g.Invoke(begin.Call(f).I32(0)).Manifest(plainManifest).Bytes()
	},
	"mutual": func() []byte {
		g := wasmtest.NewGuest()
		f := wasmtest.ProcExit + 1
		g.Func("", "", "", code{}.Call(f+1))
		g.Func("", "", "", code{}.Call(f))
		return g.Invoke(begin.Call(f).I32(0)).Manifest(plainManifest).Bytes()
	},
	"with many locals": func() []byte {
		g := wasmtest.NewGuest()
		f := wasmtest.ProcExit + 1
		g.Func("", "", strings.Repeat(wasmtest.I64, 5000), code{}.Call(f))
		return g.Invoke(begin.Call(f).I32(0)).Manifest(plainManifest).Bytes()
	},
	"through a table": func() []byte {
		g := wasmtest.NewGuest()
		g.Table(1)
		t := g.Type("", "")
		indirect := code{}.I32(0).Op(0x11, byte(t), 0)
		g.Element(0, g.Func("", "", "", indirect))
		return g.Invoke(begin.Op(indirect...).I32(0)).Manifest(plainManifest).Bytes()
	},
	"through an exported table": func() []byte {
		g := wasmtest.NewGuest()
		g.Table(2)
		g.Export("table", 1, 0)
		t := g.Type("", "")
		a, b := code{}.I32(1).Op(0x11, byte(t), 0), code{}.I32(0).Op(0x11, byte(t), 0)
		g.Element(0, g.Func("", "", "", a), g.Func("", "", "", b))
		return g.Invoke(begin.Op(b...).I32(0)).Manifest(plainManifest).Bytes()
	},
	"in its own command": func() []byte {
		g := wasmtest.NewGuest()
		return g.Invoke(begin.Get(0).Call(wasmtest.ProcExit + 1)).Manifest(plainManifest).Bytes()
	},
}

// atOnce makes n calls at a time; each must end as the case expects, or succeed if
// that is allowed.
func (a *attack) atOnce(n int, mayWork bool) {
	outcomes := make([]error, n)
	results := make([]host.Result, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { results[i], outcomes[i] = a.host.Invoke(a.ctx, caller, attacker+".run", pad) })
	}
	all.Wait()
	for i, err := range outcomes {
		a.note(caller, results[i], err)
		if err == nil && mayWork {
			continue
		}
		a.ends(err)
	}
}

func recurseAtOnce(n int) func(*attack) {
	return func(a *attack) {
		a.load(attacker, recursions["direct"]())
		a.allow()
		a.honest = true
		a.atOnce(n, false)
	}
}

// growing grows by so many pages until it is refused; local 1 counts how often it
// was not.
func growing(pages int32) code {
	body := code{}.I32(pages).Grow().I32(-1).Op(0x46).Op(0x0d, 1).Get(1).I32(1).Add().Set(1)
	return code{}.Op(0x02, 0x40).Loop(body).Op(0x0b)
}

// counted replies {ok: local 1}.
var counted = code{}.I32(1024).I32(0x6b6fa281).Store32().I32(1028).I32(0xce).Store8().
	I32(1029).Get(1).I32(24).Op(0x76).Store8().I32(1030).Get(1).I32(16).Op(0x76).Store8().I32(1031).Get(1).I32(8).Op(0x76).Store8().I32(1032).Get(1).Store8().
	I32(1024).I32(9).Call(wasmtest.Reply).I32(0)

// growBeyond grows page by page: what it gets must not be more than its limit.
func growBeyond(a *attack) {
	a.load(attacker, guest(growing(1).Op(counted...)))
	a.allow()
	a.honest = true
	got, err := a.try()
	if code := codeOf(err); code == authority.CodeDeadline || code == authority.CodeQuota {
		a.happens(string(code))
		return
	}
	a.works(err)
	n, _ := got.(int64)
	a.happens(fmt.Sprintf("%d pages", n+1))
	if most := a.limitsOf(attacker).Memory >> 16; err == nil && n+1 > most {
		a.breachf("it has %d pages of memory, more than the %d of the limit", n+1, most)
	}
}

func growTableBeyond(a *attack) {
	g := wasmtest.NewGuest()
	g.Table(1)
	body := code{}.TableGrow(1000).I32(-1).Op(0x46).Op(0x0d, 1).Get(1).I32(1).Add().Set(1)
	a.load(attacker, g.Invoke(begin.Op(0x02, 0x40).Loop(body).Op(0x0b).Op(counted...)).Manifest(plainManifest).Bytes())
	a.allow()
	a.honest = true
	got, err := a.try()
	a.works(err)
	n, _ := got.(int64)
	a.happens(fmt.Sprintf("%d elements", n*1000+1))
	if most := a.limitsOf(attacker).Tables; n*1000+1 > most {
		a.breachf("its table has %d elements, more than the %d of the limit", n*1000+1, most)
	}
}

// touchAtOnce has 50 instances write to each page that they can get: what all have
// together is bounded.
func touchAtOnce(a *attack) {
	touch := code{}.Op(0x02, 0x40).Loop(
		// local 1 * 4096: until it is the size of the memory
		code{}.Get(1).Op(0x3f, 0).I32(16).Op(0x74).Op(0x4f).Op(0x0d, 1).Get(1).I32(1).Store8().Get(1).I32(4096).Add().Set(1)).Op(0x0b)
	a.load(attacker, guest(growing(16).I32(0).Set(1).Op(touch...).Op(answer...)))
	a.allow()
	a.honest = true
	peak, done := int64(0), make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				peak = max(peak, a.host.Stats().Memory)
			}
		}
	})
	a.atOnce(50, true)
	close(done)
	watch.Wait()
	a.happens(fmt.Sprintf("%d MiB at a time", peak>>20))
	if most := a.limitsOf(attacker).MemoryTotal; peak > most {
		a.breachf("all instances have %d MiB of memory, more than the %d of the limit", peak>>20, most>>20)
	}
}

// relay is a module that calls a command.
func relay(name, target string) []byte {
	return user(manifestOf(name, "10s", "invoke"), use{"ambit_call", "invoke", map[string]any{"command": target, "args": pad}})
}

// deputies lets modules call commands, by their names, and window call the modules.
func (a *attack) deputies(calls map[string]string) {
	permission := func(module string) string {
		scope := ""
		if target := calls[module]; target != "" {
			scope = entry("invoke", target)
		}
		return fmt.Sprintf("permissions = [{ identifier = \"%s:allow-run\", allow = [%s] }]", module, scope)
	}
	for module, target := range calls {
		callee, _, _ := strings.Cut(target, ".")
		a.capability(fmt.Sprintf("windows = [%q]\n", window) + permission(module))
		a.capability(fmt.Sprintf("local = false\nmodules = [%q]\n", module) + permission(callee))
	}
}

// deepest follows the replies of relays to the last one: how many there are, and the
// code with which it was refused.
func deepest(value any) (depth int, last string) {
	for {
		codes, values := outcomes(value)
		if len(codes) == 0 {
			return depth, ""
		}
		depth++
		if codes[0] != "" {
			return depth, codes[0]
		}
		inner, _ := values[0].(map[string]any) // the reply of the command that was called
		if e, failed := inner["err"].(map[string]any); failed {
			return depth + 1, fmt.Sprint(e["code"])
		}
		value = inner["ok"]
	}
}

// chained asserts that a chain of calls ended as the case expects, and was not
// longer than the host lets it be.
func (a *attack) chained(value any, err error) {
	if err != nil {
		a.ends(err)
		return
	}
	depth, last := deepest(value)
	a.happens(fmt.Sprintf("%s at %d", last, depth))
	if !slices.Contains(a.kase.Expect, authority.Code(last)) {
		a.breachf("the last of %d calls ended with %q, want one of %v", depth, last, a.kase.Expect)
	}
	if most := a.limitsOf(attacker).CallDepth; int64(depth) > most {
		a.breachf("%d calls were under way, more than the %d of the limit", depth, most)
	}
}

func reenter(a *attack) {
	a.load(attacker, relay(attacker, attacker+".run"))
	a.deputies(map[string]string{attacker: attacker + ".run"})
	a.honest = true
	a.chained(a.try())
}

func pingPong(a *attack) {
	a.load(accessory, relay(accessory, attacker+".run"))
	a.load(attacker, relay(attacker, accessory+".run"))
	a.deputies(map[string]string{attacker: accessory + ".run", accessory: attacker + ".run"})
	a.honest = true
	a.chained(a.try())
}

// fanOut makes each call make ten, as deep as it may. What all of them use counts
// for the first.
func fanOut(a *attack) {
	uses := make([]use, 10)
	for i := range uses {
		uses[i] = use{"ambit_call", "invoke", map[string]any{"command": attacker + ".run", "args": pad}}
	}
	a.load(attacker, user(manifestOf(attacker, "10s", "invoke"), uses...))
	a.deputies(map[string]string{attacker: attacker + ".run"})
	a.honest = true
	begun := a.host.Stats().Invokes
	_, err := a.try()
	if err != nil {
		a.ends(err)
	}
	n, most := int64(0), a.limitsOf(attacker).Invokes
	for _, r := range a.sink.all() {
		if len(r.Caller.Chain) > 0 {
			n++
		}
	}
	a.happens(fmt.Sprintf("%d calls", n))
	if n > most || n == 0 {
		a.breachf("one call made %d calls of %d at most (%d in all)", n, most, a.host.Stats().Invokes-begun)
	}
}

// loadFlood loads many modules at a time: only so many may wait.
func loadFlood(a *attack) {
	const n = 300
	outcomes := make([]error, n)
	bins := make([][]byte, n)
	for i := range n {
		bins[i] = wasmtest.NewGuest().Invoke(begin.I32(int32(i)).Drop().I32(0)).Manifest(manifestOf(fmt.Sprintf("%s-%d", attacker, i), short)).Bytes()
	}
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { outcomes[i] = a.host.Load(a.ctx, fmt.Sprintf("%s-%d", attacker, i), bins[i]) })
	}
	all.Wait()
	loaded := 0
	for i, err := range outcomes {
		if err == nil {
			loaded++
			a.loaded = append(a.loaded, fmt.Sprintf("%s-%d", attacker, i))
			continue
		}
		if e, ok := errors.AsType[*host.LoadError](err); !ok || e.Code != authority.CodeQuota {
			a.breachf("a load ended with %v", err)
		}
		a.happens("quota")
	}
	a.happens(fmt.Sprintf("%d loaded", loaded))
	if loaded == n {
		a.breachf("all of %d loads waited for each other", n)
	}
}

// subscription is one of poll_oneoff for a time in nanoseconds.
func subscription(clock byte, timeout int64, absolute bool) []byte {
	b := make([]byte, 48)
	b[16] = clock
	for i := range 8 {
		b[24+i] = byte(timeout >> (8 * i))
	}
	if absolute {
		b[40] = 1
	}
	return b
}

// wasiRefuses runs steps of which each must be refused with an errno, or end the
// call as the case expects.
func wasiRefuses(steps ...step) func(*attack) {
	return func(a *attack) {
		a.load(attacker, script(plainManifest, subscription(0, 5e9, false), steps...))
		a.allow()
		a.honest = true
		got, err := a.try()
		if err != nil {
			a.ends(err)
			return
		}
		list, _ := errnos(got, len(steps))
		a.happens(fmt.Sprintf("errno %v", list))
		for i, e := range list {
			if e == 0 {
				a.breachf("%s%v was answered with success", steps[i].name, steps[i].args)
			}
		}
	}
}

// replies are modules that do not answer as they should.
func replies() (all []Case) {
	for _, l := range hostile.Liars(plainManifest, begin) {
		all = append(all, Case{
			Name: l.Name, Tries: "answer what is no answer, or answer from where there is no memory",
			Expect: []authority.Code{l.Code},
			attack: func(a *attack) {
				a.runs(l.Bytes)
				a.said(l.Why)
			},
		})
	}
	return all
}

// said asserts that the record of the last call says why, in one of these words: the
// guard that held is the one which is meant.
func (a *attack) said(words ...string) {
	detail := a.sink.last().Detail
	if !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(detail, w) }) && !a.tight(a.sink.last().Code) {
		a.breachf("the record says %q, want %q", detail, words)
	}
}
