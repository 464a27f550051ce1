//go:build !wasip1

package abi

import (
	"sync"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// sink is where log lines go. There is one, as in an instance.
var sink struct {
	mu  sync.Mutex
	log func(wire.Level, string)
}

// Capture sends log lines to log until release is called.
func Capture(log func(wire.Level, string)) (release func()) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	before := sink.log
	sink.log = log
	return func() {
		sink.mu.Lock()
		defer sink.mu.Unlock()
		sink.log = before
	}
}

// Log hands a line to whoever captures; nobody does outside tests.
func Log(level wire.Level, text string) {
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if sink.log != nil {
		sink.log(level, text)
	}
}
