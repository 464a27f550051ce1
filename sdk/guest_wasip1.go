package sdk

import (
	"runtime"

	"github.com/ambit-wasm/ambit/sdk/internal/abi"
)

// WarmHeap is the heap in bytes that a guest reserves before its image is
// frozen, so that its memory need not grow during a call; a call that makes it
// grow costs its instance. Set it in an init function; 0 reserves nothing. It
// has no effect outside a guest.
var WarmHeap = 4 << 20

const (
	bufferSize  = 8 << 10 // a message up to this long needs no allocation
	replyKept   = 1 << 20 // a reply buffer above this is not kept
	requestMost = 1 << 30 // above this it is no request
)

var (
	request = make([]byte, bufferSize)
	reply   = make([]byte, 0, bufferSize)
	current Call // the one that runs; each page less that a call writes counts
	calling bool
)

func inCall() bool { return calling }

// ambitInvoke runs the request of n bytes that waits at the host. Anything but
// 0 says that there was no reply.
//
//go:wasmexport ambit_invoke
func ambitInvoke(n uint32) int32 {
	if n == 0 || n > requestMost {
		return 1
	}
	// Strings in the arguments alias the buffer, and an instance may serve
	// more than one call: each buffer is used for one call only. In an
	// instance that is reset, the first is there again.
	buf := request
	request = nil
	if int(n) > len(buf) {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	abi.Request(buf)
	current = Call{}
	calling = true
	out := dispatch(&current, buf, reply[:0])
	calling = false
	abi.Reply(out)
	if cap(out) <= replyKept {
		reply = out
	}
	return 0
}

// ambitWarm does what a first call would do, so that the image which is frozen
// after it has done it already.
//
//go:wasmexport ambit_warm
func ambitWarm() {
	warm()
	for range WarmHeap / spanSize {
		reserved = append(reserved, new([spanSize]byte))
	}
	reserved = nil
	runtime.GC()
	runtime.GC()
}

// spanSize is what the runtime takes at least from its heap at a time. Reserving
// one at a time it also makes the descriptions of as many, which it keeps.
const spanSize = 8 << 10

// reserved keeps the compiler from removing the allocations.
var reserved []*[spanSize]byte
