package host

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/egress"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// powerType is the type of all power functions: an envelope in, the length of the
// result out, which ambit.result then writes.
var powerType = wasm.Func([]wasm.ValueType{i32, i32}, []wasm.ValueType{i32})

// registerPowers makes the power functions importable.
func registerPowers(ctx context.Context, r wazero.Runtime) error {
	for module, names := range power.Modules() {
		b := r.NewHostModuleBuilder(module)
		for _, name := range names {
			f, _ := power.Lookup(module, name)
			b.NewFunctionBuilder().WithName(name).
				WithGoModuleFunction(wrapABI(usePower(f)), valueTypes(powerType.Params), valueTypes(powerType.Results)).Export(name)
		}
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// usePower is the way of a guest into a power.
func usePower(f power.Function) abiFunc {
	return func(c *call, m api.Memory, s []uint64) *Error {
		if !c.active {
			return failuref(authority.CodeBadResult, "it used a power while there was no request")
		}
		limit := c.module.limits.Request
		if int64(s[1]) > limit {
			return failuref(authority.CodeTooLarge, "the arguments of a power have %d bytes, more than the %d allowed", s[1], limit)
		}
		view, ok := m.Read(uint32(s[0]), uint32(s[1]))
		if !ok {
			return failuref(authority.CodeBadResult, "a power's %d bytes at %d are outside the memory", s[1], s[0])
		}
		if n := len(view) / payBlock; n > 0 && c.Charge(n) != nil {
			return c.failed
		}
		if err := c.session.Do(f, view); errors.Is(err, power.ErrTooLarge) {
			return failure(authority.CodeOutputLimit, err)
		} else if err != nil {
			return failure(authority.CodeBadResult, err)
		}
		result, _ := c.session.Result()
		s[0] = uint64(len(result))
		return c.blocked()
	}
}

// Blocking returns a context that ends when the call must, also when what allowed
// it does not hold any more. It is made when a power first has to wait.
func (c *call) Blocking() context.Context {
	c.waited = true
	if c.blocking == nil {
		ctx, cancel := context.WithCancel(c.wait())
		release := c.host.live.Subscribe(func(uint64) {
			if !c.holds() {
				cancel()
			}
		})
		timers := c.expiry(cancel)
		if !c.holds() { // it changed before the subscription
			cancel()
		}
		c.blocking, c.unblock = ctx, func() { timers(); release(); cancel() }
	}
	return c.blocking
}

// expiry calls end when the first grant of the call and of those above it runs
// out, until it is stopped.
func (c *call) expiry(end func()) (stop func()) {
	first := int64(0)
	for ; c != nil; c = c.above {
		if e := c.grant.Expires(); e != 0 && (first == 0 || e < first) {
			first = e
		}
	}
	if first == 0 {
		return func() {}
	}
	t := time.AfterFunc(time.Until(time.Unix(0, first)), end)
	return func() { t.Stop() }
}

// blocked ends the call if it had to end while a power waited.
func (c *call) blocked() *Error {
	if !c.waited {
		return nil
	}
	now := time.Now()
	c.waited, c.turn, c.ticked = false, now, now
	if e := c.interrupted(now); e != nil {
		return e
	}
	if c.blocking != nil && c.blocking.Err() != nil && !c.holds() {
		return failuref(authority.CodeRevoked, "what allowed the call does not hold any more")
	}
	return nil
}

// means are what the calls of a module share of what they are lent.
func (h *Host) means(m *module) *power.Means {
	means := &power.Means{
		Env: h.env, Write: m.limits.WriteBytes, Request: m.limits.Request, Reply: m.limits.Reply,
		Failed: func(p authority.Power, asked string, err error) {
			m.log.Warn("power failed", "power", string(p), "asked", asked, "error", printable.Cut(err.Error(), maxErrorText))
		},
	}
	means.KV = h.keys.namespace(m.name, m.limits.quota())
	means.Exec = m.limits.exec()
	means.HTTP = h.http
	means.HTTP.Bytes = m.limits.FetchBytes
	return means
}

// httpMeans are what all modules share of the power http.
func httpMeans(o HTTPOptions, s Secrets, most int64) power.HTTP {
	var open atomic.Int64
	out := power.HTTP{
		Client: egress.NewClient(egress.Options{Roots: o.Roots, Resolver: o.Resolver}),
		Enter: func() bool {
			if open.Add(1) > most {
				open.Add(-1)
				return false
			}
			return true
		},
		Leave: func() { open.Add(-1) },
	}
	if s != nil {
		out.Secret = s.Secret
	}
	return out
}

// environment reads "NAME=value" lines, of which the last one counts; nil stands
// for the process's own. Names are told apart by case, also on Windows. Those that hold secrets are left out,
// and what the system is comes in, under the names of [facts].
func environment(lines []string) map[string]string {
	if lines == nil {
		lines = os.Environ()
	}
	e := make(map[string]string, len(lines))
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, "="); ok && name != "" && !strings.HasPrefix(strings.ToUpper(name), secretVariables) {
			e[name] = value
		}
	}
	for name, value := range facts() {
		e[factVariables+name] = value
	}
	return e
}
