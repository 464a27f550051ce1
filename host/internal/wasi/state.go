package wasi

import (
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/files"
)

// Key is what the context of a guest's call is asked for: its Value(Key{}) is
// the *[State] of the call. Without one, or with a nil one, the guest has no
// power: clocks, sleep, bounded random and output that goes nowhere.
type Key struct{}

// DefaultResolution is how exact the clocks are: coarse, so that they are of
// little use for timing what others do.
const DefaultResolution = time.Millisecond

// The limits of a call for which [State] or [Output] say nothing, in bytes.
const (
	DefaultRandomBytes = 1 << 20
	DefaultOutputBytes = 64 << 10
)

// State is what the WASI functions know of one call. It belongs to that call
// alone and is not safe for concurrent use. The zero State has no power.
type State struct {
	// Files are the open files; nil reaches nothing. The host closes it when
	// the call has ended.
	Files *files.Table
	// Output takes what the guest writes to stdout and stderr; nil swallows it.
	Output *Output
	// Payer, if not nil, pays for the work that is done. Give it to
	// [files.Config], too.
	Payer Payer
	// RandomBytes is how much randomness the call may take; 0 means
	// DefaultRandomBytes. Asking for more ends the call.
	RandomBytes int64

	// Refused, if not nil, is told of the paths, "VAR/rest", that the scope did not
	// let the guest reach, and whether it wanted to change something there.
	Refused func(path string, writes bool)
	// Resolution is how exact the clocks are; 0 means DefaultResolution.
	Resolution time.Duration

	random int64 // bytes taken
}

// Payer is asked before work is done.
type Payer interface {
	// Charge is called with a number of units: one for each call, one more for
	// every 4 KiB moved. While a guest sleeps it is called with 0 about every
	// 50 ms. An error ends the guest's call: the functions panic with it, and
	// errors.As finds it in what wazero returns.
	Charge(units int) error
}

// Output is where a guest's stdout and stderr go, up to a limit. Writing to it
// never fails: what is too much is dropped and counted. (A Go guest whose
// stderr fails crashes while it reports a crash.)
type Output struct {
	// Limit is in bytes, both streams together; 0 means DefaultOutputBytes.
	Limit int64
	// Sink gets what fits; nil drops it.
	Sink Sink

	taken, dropped int64
}

// Sink takes output. p is the guest's memory: it must be copied, it is hostile,
// and it holds neither whole lines nor, always, whole characters.
type Sink interface {
	Output(stream int, p []byte)
}

// Write hands p to the sink as far as the limit allows. The stream is 1 for
// stdout, 2 for stderr; a host may use others for text of the same limit.
func (o *Output) Write(stream int, p []byte) {
	fits := o.room(int64(len(p)))
	if fits > 0 && o.Sink != nil {
		o.Sink.Output(stream, p[:fits])
	}
}

// room takes n bytes of the limit and returns how many of them there were.
func (o *Output) room(n int64) int64 {
	limit := o.Limit
	if limit == 0 {
		limit = DefaultOutputBytes
	}
	fits := max(0, min(n, limit-o.taken))
	o.taken += fits
	o.dropped += n - fits
	return fits
}

// Taken is how many bytes went to the sink.
func (o *Output) Taken() int64 { return o.taken }

// Dropped is how many bytes were over the limit.
func (o *Output) Dropped() int64 { return o.dropped }

// Abort ends a guest's call: a function panics with it, wazero turns the panic
// into the error of the call, and errors.As with a **Abort finds it there. The
// text of wazero's error also holds names that the guest chose; only Code and
// Text of the Abort are ours. After it the instance must not be used again.
type Abort struct {
	Code authority.Code
	Text string
}

// Error returns code and text.
func (a *Abort) Error() string { return "wasi: " + string(a.Code) + ": " + a.Text }
