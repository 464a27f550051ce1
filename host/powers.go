package host

import (
	"context"
	"errors"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Powers answer power functions as a host does, with the same code, for one call
// that runs outside a sandbox. They are for sdk/sdktest, which tests modules
// natively. They are for one goroutine at a time.
type Powers struct {
	config  PowersConfig
	ctx     context.Context
	session power.Session
	keys    *keys
}

// PowersConfig says what [Powers] lend, and to whom.
type PowersConfig struct {
	Grant   *authority.Grant // nil lends nothing
	Limits  Limits           // zero fields mean the defaults
	Env     []string         // "NAME=value"
	HTTP    HTTPOptions
	Secrets Secrets // nil: there are none
	// DataDir holds what is stored under keys, as in [Config]. Empty: the host keeps
	// no keys. Module is whose they are.
	DataDir, Module string
	// Invoke answers for the commands of other modules; the error is as that of
	// [Host.Invoke]. Nil denies all.
	Invoke func(command string, args []byte) (result []byte, err error)
	// Emit hears events. Nil: nobody listens.
	Emit func(Message)
}

// NewPowers returns powers for a call that ends with ctx. They must be closed.
func NewPowers(ctx context.Context, c PowersConfig) *Powers {
	c.Limits = c.Limits.or(DefaultLimits())
	if c.Env == nil {
		c.Env = []string{}
	}
	p := &Powers{config: c, ctx: ctx, keys: newKeys(c.DataDir)}
	means := newMeans(&c.Limits, environment(c.Env), httpMeans(c.HTTP, c.Secrets, c.Limits.FetchesAll), p.keys.namespace(c.Module, c.Limits.quota()))
	if c.DataDir == "" {
		means.KV = nil
	}
	p.session.Open((*outside)(p), c.Grant, means)
	return p
}

// Call calls a function of ABI 1 with an envelope and returns its reply.
func (p *Powers) Call(module, name string, args []byte) []byte {
	f, _ := power.Lookup(module, name)
	if f == nil {
		return wire.AppendErr(nil, &wire.ErrorBody{Code: string(authority.CodeImportDenied), Message: "ABI 1 has no such function"})
	}
	if err := p.session.Do(f, args); err != nil {
		return wire.AppendErr(nil, &wire.ErrorBody{Code: string(authority.CodeBadResult), Message: err.Error()})
	}
	result, _ := p.session.Result()
	return append([]byte(nil), result...)
}

// Close ends what the call has open.
func (p *Powers) Close() error { return errors.Join(p.session.Close(), p.keys.Close()) }

// outside is the call, for its session.
type outside Powers

func (o *outside) Blocking() context.Context { return o.ctx }

func (o *outside) Invoke(out []byte, command string, args wire.Raw) ([]byte, *power.Error) {
	if o.config.Invoke == nil {
		return nil, deniedInvoke
	}
	result, err := o.config.Invoke(command, args)
	return appendOutcome(out, authority.Caller{}, result, err)
}

func (o *outside) Emit(topic string, payload wire.Raw) bool {
	if o.config.Emit != nil {
		o.config.Emit(Message{Topic: topic, raw: append([]byte(nil), payload...)})
	}
	return o.config.Emit != nil
}
