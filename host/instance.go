package host

import (
	"errors"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/image"
	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// freeze starts a module that was compiled, without power and under the limits
// of a call, and makes the image from which its calls begin: the state after
// _initialize and ambit_warm. A module that cannot even begin is refused here and
// not at its calls.
func (c *call) freeze(o image.Options) error {
	m := c.module
	if m.manifest.NoFreeze {
		o.Strategy = image.Restart
	}
	in, err := image.Start(c, image.Module{
		Runtime: c.host.sandbox.runtime, Code: m.compiled, Outline: m.info.outline,
		Invoke: exportInvoke, Budget: c.host.sandbox.memory, Limit: min(m.limits.Memory, mostMemory),
	})
	c.instance = in
	if err != nil {
		return c.notMade(err)
	}
	if err := c.run(exportInit); err != nil {
		return err
	}
	if o.Strategy != image.Restart {
		if err := c.run(exportWarm); err != nil {
			return err
		}
	}
	c.instance = nil // the image's now
	m.image, err = image.Freeze(in, o)
	switch {
	case errors.Is(err, image.ErrBudget):
		return c.notMade(err)
	case err != nil: // as when a strategy is forced that does not work here
		return failure(authority.CodeHostError, err)
	}
	return nil
}

// takeInstance gives the call the instance that is kept for its caller, or a
// clean one.
func (c *call) takeInstance() error {
	if c.kept != nil {
		if err := c.claim(); err != nil {
			return err
		}
		if c.instance != nil {
			c.state = stateKept
			c.instance.Resume(meter.Pack(c.fuel, guestStack))
			return nil
		}
	}
	c.state = stateFresh
	im := c.module.image
	var err error
	if c.instance, err = im.Take(c); err != nil {
		return c.notMade(err)
	}
	if !im.Frozen() {
		return c.run(exportInit)
	}
	c.instance.SetLeft(meter.Pack(c.fuel, guestStack))
	return nil
}

// run calls an exported function without parameters, if there is one.
func (c *call) run(export string) error {
	f := c.instance.Module.ExportedFunction(export)
	if f == nil {
		return nil
	}
	if _, err := f.Call(c); err != nil {
		return c.outcome(err)
	}
	return nil
}

// invoke runs the command and notes what ambit_invoke returned.
func (c *call) invoke() error {
	c.stack[0] = uint64(len(c.request))
	if err := c.instance.Invoke.CallWithStack(c, c.stack[:]); err != nil {
		return c.outcome(err)
	}
	c.returned, c.clean = api.DecodeU32(c.stack[0]), true
	return nil
}

// leaveInstance ends the use of the instance: it is kept for the caller, given
// back to be reset, or thrown away.
func (c *call) leaveInstance(now time.Time) {
	in := c.instance
	if c.instance = nil; in != nil {
		if left, ok := in.Left(); ok {
			fuel, _ := meter.Unpack(left)
			c.spend(fuel)
		}
		c.memory = in.Size()
	}
	if c.kept != nil {
		c.giveTurn(in, now)
	} else if in != nil {
		c.putBack(in, now)
	}
}

// putBack gives the instance back to be reset, if the call has ended by
// returning, or throws it away.
func (c *call) putBack(in *image.Instance, now time.Time) {
	if !c.clean {
		in.Close()
		return
	}
	if err := c.module.image.Put(in, now); err != nil {
		c.module.log.Error("instance not reset, and thrown away", "call", c.id(), "error", err)
	}
}

// notMade says why there is no instance.
func (c *call) notMade(err error) *Error {
	if errors.Is(err, image.ErrBudget) {
		return failuref(authority.CodeQuota, "all instances together would have more than %d bytes of memory", c.host.sandbox.memory.Total())
	}
	if im := c.module.image; errors.Is(err, image.ErrNoMemory) || im != nil && im.Frozen() { // no code of the module ran
		return failure(authority.CodeHostError, err)
	}
	return c.outcome(err)
}

// outcome says why guest code ended early. Beyond the first line wazero's error
// is a stack trace.
func (c *call) outcome(err error) *Error {
	if c.failed != nil { // a host function ended the call
		return c.failed
	}
	refused := c.instance != nil && c.instance.Refused()
	if abort, ok := errors.AsType[*wasi.Abort](err); ok {
		if refused && abort.Code == authority.CodeGuestError {
			return failure(authority.CodeMemoryLimit, abort)
		}
		return failure(abort.Code, abort)
	}
	if e := c.interrupted(time.Now()); e != nil {
		return e
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	if _, exited := errors.AsType[*sys.ExitError](err); exited {
		return failuref(authority.CodeHostError, "the instance was closed: %s", line)
	}
	if strings.Contains(err.Error(), "(recovered by wazero)") { // a bug of ours or of wazero
		return failure(authority.CodeHostError, err)
	}
	if strings.Contains(line, "stack overflow") {
		return failuref(authority.CodeStackLimit, "%s", line)
	}
	if refused {
		return failuref(authority.CodeMemoryLimit, "%s, after growing the memory was refused", line)
	}
	return failuref(authority.CodeGuestError, "%s", line)
}
