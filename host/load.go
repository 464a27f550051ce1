package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/image"
)

// Load loads a module from its binary while the host runs, in place of the one
// of that name, if there is one, whose calls go on until they end. The limits
// and what the app says of the module are those of ambit.toml, if it is named
// there. The error is a [*LoadError], with the code quota if 64 loads wait
// already, or of type [authority.Problems] if the policy does not fit the module;
// nothing has changed then. A module that asks
// for more than ambit.lock, as it was when the host was opened, accepted of it
// is refused.
func (h *Host) Load(ctx context.Context, name string, bin []byte) error {
	if err := h.beginLoad(ctx, name); err != nil {
		return err
	}
	defer h.endLoad()
	ref := h.moduleRef(name)
	m := newModule(name, "", h.log)
	m.dir, m.limits = h.dataDir, limitsOf(ref.Limits).or(h.limits)
	refused := h.inspect(m, bin)
	if refused == nil {
		refused = h.prepare(ctx, m)
	}
	if refused != nil {
		refused.Module = name
		return refused
	}
	if err := h.swap(m); err != nil {
		m.retire()
		return err
	}
	h.logLoaded(m)
	return nil
}

// Handle adds a module in Go while the host runs, in place of the one of that
// name, if there is one. The error is as that of [Host.Load].
func (h *Host) Handle(manifest authority.Manifest, funcs map[string]Func) error {
	n := Native{Manifest: manifest, Funcs: funcs}
	if refused := checkNative(n); refused != nil {
		refused.Module = manifest.Name
		return refused
	}
	if err := h.beginLoad(context.Background(), manifest.Name); err != nil {
		return err
	}
	defer h.endLoad()
	return h.swap(h.nativeModule(n))
}

// Unload removes a module: its commands answer module-invalid from now on. It
// returns when the module's running calls have ended. When ctx ends before
// that, they are told to end, with the code canceled, and Unload returns the
// context's cause without waiting for them.
func (h *Host) Unload(ctx context.Context, name string) error {
	if err := h.begun(h.loading.await(ctx)); err != nil {
		return err
	}
	h.mu.RLock()
	old := h.modules[name]
	h.mu.RUnlock()
	if old == nil || old.refused != nil {
		h.endLoad()
		return fmt.Errorf("host: module %q is not loaded", name)
	}
	gone := newModule(name, old.file, h.log)
	gone.dir, gone.limits = old.dir, old.limits
	gone.refused = &LoadError{Module: name, Code: authority.CodeModuleInvalid, Text: "it was unloaded"}
	err := h.swap(gone)
	h.endLoad()
	if err != nil {
		return err
	}
	h.log.Info("module unloaded", "module", name)
	return old.drain(ctx)
}

// beginLoad makes loads take turns. It waits for a load that is under way until
// ctx ends; if there is none, it does not look at ctx.
func (h *Host) beginLoad(ctx context.Context, name string) error {
	err := h.loading.take(ctx)
	if errors.Is(err, errBusy) {
		refused := refusef(authority.CodeQuota, "%v", err)
		refused.Module = name
		return refused
	}
	return h.begun(err)
}

// begun looks whether who waited for the turn has it, of a host that is open.
func (h *Host) begun(err error) error {
	if err != nil {
		return fmt.Errorf("host: waiting for another load: %w", err)
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.closed {
		h.endLoad()
		return fmt.Errorf("host: it is closed")
	}
	return nil
}

func (h *Host) endLoad() { h.loading.give() }

// swap puts a module, and the policy with it, in force together.
func (h *Host) swap(m *module) error {
	policy, problems := h.policy(m)
	if err := problems.Err(); err != nil {
		return err
	}
	var old *module
	problems = h.live.ReplaceWith(policy, func(change func()) {
		h.mu.Lock()
		defer h.mu.Unlock()
		change()
		old = h.modules[m.name]
		h.modules[m.name] = m
	})
	if err := problems.Err(); err != nil {
		return err
	}
	if old != nil {
		old.retire()
		h.leaving = append(slices.DeleteFunc(h.leaving, (*module).gone), old)
	}
	return nil
}

// policy puts the app's policy and its modules together, with one module new
// or replaced. The problems are an error or warnings.
func (h *Host) policy(changed *module) (authority.Policy, authority.Problems) {
	modules := make(map[string]acl.Module, len(h.modules)+1)
	for name, m := range h.modules {
		modules[name] = m.forPolicy()
	}
	if changed != nil {
		modules[changed.name] = changed.forPolicy()
	}
	return h.app.Policy(modules)
}

// forPolicy is what the policy has to know of a module.
func (m *module) forPolicy() acl.Module {
	out := acl.Module{Manifest: m.manifest, Native: m.native()}
	if m.refused != nil {
		out.Invalid = m.refused.Text
	} else if m.info != nil {
		out.SHA256 = m.info.SHA256
	}
	return out
}

// nativeModule makes a module of Go functions.
func (h *Host) nativeModule(n Native) *module {
	m := newModule(n.Manifest.Name, "", h.log)
	m.manifest, m.funcs = n.Manifest, n.Funcs
	m.dir, m.limits = h.dataDir, limitsOf(h.moduleRef(m.name).Limits).or(h.limits)
	return m
}

// inspect checks a module's binary and takes its manifest, whose name must be
// the module's.
func (m *module) inspect(bin []byte) *LoadError {
	where := m.file
	if where == "" {
		where = m.name
	}
	begun := time.Now()
	info, refused := inspect(where, bin, m.limits)
	m.info, m.took.Check = info, time.Since(begun)
	if refused != nil {
		return refused
	}
	if info.Manifest.Name != m.name {
		return refusef(authority.CodeModuleInvalid, "its manifest is of a module %q", info.Manifest.Name)
	}
	m.manifest = info.Manifest
	return nil
}

// inspect checks a module's binary, and that it asks for no more than the app
// accepted.
func (h *Host) inspect(m *module, bin []byte) *LoadError {
	if refused := m.inspect(bin); refused != nil {
		return refused
	}
	if why := h.app.Exceeds(m.forPolicy()); why != "" {
		return refusef(authority.CodeModuleInvalid, "%s", why)
	}
	return nil
}

// ready makes a module fit for calls, or refuses it.
func (h *Host) ready(ctx context.Context, m *module) {
	if refused := h.prepare(ctx, m); refused != nil {
		h.refuse(m, refused)
	}
}

// prepare compiles a module and tries it, all within the time for loading.
func (h *Host) prepare(ctx context.Context, m *module) *LoadError {
	ctx, cancel := context.WithTimeout(ctx, m.limits.Load)
	defer cancel()
	m.keepCode = !h.ownCache
	m.means = h.means(m)
	if err := h.sandbox.compile(ctx, m); err != nil {
		return notCompiled(ctx, err, m.limits.Load)
	}
	refused := h.try(ctx, m)
	if refused != nil {
		m.retire() // its code is of no use
	}
	return refused
}

func notCompiled(ctx context.Context, err error, limit time.Duration) *LoadError {
	if errors.Is(err, errBusy) {
		return refusef(authority.CodeQuota, "%v", err)
	}
	refused := refusef(authority.CodeModuleInvalid, "it does not compile: %v", err)
	switch ctx.Err() {
	case context.DeadlineExceeded:
		refused = refusef(authority.CodeDeadline, "compiling it took too long; it may take %v", limit)
		refused.Err = context.Cause(ctx)
	case context.Canceled:
		refused = refusef(authority.CodeCanceled, "compiling it was canceled")
		refused.Err = context.Cause(ctx)
	}
	return refused
}

// try starts the module and makes its image.
func (h *Host) try(ctx context.Context, m *module) (refused *LoadError) {
	defer func() {
		if r := recover(); r != nil { // a bug of ours or of the runtime
			refused = refusef(authority.CodeHostError, "trying it panicked: %v", r)
		}
	}()
	c := &call{Context: ctx, host: h, started: time.Now(), name: m.name + "." + exportInit, module: m, spec: &authority.Command{}}
	defer func() {
		c.discard(time.Now())
		m.took.Start = time.Since(c.started)
	}()
	err := c.startClock()
	if err == nil {
		err = c.freeze(image.Options{Strategy: h.reset})
	}
	if e, ok := err.(*Error); ok { //nolint:errorlint // made above
		code := e.Code
		if code == authority.CodeGuestError || code == authority.CodeBadResult {
			code = authority.CodeModuleInvalid
		}
		refused = refusef(code, "it cannot be initialised: %s", e.detail())
		refused.Err = e
		return refused
	}
	return nil
}
