package host

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/tetratelabs/wazero"
)

const emptyModule = "\x00asm\x01\x00\x00\x00"

// TestCompileTurns: hosts that share a cache compile one at a time, and a load
// over the limit is refused with a code.
func TestCompileTurns(t *testing.T) {
	c := NewCache(CacheOptions{Off: true})
	c.compiles.most = 1
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().WithCompilationCache(c.code))
	defer func() { _ = errors.Join(r.Close(context.Background()), c.Close(context.Background())) }()
	c.compiles.slot <- struct{}{} // another host compiles
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := make(chan error)
	go func() {
		_, _, err := c.compile(ctx, r, []byte(emptyModule))
		waits <- err
	}()
	for c.compiles.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	_, _, err := c.compile(t.Context(), r, []byte(emptyModule))
	if !errors.Is(err, errBusy) {
		t.Errorf("one too many: %v", err)
	}
	if e := notCompiled(t.Context(), err, time.Second); e.Code != authority.CodeQuota {
		t.Errorf("it is refused with %v", e)
	}
	cancel()
	if err := <-waits; !errors.Is(err, context.Canceled) {
		t.Errorf("one that waited: %v", err)
	}
	c.compiles.give()
	if _, _, err := c.compile(t.Context(), r, []byte(emptyModule)); err != nil {
		t.Errorf("control: %v", err)
	}
}
