package image

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Module is what instances are made of.
type Module struct {
	Runtime wazero.Runtime
	Code    wazero.CompiledModule // of the bare form of Outline, metered
	Outline *wasm.Module
	Invoke  string // the exported function that calls run
	Budget  *Budget
	Limit   int64 // bytes of linear memory of one instance

	globals []string // that can change, by their exports; that of the meter is last
}

// Options say how instances are made clean.
type Options struct {
	Strategy string        // [Auto] or one of [Strategies]
	Idle     time.Duration // how long an instance waits for a call; 0 means a minute
}

// ErrBudget means that all instances together have no memory left for one more.
var ErrBudget = errors.New("the memory of all instances together is used up")

// Image is the state of a module from which its calls begin, and the instances
// that have it and wait. It is safe for concurrent use.
type Image struct {
	module   Module
	strategy string
	why      string // there is no image; empty: there is one
	trials   []Trial
	idleFor  time.Duration

	made  atomic.Uint64 // instances
	grown atomic.Uint64 // those that were not reset because their memory had grown

	source  source
	size    int64 // bytes of memory
	globals []uint64

	mu     sync.Mutex
	waits  []waiting // the one that came last is last
	timer  *time.Timer
	closed bool
}

// waiting is a clean instance, and since when it waits.
type waiting struct {
	*Instance
	since time.Time
}

// Freeze makes an image of an instance that was started, which it closes.
func Freeze(in *Instance, o Options) (*Image, error) {
	defer in.Close()
	im := &Image{module: *in.made, idleFor: o.Idle}
	if im.idleFor <= 0 {
		im.idleFor = time.Minute
	}
	if !known(o.Strategy) {
		_, _, _, err := choose(o.Strategy, nil)
		return nil, err
	}
	im.why = in.fixed()
	if o.Strategy == Restart {
		im.why = "it is asked for"
	}
	if im.why != "" {
		im.strategy = Restart
		return im, nil
	}
	for _, g := range in.globals {
		im.globals = append(im.globals, g.Get())
	}
	snapshot := in.snapshot()
	in.Close() // before the image takes as much
	im.size = int64(len(snapshot))
	if !im.module.Budget.take(im.size) {
		return nil, ErrBudget
	}
	var err error
	if im.strategy, im.source, im.trials, err = choose(o.Strategy, snapshot); err != nil {
		im.module.Budget.give(im.size)
		return nil, err
	}
	im.module.Outline = nil // it holds the binary, and is in the image now
	im.module.Budget.join(im)
	return im, nil
}

// Frozen reports whether there is an image. If there is none, [Image.Take]
// returns instances that still have to be initialised.
func (im *Image) Frozen() bool { return im.why == "" }

// Report is what an operator may want to know of an image.
type Report struct {
	Strategy string
	Why      string // of [Restart]
	Bytes    int64  // of memory in the image
	Trials   []Trial
	Waiting  int    // instances
	Kept     int64  // bytes of memory that the image and those have
	Made     uint64 // instances since the image was made
	Grown    uint64 // of them, those that were thrown away because their memory had grown
}

// Report describes the image as it is now.
func (im *Image) Report() Report {
	im.mu.Lock()
	defer im.mu.Unlock()
	n, kept := len(im.waits), int64(0)
	if !im.closed {
		kept = im.size * int64(n+1)
	}
	return Report{
		Strategy: im.strategy, Why: im.why, Bytes: im.size, Trials: im.trials, Waiting: n, Kept: kept,
		Made: im.made.Load(), Grown: im.grown.Load(),
	}
}

// Take returns an instance whose state is the image's. It belongs to the
// caller until it is given to [Image.Put] or closed. The error is [ErrBudget],
// or what making one failed with.
func (im *Image) Take(ctx context.Context) (*Instance, error) {
	if !im.Frozen() {
		im.made.Add(1)
		return Start(ctx, im.module)
	}
	if in := im.newest(); in != nil {
		return in, nil
	}
	im.made.Add(1)
	r, err := im.source.make(im.module.Limit)
	if err != nil {
		return nil, err
	}
	return im.module.thaw(ctx, im, r)
}

// Put takes an instance back whose call has ended well, and is made clean at
// once, so that nothing of the call is left; one that cannot be is closed. Now is
// when it begins to wait. The error is that of the system, if it does not reset
// the memory.
func (im *Image) Put(in *Instance, now time.Time) error {
	if !im.Frozen() {
		in.Close()
		return nil
	}
	if in.memory.size != uint64(im.size) {
		im.grown.Add(1)
		in.Close()
		return nil
	}
	if err := in.memory.region.reset(); err != nil {
		in.Close()
		return err
	}
	for i, g := range in.globals {
		g.Set(im.globals[i])
	}
	in.memory.refused = false
	im.mu.Lock()
	closed := im.closed
	if !closed {
		im.waits = append(im.waits, waiting{in, now})
		if im.timer == nil {
			im.timer = time.AfterFunc(im.idleFor, im.expire)
		}
	}
	im.mu.Unlock()
	if closed {
		in.Close()
	}
	return nil
}

func (im *Image) newest() *Instance {
	im.mu.Lock()
	defer im.mu.Unlock()
	n := len(im.waits) - 1
	if n < 0 {
		return nil
	}
	in := im.waits[n].Instance
	im.waits[n] = waiting{}
	im.waits = im.waits[:n]
	return in
}

func (im *Image) oldest() *Instance {
	im.mu.Lock()
	defer im.mu.Unlock()
	if len(im.waits) == 0 {
		return nil
	}
	in := im.waits[0].Instance
	im.waits = append(im.waits[:0], im.waits[1:]...)
	return in
}

// expire closes instances that have waited for long, but not the last one.
func (im *Image) expire() {
	now := time.Now()
	im.mu.Lock()
	n := 0
	for n < len(im.waits)-1 && now.Sub(im.waits[n].since) >= im.idleFor {
		n++
	}
	old := append([]waiting(nil), im.waits[:n]...)
	im.waits = append(im.waits[:0], im.waits[n:]...)
	im.timer = nil
	if len(im.waits) > 1 && !im.closed {
		im.timer = time.AfterFunc(im.idleFor, im.expire)
	}
	im.mu.Unlock()
	for _, w := range old {
		w.Close()
	}
}

// Close closes the instances that wait, and those that are put from now on.
func (im *Image) Close() error {
	im.mu.Lock()
	waits, again := im.waits, im.closed
	im.waits, im.closed = nil, true
	if im.timer != nil {
		im.timer.Stop()
		im.timer = nil
	}
	im.mu.Unlock()
	if again || !im.Frozen() {
		return nil
	}
	im.module.Budget.part(im)
	for _, w := range waits {
		w.Close()
	}
	im.module.Budget.give(im.size)
	return im.source.close()
}

// snapshot copies the memory of an instance.
func (in *Instance) snapshot() []byte {
	if !in.memory.there {
		return nil
	}
	m := in.Module.Memory()
	view, _ := m.Read(0, m.Size())
	return bytes.Clone(view)
}

// fixed says why an instance cannot be reset; empty if it can.
func (in *Instance) fixed() string {
	if in.made.Outline.Changes {
		return "its code changes tables or drops segments"
	}
	for _, g := range in.globals {
		switch g.Type() {
		case api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF32, api.ValueTypeF64:
		default:
			return "it has a global that can change and is a vector or a reference"
		}
	}
	return ""
}
