package host

import (
	"context"
	"errors"
	"sync/atomic"
)

// errBusy is why a load does not even wait for its turn.
var errBusy = errors.New("too many loads are waiting")

// turn lets one do something at a time, and some wait for it.
type turn struct {
	slot    chan struct{}
	waiting *atomic.Int64
	most    int64
}

func newTurn(most int64) turn {
	return turn{slot: make(chan struct{}, 1), waiting: new(atomic.Int64), most: most}
}

// try takes the turn if nobody has it.
func (t turn) try() bool {
	select {
	case t.slot <- struct{}{}:
		return true
	default:
		return false
	}
}

// take waits until nobody has the turn. If that is so now, it does not look at
// ctx; else it returns the cause when ctx ends, and errBusy if as many wait as
// may.
func (t turn) take(ctx context.Context) error {
	if t.try() {
		return nil
	}
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > t.most {
		return errBusy
	}
	return t.await(ctx)
}

// await is take for those who may not be refused.
func (t turn) await(ctx context.Context) error {
	if t.try() {
		return nil
	}
	select {
	case t.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t turn) give() { <-t.slot }
