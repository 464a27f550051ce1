package host

import (
	"context"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Message is an event that a command emits while it runs.
type Message struct {
	Topic string // matched by the scope of the call
	raw   []byte
}

// Value returns the payload, as [Result].Value.
func (m Message) Value() any {
	v, _ := decodeAny(m.raw) // it was scanned
	return v
}

// Decode decodes the payload into a Go value, as [Result.Decode].
func (m Message) Decode(into any) error { return unmarshal(m.raw, into) }

// Raw returns the payload as msgpack. It must not be modified.
func (m Message) Raw() []byte { return m.raw }

type (
	channelKey struct{}
	channel    func(context.Context, Message) error
)

// WithChannel returns a context whose invokes hand what their commands emit to
// send, in order and one at a time, while the command waits. The context of send
// ends when the call must. After an error nobody listens any more. What modules
// emit that a command calls is not for the channel: it belongs to its own caller.
func WithChannel(ctx context.Context, send func(context.Context, Message) error) context.Context {
	return context.WithValue(ctx, channelKey{}, channel(send))
}

// Emit hands an event to the channel of the caller.
func (c *call) Emit(topic string, payload wire.Raw) (heard bool) {
	send, _ := c.Context.Value(channelKey{}).(channel)
	if send == nil || c.unheard {
		return false
	}
	err := send(c.Blocking(), Message{Topic: topic, raw: append([]byte(nil), payload...)})
	if err != nil {
		c.unheard = true
		c.module.log.Debug("channel closed", "call", c.id(), "error", err)
	}
	return err == nil
}
