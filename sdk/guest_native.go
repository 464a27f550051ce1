//go:build !wasip1

package sdk

// WarmHeap is the heap in bytes that a guest reserves before its image is
// frozen, so that its memory need not grow during a call; a call that makes it
// grow costs its instance. Set it in an init function; 0 reserves nothing. It
// has no effect outside a guest.
var WarmHeap = 4 << 20

func inCall() bool { return true }
