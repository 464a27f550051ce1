package host

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"sync"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/vmihailenco/msgpack/v5"
)

// structTag names the fields of Go structs on their way in and out: the tags
// that encoding/json reads.
const structTag = "json"

// marshal encodes a value of the host's own. Equal values have equal bytes.
func marshal(v any) ([]byte, error) {
	if err := measurable(v); err != nil {
		return nil, err
	}
	enc := msgpack.GetEncoder()
	defer msgpack.PutEncoder(enc)
	var b bytes.Buffer
	enc.Reset(&b)
	enc.SetCustomStructTag(structTag)
	enc.SetSortMapKeys(true)
	enc.UseCompactInts(true)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// unmarshal decodes what was scanned before: the library must never see other
// bytes.
func unmarshal(b []byte, into any) error {
	dec := msgpack.GetDecoder()
	defer msgpack.PutDecoder(dec)
	dec.Reset(bytes.NewReader(b))
	dec.SetCustomStructTag(structTag)
	dec.UseLooseInterfaceDecoding(true)
	return dec.Decode(into)
}

// decodeAny decodes into nil, bool, int64, uint64, float64, string, []byte,
// []any or map[string]any.
func decodeAny(b []byte) (any, error) {
	if len(b) == 0 {
		return nil, nil
	}
	d := wire.NewDec(b)
	v := d.Any()
	return v, d.Done()
}

// noArgs are the arguments of a caller that gives none: an empty map.
var noArgs = []byte{0x80}

// readArgs encodes the arguments if they are a Go value, and checks that they are
// strict msgpack.
func (c *call) readArgs() error {
	if !c.raw && c.value != nil {
		b, err := marshal(c.value)
		if err != nil {
			return badArgs(err)
		}
		c.args = b
	}
	if len(c.args) == 0 {
		c.args = noArgs
	}
	limit := c.module.limits.Request
	if int64(len(c.args)) > limit {
		return failuref(authority.CodeTooLarge, "the arguments have %d bytes, more than the %d allowed", len(c.args), limit)
	}
	if err := wire.Scan(c.args, wire.Limits{Bytes: int(limit)}); err != nil {
		return badArgs(err)
	}
	return nil
}

// checkArgs holds the arguments against the command's schema, before the module
// runs.
func (c *call) checkArgs() error {
	if c.spec.Args == nil {
		return nil
	}
	v, err := decodeAny(c.args)
	if err == nil {
		err = c.spec.Args.Validate(v)
	}
	if err != nil {
		return badArgs(err)
	}
	return nil
}

// badArgs tells the caller what is wrong with the arguments, which are its own.
func badArgs(err error) *Error {
	return &Error{Code: authority.CodeBadArgs, Message: err.Error(), Err: err}
}

// scopeValues is the form of a scope in the envelope.
type scopeValues struct {
	Allow []any `json:"allow"`
	Deny  []any `json:"deny"`
}

func encodeScope(allow, deny []authority.ScopeEntry) (wire.Raw, error) {
	if len(allow)+len(deny) == 0 {
		return nil, nil
	}
	return marshal(scopeValues{Allow: values(allow), Deny: values(deny)})
}

func values(entries []authority.ScopeEntry) []any {
	out := make([]any, len(entries))
	for i, e := range entries {
		out[i] = e.Value()
	}
	return out
}

// envelopes are the buffers of a call's envelopes. They are used again for other
// calls, which read nothing of them that they have not written.
type envelopes struct{ request, reply []byte }

var spareEnvelopes = sync.Pool{New: func() any { return new(envelopes) }}

// maxSpare is how large a buffer may be that is kept, in bytes.
const maxSpare = 1 << 20

// reuseEnvelopes gives the buffers back, once nothing of the call is in use.
func (c *call) reuseEnvelopes() {
	if e := c.envelopes; e != nil && cap(c.request) <= maxSpare && cap(c.reply) <= maxSpare {
		e.request, e.reply = c.request[:0], c.reply[:0]
		spareEnvelopes.Put(e)
	}
	c.envelopes, c.request, c.reply, c.result = nil, nil, nil, nil
}

// writeRequest makes the envelope.
func (c *call) writeRequest() error {
	scope, err := encodeScope(c.grant.Allow(), c.grant.Deny())
	if err != nil {
		return failuref(authority.CodeHostError, "the scope of the call: %w", err)
	}
	global, err := encodeScope(c.grant.GlobalAllow(), c.grant.GlobalDeny())
	if err != nil {
		return failuref(authority.CodeHostError, "the global scope of the call: %w", err)
	}
	r := wire.Request{
		V: wire.Version, ID: c.seq, Command: c.spec.Name, Args: c.args, Scope: scope, Global: global,
		Caller: wireCaller(c.caller),
	}
	if end, ok := c.Deadline(); ok {
		r.Deadline = max(end.Sub(c.ticked).Milliseconds(), 1)
	}
	_, _ = rand.Read(r.Seed[:]) // never fails
	c.envelopes, _ = spareEnvelopes.Get().(*envelopes)
	c.request, c.reply = c.envelopes.request, c.envelopes.reply
	c.request = wire.AppendRequest(c.request[:0], &r)
	if limit := c.module.limits.Request; int64(len(c.request)) > limit {
		return failuref(authority.CodeTooLarge, "the request has %d bytes, more than the %d allowed", len(c.request), limit)
	}
	return nil
}

func wireCaller(c authority.Caller) wire.Caller {
	out := wire.Caller{Window: c.Window, Webview: c.Webview, Origin: c.Origin.String()}
	for _, before := range c.Chain {
		before.Chain = nil
		out.Chain = append(out.Chain, wireCaller(before))
	}
	return out
}

// readReply checks the reply strictly, before anything else reads it.
func (c *call) readReply() error {
	switch {
	case c.returned != 0:
		return failuref(authority.CodeBadResult, "%s returned %d", exportInvoke, int32(c.returned))
	case !c.replied:
		return failuref(authority.CodeBadResult, "it returned without a reply")
	}
	r, err := wire.ParseReply(c.reply, wire.Limits{Bytes: int(c.module.limits.Reply)})
	if err != nil {
		return failuref(authority.CodeBadResult, "the reply is not valid: %w", err)
	}
	if c.sound = true; r.Err == nil {
		c.result = r.OK
		return nil
	}
	e := &Error{Code: c.guestCode(r.Err.Code), Message: r.Err.Message}
	if e.Data, err = decodeAny(r.Err.Data); err != nil {
		return failuref(authority.CodeBadResult, "the reply is not valid: %w", err)
	}
	return e
}

// guestCode is the code of a module's error as its caller gets it. Two codes
// of ours are also the module's to give, since they say nothing that only the
// host can know.
func (c *call) guestCode(code string) authority.Code {
	if code == wire.CodeBadArgs || code == wire.CodeGuestError {
		return authority.Code(code)
	}
	return authority.Code(c.module.name + "." + code)
}

// Result is what a command returned.
type Result struct {
	// Value is nil, bool, int64, uint64 (only above the range of an int64),
	// float64, string, []byte, []any or map[string]any.
	Value any
	Stats CallStats // what the call used

	raw []byte
}

// Decode decodes the result into a Go value, usually a pointer to a struct,
// whose fields are named by their json tags.
func (r Result) Decode(into any) error {
	if len(r.raw) == 0 {
		return fmt.Errorf("host: there is no result")
	}
	return unmarshal(r.raw, into)
}

// Raw returns the result as msgpack. It must not be modified.
func (r Result) Raw() []byte { return r.raw }
